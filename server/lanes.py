"""The way from an event loop to the door and back: threads with kept connections, and one hot lane.

The receive loop of a socket never waits for a commit. A cold command goes to one of a few threads. Hot commands wait
in one ordered queue: while a batch of them is in its transaction the next batch gathers, so that under load many
share a commit, and a lone one goes at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from server.dispatch import Call, News, Outcome, carry_out, is_hot
from server.errors import Unavailable

log = logging.getLogger("server.lanes")

COLD_THREADS = 8
BATCH = 128
WAITING = 10_000

Answer = Callable[[Outcome], None]


class Lanes:
    """Carries out calls for one event loop; ``answer`` is called in that loop, once for each call."""

    def __init__(self, tell: Callable[[News], None], loop: asyncio.AbstractEventLoop) -> None:
        self._tell = tell
        self._loop = loop
        self._cold = ThreadPoolExecutor(COLD_THREADS, thread_name_prefix="relais-cold")
        self._hot = ThreadPoolExecutor(1, thread_name_prefix="relais-hot")
        self._waiting: deque[tuple[Call, Answer]] = deque()
        self._batch_running = False
        self._cold_waiting = 0

    def submit(self, call: Call, answer: Answer) -> None:
        """Carries a call out soon. When far too much waits already, it is refused as ``unavailable``."""
        if len(self._waiting) + self._cold_waiting >= WAITING:
            answer(Outcome(refused=Unavailable()))
        elif is_hot(call.command):
            self._waiting.append((call, answer))
            if not self._batch_running:
                # What arrives in this same turn of the loop goes along.
                self._batch_running = True
                self._loop.call_soon(self._next_batch)
        else:
            self._cold_waiting += 1
            self._start(self._cold, [(call, answer)])

    def stop(self) -> None:
        """Takes nothing more; what runs is finished."""
        self._cold.shutdown(wait=True, cancel_futures=True)
        self._hot.shutdown(wait=True, cancel_futures=True)

    def _next_batch(self) -> None:
        """Starts the longest-waiting call with all others of its kind: each kind takes its locks in its own order."""
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
        self._start(self._hot, batch)

    def _start(self, threads: ThreadPoolExecutor, batch: list[tuple[Call, Answer]]) -> None:
        threads.submit(self._carry_out, threads is self._hot, batch)

    def _carry_out(self, hot: bool, batch: list[tuple[Call, Answer]]) -> None:
        outcomes, news = carry_out([call for call, _ in batch])
        try:
            self._loop.call_soon_threadsafe(self._finish, hot, batch, outcomes, news)
        except RuntimeError:
            # The loop is closed: the process ends. What was committed is announced, and told by another process.
            log.info("loop closed before the answer")

    def _finish(self, hot: bool, batch: list[tuple[Call, Answer]], outcomes: list[Outcome], news: News) -> None:
        if hot:
            self._next_batch()
        else:
            self._cold_waiting -= 1
        self._tell(news)
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            answer(outcome)
