"""Alive, ready, measured: answered to whoever asks, without the database."""

import json

import pytest
import redis
from django.conf import settings as configured
from django.test import AsyncClient
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings

from server.celery import HEARTBEAT, heartbeat
from server.kernel.dispatch import Call, dispatch_batch
from server.kernel.identifiers import uuid7
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


@pytest.mark.django_db(transaction=True)
async def test_it_is_not_ready_without_a_worker(async_client: AsyncClient) -> None:
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.delete(HEARTBEAT)
    response = await async_client.get("/health/ready")
    assert response.status_code == 503
    found = json.loads(response.content)
    assert [name for name in ("ready", "database", "redis", "worker") if not found[name]] == ["ready", "worker"]


@pytest.mark.django_db(transaction=True)
async def test_it_is_not_ready_without_redis(async_client: AsyncClient, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    response = await async_client.get("/health/ready")
    assert response.status_code == 503
    assert json.loads(response.content)["redis"] is False


def test_a_worker_that_is_gone_is_noticed_within_half_a_minute() -> None:
    heartbeat()
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        assert 0 < client.ttl(HEARTBEAT) <= 30


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
