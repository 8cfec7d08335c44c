"""The HTTP of both web servers with what they lack: a request that is too large or comes too slowly is answered and
ended while it is read, before anything is written to disk.

Twisted keeps a body of 100,000 bytes or more in a temporary file, and reads whatever comes for as long as it comes.
uvicorn waits for ever for the rest of a head, of any size. ``server.ops.admission`` has the bounds.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from io import BytesIO
from typing import Any

import daphne.http_protocol
from daphne.http_protocol import WebRequest
from twisted.internet import reactor
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.kernel.http import BODY_BYTES
from server.ops.admission import (
    BODY_SECONDS,
    HEAD_BYTES,
    HEAD_TOO_LARGE,
    LINGER_BYTES,
    LINGER_SECONDS,
    NOT_ASCII,
    TOO_LARGE,
    TOO_SLOW,
    encoded,
)

HEAD_SECONDS = 20.0
"""How long the head of a request may take to come."""

ASCII_HEADERS = (b"sec-websocket-", b"daphne-root-path", b"upgrade", b"connection", b"host")

_clock: Any = reactor

Problem = tuple[HTTPStatus, str, str]


def _answer(problem: Problem) -> bytes:
    status = problem[0]
    body = encoded(*problem)
    head = (
        f"HTTP/1.1 {int(status)} {status.phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


class BoundedRequest(WebRequest):
    """Daphne's request. Nothing of its body is written to disk, and forms are not parsed: nothing takes any."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, parsePOSTFormSubmission=False, **named)
        self._refused = False
        self._dropped = 0
        self._deadline = _clock.callLater(HEAD_SECONDS + BODY_SECONDS, self._refuse, TOO_SLOW)

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """The head is there; ``length`` is announced, or the body comes in pieces."""
        self.content = BytesIO()
        if length is not None and length > BODY_BYTES:
            self._refuse(TOO_LARGE)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._refused:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.channel.transport.abortConnection()
        elif self.content.tell() + len(data) > BODY_BYTES:
            self._refuse(TOO_LARGE)
        else:
            super().handleContentChunk(data)

    def requestReceived(self, *arguments: Any) -> None:  # noqa: N802 - Twisted's name
        """The whole request is there."""
        self._stop_clock()
        if not self._refused:
            super().requestReceived(*arguments)

    def process(self) -> Any:
        """Daphne reads these headers as ASCII, and answers others with the text of its exception."""
        for name, values in self.requestHeaders.getAllRawHeaders():
            if name.lower().startswith(ASCII_HEADERS) and not all(value.isascii() for value in values):
                return self._refuse(NOT_ASCII)
        return super().process()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        self._stop_clock()
        super().connectionLost(reason)

    def _stop_clock(self) -> None:
        if self._deadline.active():
            self._deadline.cancel()

    def _refuse(self, problem: Problem) -> None:
        """Answers at once. What still comes is dropped for a moment, so that its sender reads the answer."""
        self._refused = True
        self._stop_clock()
        transport = self.channel.transport
        transport.write(_answer(problem))
        self._deadline = _clock.callLater(LINGER_SECONDS, transport.abortConnection)
        transport.loseWriteConnection()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, with a bound on the size and the time of a head. The body is bounded by ``HttpAdmission``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_bytes = 0
        self._clock: asyncio.TimerHandle | None = None
        self._in_head = True
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        self._in_head = True
        self._start_clock()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_clock()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP."""
        self._refuse((HTTPStatus.BAD_REQUEST, "not_http", msg))

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(HEAD_SECONDS, self._refuse, TOO_SLOW)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _refuse(self, problem: Problem) -> None:
        self._stop_clock()
        if not self.transport.is_closing():
            self.transport.write(_answer(problem))
            self.transport.close()


def use_with_daphne() -> None:
    """Daphne's factory takes the class from its module: this is the only way to set it."""
    daphne.http_protocol.WebRequest = BoundedRequest
