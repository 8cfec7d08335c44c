"""What an open socket waits with under uvicorn, which keeps an ``asyncio.Queue`` and an ``asyncio.Event`` for each.

These have four queues, and an empty one takes 760 bytes: of thousands of idle sockets they were an eighth.
"""

from __future__ import annotations

import asyncio
from typing import Any


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

    def is_set(self) -> bool:
        return self._is_open

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
