"""What stands before Django for every HTTP request: bounds on its head, its body, its time and its number.

A body is read here, in memory, up to the largest that anything takes; what is larger or comes too slowly is refused
before Django would spool it to disk. A few requests are in Django at once in each process, each with a database
connection for as long as it runs; who comes from one address takes turns with everybody else. Health is answered
whatever waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any

from server.kernel.http import BODY_BYTES
from server.kernel.socket import Receive, Scope, Send
from server.kernel.turns import Turns
from server.ops import proxies

HEAD_BYTES = 16 * 1024
"""The largest request line and headers together."""
BODY_SECONDS = 20.0
"""How long a body may take to come."""
AT_ONCE, OF_ONE = 8, 4
"""Requests that are in Django at once, and how many of them come from one address."""
WAITING, WAITING_OF_ONE = 1_000, 200
WAIT_SECONDS = 10.0
LINGER_SECONDS, LINGER_BYTES = 2.0, 8 * 1024 * 1024
"""How long, and how much, is read of a refused body, so that its sender reads the answer."""
UNBOUNDED = ("/health/", "/metrics")

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Refused(Exception):
    """Why a request does not reach Django."""

    def __init__(self, status: HTTPStatus, reason: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = encoded(status, reason, message)
        self.retry_after = retry_after


def encoded(status: HTTPStatus, reason: str, message: str) -> bytes:
    """A refusal as JSON: as ``server.kernel.http`` says it, and as the views of signing in do."""
    errors = [{"code": reason, "message": message}]
    return json.dumps({"reason": reason, "message": message, "status": int(status), "errors": errors}).encode()


TOO_LARGE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"A body has at most {BODY_BYTES} bytes.")
TOO_SLOW = (HTTPStatus.REQUEST_TIMEOUT, "too_slow", "The request did not come in time: send it again.")
HEAD_TOO_LARGE = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "too_large",
    f"The address and the headers of a request have at most {HEAD_BYTES} bytes.",
)
NOT_ASCII = (HTTPStatus.BAD_REQUEST, "not_http", "This header holds characters that no such header may have.")
SOCKET_PATH = "/ws"
NO_SOCKET = (HTTPStatus.UPGRADE_REQUIRED, "upgrade_required", "This address is a WebSocket: send Upgrade: websocket.")
BUSY = (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable: send the same request again.")


class HttpAdmission:
    """The bounds before an HTTP application; ``start`` is called before each request reaches it."""

    def __init__(self, application: Application, start: Callable[[], Awaitable[None]]) -> None:
        self._application = application
        self._start = start
        self._turns = Turns[asyncio.Future[None]](AT_ONCE, OF_ONE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            _check_head(scope)
            if scope["path"] == SOCKET_PATH:
                raise Refused(*NO_SOCKET)
            address = proxies.client_address(scope)
            body = await _body(scope, receive)
            if body is None:
                return
        except Refused as refused:
            await _answer(refused, send, receive)
            return
        if scope["path"].startswith(UNBOUNDED):
            await self._application(scope, _Replay(body, receive), send)
            return
        try:
            await self._take_turn(address)
        except Refused as refused:
            await _answer(refused, send, None)
            return
        await self._admitted(address, scope, _Replay(body, receive), send)

    async def _admitted(self, address: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs it. Its place is free as soon as the answer begins: who reads slowly takes nobody's place."""
        place = contextlib.ExitStack()
        place.callback(self._give_back, address)

        async def sending(message: dict[str, Any]) -> None:
            place.close()
            await send(message)

        try:
            await self._start()
            await self._application(scope, receive, sending)
        finally:
            place.close()

    async def _take_turn(self, address: str) -> None:
        if len(self._turns) >= WAITING or self._turns.waiting(address) >= WAITING_OF_ONE:
            raise Refused(*BUSY, retry_after=2)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.add(address, turn)
        self._next()
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await asyncio.shield(turn)
        except (TimeoutError, asyncio.CancelledError) as error:
            if not turn.cancel():  # It came in the same moment.
                self._give_back(address)
            if isinstance(error, TimeoutError):
                raise Refused(*BUSY, retry_after=2) from None
            raise

    def _give_back(self, address: str) -> None:
        self._turns.done(address)
        self._next()

    def _next(self) -> None:
        while (taken := self._turns.take()) is not None:
            address, turn = taken
            if turn.cancelled():
                self._turns.done(address)
            else:
                turn.set_result(None)


class _Replay:
    """``receive`` of a request whose body has been read."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> dict[str, Any]:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def _check_head(scope: Scope) -> None:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if size + sum(len(name) + len(value) + 4 for name, value in headers) > HEAD_BYTES:
        raise Refused(*HEAD_TOO_LARGE)


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body; None when the client has gone. ``Refused``: it is too large, or too slow."""
    for name, value in scope["headers"]:
        if name == b"content-length" and not (value.isdigit() and len(value) < 16 and int(value) <= BODY_BYTES):
            raise Refused(*TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                body += message.get("body", b"")
                if len(body) > BODY_BYTES:
                    raise Refused(*TOO_LARGE)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise Refused(*TOO_SLOW) from None


async def _answer(refused: Refused, send: Send, unread: Receive | None) -> None:
    """Answers, and closes the connection when a body is left of which nothing is wanted: it is read for a moment and
    thrown away, or a client that is still sending would see a reset instead of the answer."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(refused.body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if refused.retry_after is not None:
        headers.append((b"retry-after", str(refused.retry_after).encode()))
    if refused.status is HTTPStatus.UPGRADE_REQUIRED:
        headers.append((b"upgrade", b"websocket"))
    if unread is not None:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": int(refused.status), "headers": headers})
    await send({"type": "http.response.body", "body": refused.body, "more_body": unread is not None})
    if unread is not None:
        await _throw_away(unread)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _throw_away(receive: Receive) -> None:
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while size < LINGER_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
