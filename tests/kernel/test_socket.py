"""The ASGI end of a socket: when it is over, and whose sockets there may be."""

from __future__ import annotations

import asyncio
from typing import Any, cast
from uuid import uuid4

import pytest

from server.kernel.authentication import Person
from server.kernel.connection import Limits
from server.kernel.executor import CommandExecutor
from server.kernel.hub import Hub
from server.kernel.socket import OPENINGS, SocketApplication
from server.kernel.wire.frame import Commands
from server.registry import socket_commands


class Alone(SocketApplication):
    """Without a hub and an executor: nothing is asked for here."""

    def __init__(self, commands: Commands, who: Person) -> None:
        super().__init__(
            commands, lambda credentials: [who for _ in credentials], cast(Any, None), Limits(hello_within=0.02)
        )

    async def _runtime(self) -> tuple[Hub, CommandExecutor]:
        # A set takes sockets in and lets them go: what is asked of a hub here.
        return cast(Hub, set[Any]()), cast(CommandExecutor, None)


class Client:
    """The other end: what it is sent, and what it does."""

    def __init__(self, application: SocketApplication) -> None:
        self.does: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.hears: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.does.put_nowait({"type": "websocket.connect"})
        self.headers = [(b"user-agent", b"test")]
        scope: dict[str, Any] = {"type": "websocket", "headers": self.headers, "subprotocols": []}
        self.task = asyncio.create_task(application(scope, self.does.get, self.hears.put))

    async def heard(self, kind: str) -> dict[str, Any]:
        while True:
            message = await asyncio.wait_for(self.hears.get(), 5)
            if message["type"] == kind:
                return message


@pytest.fixture
def application() -> Alone:
    return Alone(socket_commands(), Person(uuid4(), uuid4()))


async def test_an_open_socket_keeps_none_of_the_headers_that_opened_it(application: Alone) -> None:
    client = Client(application)
    await client.heard("websocket.close")
    assert client.headers == []
    client.does.put_nowait({"type": "websocket.disconnect", "code": 4408})
    await asyncio.wait_for(client.task, 1)


async def test_after_our_close_it_is_over_with_the_clients(application: Alone) -> None:
    """Nothing goes on after it: Daphne would end that after five seconds, and say so for each socket we close."""
    client = Client(application)
    assert (await client.heard("websocket.close"))["code"] == 4408
    client.does.put_nowait({"type": "websocket.disconnect", "code": 4408})
    await asyncio.wait_for(client.task, 1)


async def test_what_comes_after_our_close_is_dropped_until_the_client_has_closed_too(application: Alone) -> None:
    client = Client(application)
    await client.heard("websocket.close")
    for _ in range(3):
        client.does.put_nowait({"type": "websocket.receive", "text": "{}"})
    await asyncio.sleep(0.02)
    assert not client.task.done()
    client.does.put_nowait({"type": "websocket.disconnect", "code": 1006})
    await asyncio.wait_for(client.task, 1)
    assert client.hears.empty()


async def test_a_person_opens_only_so_many_sockets_in_a_while(application: Alone) -> None:
    codes = []
    for _ in range(OPENINGS + 2):
        client = Client(application)
        await client.heard("websocket.accept")
        client.does.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(client.task, 5)
        while not client.hears.empty():
            codes.append(client.hears.get_nowait()["code"])
    assert codes == [4429, 4429]
    assert application._of == {}
