"""What the clocks of a site show, and the instants and seconds that they mean. Pure.

Instants are aware and in UTC; a second is a whole number of them since 1970.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Span(NamedTuple):
    """From ``start`` until just before ``end``, both aware and in UTC."""

    start: datetime
    end: datetime


def seconds(span: Span) -> tuple[int, int]:
    """The shortest stretch of whole seconds that has the whole span in it."""
    return (span.start - EPOCH) // SECOND, -((EPOCH - span.end) // SECOND)


@lru_cache(maxsize=1 << 14)
def midnight(day: date, zone: ZoneInfo) -> int:
    """The second at which a day of the site begins."""
    return (instant(datetime.combine(day, time()), zone) - EPOCH) // SECOND


@lru_cache(maxsize=1 << 14)  # a season of slots of several zones; to show them is most of a question's cost otherwise
def at_site(second: int, zone: ZoneInfo) -> datetime:
    """A moment as the site's clocks show it, with their offset."""
    moment = datetime.fromtimestamp(second, UTC)
    return moment.astimezone(_offset_all_day(zone, moment.date()) or zone)


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


@lru_cache(maxsize=1 << 12)
def _offset_all_day(zone: ZoneInfo, day: date) -> timezone | None:
    """The zone's offset when it is the same all day: much cheaper to show a slot with than the zone itself."""
    edges = (datetime.combine(day + n * DAY, time(), UTC).astimezone(zone).utcoffset() for n in (0, 1))
    first, last = edges
    return timezone(first) if first is not None and first == last else None


def day_span(day: date, zone: ZoneInfo) -> Span:
    """The site's day: 23, 24 or 25 hours."""
    return Span(instant(datetime.combine(day, time()), zone), instant(datetime.combine(day + DAY, time()), zone))
