"""Free slots, computed from openings and never stored.

Openings are wall-clock times of the site; everything else is an instant. Wall-clock times become instants
first, and all arithmetic is then done in UTC: counted in local time, a night agenda open from 00:00 to
06:00 would offer 24 quarter-hours on both days of a clock change instead of 20 and 28. Every span is
half-open.

A visit occupies its duration and its buffers. The visit itself lies inside one opening and outside
absences; with its buffers it meets no other visit's. That is also what the exclusion constraint of
``referral.models`` says, so that a slot offered here is refused there only when somebody else was quicker.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import Generic, NamedTuple, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

Key = TypeVar("Key", bound=Hashable)

DAY = timedelta(days=1)
INSTANT = timedelta(0)
Failed: TypeAlias = Callable[[Key, Exception], None]
"""Is told which agenda could not be calculated, and why."""


class Span(NamedTuple):
    """From ``start`` until just before ``end``, both aware and in UTC."""

    start: datetime
    end: datetime


class Days(NamedTuple):
    """Whole days of the site, ``until`` excluded."""

    first: date
    until: date


@dataclass(frozen=True, slots=True)
class Weekly:
    """Open on one weekday (Monday is 0), every ``every`` weeks, in force from ``since`` until just before
    ``until``.

    ``since`` is also the anchor: with ``every=2`` its week is open and the next is not. ``closes`` at or
    before ``opens`` is a time of the next day, so that 20:00 to 08:00 is a night and 00:00 to 00:00 a whole
    day.
    """

    weekday: int
    opens: time
    closes: time
    since: date
    until: date | None = None
    every: int = 1

    def on(self, day: date) -> bool:
        if day.weekday() != self.weekday or day < self.since or (self.until is not None and day >= self.until):
            return False
        return (_monday(day) - _monday(self.since)).days // 7 % self.every == 0


@dataclass(frozen=True, slots=True)
class Once:
    """Open on one day; ``closes`` at or before ``opens`` is a time of the next day."""

    day: date
    opens: time
    closes: time

    def on(self, day: date) -> bool:
        return day == self.day


@dataclass(frozen=True, slots=True)
class Visit:
    """How long a visit lasts, and what must stay free of other visits around it."""

    duration: timedelta
    before: timedelta = INSTANT
    after: timedelta = INSTANT

    def at(self, start: datetime) -> Span:
        """The visit itself."""
        return Span(start, start + self.duration)

    def occupied(self, start: datetime) -> Span:
        """The visit with its buffers: what the exclusion constraint sees."""
        return Span(start - self.before, start + self.duration + self.after)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an agenda can be booked: ``notice`` ahead at least, less than ``horizon`` ahead.

    The grid of an opening begins at its start and advances by ``step``, or by the visit's duration without
    one.
    """

    zone: ZoneInfo
    openings: tuple[Weekly | Once, ...]
    absences: tuple[Span | Days, ...] = ()
    notice: timedelta = INSTANT
    horizon: timedelta = timedelta(days=365)
    step: timedelta | None = None


class Wanted(NamedTuple, Generic[Key]):
    """One agenda of a sweep: ``busy`` is what its visits and live holds occupy, with their buffers."""

    key: Key
    calendar: Calendar
    visit: Visit
    busy: Sequence[Span]


class Slot(NamedTuple, Generic[Key]):
    start: datetime
    end: datetime
    key: Key


class Verdict(StrEnum):
    """Why a start can or cannot be booked; the first that applies, in this order."""

    PAST = "past"
    TOO_FAR = "too_far"
    OUTSIDE = "outside_openings"
    ABSENT = "absent"
    OFF_GRID = "off_grid"
    TOO_SOON = "too_soon"
    TAKEN = "taken"
    FREE = "free"


@lru_cache(maxsize=1 << 14)  # a season of opening times for every zone; a third of a sweep's cost otherwise
def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the site's clocks show ``wall`` (naive), in UTC; never decreasing as ``wall``
    advances.

    A time that occurs twice is its first occurrence; a time that the spring change skips is the instant of
    the change. So adjoining openings stay adjoining on every day of the year.
    """
    found = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return found
    change = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)  # before the change, as ``found`` is after it
    offset = found.astimezone(zone).utcoffset()
    while change.astimezone(zone).utcoffset() != offset:
        change += timedelta(minutes=1)
    return change.replace(second=0, microsecond=0)


def at_site(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same instant (given in UTC) as the site's clocks show it, with their offset."""
    return moment.astimezone(_offset_all_day(zone, moment.date()) or zone)


