"""The ASGI end of a socket: it moves frames between the web server, the session engine, the executor and the hub.

A plain ASGI application with its own receive loop, mounted in Channels' routing: a stock consumer hops to a thread
for every frame. There is no task for writing while there is nothing to write: an idle socket costs its receive loop
and little else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from types import coroutine
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError

from server.kernel import metrics, outages
from server.kernel.asgi_extensions import CONGESTED, LISTEN, WRITE
from server.kernel.authentication import (
    Actor,
    AuthenticateAll,
    Credential,
    Person,
    Refused,
    is_own_origin,
    read_credential,
)
from server.kernel.connection import Close, Connection, Effect, Limits, Run, Write
from server.kernel.dispatch import Call, is_batchable
from server.kernel.executor import CommandExecutor, serve_process
from server.kernel.hub import Hub
from server.kernel.outcomes import Outcome
from server.kernel.postgres import tried_again
from server.kernel.rates import Rates
from server.kernel.watching import WATCHED
from server.kernel.wire import frame
from server.kernel.wire.close_codes import CloseCode
from server.kernel.wire.errors import TooLarge
from server.kernel.wire.frame import Commands
from server.kernel.wire.handshake import Hello

log = logging.getLogger("kernel.socket")

ADMITTED_AT_ONCE = 128
SUBPROTOCOL = "relais.v1"
QUEUE_FRAMES = 2_000
QUEUE_CHARACTERS = 4 * 1024 * 1024
"""Of events, signals and refusals that a client has not read. Answers to its requests are not counted: each of them is
bounded, and so is how many may wait (``Connection.unsent``). Whoever asks is never told that they read too slowly.
"""

SOCKETS_OF_ONE = 30
"""Sockets of one person in this process. One more closes the oldest with 4409: it is the likeliest to be a tab that
nobody looks at or a device that is gone, while whoever opens one now is there, and must get in."""
OPENINGS, OPENINGS_PER_SECOND = 60, 1
"""How often one person may open a socket; beyond, it closes with 4429."""

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class Admission:
    """Whose each socket is that opens. While one question is under way those that open wait for the next: after a
    restart everybody comes at once, and is asked about in few statements, by one thread with one connection."""

    def __init__(self, authenticate: AuthenticateAll, loop: asyncio.AbstractEventLoop) -> None:
        self._authenticate = authenticate
        self.loop = loop
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="relais-admission")
        self._waiting: list[tuple[Credential | None, asyncio.Future[Actor | Refused]]] = []
        self._asking = False

    async def ask(self, credential: Credential | None) -> Actor | Refused:
        """The actor that a credential stands for, or why there is none."""
        answer: asyncio.Future[Actor | Refused] = self.loop.create_future()
        self._waiting.append((credential, answer))
        if not self._asking:
            self._asking = True
            self.loop.call_soon(self._start)
        return await answer

    def _start(self) -> None:
        asked, self._waiting = self._waiting[:ADMITTED_AT_ONCE], self._waiting[ADMITTED_AT_ONCE:]
        self._asking = bool(asked)
        if asked:
            found = self.loop.run_in_executor(self._thread, self._find, [credential for credential, _ in asked])
            found.add_done_callback(lambda done: self._answer([answer for _, answer in asked], done))

    def _find(self, credentials: Sequence[Credential | None]) -> Sequence[Actor | Refused]:
        # The connection may have died unnoticed: a fresh one says whether the database is there.
        return tried_again(lambda: self._authenticate(credentials))

    def _answer(
        self, answers: list[asyncio.Future[Actor | Refused]], done: asyncio.Future[Sequence[Actor | Refused]]
    ) -> None:
        self._start()
        error = done.exception()
        for number, answer in enumerate(answers):
            if answer.done():  # The client is gone.
                continue
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(done.result()[number])


class SocketApplication:
    """Accepts sockets on ``/ws``: one instance for each process."""

    def __init__(
        self, commands: Commands, authenticate: AuthenticateAll, make_hub: Callable[[], Hub], limits: Limits
    ) -> None:
        self.commands = commands
        self.authenticate = authenticate
        self.limits = limits
        self._make_hub = make_hub
        self._bound: tuple[asyncio.AbstractEventLoop, Hub, CommandExecutor] | None = None
        self._openings = Rates(OPENINGS, OPENINGS_PER_SECOND)
        self._of: dict[UUID, dict[Socket, None]] = {}
        """The sockets of each person, the oldest first."""
        self._admission: Admission | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hub, executor = await self._runtime()
        await receive()
        await send({"type": "websocket.accept", "subprotocol": _subprotocol(scope)})
        actor = await self._admit(scope)
        if isinstance(scope["headers"], list):
            # The server keeps them as long as the socket is open, and nobody reads them again.
            scope["headers"].clear()
        if isinstance(actor, CloseCode):
            await send({"type": "websocket.close", "code": int(actor), "reason": actor.name.lower()})
            return
        socket = Socket(self, hub, executor, actor, send, scope)
        self._enter(socket)
        if (listen := scope.get("extensions", {}).get(LISTEN)) is not None:
            listen(socket.hear)
        try:
            await socket.run(receive)
        finally:
            self._leave(socket)

    async def start(self) -> None:
        """Commands are carried out from now on; the first socket does this too."""
        await self._runtime()

    def _enter(self, socket: Socket) -> None:
        others = self._of.setdefault(socket.person, {})
        if len(others) >= SOCKETS_OF_ONE:
            oldest = next(iter(others))
            del others[oldest]
            oldest.close(CloseCode.CONNECTED_ELSEWHERE, "too many sockets: the oldest is closed")
        others[socket] = None

    def _leave(self, socket: Socket) -> None:
        others = self._of[socket.person]
        others.pop(socket, None)
        if not others:
            del self._of[socket.person]

    async def _runtime(self) -> tuple[Hub, CommandExecutor]:
        loop = asyncio.get_running_loop()
        if self._bound is None or self._bound[0] is not loop:
            hub = self._make_hub()
            executor = CommandExecutor(hub.deliver, loop)
            self._bound = (loop, hub, executor)
            serve_process(executor)
            await hub.run()
        return self._bound[1], self._bound[2]

    async def _admit(self, scope: Scope) -> Person | CloseCode:
        """Whose socket it is, or the code with which it closes. Only a person who signed in has one."""
        headers = _headers(scope)
        if not is_own_origin(_text(headers.get(b"origin"))):
            return CloseCode.NOT_ALLOWED
        credential = read_credential(_text(headers.get(b"authorization")), _cookies(headers.get(b"cookie")))
        loop = asyncio.get_running_loop()
        if self._admission is None or self._admission.loop is not loop:
            self._admission = Admission(self.authenticate, loop)
        try:
            actor = await self._admission.ask(credential)
        except (DatabaseError, InterfaceError) as error:
            if not outages.noted(error):
                log.warning("not admitted", extra={"fields": {"error": type(error).__name__}})
            return CloseCode.RESTARTING
        if isinstance(actor, Refused) and actor.lost:
            return CloseCode.WIPED
        if isinstance(actor, Refused):
            return CloseCode.NOT_ALLOWED if actor.known else CloseCode.NOT_SIGNED_IN
        if not isinstance(actor, Person) or actor.session is None:
            return CloseCode.NOT_ALLOWED
        if self._openings.take(actor.id, asyncio.get_running_loop().time()):
            return CloseCode.TOO_MANY_REQUESTS
        return actor


class Socket:
    """One signed-in socket."""

    __slots__ = (
        "_actor",
        "_application",
        "_buffered",
        "_closing",
        "_connection",
        "_deadline",
        "_executor",
        "_frames",
        "_hub",
        "_is_congested",
        "_listening",
        "_queue",
        "_queued",
        "_send",
        "_write_frame",
        "_writer",
        "device",
        "person",
        "session",
    )

    def __init__(
        self,
        application: SocketApplication,
        hub: Hub,
        executor: CommandExecutor,
        actor: Person,
        send: Send,
        scope: Scope,
    ) -> None:
        if actor.session is None:
            raise RuntimeError("a socket belongs to a session")
        self.person: UUID = actor.id
        self.session: UUID = actor.session
        self.device: UUID | None = None
        self._actor = actor
        self._application = application
        self._hub = hub
        self._executor = executor
        self._send = send
        extensions = scope.get("extensions", {})
        self._is_congested: Callable[[], bool] | None = extensions.get(CONGESTED)
        self._write_frame: Callable[[str], bool] | None = extensions.get(WRITE)
        loop = asyncio.get_running_loop()
        self._connection = Connection(application.commands, is_batchable, loop.time(), application.limits)
        self._queue: deque[tuple[str, bool]] | None = None
        """Frames to be written, and whether each is the answer to a request."""
        self._frames = 0
        """Of them those that are none."""
        self._queued = 0
        self._writer: asyncio.Task[None] | None = None
        self._buffered: list[str] | None = None
        self._listening = False
        self._closing: tuple[int, str] | None = None
        self._deadline: asyncio.TimerHandle | None = loop.call_at(self._connection.deadline, self._tick)

    async def run(self, receive: Receive) -> None:
        """Reads until the socket is closed by either side."""
        try:
            while self._closing is None:
                message = await receive()
                if message["type"] == "websocket.receive":
                    self.hear(message.get("text"))
                elif message["type"] == "websocket.disconnect":
                    return
            await self._drain(receive)
        finally:
            self._connection.closed = True
            self._hub.discard(self)
            if self._deadline is not None:
                self._deadline.cancel()
            if self._writer is not None:
                self._writer.cancel()

    def hear(self, text: str | None) -> None:
        """A frame arrived; None stands for a binary one."""
        if self._closing is None:
            self._do(self._connection.received(text, asyncio.get_running_loop().time()))

    async def _drain(self, receive: Receive) -> None:
        """After our close frame: whatever still arrives is dropped, until the client has closed too."""
        try:
            async with asyncio.timeout(20):
                while (await receive())["type"] != "websocket.disconnect":
                    pass
        except TimeoutError:
            log.info(
                "closed without the client's answer", extra={"fields": {"code": self._closing and self._closing[0]}}
            )

    # What the hub calls

    def deliver(self, text: str) -> None:
        """Queues an event or a signal; before the answer to ``hello`` it is held back until that is sent.

        The hub knows the socket by its person. Unless ``hello`` opened it to events they are dropped: whose identity
        is no longer verified may still be a member of what they once belonged to.
        """
        if self._buffered is not None:
            self._buffered.append(text)
            if len(self._buffered) > QUEUE_FRAMES:
                self.close(CloseCode.TOO_SLOW, "too much happened before hello was answered: reconnect")
        elif self._listening:
            self._write(text)

    def close(self, code: int, reason: str) -> None:
        """Closes the socket after what is queued, or in place of it when the client must hear nothing more."""
        if self._closing is not None:
            return
        self._closing = (int(code), reason)  # Daphne takes no enumeration
        metrics.closes.labels(int(code)).inc()
        self._connection.closed = True
        self._hub.discard(self)
        if (
            code in {CloseCode.NOT_SIGNED_IN, CloseCode.NOT_ALLOWED, CloseCode.WIPED, CloseCode.TOO_SLOW}
            and self._queue
        ):
            self._queue.clear()
        self._start_writer()

    # Effects of the engine

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Run):
                self._run(effect)
            elif isinstance(effect, Write):
                self._write(effect.text)
            elif isinstance(effect, Close):
                self.close(effect.code, effect.reason)

    def _run(self, run: Run) -> None:
        if isinstance(run.command, Hello):
            # From here on events are kept back, and sent after the answer: nothing falls between the two.
            self.device = run.command.client.device
            self._buffered = []
            self._hub.add(self)
        self._executor.submit(Call(self._actor, run.command), lambda outcome: self._finish(run, outcome), run.size)

    def _finish(self, run: Run, outcome: Outcome[Any]) -> None:
        following = self._connection.finished(run.request)
        if self._closing is not None:
            return
        if outcome.refused is not None:
            self._write(frame.refusal(run.request, outcome.refused), is_answer=True)
        elif outcome.watch and not self._hub.watchers.watch(self, outcome.watch):
            message = f"One socket watches {WATCHED} streams at most: let go of one first."
            self._write(frame.refusal(run.request, TooLarge(message, limit=WATCHED)), is_answer=True)
        else:
            self._write(frame.result(run.request, outcome.result), is_answer=True)
        if isinstance(run.command, Hello):
            self._greeted(outcome)
        self._do(following)

    def _greeted(self, outcome: Outcome[Any]) -> None:
        if outcome.refused is not None:
            self._buffered = None
            self._hub.discard(self)
            return
        self._connection.greeted_now()
        self._listening = outcome.listening
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        held, self._buffered = self._buffered or [], None
        for text in held:
            self.deliver(text)

    def _tick(self) -> None:
        self._deadline = None
        self._do(self._connection.tick(asyncio.get_running_loop().time()))

    # Writing

    def _write(self, text: str, *, is_answer: bool = False) -> None:
        if self._closing is not None or self._write_at_once(text):
            return
        if self._queue is None:
            self._queue = deque()
        self._queue.append((text, is_answer))
        if is_answer:
            self._connection.unsent += 1
        else:
            self._frames += 1
            self._queued += len(text)
        if self._frames > QUEUE_FRAMES or self._queued > QUEUE_CHARACTERS:
            self.close(CloseCode.TOO_SLOW, "too slow: reconnect and sync")
        else:
            self._start_writer()

    def _write_at_once(self, text: str) -> bool:
        """Writes a frame here and now, when nothing waits before it and the client keeps up; whether it did.

        A server whose buffer has room needs no waiting, and a task for each frame costs as much as the frame.
        """
        if self._writer is not None:
            return False
        if self._write_frame is not None and self._write_frame(text):
            return True
        if self._is_congested is not None and self._is_congested():
            return False
        sending = self._send({"type": "websocket.send", "text": text})
        try:
            waiting_for = sending.send(None)
        except StopIteration:
            return True
        except Exception as error:
            _log_failed_write(error)
            return True
        self._start_writer(_resumed(sending, waiting_for))
        return True

    def _start_writer(self, begun: Awaitable[None] | None = None) -> None:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write_out(begun))

    async def _write_out(self, begun: Awaitable[None] | None) -> None:
        """Writes what is queued, after a frame that was ``begun``; then closes, if that is wanted."""
        try:
            if begun is not None:
                await begun
            queue = self._queue
            while queue:
                if self._is_congested is not None and self._is_congested():
                    await asyncio.sleep(0.05)
                    continue
                text, is_answer = queue.popleft()
                if is_answer:
                    self._connection.unsent -= 1
                else:
                    self._frames -= 1
                    self._queued -= len(text)
                await self._send({"type": "websocket.send", "text": text})
            if self._closing is not None:
                code, reason = self._closing
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception as error:
            _log_failed_write(error)
        finally:
            self._writer = None
            self._queue = self._queue or None


@coroutine
def _resumed(sending: Coroutine[Any, Any, None], waiting_for: Any) -> Generator[Any, Any, None]:
    """A coroutine from where it first waited, which a task can then run to its end."""
    try:
        yield waiting_for
        yield from sending.__await__()
    finally:
        sending.close()


def _log_failed_write(error: Exception) -> None:
    """The client went away while we wrote: the receive loop hears of it and ends."""
    log.debug("write failed", extra={"fields": {"error": type(error).__name__}})


def _subprotocol(scope: Scope) -> str | None:
    return SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", ()) else None


def _headers(scope: Scope) -> dict[bytes, bytes]:
    return {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")


def _cookies(header: bytes | None) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(_text(header) or "").items()}
    except CookieError:
        return {}
