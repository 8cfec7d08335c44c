"""Hands over what is due: claims, resolves, exchanges, records, until nothing is due any more.

In one process each channel has at most one run at a time, in one thread, with up to ``AT_ONCE`` exchanges under way in
an event loop. So carriers that hang hold up neither the other channel nor the other tasks of a worker, and messages of
their own channel only once there are ``AT_ONCE`` of them. No transaction is open while an exchange is under way.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal, cast

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from server.kernel import dispatch, metrics
from server.kernel.authentication import SYSTEM
from server.kernel.delivery import actions, kinds, message_bounds, queue, sms_bounds
from server.kernel.delivery.captured_mail import CapturingExchange
from server.kernel.delivery.exchange import Adapter, DeliveryError, Exchange
from server.kernel.delivery.internal_commands import RecordDeliveries, Result
from server.kernel.delivery.kinds import Claimed, Dropped, Envelope, Later, Resolution
from server.kernel.delivery.mail import MailServer
from server.kernel.delivery.message_bounds import Channel
from server.kernel.delivery.sms import SmsGateway
from server.kernel.wire.errors import Refusal, Unavailable

log = logging.getLogger("kernel.delivery")

AT_ONCE = 32
"""Exchanges under way by one channel in one process."""
ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
LOOK_AGAIN = 0.05
"""Seconds between two looks at whether more was asked for while exchanges are under way."""

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to record outcomes while the database is away: well within a claim."""
RECORDED_WITHIN = 0.2
"""Seconds for which outcomes are gathered, to be recorded in one transaction."""

ADAPTERS: dict[Channel, Callable[[], Adapter]] = {"sms": SmsGateway, "email": MailServer}


class _Run:
    """At most one run of a channel in this process; what is asked for meanwhile is part of it."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._running = False
        self._asked = False

    def ask(self) -> bool:
        """Notes that something may be due. True when the caller is to run."""
        with self._mutex:
            self._asked = True
            if self._running:
                return False
            self._running = True
            return True

    def take_asked(self) -> bool:
        """Whether something may be due since the last call."""
        with self._mutex:
            asked, self._asked = self._asked, False
            return asked

    def end(self, *, anyway: bool = False) -> bool:
        """Ends the run, unless more was asked for meanwhile."""
        with self._mutex:
            if self._asked and not anyway:
                return False
            self._running = False
            return True


_runs: dict[Channel, _Run] = {"sms": _Run(), "email": _Run()}
_stopping = threading.Event()


def stop() -> None:
    """This process is about to end: what is under way is finished, nothing more is claimed."""
    _stopping.set()


def deliver_due(channel: Channel) -> None:
    """Hands over everything that is due by this channel. Returns at once when this process is about it already."""
    run = _runs[channel]
    if not run.ask():
        return
    try:
        while not _stopping.is_set() and not run.end():
            with _exchange(channel) as exchange:
                _drain(channel, run, exchange)
    finally:
        run.end(anyway=True)


def _exchange(channel: Channel) -> Exchange | CapturingExchange:
    return CapturingExchange(channel) if settings.RELAIS_FAKE_DELIVERY else Exchange(ADAPTERS[channel])


def _drain(channel: Channel, run: _Run, exchange: Exchange | CapturingExchange) -> None:
    under_way: dict[Future[None], Claimed] = {}
    ended: list[Result] = []
    recorded_at = time.monotonic()
    more = False
    while True:
        more = run.take_asked() or more
        # A claim for a single row costs as much as one for many: wait until half of the places are free.
        while more and not _stopping.is_set() and len(under_way) <= AT_ONCE // 2:
            room = AT_ONCE - len(under_way)
            rows = _claim(channel, room)
            more = len(rows) == room
            under_way |= _begin(rows, exchange)
        if not under_way:
            _record(ended)
            return
        done, _ = wait(under_way, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
        ended += [_result(under_way.pop(future), future.exception()) for future in done]
        if len(ended) >= AT_ONCE // 2 or time.monotonic() - recorded_at > RECORDED_WITHIN:
            _record(ended)
            ended, recorded_at = [], time.monotonic()


def _claim(channel: Channel, room: int) -> list[Claimed]:
    """Claims rows; none when the database cannot be reached, which must not lose the outcomes of what is under way."""
    try:
        return queue.claim(channel, room, dispatch.now())
    except Exception as error:
        log.error("deliveries not claimed", exc_info=error)
        _let_go_of_connection(error)
        return []


def _begin(rows: Sequence[Claimed], exchange: Exchange | CapturingExchange) -> dict[Future[None], Claimed]:
    """Resolves the rows and begins to hand over those that have an envelope; records the others."""
    begun: dict[Future[None], Claimed] = {}
    results: list[Result] = []
    fresh = [row for row in rows if row.attempts <= ATTEMPTS]
    resolved = _resolve(fresh)
    excessive = _excessive(fresh, resolved)
    for row in rows:
        resolution = resolved.get(row.key, DeliveryError("unresolved"))
        if row.attempts > ATTEMPTS:  # its last worker died with it
            results.append(_settled(row, "failed", "abandoned"))
        elif isinstance(resolution, Envelope) and row.channel == "sms" and not sms_bounds.is_allowed(resolution.to):
            results.append(_settled(row, "failed", "number_refused"))  # its room sees that somebody calls
        elif row.key in excessive:
            results.append(_settled(row, "failed", "too_many_to_address"))
        elif isinstance(resolution, Envelope):
            begun[exchange.submit(resolution, row.key)] = row
        elif isinstance(resolution, Dropped):
            results.append(_settled(row, "dropped", resolution.reason))
        elif isinstance(resolution, Later):
            results.append(_later(row, resolution.not_before, row.attempts - 1))
        else:
            results.append(_result(row, resolution))
    _record(results)
    return begun


def _excessive(rows: Sequence[Claimed], resolved: Mapping[str, Resolution | DeliveryError]) -> set[str]:
    """The keys of those whose address has had enough for now. Each message is counted once, at its first attempt."""
    counted = [
        (row.key, cast(Channel, row.channel), resolution.to)
        for row in rows
        if isinstance(resolution := resolved.get(row.key), Envelope)
        and row.attempts == 1
        and (kind := kinds.find(row.kind)) is not None
        and kind.bounded
    ]
    if not counted:
        return set()
    admitted = message_bounds.admitted([(channel, to) for _, channel, to in counted], dispatch.now())
    return {key for (key, _, _), goes in zip(counted, admitted, strict=True) if not goes}


def _resolve(rows: Sequence[Claimed]) -> dict[str, Resolution | DeliveryError]:
    """What each row's room says, by key. A row for which it raises fails alone."""
    resolved: dict[str, Resolution | DeliveryError] = {}
    now = dispatch.now()
    for name, group in groupby(sorted(rows, key=lambda row: row.kind), key=lambda row: row.kind):
        kind = kinds.find(name)
        if kind is None:
            resolved |= {row.key: DeliveryError("unknown_kind") for row in group}
        else:
            resolved |= _resolve_kind(kind.resolve, list(group), now)
    return resolved


