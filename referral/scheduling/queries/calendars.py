"""What makes the slots of agendas, read in one statement however many agendas there are.

Openings come packed, the same bytes for the same openings: by them a process finds the ``Hours`` that it has made
before, with all that was calculated of them. A change of an agenda changes the bytes, so nothing is ever stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from struct import Struct
from typing import NamedTuple, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from referral.scheduling.slots import Calendar, Days, Hours, Once, Visit, Weekly
from referral.scheduling.wall_clock import DAY, Span
from server.kernel.pg_arrays import uuids
from server.kernel.statements import Statement


class Reason(NamedTuple):
    """A visit reason that has not ended, as far as slots go."""

    id: UUID
    visit: Visit
    for_referrers: bool


class Setup(NamedTuple):
    """An agenda's calendar, and its visit reasons in the order in which it shows them."""

    calendar: Calendar
    reasons: list[Reason]


class Configured(Protocol):
    """An agenda, by whatever query it was found."""

    @property
    def id(self) -> UUID: ...

    @property
    def step_minutes(self) -> int | None: ...

    @property
    def notice_minutes(self) -> int: ...

    @property
    def horizon_days(self) -> int: ...

    @property
    def zone(self) -> ZoneInfo: ...


_REASON = Struct(">16shhh?")
_OPENING = Struct(">hiihqq")
_DAYS = Struct(">ii")
_INSTANTS = Struct(">qq")

_SETUPS = Statement(
    "SELECT asked.id, (SELECT string_agg(uuid_send(id) || int2send(minutes) || int2send(before_minutes)"
    " || int2send(after_minutes) || boolsend(for_referrers), '' ORDER BY position, name, id)"
    " FROM referral_visitreason WHERE agenda_id = asked.id AND ended_at IS NULL),"
    " (SELECT string_agg(int2send(coalesce(weekday, -1::int2)) || date_send(coalesce(day, since))"
    " || date_send(coalesce(until, 'infinity')) || int2send(every) || time_send(opens) || time_send(closes), ''"
    " ORDER BY id) FROM referral_opening WHERE agenda_id = asked.id),"
    " (SELECT string_agg(date_send(first_day) || date_send(until_day), '') FROM referral_absence"
    " WHERE agenda_id = asked.id AND until_day > %b::date AND first_day < %b::date),"
    " (SELECT string_agg(timestamptz_send(starts_at) || timestamptz_send(ends_at), '') FROM referral_absence"
    " WHERE agenda_id = asked.id AND ends_at > %b AND starts_at < %b)"
    " FROM unnest(%b::uuid[]) AS asked (id)"
)


def setups(agendas: Sequence[Configured], days: Days) -> dict[UUID, Setup]:
    """How these agendas are set up, with the absences of these days and of those beside them. One statement."""
    around = days.first - 2 * DAY, days.until + 2 * DAY
    instants = (datetime.combine(day, time(), UTC) for day in around)
    rows = _SETUPS.send(*map(str, around), *instants, uuids(agenda.id for agenda in agendas))()
    by_id = {agenda.id: agenda for agenda in agendas}
    found = {}
    for agenda_id, reasons, openings, absent_days, absent in rows:
        agenda = by_id[agenda_id]
        calendar = Calendar(
            hours=_hours(bytes(openings or b""), agenda.zone),
            absences=(*_absent_days(absent_days or b""), *_absent(absent or b"")),
            notice=timedelta(minutes=agenda.notice_minutes),
            horizon=timedelta(days=agenda.horizon_days),
            step=timedelta(minutes=agenda.step_minutes) if agenda.step_minutes else None,
        )
        found[agenda_id] = Setup(calendar, list(_reasons(reasons or b"")))
    return found


@lru_cache(maxsize=1 << 12)
def _hours(packed: bytes, zone: ZoneInfo) -> Hours:
    return Hours(zone, _openings(packed))


def _openings(packed: bytes) -> Iterator[Weekly | Once]:
    for weekday, day, until, every, opens, closes in _OPENING.iter_unpack(packed):
        if weekday < 0:
            yield Once(_date(day), _time(opens), _time(closes))
        else:
            yield Weekly(
                weekday, _time(opens), _time(closes), _date(day), None if until == _NEVER else _date(until), every
            )


def _reasons(packed: bytes) -> Iterator[Reason]:
    for reason, minutes, before, after, for_referrers in _REASON.iter_unpack(packed):
        yield Reason(UUID(bytes=reason), visit(minutes, before, after), for_referrers)


@lru_cache(maxsize=1 << 10)
def visit(minutes: int, before: int, after: int) -> Visit:
    """A visit by its minutes, and those that stay free before and after it."""
    return Visit(timedelta(minutes=minutes), timedelta(minutes=before), timedelta(minutes=after))


def _absent_days(packed: bytes) -> Iterable[Days]:
    return (Days(_date(first), _date(until)) for first, until in _DAYS.iter_unpack(packed))


def _absent(packed: bytes) -> Iterable[Span]:
    return (Span(_moment(start), _moment(end)) for start, end in _INSTANTS.iter_unpack(packed))


# As PostgreSQL sends them: from the year 2000 on, in days and microseconds.
_FIRST_DAY = date(2000, 1, 1).toordinal()
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_NEVER = 2**31 - 1


def _date(days: int) -> date:
    return date.fromordinal(_FIRST_DAY + days)


def _moment(microseconds: int) -> datetime:
    return _FIRST + timedelta(microseconds=microseconds)


def _time(microseconds: int) -> time:
    return (_FIRST + timedelta(microseconds=microseconds)).time()
