"""PostgreSQL and Redis while they cannot be used: each process says so once, and once more when it is over.

An outage is no defect of ours: it is a warning, without a traceback, and a thousand errors of it are one line, with
their number now and then. A PostgreSQL whose disk is full still answers questions: that is an outage of its own.
Whoever meets an exception asks ``noted``; libraries that log one by themselves are asked for by ``logs``. What succeeds
again says ``answered``.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Literal, TypeAlias

import django.db
import psycopg
import redis

log = logging.getLogger("kernel.outages")

Peer: TypeAlias = Literal["PostgreSQL", "PostgreSQL's disk", "Redis"]

QUIET_SECONDS: dict[Peer, float] = {"PostgreSQL": 1.0, "PostgreSQL's disk": 30.0, "Redis": 1.0}
"""An outage is over when something succeeds and nothing has failed for so long. On a disk without room a small row may
find some at times."""
SAID_EVERY = 60.0
_BEGINS = {"PostgreSQL's disk": "PostgreSQL's disk is full"}
_ENDS = {"PostgreSQL's disk": "PostgreSQL's disk has room again"}

_STATES = {"57P01", "57P02", "57P03", "57P05", "53300", "25006"}
"""PostgreSQL ends, starts, takes no more connections, or is a standby that takes no writes."""
_CONNECTION_EXCEPTION = "08"
_DISK_FULL = "53100"
_REDIS_TAKES_NO_WRITES = ("OOM ", "MISCONF ")
"""It has no memory left, or cannot save what it is told to."""


@dataclass(slots=True)
class _Outage:
    began: float
    last: float
    said: float
    errors: int = 1

    def length(self, now: float) -> dict[str, object]:
        return {"seconds": round(now - self.began, 1), "errors": self.errors}


_outages: dict[Peer, _Outage] = {}
_lock = threading.Lock()


def peer_of(error: BaseException | None) -> Peer | None:
    """The server that cannot be used, when that is all that an exception says; None for any other: a defect."""
    while error is not None:
        if isinstance(error, redis.ConnectionError | redis.TimeoutError | redis.ReadOnlyError):
            return "Redis"
        if isinstance(error, redis.ResponseError) and str(error).startswith(_REDIS_TAKES_NO_WRITES):
            return "Redis"
        if isinstance(error, psycopg.Error) and error.sqlstate == _DISK_FULL:
            return "PostgreSQL's disk"
        if _says_that_postgresql_is_away(error):
            return "PostgreSQL"
        error = error.__cause__
    return None


def _says_that_postgresql_is_away(error: BaseException) -> bool:
    if isinstance(error, psycopg.Error):
        state = error.sqlstate
        if state is not None:
            return state in _STATES or state.startswith(_CONNECTION_EXCEPTION)
        # libpq has no code for a connection that is refused, lost or silent.
        return isinstance(error, psycopg.OperationalError) or _is_closed(error)
    # Django's own, without one of psycopg behind it.
    is_bare = isinstance(error, django.db.OperationalError) and error.__cause__ is None
    return is_bare or (isinstance(error, django.db.InterfaceError) and _is_closed(error))


def _is_closed(error: BaseException) -> bool:
    return isinstance(error, psycopg.InterfaceError | django.db.InterfaceError) and "closed" in str(error)


def noted(error: BaseException) -> bool:
    """Whether the exception is an outage; it is noted then, and there is nothing more to say about it."""
    peer = peer_of(error)
    if peer is not None:
        note(peer, error)
    return peer is not None


def note(peer: Peer, error: BaseException | None = None) -> None:
    """This server could not be used."""
    now = time.monotonic()
    with _lock:
        outage = _outages.get(peer)
        if outage is None:
            _outages[peer] = _Outage(now, now, now)
            text, fields = _BEGINS.get(peer, f"{peer} cannot be used"), _kind(error)
        else:
            outage.errors += 1
            outage.last = now
            if now - outage.said < SAID_EVERY:
                return
            outage.said = now
            text, fields = f"{_BEGINS.get(peer, f'{peer} cannot be used')}, still", outage.length(now)
    log.warning(text, extra={"fields": fields})


def _kind(error: BaseException | None) -> dict[str, object]:
    return {} if error is None else {"error": type(error).__name__}


def answered(peer: Peer) -> None:
    """This server has just done something for us, the disk: taken a write. Costs nothing as long as nothing failed."""
    if peer not in _outages:
        return
    now = time.monotonic()
    with _lock:
        outage = _outages.get(peer)
        if outage is None or now - outage.last < QUIET_SECONDS[peer]:
            return
        del _outages[peer]
    log.warning(_ENDS.get(peer, f"{peer} can be used again"), extra={"fields": outage.length(now)})


def clear() -> None:
    """Forgets everything: each test begins anew."""
    with _lock:
        _outages.clear()
