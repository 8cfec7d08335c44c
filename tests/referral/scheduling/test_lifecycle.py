from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral.scheduling import wire as scheduling_wire
from referral.scheduling.lifecycle import APPOINTMENT, OCCUPYING, UNBOOKED, AppointmentState, may_become, require
from server.kernel.wire.errors import InvalidState

A = AppointmentState


def test_every_state_has_its_row() -> None:
    assert set(APPOINTMENT) == set(A)


def test_the_wire_shows_every_state_that_somebody_booked() -> None:
    assert set(get_args(scheduling_wire.AppointmentState)) == set(A) - set(UNBOOKED)


@pytest.mark.parametrize("ended", [A.CANCELLED, A.RELEASED])
def test_an_ended_appointment_never_comes_back(ended: AppointmentState) -> None:
    assert not any(may_become(ended, then) for then in A)


def test_only_a_hold_becomes_a_booking_for_the_first_time() -> None:
    assert {state for state in A if may_become(state, A.BOOKED)} == {A.HELD, A.ARRIVED}


def test_time_that_was_given_up_is_never_taken_again() -> None:
    for state in set(A) - set(OCCUPYING):
        assert not APPOINTMENT[state] & set(OCCUPYING)


@given(st.sampled_from(A), st.sampled_from(A))
def test_what_the_table_does_not_name_is_refused_and_says_the_state(
    state: AppointmentState, then: AppointmentState
) -> None:
    if may_become(state, then):
        require(state, then)
    else:
        with pytest.raises(InvalidState) as refusal:
            require(state, then)
        assert refusal.value.as_data() == {"reason": "invalid_state", "state": state.value}
