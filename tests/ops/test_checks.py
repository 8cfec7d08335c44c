"""`relais check` says which server does not do its part, and waits for none of them for long."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import redis
from django.conf import settings as configured
from pytest_django.fixtures import Settings

from server.celery import HEARTBEAT, heartbeat
from server.ops import checks
from server.ops.checks import findings
from tests.asgi_server import ROOT
from tests.ops.test_health import setting_of_postgresql
from tests.stand_ins.cuttable import Network

pytestmark = pytest.mark.django_db(transaction=True)


def said(about: str) -> list[tuple[str, str]]:
    return [(one.severity, one.text) for one in findings() if about in one.text]


@pytest.fixture
def network() -> Iterator[Network]:
    """Between us and Redis."""
    with Network(unquote(urlsplit(configured.REDIS_URL).path)).serving() as made:
        yield made


def test_a_silent_redis_is_one_line_and_one_wait(
    network: Network, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "SECONDS_FOR_ONE", 0.5)
    settings.REDIS_URL = f"redis://127.0.0.1:{network.port}/0"
    network.swallow()
    assert said("Redis") == [("wrong", "Redis says nothing: it was asked for 0.5 s.")]
    network.recover()


def test_a_redis_that_refuses_is_one_line(network: Network, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{network.port}/0"
    network.refuse()
    [(severity, text)] = said("Redis")
    assert severity == "wrong"
    assert text.startswith("Redis does not answer: ")


def test_a_redis_that_takes_no_writes_is_found() -> None:
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.config_set("maxmemory", 1)
        try:
            [(severity, text)] = said("Redis")
        finally:
            client.config_set("maxmemory", 0)
    assert severity == "wrong"
    assert text.startswith("Redis takes no writes: ")


def test_a_postgresql_that_takes_no_writes_is_found() -> None:
    with setting_of_postgresql("default_transaction_read_only=on"):
        [(severity, text)] = said("PostgreSQL takes")
    assert severity == "wrong"
    assert text.startswith("PostgreSQL takes no writes: cannot execute INSERT in a read-only transaction.")
    assert said("PostgreSQL takes") == []


def test_a_dead_worker_is_found() -> None:
    heartbeat()
    assert said("worker") == []
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.delete(HEARTBEAT)
    [(severity, text)] = said("worker")
    assert (severity, text.startswith("No worker has given a sign of life for 30 s")) == ("missing", True)


def test_to_make_tables_at_a_standby_is_refused_with_what_to_do(place: Path) -> None:
    command = [sys.executable, "-m", "server.cli", "check", "--data", str(place)]
    settings = {"PGOPTIONS": "-c default_transaction_read_only=on"}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.endswith(
        "relais: PostgreSQL takes no writes: it is a standby, or read-only. Name the primary in DATABASE_URL.\n"
    )
