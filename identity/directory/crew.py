"""A few processes that share the work on millions of lines; small work stays in this one."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

A = TypeVar("A")
B = TypeVar("B")

WORKERS = 2
AHEAD = 2
"""Pieces of work that may wait for each process: enough to keep it busy, too few to fill the memory."""


class Crew(Protocol):
    def __call__(self, work: Callable[[A], B], pieces: Iterable[A]) -> Iterator[B]:
        """The results of ``work`` on each piece, in order; both must be things that can be sent to a process."""


@contextmanager
def crew(alone: bool, begin: Callable[..., None], *arguments: Any) -> Iterator[Crew]:
    """Processes in each of which ``begin(*arguments)`` has run; ``alone``, everything is done here.

    The processes end with the block, and by themselves when this process is killed.
    """
    with _without_collector():
        if alone or multiprocessing.current_process().daemon:
            begin(*arguments)
            yield _alone
            return
        executor = ProcessPoolExecutor(
            WORKERS, multiprocessing.get_context("spawn"), _begin, (os.getpid(), begin, arguments)
        )
        try:
            yield _Shared(executor)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def _alone(work: Callable[[A], B], pieces: Iterable[A]) -> Iterator[B]:
    return map(work, pieces)


class _Shared:
    def __init__(self, executor: ProcessPoolExecutor) -> None:
        self._executor = executor

    def __call__(self, work: Callable[[A], B], pieces: Iterable[A]) -> Iterator[B]:
        waiting: deque[Future[B]] = deque()
        for piece in pieces:
            waiting.append(self._executor.submit(work, piece))
            if len(waiting) >= WORKERS * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _begin(parent: int, begin: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    gc.disable()
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    begin(*arguments)


def _follow(parent: int) -> None:
    """Ends this process when the one that began it is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


@contextmanager
def _without_collector() -> Iterator[None]:
    """No search for reference cycles: there are none among millions of rows, and it takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
