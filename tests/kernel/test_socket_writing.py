"""A socket writes at once while nothing waits, and in order when the server or the client makes it wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from server.kernel.authentication import Person
from server.kernel.connection import Limits
from server.kernel.executor import CommandExecutor
from server.kernel.hub import Hub
from server.kernel.identifiers import uuid7
from server.kernel.socket import Socket, SocketApplication
from server.kernel.wire.frame import Commands


class Server:
    """Takes frames; while ``writable`` is not set its ``send`` waits, as uvicorn's does for a slow client."""

    def __init__(self) -> None:
        self.writable = asyncio.Event()
        self.writable.set()
        self.gone = False
        self.frames: list[str] = []

    async def send(self, message: dict[str, Any]) -> None:
        await self.writable.wait()
        if self.gone:
            raise ConnectionResetError
        self.frames.append(message.get("text") or f"close {message['code']}")


def listening(server: Server, congested: Callable[[], bool] | None = None) -> Socket:
    extensions = {"relais.congested": congested} if congested else {}
    application = SocketApplication(Commands([]), lambda _: None, lambda: None, Limits())  # type: ignore[arg-type, return-value]  # neither is asked
    hub = cast(Hub, set[Any]())  # a set lets sockets go: what is asked of a hub here
    person = Person(uuid7(), uuid7())
    made = Socket(application, hub, cast(CommandExecutor, None), person, server.send, {"extensions": extensions})
    made._listening = True
    return made


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_frame_is_written_at_once_when_nothing_waits() -> None:
    server = Server()
    socket = listening(server)
    socket.deliver("one")
    assert server.frames == ["one"]


async def test_frames_keep_their_order_when_the_server_makes_the_first_one_wait() -> None:
    server = Server()
    socket = listening(server)
    server.writable.clear()
    for text in ("one", "two"):
        socket.deliver(text)
    await settle()
    assert server.frames == []
    server.writable.set()
    socket.deliver("three")
    socket.close(1000, "over")
    await settle()
    assert server.frames == ["one", "two", "three", "close 1000"]


async def test_nothing_is_written_to_a_client_that_reads_too_slowly_until_it_has_caught_up() -> None:
    server, full = Server(), [True]
    socket = listening(server, lambda: full[0])
    socket.deliver("one")
    await settle()
    assert server.frames == []
    full[0] = False
    socket.deliver("two")
    await asyncio.sleep(0.1)
    assert server.frames == ["one", "two"]


async def test_a_client_that_is_gone_harms_nobody() -> None:
    server = Server()
    socket = listening(server)
    server.gone = True
    socket.deliver("at once")
    server.writable.clear()
    socket.deliver("later")
    server.writable.set()
    await settle()
    assert server.frames == []
