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
from relais_client.closures import ABNORMAL
from relais_client.engine import Engine
from relais_client.events import Answered, Disconnected, Event, Lost, Refused, Reset, Welcomed
from relais_client.lifecycle import CONNECT_WITHIN
from relais_client.requests import ANSWER_WITHIN
from relais_client.streams import stream_of

SUBPROTOCOL = Subprotocol("relais.v1")
LARGEST_FRAME = 32 * 1024 * 1024
"""A page of ``sync`` may hold 500 long messages."""
NORMAL = 1000

R = TypeVar("R")


class RelaisError(Exception):
    """Anything this client raises of its own."""


class RequestRefused(RelaisError):
    """The request was refused; ``reason`` is stable, the message is for people who read logs."""

    def __init__(self, refused: Refused) -> None:
        problem = refused.problem
        super().__init__(f"{problem.message} ({problem.reason})")
        self.code = problem.code
        self.reason = problem.reason
        self.data = problem.data


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

    ``listener`` is called with everything that is not the answer to a request of ours, in order. An agenda that is
    watched is watched again on every socket; a ``Reset`` says when that has happened.
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
        listener: Callable[[Event], None] | None = None,
    ) -> None:
        self.address = socket_address(url)
        self.engine = Engine(wire.Client(name=name, version=version, device=device), cursors)
        self.welcome: wire.Welcome | None = None
        self.last_error = ""
        """Why the last attempt to connect failed."""
        self._headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        self.listener = listener
        self._answers: dict[int, tuple[wire.Command[Any], asyncio.Future[Any]]] = {}
        self._watched: dict[UUID, wire.WatchAgenda] = {}
        self._rewatching: dict[int, wire.WatchAgenda] = {}
        self._welcomed = asyncio.Event()
        self._wake = asyncio.Event()
        self._ended: Closed | None = None
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
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._end(self._ended or Closed(NORMAL))

    async def connected(self, within: float | None = 30) -> wire.Welcome:
        """The answer to our first ``hello``; ``Closed`` when the server refuses the connection."""
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

    async def call(self, command: wire.Command[R], within: float | None = ANSWER_WITHIN) -> R:
        """The answer to a request, whatever happens to the connection meanwhile.

        ``RequestRefused`` when the server refuses it, ``TimeoutError`` when no answer came in time: it may then
        still have been carried out, and the same request may be sent again.
        """
        if self._ended is not None:
            raise self._ended
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self.engine.tick(time.monotonic())
        request = self.engine.request(command, within)
        self._answers[request] = (command, answer)
        self._deliver()  # one that is too long is refused without being sent
        self._wake.set()
        try:
            return await answer
        finally:
            self._answers.pop(request, None)
            if not answer.done() or answer.cancelled():
                self.engine.abandon(request)

    async def _run(self) -> None:
        self.engine.tick(time.monotonic())
        self.engine.start()
        try:
            while self._ended is None:
                self.engine.tick(time.monotonic())
                self._deliver()
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
                open_timeout=CONNECT_WITHIN,
                ping_interval=None,  # the engine's probe does it, the same for every client
                close_timeout=2,
                proxy=None,
            ) as connection:
                code = await self._converse(connection)
        except (OSError, InvalidHandshake, TimeoutError) as error:
            self.last_error = str(error) or type(error).__name__
        finally:
            engine.tick(time.monotonic())
            engine.disconnected(code)
            self._deliver()

    async def _converse(self, connection: ClientConnection) -> int:
        """Until the socket is closed by the server, by the network, or because the engine has no use for it."""
        engine = self.engine
        engine.tick(time.monotonic())
        engine.connected()
        frames: asyncio.Queue[str] = asyncio.Queue()
        reader = asyncio.create_task(self._read(connection))
        writer = asyncio.create_task(self._write(connection, frames))
        try:
            while not (reader.done() or writer.done()):
                for frame in engine.data_to_send():
                    frames.put_nowait(frame)
                if engine.wants_close:
                    break
                await self._pause()
                engine.tick(time.monotonic())
                self._deliver()
        finally:
            for task in (reader, writer):
                task.cancel()
            ended = await asyncio.gather(reader, writer, return_exceptions=True)
        for problem in ended:
            if isinstance(problem, Exception):
                raise problem
        if engine.wants_close:
            await connection.close()
        return connection.close_code or ABNORMAL

    async def _read(self, connection: ClientConnection) -> None:
        try:
            async for frame in connection:
                self.engine.tick(time.monotonic())
                if isinstance(frame, str):
                    self.engine.receive_text(frame)
                self._deliver()
                self._wake.set()
        except ConnectionClosed:
            pass
        finally:
            self._wake.set()

    async def _write(self, connection: ClientConnection, frames: asyncio.Queue[str]) -> None:
        try:
            while True:
                await connection.send(await frames.get())
        except ConnectionClosed:
            pass
        finally:
            self._wake.set()

    async def _pause(self) -> None:
        """Until somebody has something for the engine, or time alone has."""
        at = self.engine.next_tick
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if at is None else max(0.0, at - time.monotonic())):
                await self._wake.wait()
        self._wake.clear()

    def _deliver(self) -> None:
        for event in self.engine.events():
            match event:
                case Answered(request=request, result=result):
                    self._settle(request, result)
                case Refused():
                    self._settle_refused(event)
                case Welcomed(welcome=welcome):
                    self.welcome = welcome
                    self._welcomed.set()
                    self._watch_again()
                case Disconnected(code=code, final=True):
                    self._end(Closed(code))
                case Disconnected(code=code, message=message):
                    self.last_error = message or self.last_error or f"The connection was closed ({code})."
                case _:
                    pass
            if not isinstance(event, Answered | Refused):
                self._tell(event)

    def _settle(self, request: int, result: Any) -> None:
        if (watch := self._rewatching.pop(request, None)) is not None:
            self._follow(watch, result)
            self._tell(Reset(result.stream))
        elif request in self._answers:
            command, answer = self._answers[request]
            self._follow(command, result)
            if not answer.done():
                answer.set_result(result)

    def _settle_refused(self, refused: Refused) -> None:
        if (watch := self._rewatching.pop(refused.request, None)) is not None:
            if self._watched.pop(watch.agenda, None) is not None:
                self._tell(Lost(f"a:{watch.agenda}"))
        elif refused.request in self._answers:
            _, answer = self._answers[refused.request]
            is_late = refused.reason in {"timeout", "offline"}
            if not answer.done():
                answer.set_exception(TimeoutError(refused.problem.message) if is_late else RequestRefused(refused))

    def _tell(self, event: Event) -> None:
        if self.listener is not None:
            self.listener(event)

    def _follow(self, command: wire.Command[Any], result: Any) -> None:
        """An answer that says where a stream stands is where its events begin."""
        if isinstance(command, wire.WatchAgenda):
            self._watched[command.agenda] = command
            # No head: without a level on the agenda its events are times alone, and none can be asked for.
            self.engine.follow(result.stream, result.head or None)
        elif isinstance(command, wire.UnwatchAgenda):
            self._watched.pop(command.agenda, None)
            self.engine.forget(result.stream)
        elif isinstance(result, wire.ConversationResult):
            found = result.conversation
            self.engine.follow(stream_of(found.id), found.head, found.from_)

    def _watch_again(self) -> None:
        for watch in self._watched.values():
            self._rewatching[self.engine.request(watch)] = watch

    def _end(self, closed: Closed) -> None:
        self._ended = closed
        self._welcomed.set()
        for _, answer in self._answers.values():
            if not answer.done():
                answer.set_exception(closed)
