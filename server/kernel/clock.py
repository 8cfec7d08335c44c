"""What time it is: PostgreSQL's clock, which all processes share, whatever the clock of their host says.

Times are written by many hosts and compared with one another: when a hold runs out, when a message was sent, when a
row is due. So there is one clock. Asking it each time would cost a round trip; a process asks every
``ASKED_EVERY`` seconds, and adds what has passed since by its own monotonic clock, which nobody can set.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from django.db import DatabaseError, InterfaceError, connection

ASKED_EVERY = 30.0
ASKED_AGAIN = 1.0
"""Seconds until the next attempt after one that failed; until then the last answer counts."""
NOTABLE_SKEW = timedelta(seconds=2)
"""From here on a host's clock is reported as wrong. What Relais does is right all the same; logs and TLS are not."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """PostgreSQL's clock at a moment of this process's monotonic clock."""

    at: datetime
    monotonic: float


_reading: _Reading | None = None
_asked_next = 0.0
_asking = threading.Lock()


def now() -> datetime:
    """The time by PostgreSQL's clock, within a few milliseconds.

    Before it has ever answered, the host's own clock is all there is.
    """
    if time.monotonic() >= _asked_next and _asking.acquire(blocking=False):
        try:
            _ask()
        finally:
            _asking.release()
    if _reading is None:
        return datetime.now(UTC)
    return _reading.at + timedelta(seconds=time.monotonic() - _reading.monotonic)


def skew() -> timedelta:
    """How far the clock of this host is ahead of PostgreSQL's, asked now. Raises when it does not answer."""
    return datetime.now(UTC) - _read().at


def _ask() -> None:
    global _reading, _asked_next
    try:
        _reading = _read()
        _asked_next = _reading.monotonic + ASKED_EVERY
    except (DatabaseError, InterfaceError, psycopg.Error):
        # Whoever wanted to know goes on to use the database, and is told there.
        _asked_next = time.monotonic() + ASKED_AGAIN


def _read() -> _Reading:
    began = time.monotonic()
    # Beside Django, which would take it for one of the statements of whoever asks what time it is.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    [at] = connection.connection.execute("SELECT clock_timestamp()").fetchone()
    ended = time.monotonic()
    return _Reading(at, (began + ended) / 2)
