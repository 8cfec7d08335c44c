"""Runs commands for an event loop, in threads with persistent connections, fairly between people.

The receive loop of a socket never waits for a commit. An ordinary command goes to one of a few threads: what waits is
taken from each person in rotation, and one person has at most two under way, so that nobody's requests hold up another
person's. Heavy commands (``Action.heavy``) have places of their own and never take those of the others. Batchable
commands share a transaction: while one batch is in it the next one gathers, from each person in rotation, so that under
load many share a commit, and a single command starts at once.

Whatever waits too long, or takes too long, is answered ``unavailable``; no socket is closed for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar, cast

from server.kernel.authentication import Actor, Person
from server.kernel.dispatch import Call, dispatch, dispatch_batch, dispatcher, is_batchable
from server.kernel.outcomes import Outbound, Outcome
from server.kernel.rates import Rates
from server.kernel.time_limits import RETRY_AFTER
from server.kernel.turns import Turns
from server.kernel.wire import Command
from server.kernel.wire.errors import RateLimited, Unavailable
from server.kernel.wire.handshake import Hello

R = TypeVar("R")

log = logging.getLogger("kernel.executor")

ORDINARY, HEAVY = 6, 2
"""Threads for ordinary and for heavy commands."""
ORDINARY_OF_ONE, HEAVY_OF_ONE = 2, 1
"""How many of them one person may occupy."""
BATCH = 128
WAITING = 10_000
"""Calls that may wait and run at once, of everybody."""
OF_ONE = 256
"""Calls of one person that may wait and run at once, over all their sockets and HTTP."""
WAIT_SECONDS = 10.0
"""How long a call may wait for its turn."""
RUN_SECONDS = 10.0
"""How long a command may take, its batch included."""
HTTP_BURST, HTTP_PER_SECOND = 60, 10
"""Commands of one person over HTTP, in each process."""
BYTES_BURST, BYTES_PER_SECOND = 2 * 1024 * 1024, 8 * 1024
"""Bytes of the requests of one person, over all their sockets and HTTP, in each process: what may come to be stored. An
outbox of some thousand messages goes out at once."""

Answer = Callable[[Outcome[Any]], None]


class _Waiting(NamedTuple):
    call: Call[Any]
    answer: Answer
    owner: Hashable
    until: float
    """The loop's time at which it is refused if it still waits."""


