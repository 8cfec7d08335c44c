"""Work after commit: a worker does what is due in PostgreSQL, and beat sweeps up what lost messages left."""

import os
import time
import warnings

import redis
from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")

HEARTBEAT = "relais:worker"
HEARTBEAT_SECONDS = 5
HEARTBEAT_LASTS = 30

# It advises against root, where pickles could be sent to it. We accept JSON only.
warnings.filterwarnings("ignore", category=SecurityWarning)

application = Celery("relais")
application.config_from_object("django.conf:settings", namespace="CELERY")
application.autodiscover_tasks()


SWEEPS = {
    "referral.deliver_notices": 2.0,
    "referral.reap_holds": 5.0,
    "identity.end_expired_sessions": 60.0,
    "kernel.anchor_audit": 60.0,
    "kernel.make_audit_partitions": 3600.0,
}
"""Seconds between two looks at what is due: a lost message, or a worker that died, costs one of them."""


@setup_logging.connect
def keep_our_logs(**_: object) -> None:
    """Celery leaves logging as server/logs.py has configured it."""


@worker_ready.connect
def first_heartbeat(**_: object) -> None:
    heartbeat()


@application.task(name="server.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Say that beat, broker and worker do their part: `/health/ready` looks for it."""
    from django.conf import settings

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.set(HEARTBEAT, int(time.time()), ex=HEARTBEAT_LASTS)


@application.on_after_finalize.connect
def beat_for_health(sender: Celery, **_: object) -> None:
    sender.add_periodic_task(HEARTBEAT_SECONDS, heartbeat.s(), expires=HEARTBEAT_LASTS)


@application.on_after_finalize.connect
def schedule_sweeps(sender: Celery, **_: object) -> None:
    for name, seconds in SWEEPS.items():
        sender.add_periodic_task(seconds, sender.signature(name), expires=10 * seconds)
