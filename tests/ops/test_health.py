"""Alive, ready, measured: answered to whoever asks, without the database."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import redis
from django.conf import settings as configured
from django.db import connection, connections
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import AsyncClient
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings

from server.celery import HEARTBEAT, heartbeat
from server.kernel import announcements, clock
from server.kernel.dispatch import Call, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.synchronisation import redeliver
from server.ops import writes
from team.messages.wire import SendMessage
from tests.factories import account, group


@pytest.fixture
def worker() -> None:
    heartbeat()


async def test_a_web_process_is_alive_without_a_database(async_client: AsyncClient) -> None:
    response = await async_client.get("/health/live", headers={"Host": "10.0.0.7"})
    assert response.status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
async def test_it_is_ready_when_database_redis_and_worker_are(async_client: AsyncClient) -> None:
    response = await async_client.get("/health/ready")
    found = json.loads(response.content)
    assert abs(found.pop("clock_ahead")) < 1
    assert found == {"ready": True, "database": True, "redis": True, "worker": True}
    assert response.status_code == 200


def what_does_not_work(response: HttpResponseBase) -> tuple[int, list[str]]:
    assert isinstance(response, HttpResponse)
    found = json.loads(response.content)
    return response.status_code, [name for name in ("ready", "database", "redis", "worker") if not found[name]]


@pytest.mark.django_db(transaction=True)
async def test_without_a_worker_it_is_said_and_people_are_still_sent_here(async_client: AsyncClient) -> None:
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.delete(HEARTBEAT)
    assert what_does_not_work(await async_client.get("/health/ready")) == (200, ["worker"])
    measured = (await async_client.get("/metrics")).content
    assert b'relais_part_works{part="worker"} 0.0' in measured
    assert b'relais_part_works{part="database"} 1.0' in measured
    heartbeat()
    assert b'relais_part_works{part="worker"} 1.0' in (await async_client.get("/metrics")).content


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
async def test_without_redis_it_is_said_and_people_are_still_sent_here(
    async_client: AsyncClient, settings: Settings
) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert what_does_not_work(await async_client.get("/health/ready")) == (200, ["redis", "worker"])


@contextmanager
def setting_of_postgresql(value: str) -> Iterator[None]:
    """Every new connection has it."""
    connections.close_all()
    configured.DATABASES["default"]["OPTIONS"]["options"] = f"-c {value}"
    try:
        yield
    finally:
        del configured.DATABASES["default"]["OPTIONS"]["options"]
        connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
async def test_it_is_not_ready_when_postgresql_takes_no_writes(async_client: AsyncClient) -> None:
    """As a standby does, or a primary that was made read-only: it answers every question."""
    with setting_of_postgresql("default_transaction_read_only=on"):
        assert what_does_not_work(await async_client.get("/health/ready")) == (503, ["ready", "database"])
    assert what_does_not_work(await async_client.get("/health/ready")) == (200, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
async def test_a_redis_that_takes_no_writes_does_not_work(async_client: AsyncClient) -> None:
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.config_set("maxmemory", 1)
        try:
            assert what_does_not_work(await async_client.get("/health/ready")) == (200, ["redis"])
        finally:
            client.config_set("maxmemory", 0)


@pytest.mark.django_db
def test_the_write_needs_room_on_the_disk_and_leaves_nothing_that_is_delivered() -> None:
    before = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute(f"EXPLAIN (ANALYZE) {writes._SPILL}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    found = re.search(r"external merge\s+Disk: (\d+)kB", plan)
    assert found is not None, plan
    assert int(found[1]) > 256
    writes.to_postgres()
    [announced] = announcements.since(before)
    assert not redeliver([announced])
    announcements.clear(clock.now() + announcements.KEPT + timedelta(seconds=1))
    assert announcements.since(before) == []


@pytest.mark.django_db(transaction=True)
async def test_many_who_ask_at_once_are_answered_by_one_write(
    async_client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[None] = []
    monkeypatch.setattr(writes, "to_postgres", lambda: written.append(None))
    answers = await asyncio.gather(*(async_client.get("/health/ready") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(written) == 1


def test_a_worker_that_is_gone_is_noticed_within_half_a_minute() -> None:
    heartbeat()
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        assert 0 < client.ttl(HEARTBEAT) <= 30


@pytest.mark.django_db(transaction=True)
async def test_requests_are_measured_by_method_and_status_and_nothing_else(async_client: AsyncClient) -> None:
    await async_client.get("/p/a-secret-link.html")
    response = await async_client.get("/metrics")
    assert response.status_code == 200
    assert b'relais_http_seconds_count{method="GET",status="404"}' in response.content
    assert b"secret" not in response.content


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.django_db
def test_commands_are_counted_by_method_and_outcome() -> None:
    ada, alan, grace = account(), account(), account()
    conversation = group(ada, alan)
    sent = {"method": "message.send", "outcome": "done"}
    refused = {"method": "message.send", "outcome": "not_found"}
    before = sample("relais_commands_total", **sent), sample("relais_commands_total", **refused)
    batches = sample("relais_batch_calls_sum"), sample("relais_transaction_seconds_count")
    dispatch_batch(
        [Call(who.actor, SendMessage(id=uuid7(), conversation=conversation, body="x")) for who in (ada, grace)]
    )
    after = sample("relais_commands_total", **sent), sample("relais_commands_total", **refused)
    assert after == (before[0] + 1, before[1] + 1)
    assert sample("relais_batch_calls_sum") == batches[0] + 2
    assert sample("relais_transaction_seconds_count") == batches[1] + 1
