"""PostgreSQL and Redis restart, vanish or fall silent: all goes on within seconds, and nothing waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time

import pytest
from websockets.exceptions import ConnectionClosed

from tests.asgi_server import Someone, Web, web
from tests.kill.conftest import Deployment, readiness
from tests.wire.device import Refused, connected, opened

pytestmark = pytest.mark.kill

THREADS = 16
"""More than a web process has threads that admit sockets: each of them keeps a connection."""


async def greeted(process: Web, who: Someone) -> float | int:
    """Seconds until ``hello`` was answered, or the code with which the socket was closed."""
    began = time.monotonic()
    async with opened(process, who.token) as device:
        try:
            await device.hello()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
    return time.monotonic() - began


async def warm(process: Web, who: Someone) -> None:
    """Every thread that admits sockets has its connection."""
    await asyncio.gather(*(greeted(process, who) for _ in range(THREADS)))


async def within(seconds: float, process: Web, who: Someone) -> float:
    """Seconds until a fresh socket is greeted, at most these."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with contextlib.suppress(Refused, OSError, TimeoutError):
            if isinstance(await greeted(process, who), float):
                return time.monotonic() - began
        await asyncio.sleep(0.1)
    raise AssertionError(f"no fresh socket within {seconds} s")


@pytest.mark.parametrize("number", [0, 1])
async def test_when_postgresql_has_restarted_every_fresh_socket_is_admitted_at_once(
    deployment: Deployment, number: int
) -> None:
    process, ada = deployment.webs[number], deployment.someone()
    await warm(process, ada)
    deployment.postgres.cut()
    results = await asyncio.gather(*(greeted(process, ada) for _ in range(THREADS)))
    assert all(isinstance(result, float) for result in results), results


@pytest.mark.parametrize("number", [0, 1])
async def test_while_postgresql_is_away_sockets_are_sent_back_and_afterwards_admitted(
    deployment: Deployment, number: int
) -> None:
    process, ada = deployment.webs[number], deployment.someone()
    await warm(process, ada)
    deployment.postgres.refuse()
    assert await greeted(process, ada) == 1012
    deployment.postgres.recover()
    await within(5, process, ada)


async def test_a_silent_postgresql_is_given_up_and_fresh_sockets_are_admitted_once_it_answers(
    deployment: Deployment,
) -> None:
    process, ada, grace = deployment.webs[0], deployment.someone(), deployment.someone()
    await warm(process, ada)
    async with connected(process, ada) as device:
        conversation = await device.open(grace)
        deployment.postgres.swallow()
        with pytest.raises(Refused) as refused:
            await device.say(conversation)
        assert refused.value.reason == "unavailable"
        assert await asyncio.to_thread(readiness, process) == 503
        deployment.postgres.recover()
        await within(5, process, ada)
        said = await device.say(conversation, "Bonjour encore")
        assert said["seq"]


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_a_process_ends_when_it_is_told_to_although_postgresql_and_redis_are_silent(
    kind: str, deployment: Deployment
) -> None:
    ada, grace = deployment.someone(), deployment.someone()
    with web(kind, deployment.environment) as process:
        async with connected(process, ada) as device:
            conversation = await device.open(grace)
            deployment.postgres.swallow()
            deployment.redis.swallow()
            await device.send("message.send", {"id": conversation, "conversation": conversation, "body": "…"})
            await asyncio.sleep(0.2)
            process.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.process.wait, 10)


@pytest.mark.parametrize("what", ["swallow", "refuse"])
async def test_without_redis_every_process_delivers_from_the_database(deployment: Deployment, what: str) -> None:
    first, second = deployment.webs
    ada, grace = deployment.someone(), deployment.someone()
    async with connected(first, ada) as sender, connected(second, grace) as reader:
        conversation = await sender.open(grace)
        await reader.event("conversation.opened")
        getattr(deployment.redis, what)()
        for number in range(3):
            await sender.say(conversation, str(number))
        heard: dict[int, str] = {}
        async with asyncio.timeout(60):
            while len(heard) < 3:
                event = await reader.event("message.sent")
                heard.setdefault(event["seq"], event["data"]["message"]["body"])
        assert [heard[seq] for seq in sorted(heard)] == ["0", "1", "2"]
        deployment.redis.recover()
        # And by Redis again, over connections that were made anew: a signal goes no other way.
        async with asyncio.timeout(60):
            while not reader.signals:
                await sender.call("typing", {"conversation": conversation})
                await reader.silence(0.2)
        assert reader.signals[0]["type"] == "typing"
