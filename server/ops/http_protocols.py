"""The HTTP of both web servers with what they lack: a request that is too large or comes too slowly is answered and
ended while it is read, before anything is written to disk.

Twisted keeps a body of 100,000 bytes or more in a temporary file, and reads whatever comes for as long as it comes.
uvicorn waits for ever for the rest of a head, of any size. ``server.ops.admission`` has the bounds. The bodies of files
pass by: the application has them as they arrive, and bounds them itself.
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

STREAMED = b"/files/"
QUEUED, LOOK_AGAIN = 16, 0.02
"""Pieces of a body, of 64 KiB at most, that may wait for the application; seconds between two looks at whether it has
taken some."""

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


class BodyQueue:
    """The pieces of a body for an application that runs already. What it does not take holds up the connection."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel
        self._queue: Any = None
        self._paused = False
        self.ended = False

    def attach(self, queue: Any) -> BodyQueue:
        """Takes the queue that the application reads; Daphne puts what it has into this one instead."""
        self._queue = queue
        return self

    def put_nowait(self, message: dict[str, Any]) -> None:
        """Daphne says that the body is complete, which it is not; whatever else it says is passed on."""
        if message["type"] != "http.request":
            self._queue.put_nowait(message)

    def feed(self, data: bytes) -> None:
        """A piece has arrived."""
        self._put(data, more=True)
        if self._queue.qsize() > QUEUED and not self._paused:
            self._paused = True
            self._channel._networkProducer.pauseProducing()  # noqa: SLF001 - as Daphne does
            _clock.callLater(LOOK_AGAIN, self._resume)

    def end(self) -> None:
        """The body is complete."""
        self.ended = True
        self._put(b"", more=False)

    def _put(self, data: bytes, *, more: bool) -> None:
        self._queue.put_nowait({"type": "http.request", "body": data, "more_body": more})

    def _resume(self) -> None:
        if self._queue.qsize() > QUEUED // 2:
            _clock.callLater(LOOK_AGAIN, self._resume)
            return
        self._paused = False
        self._channel._networkProducer.resumeProducing()  # noqa: SLF001 - as Daphne does


class BoundedRequest(WebRequest):
    """Daphne's request. Nothing of its body is written to disk, and forms are not parsed: nothing takes any."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, parsePOSTFormSubmission=False, **named)
        self._refused = False
        self._dropped = 0
        self.body_queue: BodyQueue | None = None
        self._deadline = _clock.callLater(HEAD_SECONDS + BODY_SECONDS, self._refuse, TOO_SLOW)

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """The head is there; ``length`` is announced, or the body comes in pieces."""
        self.content = BytesIO()
        if length != 0 and self._passes_by():
            self._begin_early()
        elif length is not None and length > BODY_BYTES:
            self._refuse(TOO_LARGE)

    def _passes_by(self) -> bool:
        return self.channel._path.startswith(STREAMED) and self.channel._command in {b"POST", b"PATCH"}  # noqa: SLF001

    def _begin_early(self) -> None:
        """Runs the application before the body is there: Twisted would wait for all of it."""
        self._stop_clock()
        channel = self.channel
        self.method, self.uri, self.clientproto = channel._command, channel._path, channel._version  # noqa: SLF001
        self.path = self.uri.split(b"?", 1)[0]
        self.client, self.host = channel.getPeer(), channel.getHost()
        self.body_queue = BodyQueue(channel)
        self.process()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self.body_queue is not None:
            self.body_queue.feed(data)
        elif self._refused:
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
        if self.body_queue is not None:
            self.body_queue.end()
        elif not self._refused:
            super().requestReceived(*arguments)

    def process(self) -> Any:
        """Daphne reads these headers as ASCII, and answers others with the text of its exception."""
        for name, values in self.requestHeaders.getAllRawHeaders():
            if name.lower().startswith(ASCII_HEADERS) and not all(value.isascii() for value in values):
                return self._refuse(NOT_ASCII)
        return super().process()

    def finish(self) -> None:
        """The answer is complete. A connection on which a body is left that nobody wants is of no further use."""
        if self.producer:
            self.unregisterProducer()
        unread = self.body_queue is not None and not self.body_queue.ended
        if unread:
            self.channel.persistent = False
        super().finish()

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
