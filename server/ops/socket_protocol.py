"""uvicorn's WebSocket without what an open socket does not need: thousands of them are idle at a time.

What uvicorn keeps for each of them measured 23 KiB, a fifth of it in empty queues: an ``asyncio.Queue`` and an
``asyncio.Event`` have four, of which each takes 760 bytes before there is anything in it. The head of the request that
opened it, and of the answer, are of no use once it is open.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class Inbox:
    """What the application has not received yet: as an ``asyncio.Queue``, for one reader."""

    __slots__ = ("_messages", "_reader")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        self._messages.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def empty(self) -> bool:
        return not self._messages

    async def get(self) -> Any:
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._messages.pop(0)


class Gate:
    """Whether the transport takes more: as an ``asyncio.Event``. It is open at first."""

    __slots__ = ("_is_open", "_waiting")

    def __init__(self) -> None:
        self._is_open = True
        self._waiting: list[asyncio.Future[None]] | None = None

    def set(self) -> None:
        self._is_open = True
        waiting, self._waiting = self._waiting or [], None
        for one in waiting:
            if not one.done():
                one.set_result(None)

    def clear(self) -> None:
        self._is_open = False

    async def wait(self) -> bool:
        while not self._is_open:
            passing = asyncio.get_running_loop().create_future()
            self._waiting = [*(self._waiting or ()), passing]
            await passing
        return True


class SocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket of uvicorn."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.queue = cast(Any, Inbox())
        self.writable = cast(Any, Gate())

    def start_keepalive(self) -> None:
        """The socket has just been opened: uvicorn reads neither of these again."""
        super().start_keepalive()
        self.request = self.response = cast(Any, None)
