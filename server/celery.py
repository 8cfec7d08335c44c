"""Work that follows a commit. It is a due row; a task asked for after the commit does it at once, and a sweep of beat
finds what a lost message, or a worker that died, left behind.

Three queues: ``celery``, ``delivery`` and ``files``. What is handed over to carriers has its own, so that a worker of
its own may take it; in one worker it takes at most one thread for each channel (see
``server/kernel/delivery/sending.py``). So does what inspects files, which takes memory and time.
"""

import os
import time
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning
from celery.signals import setup_logging, worker_ready, worker_shutting_down

from server.kernel import outages, redis_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")

HEARTBEAT = "relais:worker"
HEARTBEAT_SECONDS = 5
HEARTBEAT_LASTS = 30
REQUEST_LASTS = 60
"""Seconds after which a task that was asked for is not begun any more: sweeps have come since."""

# It advises against root, where pickles could be sent to it. We accept JSON only.
warnings.filterwarnings("ignore", category=SecurityWarning)
# It advises, whenever Redis was away, to cancel what runs: due rows are claimed, and that is finished instead.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)

application = Celery("relais")
application.config_from_object("django.conf:settings", namespace="CELERY")
application.autodiscover_tasks(
    ["server.kernel", "identity.sessions", "identity.onboarding", "team.files", "referral.scheduling"]
)


SWEEPS = {
    "kernel.deliver_sms": 5.0,
    "kernel.deliver_email": 5.0,
    "kernel.lapse_work": 60.0,
    "team.check_files": 5.0,
    "team.collect_files": 3600.0,
    "referral.reap_holds": 5.0,
    "identity.end_expired_sessions": 60.0,
    "kernel.anchor_audit": 60.0,
    "kernel.make_audit_partitions": 3600.0,
    "kernel.delete_expired": 3600.0,
    "identity.forget_ended_sessions": 3600.0,
    "identity.forget_sign_ups": 3600.0,
    "identity.compare_register": 3600.0,
    "identity.verification_steps": 5.0,
}
"""Seconds between two looks at what is due: a lost message, or a worker that died, costs one of them."""


def request_task(name: str) -> None:
    """Puts a task onto the broker. Raises within seconds when the broker cannot be reached."""
    with _broker() as connection:
        application.send_task(name, connection=connection, retry=False, expires=REQUEST_LASTS)


def _broker() -> Any:
    limits = {"socket_timeout": redis_servers.SECONDS, "socket_connect_timeout": redis_servers.SECONDS}
    options = {**application.conf.broker_transport_options, **limits}
    return application.connection_for_write(connect_timeout=redis_servers.SECONDS, transport_options=options)


@setup_logging.connect
def keep_our_logs(**_: object) -> None:
    """Celery leaves logging as server/kernel/logs.py has configured it."""


@worker_ready.connect
def sweep_at_start(**_: object) -> None:
    """What was left while no worker ran is found at once, and not at the next round of beat."""
    heartbeat()
    for name, seconds in SWEEPS.items():
        application.send_task(name, expires=10 * seconds)


@worker_shutting_down.connect
def stop_delivering(**_: object) -> None:
    """What is being handed over is finished; nothing more is begun."""
    from server.kernel.delivery import sending

    sending.stop()


@application.task(name="server.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Say that beat, broker and worker do their part: `/health/ready` looks for it."""
    from django.conf import settings

    with redis_servers.parse(settings.REDIS_URL).connect() as client:
        client.set(HEARTBEAT, int(time.time()), ex=HEARTBEAT_LASTS)
    outages.answered("Redis")


@application.on_after_finalize.connect
def beat_for_health(sender: Celery, **_: object) -> None:
    sender.add_periodic_task(HEARTBEAT_SECONDS, heartbeat.s(), expires=HEARTBEAT_LASTS)


@application.on_after_finalize.connect
def schedule_sweeps(sender: Celery, **_: object) -> None:
    for name, seconds in SWEEPS.items():
        sender.add_periodic_task(seconds, sender.signature(name), expires=10 * seconds)
