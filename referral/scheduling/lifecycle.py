"""The life of an appointment: which states there are, and which may follow which.

A table is the whole rule. Actions ask it before they write, views turn it into abilities, and nothing else compares
states.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

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


_A = AppointmentState

APPOINTMENT: Mapping[AppointmentState, frozenset[AppointmentState]] = {
    _A.HELD: frozenset({_A.BOOKED, _A.RELEASED}),
    _A.RELEASED: frozenset(),
    _A.BOOKED: frozenset({_A.ARRIVED, _A.DONE, _A.NO_SHOW, _A.CANCELLED}),
    _A.ARRIVED: frozenset({_A.DONE, _A.BOOKED}),  # back again: the wrong patient was marked
    _A.DONE: frozenset({_A.ARRIVED}),
    _A.NO_SHOW: frozenset({_A.ARRIVED, _A.DONE}),  # they came after all
    _A.CANCELLED: frozenset(),
}

OCCUPYING = [_A.HELD.value, _A.BOOKED.value, _A.ARRIVED.value, _A.DONE.value, _A.NO_SHOW.value]
"""The states in which an appointment keeps its time from others, as the exclusion constraint and queries take them."""

UNBOOKED = [_A.HELD.value, _A.RELEASED.value]
"""The states of a row that nobody has booked yet, or that came to nothing."""


def may_become(state: AppointmentState, then: AppointmentState) -> bool:
    """Whether ``then`` may follow ``state``."""
    return then in APPOINTMENT[state]


def require(state: AppointmentState, then: AppointmentState) -> None:
    """Refuses with ``invalid_state``, naming both states, unless ``then`` may follow ``state``."""
    if not may_become(state, then):
        raise InvalidState(f"This is {state}: it cannot become {then}. Load it again.", state=state.value)
