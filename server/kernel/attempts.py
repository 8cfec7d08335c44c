"""A transaction that fails is carried out again, or its calls one by one, or they are refused.

Every command may be repeated, since its ids are the client's: so it does no harm to try again what may have been
committed. What PostgreSQL says decides: a deadlock is tried again, a time-out is not, and a call that cannot be carried
out never takes the others of its batch with it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import IntegrityError, InterfaceError, OperationalError, connection

from server.kernel import audit, outages
from server.kernel.identifiers import uuid7
from server.kernel.outcomes import InternalError, Outbound, Outcome
from server.kernel.time_limits import RETRY_AFTER, TimeLimit
from server.kernel.wire.errors import Refusal, Unavailable

log = logging.getLogger("kernel.dispatch")

C = TypeVar("C")
Result: TypeAlias = tuple[list[Outcome[Any]], Outbound]

_RETRIED = {"40001", "40P01"}
"""Serialization failure, deadlock: PostgreSQL chose this transaction to give way."""
_TIMED_OUT = {"57014", "55P03"}
"""A statement, or a wait for a lock, took longer than it may."""
_ATTEMPTS = 4
_AGAIN_WITHIN = 5.0
"""Seconds after which nothing is attempted again: PostgreSQL says nothing, and the caller has waited for long."""


@dataclass(frozen=True, slots=True)
class Attempts(Generic[C]):
    """How calls are carried out in one transaction, and what they are called in the log."""

    run: Callable[[Sequence[C], TimeLimit | None], Result]
    method: str

    def carry_out(self, calls: Sequence[C], limit: TimeLimit | None = None) -> Result:
        """One outcome for each call, in order. Never raises."""
        give_up_at = time.monotonic() + _AGAIN_WITHIN
        unavailable = Unavailable()
        for attempt in range(_ATTEMPTS):
            try:
                done = self.run(calls, limit)
                outages.answered("PostgreSQL")
                if done[1].announcements:
                    outages.answered("PostgreSQL's disk")
                return done
            except Exception as error:
                # A PostgreSQL that has become a standby refuses to write by another class of error.
                if isinstance(error, OperationalError | InterfaceError) or outages.peer_of(error) == "PostgreSQL":
                    if (found := self._not_again(error, calls, limit)) is not None:
                        return found
                    if _paused(attempt, give_up_at):
                        continue
                    outages.noted(error)
                    unavailable.__cause__ = error.with_traceback(None)
                    break
                audit.chain.rolled_back()
                if len(calls) > 1:
                    return self._one_by_one(calls, limit)
                if isinstance(error, Refusal):
                    return [Outcome(refused=error)], Outbound()
                if isinstance(error, IntegrityError) and not attempt:
                    continue  # Two requests under one id at once: carried out again, it finds what the other has made.
                return [Outcome(refused=self._incident(error))], Outbound()
        return [Outcome(refused=unavailable) for _ in calls], Outbound()

    def _not_again(self, error: Exception, calls: Sequence[C], limit: TimeLimit | None) -> Result | None:
        """What becomes of calls that are not carried out again together; None when they are."""
        lost = connection.connection is None or connection.connection.closed
        if not lost and _sqlstate(error) in _TIMED_OUT:
            return self._timed_out(calls, limit)
        if outages.peer_of(error) == "PostgreSQL's disk":
            return _disk_full(calls, error)
        # Whether the commit arrived is not known. Every command may be repeated: ids are the client's.
        audit.chain.start_new_chain()
        connection.close()
        if not lost and _sqlstate(error) not in _RETRIED and outages.peer_of(error) is None:
            log.warning("database refused", extra={"fields": {"sqlstate": _sqlstate(error)}})
            if len(calls) > 1:
                return self._one_by_one(calls, limit)
        return None

    def _timed_out(self, calls: Sequence[C], limit: TimeLimit | None) -> Result:
        """One call is refused; of several, those that are not the cause are carried out."""
        audit.chain.rolled_back()
        log.warning("took too long", extra={"fields": {"method": self.method, "calls": len(calls)}})
        if len(calls) > 1:
            return self._one_by_one(calls, limit)
        return [Outcome(refused=Unavailable(retry_after=RETRY_AFTER))], Outbound()

    def _one_by_one(self, calls: Sequence[C], limit: TimeLimit | None) -> Result:
        outcomes: list[Outcome[Any]] = []
        outbound = Outbound()
        limit = limit.alone() if limit is not None else None
        for call in calls:
            alone, more = self.carry_out([call], limit)
            outcomes += alone
            outbound.add(more)
        return outcomes, outbound

    def _incident(self, error: Exception) -> InternalError:
        incident = uuid7()
        fields = {"incident": str(incident), "method": self.method}
        log.error("defect", exc_info=error, extra={"fields": fields})
        return InternalError(incident)


def _paused(attempt: int, give_up_at: float) -> bool:
    """Waits before the next attempt, if there is to be one."""
    if attempt + 1 == _ATTEMPTS or time.monotonic() > give_up_at:
        return False
    time.sleep(0.02 * 4**attempt)
    return True


def _disk_full(calls: Sequence[Any], error: Exception) -> Result:
    """Everybody is refused at once: to try each call alone would only keep those waiting who want to read."""
    audit.chain.start_new_chain()
    connection.close()
    outages.noted(error)
    return [Outcome(refused=Unavailable(retry_after=RETRY_AFTER)) for _ in calls], Outbound()


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
