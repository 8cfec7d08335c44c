"""The life of a referral: which states there are, and which may follow which. A table is the whole rule."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from server.kernel.wire.errors import InvalidState


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


_R = ReferralState

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


def may_become(state: ReferralState, then: ReferralState) -> bool:
    """Whether ``then`` may follow ``state``."""
    return then in REFERRAL[state]


def require(state: ReferralState, then: ReferralState) -> None:
    """Refuses with ``invalid_state``, naming both states, unless ``then`` may follow ``state``."""
    if not may_become(state, then):
        raise InvalidState(f"This referral is {state}: it cannot become {then}. Load it again.", state=state.value)
