"""A Celery worker hands over right after the commit; kill -9 between hand-over and outcome sends nothing twice."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import pytest
import redis
from django.conf import settings
from django.db import connection

from server import celery
from server.kernel.delivery import queue
from server.kernel.models import Delivery
from tests.factories import account
from tests.kill.conftest import over, postgres_socket
from tests.referral.practice import practice
from tests.relais_process import ROOT, eventually
from tests.stand_ins import sms_gateway
from tests.stand_ins.cuttable import Network
from tests.stand_ins.sms_gateway import SmsGateway

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with SmsGateway().serving() as gateway:
        yield gateway


@contextlib.contextmanager
def worker(gateway: SmsGateway, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of the test's own database, ready to take tasks. There is no beat: nothing is swept up."""
    environment = {
        **os.environ,
        "DATABASE_URL": own_database(),
        "RELAIS_FAKE_DELIVERY": "0",
        "RELAIS_SMS_URL": gateway.url,
        **changes,
    }
    command = [sys.executable, "-m", "celery", "--app=server.celery:application", "--quiet", "worker"]
    options = [
        "--pool=threads",
        "--concurrency=4",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
        "--queues=celery,delivery",
        "--loglevel=WARNING",
    ]
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        process = subprocess.Popen([*command, *options], cwd=ROOT, env=environment)
        try:
            eventually(lambda: client.exists(celery.HEARTBEAT), 180)
            yield process
        finally:
            process.kill()
            process.wait()


def own_database() -> str:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return database.geturl()


def test_a_worker_goes_on_when_postgresql_and_redis_were_silent_and_ends_while_they_are(gateway: SmsGateway) -> None:
    clinic, ada = practice(), account()
    postgres_at, redis_at = postgres_socket(own_database()), unquote(urlsplit(os.environ["REDIS_URL"]).path)
    with Network(postgres_at).serving() as to_postgres, Network(redis_at).serving() as to_redis:
        reached = {
            "DATABASE_URL": over(to_postgres, own_database()),
            "REDIS_URL": f"redis://127.0.0.1:{to_redis.port}/0?health_check_interval=1&socket_timeout=2",
            "RELAIS_STATEMENT_SECONDS": "2",
        }
        with worker(gateway, **reached) as process:
            for network in (to_postgres, to_redis):
                network.swallow()
                time.sleep(0.5)
                network.recover()
            clinic.book(ada, "09:20")
            celery.request_task(queue.task("sms"))
            eventually(lambda: gateway.sent, 40)
            to_redis.swallow()
            to_postgres.swallow()
            process.send_signal(signal.SIGTERM)
            process.wait(40)


def test_an_sms_leaves_right_after_the_commit(gateway: SmsGateway) -> None:
    clinic, ada = practice(), account()
    with worker(gateway):
        clinic.book(ada, "09:20")
        # Nothing is swept up here: what leaves was handed over by the commit.
        eventually(lambda: gateway.sent)
        [sms] = gateway.sent.values()
        eventually(lambda: Delivery.objects.filter(key=sms.key, outcome="sent").exists())


def test_kill_9_between_hand_over_and_outcome_sends_one_message(gateway: SmsGateway) -> None:
    gateway.plan(sms_gateway.TAKE_AND_HANG)
    clinic, ada = practice(), account()
    with worker(gateway) as first:
        clinic.book(ada, "09:20")
        eventually(lambda: gateway.sent)
        first.send_signal(signal.SIGKILL)
        first.wait()
    row = Delivery.objects.get(kind="appointment.booked")
    assert (row.outcome, row.attempts) == ("", 1)
    with worker(gateway):
        celery.request_task(queue.task("sms"))
        time.sleep(1)
        assert len(gateway.requests) == 1, "the claim of the worker that died still stands"
        Delivery.objects.filter(id=row.id).update(claimed_until=datetime.now(UTC))
        celery.request_task(queue.task("sms"))
        eventually(lambda: Delivery.objects.get(id=row.id).outcome == "sent")
    assert [sms.key for sms in gateway.requests] == [row.key, row.key]
    assert list(gateway.sent) == [row.key]