@lru_cache(maxsize=1 << 12)
def _offset_all_day(zone: ZoneInfo, day: date) -> timezone | None:
    """The zone's offset when it is the same all day: much cheaper to show a slot with than the zone itself."""
    edges = (datetime.combine(day + n * DAY, time(), UTC).astimezone(zone).utcoffset() for n in (0, 1))
    first, last = edges
    return timezone(first) if first is not None and first == last else None


def day_span(day: date, zone: ZoneInfo) -> Span:
    """The site's day: 23, 24 or 25 hours."""
    return Span(instant(datetime.combine(day, time()), zone), instant(datetime.combine(day + DAY, time()), zone))


def openings(calendar: Calendar, days: Days) -> list[Span]:
    """The openings that begin on one of ``days``, earliest first, as they are before absences."""
    by_day: defaultdict[int | date, list[Weekly | Once]] = defaultdict(list)
    for opening in calendar.openings:
        by_day[opening.weekday if isinstance(opening, Weekly) else opening.day].append(opening)
    found = set()
    for number in range((days.until - days.first).days):
        day = days.first + number * DAY
        for opening in (*by_day.get(day.weekday(), ()), *by_day.get(day, ())):
            if opening.on(day):
                closing_day = day if opening.closes > opening.opens else day + DAY
                span = Span(
                    instant(datetime.combine(day, opening.opens), calendar.zone),
                    instant(datetime.combine(closing_day, opening.closes), calendar.zone),
                )
                if span.start < span.end:  # empty when the spring change skips all of it
                    found.add(span)
    return sorted(found)


def absence_span(absence: Span | Days, zone: ZoneInfo) -> Span:
    """An absence as instants: whole days begin and end at the site's midnight."""
    if isinstance(absence, Days):
        first, until = (instant(datetime.combine(day, time()), zone) for day in absence)
        return Span(first, until)
    return absence


class Found(NamedTuple, Generic[Key]):
    """Free slots, earliest first, of whole days of their sites; ``until`` is the first day that was not looked at."""

    slots: list[Slot[Key]]
    until: date


