"""One HTTP exchange of ``/files/``: a plain ASGI application reads it piece by piece, and answers piece by piece."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

from django.core.handlers.asgi import ASGIRequest

from server.kernel.asgi_extensions import CONGESTED
from server.kernel.http import Problem

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

IDLE_SECONDS = 30.0
"""How long nothing may come of a body, or be read of an answer."""
LINGER_SECONDS, LINGER_BYTES = 2.0, 8 * 1024 * 1024
"""How long, and how much, is read of a body that is not wanted, so that its sender reads the answer."""

SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}
"""Whatever a file holds, a browser runs nothing of it, and keeps nothing of it on disk."""


class Gone(Exception):
    """The client is no longer there."""


class Exchange:
    """A request whose body has not been read, and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query = dict(_pairs(scope["query_string"].decode("latin-1")))
        self._scope = scope
        self._receive = receive
        self._send = send
        self._more = True
        self._answering = False
        # Django reads cookies, origin and token from it: the rules of every other address hold here too.
        self.request = ASGIRequest(scope, io.BytesIO())

    @property
    def headers(self) -> Mapping[str, str]:
        return self.request.headers

    async def body(self) -> AsyncIterator[bytes]:
        """The pieces of the body as they arrive. ``Gone`` when the client has left; 408 when it is silent."""
        while self._more:
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    message = await self._receive()
            except TimeoutError:
                raise Problem(408, "too_slow", "Nothing came for a while: go on from where the upload ends.") from None
            if message["type"] != "http.request":
                raise Gone
            self._more = message.get("more_body", False)
            if content := message.get("body", b""):
                yield content

    async def answer(self, status: int, headers: Mapping[str, str], content: bytes = b"") -> None:
        """A whole answer. The rest of an unwanted body is read for a moment, and thrown away."""
        await self._start(status, {**headers, "Content-Length": str(len(content))})
        await self._send({"type": "http.response.body", "body": content, "more_body": self._more})
        if self._more:
            await self._throw_away()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def stream(self, status: int, headers: Mapping[str, str], pieces: AsyncIterator[bytes]) -> None:
        """An answer that is made while it is read; the next piece is fetched once the client keeps up."""
        await self._start(status, headers)
        async for piece in pieces:
            await self._wait_for_reader()
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, status: int, headers: Mapping[str, str]) -> None:
        self._answering = True
        every = {**SAFE, **headers, **({"Connection": "close"} if self._more and self.method in _WITH_BODY else {})}
        if self.method not in _WITH_BODY:
            self._more = False
        encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in every.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})

    async def _throw_away(self) -> None:
        size = 0
        with contextlib.suppress(TimeoutError, Gone, Problem):
            async with asyncio.timeout(LINGER_SECONDS):
                async for piece in self.body():
                    size += len(piece)
                    if size > LINGER_BYTES:
                        return

    async def _wait_for_reader(self) -> None:
        """Under Daphne nothing else waits for a client that reads slowly; under uvicorn ``send`` does."""
        is_congested = (self._scope.get("extensions") or {}).get(CONGESTED, _never)
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                while is_congested():  # noqa: ASYNC110  (Twisted has no event that this loop could wait for)
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise Gone from None

    @property
    def is_answering(self) -> bool:
        """Whether the answer has begun: it can no longer become another one."""
        return self._answering


_WITH_BODY = frozenset({"POST", "PATCH", "PUT"})


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        yield name, value


def _never() -> bool:
    return False
