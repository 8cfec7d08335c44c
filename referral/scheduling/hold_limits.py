"""How many slots one person may hold at a time, and for how long the same one. Pure.

A hold costs nothing and takes time from everybody else. So nobody holds more than a few at once, and nobody keeps a
slot by holding it again and again: what is given back and taken again ends when it would have ended at first, and then
it is free to others for a while. Nor does anybody fill the agenda of a colleague that is not theirs to run: this is
asked when a slot is held, so that nobody fills in a form in vain, and a booking takes the place of its hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from referral.scheduling.refusals import HoldPaused, TooManyBookings, TooManyHolds
from server.kernel.wire.errors import RateLimited

HOLD = timedelta(minutes=15)
"""How long a slot is held."""
LIVE_HOLDS = 5
"""Slots that one person may hold at a time, in all agendas together."""
LIVE_HOLDS_IN_AGENDA = 3
"""Slots that one person may hold at a time in one agenda."""
PAUSE = timedelta(minutes=5)
"""How long a slot is free to others before the same person may hold it for another quarter of an hour."""
LEAST = timedelta(minutes=1)
"""What must be left of the first quarter of an hour for the same person to take the slot again within it."""
TRIES = 60
"""Holds of one person within twenty minutes that have not become appointments."""


AHEAD = 20
"""Appointments ahead that one person has in one agenda without the level ``book`` on it, with those held."""
A_DAY = 30
"""Appointments that such a person makes in one agenda within ``BOOKING_DAY``: cancelled ones too, and those held."""
BOOKING_DAY = timedelta(days=1)


class OwnBookings(NamedTuple):
    """How many appointments one person has in one agenda ahead, and how many they made there within ``BOOKING_DAY``."""

    ahead: int = 0
    made: int = 0


class OwnHold(NamedTuple):
    """A hold of one person that has not become an appointment; ``ended_at`` is when it was given back or expired."""

    id: UUID
    agenda: UUID
    start: datetime
    end: datetime
    hold_until: datetime
    ended_at: datetime | None

    def overlaps(self, agenda: UUID, start: datetime, end: datetime) -> bool:
        return self.agenda == agenda and self.start < end and start < self.end


def held_until(agenda: UUID, start: datetime, end: datetime, own: Sequence[OwnHold], now: datetime) -> datetime:
    """Until when the person may hold this time of the agenda, given their holds of the last ``HOLD`` and ``PAUSE``.

    Raises ``TooManyHolds``, ``HoldPaused`` when they have held it for the whole of their time, and ``RateLimited``.
    """
    live = [hold for hold in own if hold.ended_at is None]
    if len(live) >= LIVE_HOLDS:
        raise TooManyHolds(LIVE_HOLDS, "person")
    if sum(hold.agenda == agenda for hold in live) >= LIVE_HOLDS_IN_AGENDA:
        raise TooManyHolds(LIVE_HOLDS_IN_AGENDA, "agenda")
    if len(own) >= TRIES:
        raise RateLimited(retry_after=LEAST.total_seconds())
    return _again([hold for hold in own if hold.overlaps(agenda, start, end)], now)


def is_near(bookings: OwnBookings) -> bool:
    """Whether ``require_room`` may refuse: beside these, somebody has at most ``LIVE_HOLDS_IN_AGENDA`` holds there."""
    return bookings.ahead + LIVE_HOLDS_IN_AGENDA >= AHEAD or bookings.made + LIVE_HOLDS_IN_AGENDA >= A_DAY


def require_room(bookings: OwnBookings, agenda: UUID, own: Sequence[OwnHold]) -> None:
    """Raises ``TooManyBookings`` when one more hold could become one appointment too many, of somebody without the
    level ``book`` on the agenda."""
    held = sum(hold.agenda == agenda and hold.ended_at is None for hold in own)
    if bookings.ahead + held >= AHEAD:
        raise TooManyBookings(AHEAD, "ahead")
    if bookings.made + held >= A_DAY:
        raise TooManyBookings(A_DAY, "day")


def _again(before: Iterable[OwnHold], now: datetime) -> datetime:
    """The end of a hold by somebody who has held this time ``before``."""
    recent = [(hold.ended_at, hold.hold_until) for hold in before if hold.ended_at and hold.ended_at > now - PAUSE]
    if not recent:
        return now + HOLD
    until = min(until for _, until in recent)
    if until < now + LEAST:
        last = max(ended for ended, _ in recent)
        raise HoldPaused(retry_after=(last + PAUSE - now).total_seconds())
    return until
