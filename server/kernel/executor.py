"""Runs commands for an event loop, in threads with persistent connections.

The receive loop of a socket never waits for a commit. An ordinary command goes to one of a few threads. Batchable
commands wait in one ordered queue: while one batch is in its transaction the next one gathers, so that under load
many share a commit, and a single command starts at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from server.kernel.dispatch import Call, Outbound, Outcome, dispatch_batch, is_batchable
from server.kernel.wire.errors import Unavailable

log = logging.getLogger("kernel.executor")

THREADS = 8
BATCH = 128
WAITING = 10_000

Answer = Callable[[Outcome], None]


class CommandExecutor:
    """Runs calls for one event loop; ``answer`` is called in that loop, exactly once for each call."""

    def __init__(self, publish: Callable[[Outbound], None], loop: asyncio.AbstractEventLoop) -> None:
        self._publish = publish
        self._loop = loop
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="relais-alone")
        self._batch_thread = ThreadPoolExecutor(1, thread_name_prefix="relais-batched")
        self._waiting: deque[tuple[Call, Answer]] = deque()
        self._batch_running = False
        self._alone_waiting = 0

    def submit(self, call: Call, answer: Answer) -> None:
        """Queue a call. Beyond ``WAITING`` queued calls it is refused as ``unavailable``."""
        if len(self._waiting) + self._alone_waiting >= WAITING:
            answer(Outcome(refused=Unavailable()))
        elif is_batchable(call.command):
            self._waiting.append((call, answer))
            if not self._batch_running:
                # Requests received in the same loop iteration join the batch.
                self._batch_running = True
                self._loop.call_soon(self._next_batch)
        else:
            self._alone_waiting += 1
            self._start(self._threads, [(call, answer)])

    def stop(self) -> None:
        """Drop what is queued and wait for what is running."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._batch_thread.shutdown(wait=True, cancel_futures=True)

    def _next_batch(self) -> None:
        """Start the longest-waiting call and all others of its kind: each kind takes its locks in its own order."""
        self._batch_running = bool(self._waiting)
        if not self._waiting:
            return
        kind = type(self._waiting[0][0].command)
        batch: list[tuple[Call, Answer]] = []
        left: deque[tuple[Call, Answer]] = deque()
        for waiting in self._waiting:
            of_kind = len(batch) < BATCH and type(waiting[0].command) is kind
            (batch if of_kind else left).append(waiting)
        self._waiting = left
        self._start(self._batch_thread, batch)

    def _start(self, threads: ThreadPoolExecutor, batch: list[tuple[Call, Answer]]) -> None:
        threads.submit(self._carry_out, threads is self._batch_thread, batch)

    def _carry_out(self, batched: bool, batch: list[tuple[Call, Answer]]) -> None:
        outcomes, news = dispatch_batch([call for call, _ in batch])
        try:
            self._loop.call_soon_threadsafe(self._finish, batched, batch, outcomes, news)
        except RuntimeError:
            # The loop is closed: the process is ending. Another process delivers what was committed and announced.
            log.info("loop closed before the answer")

    def _finish(self, batched: bool, batch: list[tuple[Call, Answer]], outcomes: list[Outcome], news: Outbound) -> None:
        if batched:
            self._next_batch()
        else:
            self._alone_waiting -= 1
        self._publish(news)
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            answer(outcome)
