"""A socket for the load generator: the client's engine over a WebSocket that does no more than it must.

Masked with zeros, which the protocol allows and which costs nothing; one callback for each frame, no task per socket.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from relais_client import wire
from relais_client.engine import Engine
from relais_client.events import Answered, Event, Refused, Welcomed

R = TypeVar("R")
MASK = b"\x00\x00\x00\x00"
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A


class Line(asyncio.Protocol):
    """One device. ``listener`` gets what the engine hands on, beside the answers to ``call``."""

    def __init__(
        self,
        address: str,
        token: str,
        listener: Callable[[Event, float], None] | None = None,
        cursors: dict[str, int] | None = None,
    ) -> None:
        self.engine = Engine(wire.Client(name="bench"), cursors)
        url = urlsplit(address)
        assert url.port is not None, "the address of a server names its port"
        self.path, self.port = url.path, url.port
        self.token = token
        self.listener = listener
        self.ready = asyncio.get_running_loop().create_future()
        self.closed = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._upgraded = False
        self._code = 1006
        self._answers: dict[int, asyncio.Future[Any]] = {}

    async def connect(self) -> Line:
        """Opens a socket and returns once ``hello`` is answered; ``ConnectionError`` when it is closed before."""
        self.engine.tick(time.perf_counter())
        self.engine.start()
        self.engine.reconnect_now()
        await self._dial()
        await self.ready
        return self

    async def attend(self) -> None:
        """Does what time alone asks for, as the shell of a real client: closes the socket that the engine gave up,
        and opens the next one when it is due. To be called several times a second."""
        self.engine.tick(time.perf_counter())
        self._flush()
        if self.engine.wants_close:
            self.drop()
        elif self.engine.wants_connection and self._transport is None:
            await self._dial()

    async def _dial(self) -> None:
        loop = asyncio.get_running_loop()
        self._buffer.clear()
        self._upgraded, self._code = False, 1006
        self.ready, self.closed = loop.create_future(), loop.create_future()
        self.ready.add_done_callback(lambda ready: ready.cancelled() or ready.exception())  # Somebody may wait, or not.
        await loop.create_connection(lambda: self, "127.0.0.1", self.port)

    async def call(self, command: wire.Command[R]) -> R:
        """The answer to a request; raises ``RuntimeError`` when it is refused."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._answers[self.engine.request(command)] = answer
        self._flush()
        return await answer

    def drop(self) -> None:
        """Ends the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: relais.v1\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head[:20]:
                self.drop()
                return
            self._buffer = rest
            self._upgraded = True
            self.opened()
        now = time.perf_counter()
        self.engine.tick(now)
        for opcode, payload in self._frames():
            if opcode == TEXT:
                self.heard(payload, now)
            elif opcode == PING:
                self._write(PONG, payload)
            elif opcode == CLOSE:
                self._code = int.from_bytes(payload[:2]) if payload else 1005
                self._write(CLOSE, payload)
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self.engine.disconnected(self._code)
        self._tell(time.perf_counter())
        for future in (self.ready, self.closed):
            if not future.done():
                future.set_exception(ConnectionError(str(self._code))) if future is self.ready else future.set_result(
                    (self._code, time.perf_counter())
                )
        self._transport = None

    # The engine's side

    def opened(self) -> None:
        """The WebSocket is open."""
        self.engine.tick(time.perf_counter())
        self.engine.connected()

    def heard(self, payload: bytes, now: float) -> None:
        """A text frame came."""
        self.engine.receive_text(payload)
        self._tell(now)

    def _tell(self, now: float) -> None:
        for event in self.engine.events():
            if isinstance(event, Answered | Refused):
                self._settle(event)
            else:
                if isinstance(event, Welcomed) and not self.ready.done():
                    self.ready.set_result(None)
                if self.listener is not None:
                    self.listener(event, now)

    def _settle(self, event: Answered | Refused) -> None:
        answer = self._answers.pop(event.request)
        if answer.done():
            return  # Whoever asked waits no longer.
        if isinstance(event, Answered):
            answer.set_result(event.result)
        else:
            answer.set_exception(RuntimeError(event.reason))

    def _flush(self) -> None:
        for frame in self.engine.data_to_send():
            self._write(TEXT, frame.encode())

    def _write(self, opcode: int, payload: bytes) -> None:
        if self._transport is None:
            return
        length = len(payload)
        if length < 126:
            head = bytes((opcode, 0x80 | length))
        elif length < 65536:
            head = bytes((opcode, 0xFE)) + length.to_bytes(2)
        else:
            head = bytes((opcode, 0xFF)) + length.to_bytes(8)
        self._transport.write(head + MASK + payload)

    def _frames(self) -> list[tuple[int, bytes]]:
        """Whole frames off the buffer; servers here send no fragments."""
        buffer, at, found = self._buffer, 0, []
        while len(buffer) - at >= 2:
            length, start = buffer[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(buffer[at + 2 : at + 4]), at + 4
            elif length == 127:
                length, start = int.from_bytes(buffer[at + 2 : at + 10]), at + 10
            if len(buffer) < start + length:
                break
            found.append((buffer[at], bytes(buffer[start : start + length])))
            at = start + length
        if at:
            del buffer[:at]
        return found


class Bare(Line):
    """A WebSocket without protocol 1: it is ready as soon as it is open."""

    def opened(self) -> None:
        self.ready.set_result(None)

    def heard(self, payload: bytes, now: float) -> None:
        if self.listener is not None:
            self.listener(payload, now)  # type: ignore[arg-type]  # its frames hold no events

    def send(self, text: str) -> None:
        """Sends a frame as it is."""
        self._write(TEXT, text.encode())
