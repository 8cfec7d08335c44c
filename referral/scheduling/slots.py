"""Free slots, computed from openings and never stored.

Openings are wall-clock times of the site; everything else is an instant. Wall-clock times become instants
first, and all arithmetic is then done in whole seconds of UTC: counted in local time, a night agenda open from 00:00 to
06:00 would offer 24 quarter-hours on both days of a clock change instead of 20 and 28. Every span is
half-open.

A visit occupies its duration and its buffers. The visit itself lies inside one opening and outside
absences; with its buffers it meets no other visit's. That is also what the exclusion constraint of
``referral.models`` says, so that a slot offered here is refused there only when somebody else was quicker.

What may be begun on a day depends on the openings and the visit alone, and is kept for the next question (``_grid``).
What remains is to cut out what is taken.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import Generic, NamedTuple, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from referral.scheduling.wall_clock import DAY, EPOCH, SECOND, Span, instant, midnight, seconds

Key = TypeVar("Key", bound=Hashable)

INSTANT = timedelta(0)
Stretch: TypeAlias = tuple[int, int]
"""From one second since 1970 until just before another."""
Failed: TypeAlias = Callable[[Key, Exception], None]
"""Is told which agenda could not be calculated, and why."""


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


class Hours:
    """When an agenda is open, before absences. What is calculated of it is kept by its identity: for the same openings
    use the same object, where there is one.
    """

    __slots__ = ("_by_day", "openings", "zone")

    def __init__(self, zone: ZoneInfo, openings: Iterable[Weekly | Once]) -> None:
        self.zone = zone
        self.openings = tuple(openings)
        self._by_day: defaultdict[int | date, list[Weekly | Once]] = defaultdict(list)
        for opening in self.openings:
            self._by_day[opening.weekday if isinstance(opening, Weekly) else opening.day].append(opening)

    def on(self, day: date) -> set[Span]:
        """The openings that begin on a day."""
        found = set()
        for opening in (*self._by_day.get(day.weekday(), ()), *self._by_day.get(day, ())):
            if opening.on(day):
                closing_day = day if opening.closes > opening.opens else day + DAY
                span = Span(
                    instant(datetime.combine(day, opening.opens), self.zone),
                    instant(datetime.combine(closing_day, opening.closes), self.zone),
                )
                if span.start < span.end:  # empty when the spring change skips all of it
                    found.add(span)
        return found


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an agenda can be booked: ``notice`` ahead at least, less than ``horizon`` ahead.

    The grid of an opening begins at its start and advances by ``step``, or by the visit's duration without
    one.
    """

    hours: Hours
    absences: tuple[Span | Days, ...] = ()
    notice: timedelta = INSTANT
    horizon: timedelta = timedelta(days=365)
    step: timedelta | None = None

    @property
    def zone(self) -> ZoneInfo:
        return self.hours.zone


class Wanted(NamedTuple, Generic[Key]):
    """One agenda of a search."""

    key: Key
    calendar: Calendar
    visit: Visit


Busy: TypeAlias = Callable[[Days], Mapping[Key, Sequence[Stretch]]]
"""What visits and live holds occupy of each agenda, with their buffers, as far as it has to do with these days."""


class Slot(NamedTuple, Generic[Key]):
    """``start`` in seconds since 1970."""

    start: int
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


def openings(hours: Hours, days: Days) -> list[Span]:
    """The openings that begin on one of ``days``, earliest first, as they are before absences."""
    each = (days.first + number * DAY for number in range((days.until - days.first).days))
    return sorted({span for day in each for span in hours.on(day)})


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
    wanted: Sequence[Wanted[Key]],
    busy: Busy[Key],
    days: Days,
    now: datetime,
    most: int | None = None,
    failed: Failed[Key] | None = None,
) -> Found[Key]:
    """The free slots that begin on ``days`` of their site, over all agendas.

    With ``most`` no day is begun that would bring more than so many, but for the first, which is always whole. The work
    is bounded with the answer: ``busy`` is asked for the days that may bring ``most`` twice, and for the others when
    too much of these is taken.

    With ``failed`` an agenda that cannot be calculated brings no slots, and the others bring theirs.
    """
    slots: list[Slot[Key]] = []
    searches = [_Search(*one, now) for one in wanted]
    day = days.first
    while day < days.until and (most is None or len(slots) < most):
        until = days.until if most is None or day > days.first else _may_fill(searches, days, 2 * most)
        taken = busy(Days(day, until))
        searches = [one for one in searches if _alone(one, failed, one.forbid, taken.get(one.key, ()))]
        while day < until and (most is None or len(slots) < most):
            more: list[Slot[Key]] = []
            searches = [one for one in searches if _alone(one, failed, one.add_free, day, more)]
            if most is not None and slots and len(slots) + len(more) > most:
                return _found(slots, day)
            slots += more
            day += DAY
    return _found(slots, day)