class CommandExecutor:
    """Runs calls for one event loop; ``answer`` is called in that loop, exactly once for each call."""

    def __init__(self, publish: Callable[[Outbound], None], loop: asyncio.AbstractEventLoop) -> None:
        self._publish = publish
        self._loop = loop
        self._threads = ThreadPoolExecutor(ORDINARY + HEAVY, thread_name_prefix="relais-alone")
        self._batch_thread = ThreadPoolExecutor(1, thread_name_prefix="relais-batched")
        self._ordinary = Turns[_Waiting](ORDINARY, ORDINARY_OF_ONE)
        self._heavy = Turns[_Waiting](HEAVY, HEAVY_OF_ONE)
        # One batch at a time, which takes one call of each person in rotation: a call gives its place back at once.
        self._batches: dict[type[Command[Any]], Turns[_Waiting]] = {}
        self._kinds: deque[type[Command[Any]]] = deque()
        self._batch_running = False
        self._of: dict[Hashable, int] = {}
        self._bytes = Rates(BYTES_BURST, BYTES_PER_SECOND)
        self._calls = 0
        self._timer: asyncio.TimerHandle | None = None

    def submit(self, call: Call[Any], answer: Answer, size: int = 0) -> None:
        """Queue a call that came in ``size`` bytes. Beyond ``OF_ONE`` calls of its person, or ``BYTES_BURST`` bytes, it
        is refused as ``rate_limited``, and beyond ``WAITING`` of everybody as ``unavailable``."""
        owner = _owner(call.actor)
        of_owner = self._of.get(owner, 0)
        if of_owner >= OF_ONE:
            return answer(Outcome(refused=RateLimited(RETRY_AFTER)))
        if self._calls >= WAITING:
            return answer(Outcome(refused=Unavailable(retry_after=RETRY_AFTER)))
        # A greeting stores nothing, and tells in many bytes what the client has already.
        counted = size and not isinstance(call.command, Hello)
        if counted and (wait := self._bytes.take(owner, self._loop.time(), size)):
            return answer(Outcome(refused=RateLimited(wait)))
        self._of[owner] = of_owner + 1
        self._calls += 1
        waiting = _Waiting(call, answer, owner, self._loop.time() + WAIT_SECONDS)
        if is_batchable(call.command):
            self._add_to_batch(waiting)
        else:
            turns = self._heavy if dispatcher.actions[type(call.command)].heavy else self._ordinary
            turns.add(owner, waiting)
            self._start_alone(turns)
        return None

    def carry_out(self, call: Call[Any], size: int = 0) -> Outcome[Any]:
        """Queues a call from another thread, and waits for what becomes of it."""
        done: Future[Outcome[Any]] = Future()
        try:
            self._loop.call_soon_threadsafe(self.submit, call, done.set_result, size)
            return done.result(WAIT_SECONDS + 2 * RUN_SECONDS)
        except (RuntimeError, TimeoutError):  # The process is ending, or PostgreSQL is silent.
            return Outcome(refused=Unavailable(retry_after=RETRY_AFTER))

    def stop(self) -> None:
        """Drop what is queued and wait for what is running."""
        if self._timer is not None:
            self._timer.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._batch_thread.shutdown(wait=True, cancel_futures=True)

    # One by one

    def _start_alone(self, turns: Turns[_Waiting]) -> None:
        """Starts what has a place and a turn."""
        while (taken := turns.take()) is not None:
            self._threads.submit(self._carry_out, turns, [taken[1]])
        self._watch_the_time()

    # In batches

    def _add_to_batch(self, waiting: _Waiting) -> None:
        kind = type(waiting.call.command)
        turns = self._batches.get(kind)
        if turns is None:
            turns = self._batches[kind] = Turns(BATCH, 1)
        if not turns:
            self._kinds.append(kind)
        turns.add(waiting.owner, waiting)
        if not self._batch_running:
            # Requests received in the same loop iteration join the batch.
            self._batch_running = True
            self._loop.call_soon(self._next_batch)
        elif self._timer is None:
            self._watch_the_time()

    def _next_batch(self) -> None:
        """Start what waits of the next kind: each kind takes its locks in its own order, so a batch is of one."""
        batch: list[_Waiting] = []
        while self._kinds and not batch:
            kind = self._kinds.popleft()
            turns = self._batches[kind]
            while len(batch) < BATCH and (taken := turns.take()) is not None:
                owner, one = taken
                batch.append(one)
                turns.done(owner)
            if turns:
                self._kinds.append(kind)
        self._batch_running = bool(batch)
        if batch:
            self._batch_thread.submit(self._carry_out, None, batch)

    # Both

    def _carry_out(self, turns: Turns[_Waiting] | None, batch: list[_Waiting]) -> None:
        outcomes, news = dispatch_batch([one.call for one in batch], RUN_SECONDS)
        try:
            self._loop.call_soon_threadsafe(self._finish, turns, batch, outcomes, news)
        except RuntimeError:
            # The loop is closed: the process is ending. Another process delivers what was committed and announced.
            log.info("loop closed before the answer")

    def _finish(
        self, turns: Turns[_Waiting] | None, batch: list[_Waiting], outcomes: list[Outcome[Any]], news: Outbound
    ) -> None:
        if turns is None:
            self._next_batch()
        else:
            turns.done(batch[0].owner)
            self._start_alone(turns)
        self._publish(news)
        for waiting, outcome in zip(batch, outcomes, strict=True):
            self._answer(waiting, outcome)

    def _answer(self, waiting: _Waiting, outcome: Outcome[Any]) -> None:
        self._calls -= 1
        left = self._of[waiting.owner] - 1
        if left:
            self._of[waiting.owner] = left
        else:
            del self._of[waiting.owner]
        waiting.answer(outcome)

    # Time

    def _queues(self) -> list[Turns[_Waiting]]:
        return [self._ordinary, self._heavy, *self._batches.values()]

    def _watch_the_time(self) -> None:
        """Looks twice a second for what waits too long, as long as anything waits."""
        if self._timer is None and any(self._queues()):
            self._timer = self._loop.call_later(0.5, self._expire)

    def _expire(self) -> None:
        self._timer = None
        now = self._loop.time()
        for turns in self._queues():
            for owner in turns.owners():
                while (head := turns.head(owner)) is not None and head.until <= now:
                    turns.drop(owner)
                    self._answer(head, Outcome(refused=Unavailable(retry_after=RETRY_AFTER)))
        self._watch_the_time()


def _owner(actor: Actor) -> Hashable:
    """Who must not hold the others up by what they ask for."""
    return actor.id if isinstance(actor, Person) else actor.label


class _Process:
    """The executor of this process, while it serves sockets; and how often each person asks without one."""

    executor: CommandExecutor | None = None
    rates = Rates(HTTP_BURST, HTTP_PER_SECOND)


def serve_process(executor: CommandExecutor) -> None:
    """Commands over HTTP are run by this executor from now on."""
    _Process.executor = executor


def carry_out(actor: Actor, command: Command[Any], size: int = 0) -> Any:
    """The result of a command that came without a socket in ``size`` bytes, or its refusal, raised. In a web process it
    waits for its turn among those of the sockets; in any other process it is carried out at once."""
    wait = _Process.rates.take(_owner(actor), time.monotonic())
    if wait:
        raise RateLimited(wait)
    if _Process.executor is None:
        return dispatch(actor, command)
    outcome = _Process.executor.carry_out(Call(actor, command), size)
    if outcome.refused is not None:
        raise outcome.refused
    return outcome.result


async def carried_out(actor: Actor, command: Command[R]) -> R:
    """The same, for whoever runs in the event loop of a web process. How often somebody asks is for the caller to
    bound."""
    executor = _Process.executor
    if executor is None:
        raise Unavailable(retry_after=RETRY_AFTER)
    answer: asyncio.Future[Outcome[R]] = asyncio.get_running_loop().create_future()
    executor.submit(Call(actor, command), lambda outcome: None if answer.done() else answer.set_result(outcome))
    outcome = await answer
    if outcome.refused is not None:
        raise outcome.refused
    return cast(R, outcome.result)
