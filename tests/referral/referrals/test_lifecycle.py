from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral.referrals import wire
from referral.referrals.lifecycle import REFERRAL, ReferralState, may_become, require
from server.kernel.wire.errors import InvalidState

R = ReferralState


def test_every_state_has_its_row() -> None:
    assert set(REFERRAL) == set(R)


def test_the_wire_shows_every_state() -> None:
    assert set(get_args(wire.ReferralState)) == set(R)


@pytest.mark.parametrize("ended", [R.CANCELLED, R.CLOSED])
def test_an_ended_referral_never_comes_back(ended: ReferralState) -> None:
    assert not any(may_become(ended, then) for then in R)


def test_every_referral_can_reach_an_end() -> None:
    ending = {R.CLOSED, R.CANCELLED}
    for _ in R:
        ending |= {state for state in R if REFERRAL[state] & ending}
    assert ending == set(R)


@given(st.sampled_from(R), st.sampled_from(R))
def test_what_the_table_does_not_name_is_refused_and_says_the_state(state: ReferralState, then: ReferralState) -> None:
    if may_become(state, then):
        require(state, then)
    else:
        with pytest.raises(InvalidState) as refusal:
            require(state, then)
        assert refusal.value.as_data() == {"reason": "invalid_state", "state": state.value}
