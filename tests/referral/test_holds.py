"""Slots that are held, given back, and freed."""

from __future__ import annotations

import pytest

from referral.models import Appointment
from server.errors import SlotTaken
from tests.factories import account
from tests.referral.practice import practice

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_hold_lasts_a_quarter_of_an_hour_and_takes_the_slot_from_others() -> None:
    clinic, ada, grace = practice(), account(), account()
    held = clinic.hold(ada, "09:20")
    row = Appointment.objects.get(id=held.hold)
    assert row.state == "held"
    assert "09:20" not in clinic.free(grace)
    with pytest.raises(SlotTaken):
        clinic.hold(grace, "09:20")
