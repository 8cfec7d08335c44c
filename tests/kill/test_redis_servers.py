"""Several Redis servers by one address: a master that Sentinels replace, and a Cluster that loses a node."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Iterator

import pytest

from server.kernel import redis_servers
from server.kernel.cache import RedisCache
from tests.asgi_server import Someone, Web, database, people, run_module, web
from tests.stand_ins.redis_servers import cluster, sentinels
from tests.wire.device import Device, connected

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[str, list[Someone]]]:
    with database(os.environ["DATABASE_URL"]) as address:
        yield address, people(4, {"DATABASE_URL": address})


async def talk(first: Web, second: Web, ada: Someone, grace: Someone, lose: Callable[[], None]) -> None:
    """Between two processes messages arrive: before a server is lost, meanwhile, and at once again afterwards."""
    async with connected(first, ada) as sender, connected(second, grace) as reader:
        conversation = await sender.open(grace)
        await sender.say(conversation, "before")
        await heard(reader, "before")
        lose()
        await sender.say(conversation, "meanwhile")
        await heard(reader, "meanwhile")
        async with asyncio.timeout(15):
            for number in itertools.count():
                await sender.say(conversation, f"after {number}")
                sent = time.monotonic()
                await heard(reader, f"after {number}")
                if time.monotonic() - sent < 0.5:
                    return


async def heard(reader: Device, body: str) -> None:
    """Returns when the message has come; what comes a second time has its number, and is passed over."""
    async with asyncio.timeout(10):
        bodies: set[str] = set()
        while body not in bodies:
            bodies.add((await reader.event("message.sent"))["data"]["message"]["body"])


def uses(address: str) -> None:
    """The cache, many keys at once, and what else asks Redis by itself."""
    serializer = "server.kernel.cache.MsgpackSerializer"
    cache = RedisCache(address, {"KEY_PREFIX": "{relais}", "OPTIONS": {"serializer": serializer}})
    cache.set_many({"one": 1, "two": [2]})
    assert cache.get_many(["one", "two"]) == {"one": 1, "two": [2]}
    cache.delete_many(["one", "two"])
    cache.set("count", 1)
    assert cache.incr("count", 1) == 2
    client = redis_servers.parse(address).connect()
    assert client.set("relais:worker", 1, ex=10)
    assert client.exists("relais:worker")


async def test_when_sentinels_replace_the_master_everything_goes_on_at_the_new_one(
    made: tuple[str, list[Someone]],
) -> None:
    address, known = made
    with sentinels() as (servers, master):
        environment = {"DATABASE_URL": address, "REDIS_URL": servers.url}
        await asyncio.to_thread(uses, servers.url)
        with web("uvicorn", environment) as first, web("uvicorn", environment) as second:
            await talk(first, second, known[0], known[1], lambda: servers.kill(master))
        await asyncio.to_thread(uses, servers.url)
        assert await asyncio.to_thread(reaches_the_broker, environment)


async def test_a_cluster_that_loses_a_node_still_carries_what_processes_tell_each_other(
    made: tuple[str, list[Someone]],
) -> None:
    address, known = made
    with cluster() as (servers, ports):
        environment = {"DATABASE_URL": address, "REDIS_URL": servers.url, "RELAIS_BROKER_URL": os.environ["REDIS_URL"]}
        await asyncio.to_thread(uses, servers.url)
        with web("uvicorn", environment) as first, web("uvicorn", environment) as second:
            await talk(first, second, known[2], known[3], lambda: servers.kill(ports[0]))
        assert await asyncio.to_thread(reaches_the_broker, environment)


def reaches_the_broker(environment: dict[str, str]) -> bool:
    """Whether a task that is asked for lies in the queue then."""
    queued = run_module("tests.kill.ask_for_a_task", environment=environment)
    return int(queued) >= 1
