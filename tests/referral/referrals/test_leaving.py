"""Whoever leaves an organisation opens its records no longer; what they wrote and booked stays with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from identity.organisations.wire_members import EndMembership
from identity.patients.models import CareLink
from identity.patients.wire import SearchPatients
from referral.referrals.models import Referral
from referral.referrals.wire import GetReferral, ListReferrals
from referral.scheduling.wire import CancelAppointment
from server.kernel.dispatch import dispatch
from server.kernel.wire.errors import Refusal
from tests.factories import Account, account
from tests.referral.practice import Practice, join, patient, practice

pytestmark = pytest.mark.django_db
FIND = SearchPatients(family_name=patient().family_name, birth_date=patient().birth_date)


def reason(who: Account, command: Any) -> str | None:
    try:
        dispatch(who.actor, command)
    except Refusal as refused:
        return refused.reason
    return None


def leaves(here: Practice, who: Account) -> Account:
    """Somebody is removed by the owner, who is returned."""
    owner = join(account(), here.organisation, "administrative", owner=True)
    dispatch(owner.actor, EndMembership(organisation=here.organisation.id, person=who.id))
    return owner


def listed(who: Account, side: Any) -> list[UUID]:
    return [one.id for one in dispatch(who.actor, ListReferrals(side=side)).referrals]


def test_a_practitioner_who_has_left_reads_no_referral_they_received_there() -> None:
    here, referrer = practice(), account()
    booked = here.book(referrer, "09:00", message="Palpitations")
    get = GetReferral(referral=booked.referral.id)
    assert reason(here.practitioner, get) is None
    owner = leaves(here, here.practitioner)
    assert reason(here.practitioner, get) == "not_found"
    assert listed(here.practitioner, "received") == []
    assert dispatch(here.practitioner.actor, FIND).patients == []
    assert reason(here.practitioner, CancelAppointment(appointment=booked.appointment.id, reason="x")) == "not_found"
    assert dispatch(owner.actor, get).referral.message == "Palpitations"
    assert listed(referrer, "made") == [booked.referral.id]


def test_what_somebody_referred_for_an_organisation_stays_with_it() -> None:
    here, there = practice(), practice()
    colleague = join(account(), here.organisation)
    booked = there.book(colleague, "09:00", message="Palpitations")
    get = GetReferral(referral=booked.referral.id)
    assert reason(colleague, get) is None
    leaves(here, colleague)
    assert reason(colleague, get) == "not_found"
    assert (listed(colleague, "made"), dispatch(colleague.actor, FIND).patients) == ([], [])
    assert reason(there.practitioner, get) is None
    assert Referral.objects.get(pk=booked.referral.id).referrer_id == colleague.id


def test_only_their_links_to_that_organisation_end() -> None:
    here, there = practice(), practice()
    both = join(join(account(), here.organisation), there.organisation)
    stays = there.book(both, "09:00")
    assert stays.referral.patient is not None
    other = join(account(), here.organisation)
    kept = here.book(other, "09:00")
    leaves(here, both)
    assert reason(both, GetReferral(referral=stays.referral.id)) is None
    assert reason(other, GetReferral(referral=kept.referral.id)) is None
    assert not CareLink.objects.filter(person=other.id).exclude(until=None).exists()