def _resolve_kind(
    resolve: kinds.Resolve, rows: Sequence[Claimed], now: datetime
) -> Mapping[str, Resolution | DeliveryError]:
    try:
        return resolve(rows, now)
    except Exception as error:
        _let_go_of_connection(error)
        if len(rows) > 1:
            alone = [_resolve_kind(resolve, [row], now) for row in rows]
            return {key: resolution for one in alone for key, resolution in one.items()}
        log.error("delivery not resolved", exc_info=error, extra={"fields": {"key": rows[0].key}})
        return {rows[0].key: DeliveryError("unresolvable")}


def _result(row: Claimed, error: BaseException | None) -> Result:
    """The outcome of an exchange, or when to try again: later each time, and not for ever."""
    if error is None:
        return _settled(row, "sent")
    code = error.code if isinstance(error, DeliveryError) else type(error).__name__
    log.warning("not delivered", extra={"fields": {"key": row.key, "attempt": row.attempts, "code": code}})
    if row.attempts >= ATTEMPTS or (isinstance(error, DeliveryError) and error.final):
        return _settled(row, "failed", code)
    metrics.deliveries.labels(row.channel, "retried").inc()
    return _later(row, dispatch.now() + wait_after(row.attempts), row.attempts, code)


def wait_after(attempts: int, chance: Callable[[], float] = random.random) -> timedelta:
    """How long to wait after this many failed attempts: twice as long each time, up to ``LONGEST_WAIT``, and of that
    between a half and the whole by chance, so that what failed together does not come back together."""
    longest: timedelta = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
    return longest * (0.5 + chance() / 2)


def _settled(row: Claimed, outcome: Literal["sent", "dropped", "failed"], error: str = "") -> Result:
    metrics.deliveries.labels(row.channel, outcome).inc()
    return Result(id=row.id, claimed_until=row.until, attempts=row.attempts, outcome=outcome, error=error)


def _later(row: Claimed, not_before: datetime, attempts: int, error: str = "") -> Result:
    return Result(id=row.id, claimed_until=row.until, attempts=attempts, outcome="", error=error, not_before=not_before)


def _record(results: Sequence[Result]) -> None:
    """Records outcomes together; when that fails, each alone.

    While the database is away it is tried for some seconds more, and then the claims are left to expire: what follows
    from an outcome in its room must not be lost for an outage. An outcome whose room fails is recorded without what
    follows: handing the message over again and again would be worse.
    """
    if not results or _dispatched(results, PAUSES) is not False:
        return
    for result in results:
        if len(results) > 1 and _dispatched([result], PAUSES) is not False:
            continue
        log.error("delivery recorded without what follows", extra={"fields": {"delivery": result.id}})
        try:
            actions.mark([result], dispatch.Transaction(dispatch.now()))
        except Exception as error:
            log.error("delivery not recorded", exc_info=error, extra={"fields": {"delivery": result.id}})
            _let_go_of_connection(error)


def _let_go_of_connection(error: Exception) -> None:
    """The next statement opens another connection, if this one was lost."""
    if isinstance(error, OperationalError | InterfaceError):
        connection.close()


def _dispatched(results: Sequence[Result], pauses: Sequence[float]) -> bool | None:
    """Whether they are recorded; None: the database is away, and was after each of these pauses.

    A process that is about to end does not wait: the claims expire, and the next one hands over with the same keys.
    """
    for pause in (*pauses, None):
        try:
            dispatch.dispatch(SYSTEM, RecordDeliveries(results=list(results)))
        except Unavailable:
            if pause is None or _stopping.wait(pause):
                break
            continue
        except Exception as error:
            if not isinstance(error, Refusal):
                log.error("delivery outcome not recorded", exc_info=error)
            return False
        return True
    log.warning("outcomes wait for the database", extra={"fields": {"deliveries": len(results)}})
    return None