def find_free_slots(
    wanted: Sequence[Wanted[Key]], days: Days, now: datetime, most: int | None = None, failed: Failed[Key] | None = None
) -> Found[Key]:
    """The free slots that begin on ``days`` of their site, over all agendas.

    With ``most`` no day is begun that would bring more than so many, but for the first, which is always whole. The work
    is bounded with the answer: days are looked at a few at a time, as many as may bring ``most`` at the most.

    With ``failed`` an agenda that cannot be calculated brings no slots, and the others bring theirs.
    """
    slots: list[Slot[Key]] = []
    prepared: list[_Prepared[Key]] = []
    for key, calendar, visit, busy in wanted:
        with _alone(key, failed):
            a_day = _most_in_a_day(calendar, visit)
            prepared.append(_Prepared(key, calendar, visit, _forbidden(calendar, visit, busy), a_day))
    at_most = sum(one.a_day for one in prepared)
    at_once = (days.until - days.first).days if most is None else max(1, most // max(1, at_most))
    first = days.first
    while first < days.until and (most is None or len(slots) < most):
        some = Days(first, min(days.until, first + at_once * DAY))
        more: list[Slot[Key]] = []
        for key, calendar, visit, forbidden, _ in prepared:
            with _alone(key, failed):
                starts = _starts(calendar, visit, forbidden, some, now)
                more += [Slot(start, start + visit.duration, key) for start in starts]
        if most is not None and slots and len(slots) + len(more) > most:
            break
        slots += more
        first = some.until
    slots.sort(key=itemgetter(0))
    return Found(slots, first)


class _Prepared(NamedTuple, Generic[Key]):
    """An agenda of a sweep: where no visit may begin, and how many may begin in a day at the most."""

    key: Key
    calendar: Calendar
    visit: Visit
    forbidden: list[Span]
    a_day: int


@contextmanager
def _alone(key: Key, failed: Failed[Key] | None) -> Iterator[None]:
    """What cannot be calculated for one agenda is told to ``failed``, and stops none of the others."""
    try:
        yield
    except Exception as error:
        if failed is None:
            raise
        failed(key, error)


def _most_in_a_day(calendar: Calendar, visit: Visit) -> int:
    """More visits than this cannot begin on one day; it decides how many days are looked at together."""
    step = _step(calendar, visit).total_seconds() / 60
    weekly: defaultdict[int, float] = defaultdict(float)
    once: defaultdict[date, float] = defaultdict(float)
    for one in calendar.openings:
        opens = one.opens.hour * 60 + one.opens.minute
        length = (one.closes.hour * 60 + one.closes.minute - opens - 1) % (24 * 60) + 1
        before_midnight = min(length, 24 * 60 - opens)
        for later, minutes in ((0, before_midnight), (1, length - before_midnight)):
            if minutes and isinstance(one, Weekly):
                weekly[(one.weekday + later) % 7] += minutes + step
            elif minutes and isinstance(one, Once):
                once[one.day + later * DAY] += minutes + step
    longest = max(weekly.values(), default=0) + max(once.values(), default=0)
    return int((longest + 60) / step) + 1  # the hour that comes twice in autumn


def _step(calendar: Calendar, visit: Visit) -> timedelta:
    return calendar.step or visit.duration


def free_starts(calendar: Calendar, visit: Visit, busy: Iterable[Span], days: Days, now: datetime) -> list[datetime]:
    """The starts of one agenda's free slots on ``days``, ascending and distinct."""
    return _starts(calendar, visit, _forbidden(calendar, visit, busy), days, now)


def _starts(calendar: Calendar, visit: Visit, forbidden: Sequence[Span], days: Days, now: datetime) -> list[datetime]:
    """The starts that nothing forbids.

    Each busy span forbids the starts strictly between two instants; the sweep walks the grid of every
    opening and jumps over what is forbidden, so that the cost is that of the slots found.
    """
    first = max(now + calendar.notice, instant(datetime.combine(days.first, time()), calendar.zone))
    beyond = min(now + calendar.horizon, instant(datetime.combine(days.until, time()), calendar.zone))
    ends = [end for _, end in forbidden]
    step = _step(calendar, visit)
    found: list[datetime] = []
    for opening in openings(calendar, Days(days.first - DAY, days.until)):  # a night begins on the day before
        last = opening.end - visit.duration
        start = _on_grid(opening.start, step, first) if first > opening.start else opening.start
        for low, high in forbidden[bisect_right(ends, start) :]:
            while start <= low and start <= last and start < beyond:
                found.append(start)
                start += step
            if start > last or start >= beyond:
                break
            if start < high:
                start = _on_grid(opening.start, step, high)
        while start <= last and start < beyond:
            found.append(start)
            start += step
    return sorted(set(found))


def check(calendar: Calendar, visit: Visit, busy: Iterable[Span], start: datetime, now: datetime) -> Verdict:
    """Whether ``start`` may be booked at ``now``, and if not, why. Agrees with :func:`sweep` on every
    instant.
    """
    if start < now:
        return Verdict.PAST
    if start >= now + calendar.horizon:
        return Verdict.TOO_FAR
    start = start.astimezone(UTC)
    own, occupied = visit.at(start), visit.occupied(start)
    day = start.astimezone(calendar.zone).date()
    around = openings(calendar, Days(day - DAY, day + DAY))
    inside = [opening for opening in around if opening.start <= own.start and own.end <= opening.end]
    step = _step(calendar, visit)
    if not inside:
        return Verdict.OUTSIDE
    if any(_overlap(own, absence_span(absence, calendar.zone)) for absence in calendar.absences):
        return Verdict.ABSENT
    if all((start - opening.start) % step for opening in inside):
        return Verdict.OFF_GRID
    if start < now + calendar.notice:
        return Verdict.TOO_SOON
    return Verdict.TAKEN if any(_overlap(occupied, span) for span in busy) else Verdict.FREE


def _forbidden(calendar: Calendar, visit: Visit, busy: Iterable[Span]) -> list[Span]:
    """Where no visit may begin: open intervals, disjoint and ascending. Both ends may be begun at."""
    spans = [Span(start - visit.duration - visit.after, end + visit.before) for start, end in busy]
    away = [absence_span(absence, calendar.zone) for absence in calendar.absences]
    spans += [Span(start - visit.duration, end) for start, end in away]
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _on_grid(anchor: datetime, step: timedelta, at_least: datetime) -> datetime:
    """The first instant of the grid that is not before ``at_least``."""
    return anchor - (anchor - at_least) // step * step


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
