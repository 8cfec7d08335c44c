"""The asyncio shell of the engine: a socket, a clock, and waiting for answers.

async with Client("https://relais.example.fr", token) as client:
    sent = await client.call(wire.SendMessage(id=uuid7(), conversation=conversation, body="ECG joint"))
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from relais_client import wire
from relais_client.engine import Answered, Disconnected, Engine, Happening, Refused, Welcomed

SUBPROTOCOL = Subprotocol("relais.v1")
LARGEST_FRAME = 32 * 1024 * 1024
"""A page of ``sync`` may hold 500 long messages."""
PING_SECONDS = PONG_SECONDS = 30
"""Together the 60 seconds of silence after which a client connects again."""
ABNORMAL = 1006

R = TypeVar("R")


class RelaisError(Exception):
    """Anything this client raises of its own."""


class RequestRefused(RelaisError):
    """The request was refused; ``reason`` is stable, the message is for people who read logs."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"{refused.message} ({refused.reason})")
        self.code = refused.code
        self.reason = refused.reason
        self.data = refused.data


class Closed(RelaisError):
    """The server closed the socket for good, or we did."""

    def __init__(self, code: int) -> None:
        explanations = {
            wire.NOT_SIGNED_IN: "The token is not valid, or its session has ended.",
            wire.NOT_ALLOWED: "This account may not connect: not verified, or suspended.",
            wire.CONNECTED_ELSEWHERE: "This device connected again elsewhere.",
        }
        super().__init__(f"{explanations.get(code, 'The connection is closed.')} ({code})")
        self.code = code


def socket_address(url: str) -> str:
    """Where the socket is: ``https://host`` and ``https://host/ws`` and ``wss://host/ws`` name the same."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    if parts.scheme not in schemes or not parts.hostname:
        raise RelaisError(f"{url!r} is not an address such as https://relais.example.fr.")
    path = parts.path if parts.path not in {"", "/"} else "/ws"
    return urlunsplit((schemes[parts.scheme], parts.netloc, path, parts.query, ""))


class Client:
    """One device, connected for as long as the context lasts, over as many sockets as it takes.

    ``listener`` is called with everything that is not the answer to a request of ours, in order.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        name: str = "relais-client",
        version: str = "",
        device: UUID | None = None,
        cursors: Mapping[str, int] | None = None,
        headers: Mapping[str, str] | None = None,
        listener: Callable[[Happening], None] | None = None,
    ) -> None:
        self.address = socket_address(url)
        self.engine = Engine(wire.Client(name=name, version=version, device=device), cursors)
        self.welcome: wire.Welcome | None = None
        self.trouble = ""
        """Why the last attempt to connect failed."""
        self._headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        self.listener = listener
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._welcomed = asyncio.Event()
        self._wake = asyncio.Event()
        self._ended: Closed | None = None
        self._connection: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Client:
        self._task = asyncio.create_task(self._run(), name=f"relais {self.address}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connection; requests without an answer fail with ``Closed``."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._end(self._ended or Closed(1000))

    async def connected(self, within: float | None = 30) -> wire.Welcome:
        """What the server said to our first ``hello``; ``Closed`` when it will have none of us."""
        async with asyncio.timeout(within):
            await self._welcomed.wait()
        if self.welcome is None:
            raise self._ended or Closed(ABNORMAL)
        return self.welcome

    async def ended(self) -> None:
        """Waits for the end; ``Closed`` says which."""
        if self._task is not None:
            await asyncio.wait([self._task])
        raise self._ended or Closed(ABNORMAL)

    async def call(self, command: wire.Command[R], within: float | None = 30) -> R:
        """The answer to a request, whatever happens to the connection meanwhile.

        ``RequestRefused`` when the server refuses it, ``TimeoutError`` when no answer came in time: it may then
        still have been carried out, and the same request may be sent again.
        """
        if self._ended is not None:
            raise self._ended
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        request = self.engine.request(command)
        self._answers[request] = answer
        self._hand_on()  # one that is too long is refused without being sent
        self._wake.set()
        try:
            async with asyncio.timeout(within):
                return await answer
        finally:
            if self._answers.pop(request, None) is not None and not answer.done():
                self.engine.forget(request)

    async def _run(self) -> None:
        try:
            while self._ended is None:
                self.engine.tick(time.monotonic())
                if self.engine.wants_connection:
                    await self._serve_one_socket()
                else:
                    await self._pause()
        finally:
            self._end(Closed(ABNORMAL) if self._ended is None else self._ended)

    async def _serve_one_socket(self) -> None:
        engine = self.engine
        engine.connecting()
        code = ABNORMAL
        try:
            async with connect(
                self.address,
                subprotocols=[SUBPROTOCOL],
                additional_headers=self._headers,
                compression=None,
                max_size=LARGEST_FRAME,
                ping_interval=PING_SECONDS,
                ping_timeout=PONG_SECONDS,
                close_timeout=2,
                proxy=None,
            ) as connection:
                code = await self._converse(connection)
        except (OSError, InvalidHandshake, TimeoutError) as error:
            self.trouble = str(error)
        finally:
            engine.tick(time.monotonic())
            engine.disconnected(code)
            self._hand_on()

    async def _converse(self, connection: ClientConnection) -> int:
        engine = self.engine
        engine.tick(time.monotonic())
        engine.connected()
        sender = asyncio.create_task(self._send(connection))
        try:
            async for frame in connection:
                engine.tick(time.monotonic())
                if isinstance(frame, str):
                    engine.receive_text(frame)
                self._hand_on()
                self._wake.set()
        except ConnectionClosed:
            pass
        finally:
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await sender
        return connection.close_code or ABNORMAL

    async def _send(self, connection: ClientConnection) -> None:
        while True:
            self._wake.clear()
            self.engine.tick(time.monotonic())
            for frame in self.engine.data_to_send():
                await connection.send(frame)
            if self.engine.wants_close:
                await connection.close()
                return
            await self._pause()

    async def _pause(self) -> None:
        """Until somebody has something for the engine, or time alone has."""
        at = self.engine.next_tick
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if at is None else max(0.0, at - time.monotonic())):
                await self._wake.wait()
        self._wake.clear()

    def _hand_on(self) -> None:
        for happening in self.engine.events():
            match happening:
                case Answered(request=request, result=result):
                    if (answer := self._answers.get(request)) is not None and not answer.done():
                        answer.set_result(result)
                case Refused(request=request):
                    if (answer := self._answers.get(request)) is not None and not answer.done():
                        answer.set_exception(RequestRefused(happening))
                case Welcomed(welcome=welcome):
                    self.welcome = welcome
                    self._welcomed.set()
                case Disconnected(code=code, final=True):
                    self._end(Closed(code))
                case _:
                    pass
            if self.listener is not None and not isinstance(happening, Answered | Refused):
                self.listener(happening)

    def _end(self, closed: Closed) -> None:
        self._ended = closed
        self._welcomed.set()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(closed)