def _found(slots: list[Slot[Key]], until: date) -> Found[Key]:
    slots.sort(key=itemgetter(0))
    return Found(slots, until)


def _may_fill(searches: Iterable[_Search[Key]], days: Days, count: int) -> date:
    """The day before which there would be ``count`` slots if nothing were taken."""
    day = days.first
    while day < days.until and count > 0:
        for one in searches:
            with suppress(Exception):  # It is told when the slots of that day are looked for.
                count -= len(one.grid(day))
        day += DAY
    return day


def _alone(search: _Search[Key], failed: Failed[Key] | None, step: Callable[..., None], *arguments: object) -> bool:
    """Whether this can be calculated for one agenda. If not, ``failed`` is told, and the others go on."""
    try:
        step(*arguments)
    except Exception as error:
        if failed is None:
            raise
        failed(search.key, error)
        return False
    return True


class _Search(Generic[Key]):
    """One agenda, in seconds."""

    __slots__ = ("_beyond", "_calendar", "_duration", "_ends", "_first", "_starts", "_step", "_visit", "key")

    def __init__(self, key: Key, calendar: Calendar, visit: Visit, now: datetime) -> None:
        self.key = key
        self._calendar, self._visit = calendar, visit
        self._step, self._duration = _step(calendar, visit) // SECOND, visit.duration // SECOND
        self._first, self._beyond = _not_before(now + calendar.notice), _not_before(now + calendar.horizon)
        self._starts: list[int] = []
        self._ends: list[int] = []

    def grid(self, day: date) -> array[int]:
        """What may be begun on a day as far as openings go."""
        return _grid(self._calendar.hours, day, self._step, self._duration)

    def forbid(self, busy: Iterable[Stretch]) -> None:
        """Sets where no visit may begin: open intervals, disjoint and ascending. Both ends may be begun at."""
        before, after = self._visit.before // SECOND, self._duration + self._visit.after // SECOND
        spans = [(start - after, end + before) for start, end in busy]
        for absence in self._calendar.absences:
            start, end = seconds(absence_span(absence, self._calendar.zone))
            spans.append((start - self._duration, end))
        self._starts, self._ends = [], []
        starts, ends = self._starts, self._ends
        for start, end in sorted(spans):
            if not ends or start >= ends[-1]:
                starts.append(start)
                ends.append(end)
            elif end > ends[-1]:
                ends[-1] = end

    def add_free(self, day: date, slots: list[Slot[Key]]) -> None:
        """Adds the free slots of a day: its grid without what is forbidden."""
        grid = self.grid(day)
        at, stop = bisect_left(grid, self._first), bisect_left(grid, self._beyond)
        if at >= stop:
            return
        number = bisect_right(self._ends, grid[at])
        while at < stop:
            low = bisect_right(grid, self._starts[number], at, stop) if number < len(self._starts) else stop
            slots += [Slot(start, self.key) for start in grid[at:low]]
            if low == stop:
                return
            at = bisect_left(grid, self._ends[number], low, stop)
            number += 1


@lru_cache(maxsize=1 << 13)
def _grid(hours: Hours, day: date, step: int, duration: int) -> array[int]:
    """Where visits may begin on a day, each once and ascending. A night begins on the day before."""
    first, until = midnight(day, hours.zone), midnight(day + DAY, hours.zone)
    starts: set[int] = set()
    for opening in openings(hours, Days(day - DAY, day + DAY)):
        opens, closes = seconds(opening)
        begin = opens if opens >= first else first + (opens - first) % step
        starts.update(range(begin, min(closes - duration + 1, until), step))
    return array("q", sorted(starts))


def _not_before(moment: datetime) -> int:
    """The first whole second that is not before it."""
    return -((EPOCH - moment) // SECOND)


def _step(calendar: Calendar, visit: Visit) -> timedelta:
    return calendar.step or visit.duration


def free_starts(calendar: Calendar, visit: Visit, busy: Sequence[Stretch], days: Days, now: datetime) -> list[datetime]:
    """The starts of one agenda's free slots on ``days``, ascending and distinct."""
    found, _ = find_free_slots([Wanted("", calendar, visit)], lambda _: {"": busy}, days, now)
    return [EPOCH + one.start * SECOND for one in found]


def check(calendar: Calendar, visit: Visit, busy: Iterable[Span], start: datetime, now: datetime) -> Verdict:
    """Whether ``start`` may be booked at ``now``, and if not, why. Agrees with ``find_free_slots`` on every
    instant.
    """
    if start < now:
        return Verdict.PAST
    if start >= now + calendar.horizon:
        return Verdict.TOO_FAR
    start = start.astimezone(UTC)
    own, occupied = visit.at(start), visit.occupied(start)
    day = start.astimezone(calendar.zone).date()
    around = openings(calendar.hours, Days(day - DAY, day + DAY))
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


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
