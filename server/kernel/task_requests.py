"""Asks for Celery tasks after a commit, so that work which follows it starts at once.

What is to be done is a due row, committed already: a request is only a hint, and a sweep finds what a lost one left.
So nothing here may delay or fail an answer. Requests are published by a thread of their own, with short time-outs;
while it is busy, or Redis is away, requests for the same task become one.

A mark in Redis keeps one request of each task waiting at a time, however many commits ask for it. The task takes the
mark away before it looks for due rows: a commit that found the mark standing is seen by that task.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable

import redis
from django.conf import settings

from server.kernel import outages, redis_servers

log = logging.getLogger("kernel.tasks")

MARK_LASTS = 2.0
"""Seconds after which a task is asked for again although the one before has not begun: its message may be lost."""
PAUSE = 1.0
"""Seconds without another attempt after one that failed."""

Send = Callable[[str], None]


class TaskRequests:
    """The requests of one process. ``send`` puts a task's name onto the broker; it may block and raise."""

    def __init__(self) -> None:
        self.send: Send | None = None
        self._wanted: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, names: Iterable[str]) -> None:
        """Asks for these tasks soon. Returns at once and never raises for the broker's sake."""
        wanted = set(names)
        if not wanted or self.send is None:
            return
        with self._changed:
            self._wanted |= wanted
            self._changed.notify()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="relais-task-requests", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted)
                wanted, self._wanted = self._wanted, set()
            try:
                self._publish(wanted)
                outages.answered("Redis")
            except Exception as error:
                if not outages.noted(error):
                    log.warning("tasks not asked for", extra={"fields": {"error": type(error).__name__}})
                time.sleep(PAUSE)

    def _publish(self, wanted: set[str]) -> None:
        if self.send is None:
            return
        with _marks() as marks:
            for name in sorted(wanted):
                if marks.set(_mark(name), 1, nx=True, px=int(MARK_LASTS * 1000)):
                    self.send(name)


requests = TaskRequests()


def begun(name: str) -> None:
    """A task is about to look for what is due: whatever is committed from now on asks for it again."""
    with contextlib.suppress(redis.RedisError, OSError), _marks() as marks:
        marks.delete(_mark(name))


def _marks() -> redis.Redis:
    return redis_servers.parse(settings.REDIS_URL).connect()


def _mark(name: str) -> str:
    return f"relais:asked:{name}"
