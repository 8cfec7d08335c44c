"""The life of a referral and of an appointment: which states there are, and which may follow which.

A table is the whole rule. Actions ask it before they write, views turn it into abilities, and nothing else
compares states.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from server.kernel.wire.errors import InvalidState


class AppointmentState(StrEnum):
    """A hold is an appointment that nobody has confirmed yet: one row from the first touch to the visit."""

    HELD = "held"
    RELEASED = "released"
    BOOKED = "booked"
    ARRIVED = "arrived"
    DONE = "done"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class ReferralState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    PROPOSED = "proposed"
    BOOKED = "booked"
    SEEN = "seen"
    ANSWERED = "answered"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


State = TypeVar("State", AppointmentState, ReferralState)

_A = AppointmentState
_R = ReferralState

APPOINTMENT: Mapping[AppointmentState, frozenset[AppointmentState]] = {
    _A.HELD: frozenset({_A.BOOKED, _A.RELEASED}),
    _A.RELEASED: frozenset(),
    _A.BOOKED: frozenset({_A.ARRIVED, _A.DONE, _A.NO_SHOW, _A.CANCELLED}),
    _A.ARRIVED: frozenset({_A.DONE, _A.BOOKED}),  # back again: the wrong patient was marked
    _A.DONE: frozenset({_A.ARRIVED}),
    _A.NO_SHOW: frozenset({_A.ARRIVED, _A.DONE}),  # they came after all
    _A.CANCELLED: frozenset(),
}

REFERRAL: Mapping[ReferralState, frozenset[ReferralState]] = {
    _R.DRAFT: frozenset({_R.SENT, _R.BOOKED, _R.CANCELLED}),
    _R.SENT: frozenset({_R.PROPOSED, _R.BOOKED, _R.ANSWERED, _R.DECLINED, _R.CANCELLED}),
    _R.PROPOSED: frozenset({_R.BOOKED, _R.DECLINED, _R.CANCELLED}),
    _R.BOOKED: frozenset({_R.SEEN, _R.NO_SHOW, _R.CANCELLED}),
    _R.SEEN: frozenset({_R.ANSWERED, _R.CLOSED}),
    _R.ANSWERED: frozenset({_R.BOOKED, _R.CLOSED}),  # "see the patient after all" follows an advice
    _R.NO_SHOW: frozenset({_R.PROPOSED, _R.BOOKED, _R.SEEN, _R.CLOSED}),
    _R.CLOSED: frozenset(),
    _R.DECLINED: frozenset({_R.CLOSED}),
    _R.CANCELLED: frozenset(),
}

OCCUPYING = [_A.HELD.value, _A.BOOKED.value, _A.ARRIVED.value, _A.DONE.value, _A.NO_SHOW.value]
"""The states in which an appointment keeps its time from others, as the exclusion constraint and queries take them."""

UNBOOKED = [_A.HELD.value, _A.RELEASED.value]
"""The states of a row that nobody has booked yet, or that came to nothing."""


def may_become(state: State, then: State) -> bool:
    """Whether ``then`` may follow ``state``."""
    if isinstance(state, AppointmentState):
        return then in APPOINTMENT[state]
    return then in REFERRAL[state]


def require(state: State, then: State) -> None:
    """Refuses with ``invalid_state``, naming both states, unless ``then`` may follow ``state``."""
    if not may_become(state, then):
        raise InvalidState(f"This is {state}: it cannot become {then}. Load it again.", state=state.value)
