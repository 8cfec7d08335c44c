"""Who looks after a patient, and the practitioner who supervises."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from identity.accounts.models import Person
from identity.organisations.models import Membership, Organisation
from identity.organisations.wire_members import EndMembership
from identity.patients.models import Patient
from identity.patients.wire import ListPractitioners, NameSupervisor, PatientPractitioners, SearchPatients
from referral.referrals.wire import GetReferral
from referral.scheduling.wire import GetDay
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Refusal
from tests.factories import Account, account
from tests.referral.practice import Practice, join, monday, patient, practice

pytestmark = pytest.mark.django_db


def record(here: Practice) -> UUID:
    """The record that the practice keeps of its only patient."""
    return Patient.objects.get(organisation=here.organisation).pk


def roles(found: PatientPractitioners) -> dict[UUID, list[str]]:
    told: dict[UUID, list[str]] = {}
    for one in found.practitioners:
        told.setdefault(one.person, []).append(one.role)
    return told


def named(by: Account, of: UUID, practitioner: Account | None) -> dict[UUID, list[str]]:
    wanted = None if practitioner is None else practitioner.id
    found: PatientPractitioners = dispatch(by.actor, NameSupervisor(patient=of, practitioner=wanted))
    return roles(found)


def refusal(by: Account, command: NameSupervisor | ListPractitioners | GetReferral) -> str | None:
    asked: Any = command
    try:
        dispatch(by.actor, asked)
    except Refusal as refused:
        return refused.reason
    return None


def is_open(to: Account) -> bool:
    search = SearchPatients(family_name="Marchandeau", birth_date=patient().birth_date)
    return dispatch(to.actor, search).patients != []


def test_whoever_is_named_supervises_until_another_is_and_the_record_is_open_to_them_alone() -> None:
    here = practice()
    first, second = (join(account(), here.organisation) for _ in range(2))
    here.book(account(), "09:00")
    kept = record(here)
    assert roles(dispatch(here.practitioner.actor, ListPractitioners(patient=kept))) == {
        here.practitioner.id: ["primary"]
    }
    assert [is_open(one) for one in (first, second)] == [False, False]
    assert named(here.practitioner, kept, first)[first.id] == ["supervising"]
    assert [is_open(one) for one in (first, second)] == [True, False]
    assert first.id not in named(here.practitioner, kept, second)
    assert [is_open(one) for one in (first, second)] == [False, True]
    # Once more, and the same again: one link, which lasts.
    for _ in range(2):
        assert named(here.practitioner, kept, first)[first.id] == ["supervising"]
    assert [is_open(one) for one in (first, second)] == [True, False]
    assert named(here.practitioner, kept, None) == {here.practitioner.id: ["primary"]}
    assert [is_open(one) for one in (first, second)] == [False, False]


def test_a_patient_whom_one_supervises_is_one_s_own_where_practitioners_see_no_others() -> None:
    here = practice()
    colleague = here.grant(join(account(), here.organisation), "busy")
    Organisation.objects.filter(pk=here.organisation.id).update(own_patients_only=True)
    booked = here.book(account(), "09:00")
    get = GetReferral(referral=booked.referral.id)
    today = GetDay(agenda=here.agenda, from_=monday(), to=monday() + timedelta(days=1))
    assert dispatch(colleague.actor, today).appointments[0].patient is None
    assert refusal(colleague, get) == "not_found"
    named(here.practitioner, record(here), colleague)
    shown = dispatch(colleague.actor, today).appointments[0].patient
    assert shown is not None
    assert shown.id == record(here)
    assert refusal(colleague, get) is None


def test_only_whose_patient_it_is_or_who_manages_the_agenda_names_somebody() -> None:
    here = practice()
    colleague = join(account(), here.organisation)
    reader, booker = (here.grant(join(account(), here.organisation), level) for level in ("read", "book"))
    manager = here.grant(join(account(), here.organisation, "secretary"), "manage")
    owner = join(account(), here.organisation, "administrative", owner=True)
    stranger = here.grant(account(), "manage")
    here.book(account(), "09:00")
    command = NameSupervisor(patient=record(here), practitioner=colleague.id)
    assert refusal(colleague, command) == "not_found"
    assert [refusal(one, command) for one in (reader, booker)] == ["forbidden", "forbidden"]
    assert dispatch(reader.actor, ListPractitioners(patient=record(here))).candidates == []
    assert refusal(stranger, command) == "forbidden", "who is no member names nobody"
    assert [refusal(one, command) for one in (manager, owner, here.practitioner)] == [None] * 3
    found = dispatch(owner.actor, ListPractitioners(patient=record(here)))
    assert found.abilities == ["supervise"]
    assert {one.person for one in found.candidates} == {
        one.id for one in (here.practitioner, colleague, reader, booker)
    }


def test_nobody_supervises_who_does_not_practise_in_the_organisation() -> None:
    here, elsewhere = practice(), practice()
    here.book(account(), "09:00")
    secretary = join(account(), here.organisation, "secretary")
    unproven = join(account(verified=False), here.organisation)
    gone = join(account(), here.organisation)
    Membership.objects.filter(person=gone.id).update(left_at="2026-01-01T00:00:00Z")
    # Called a practitioner when they signed up, and vouched for as staff elsewhere since.
    vouched = join(account(), here.organisation)
    Person.objects.filter(pk=vouched.id).update(verification_method="vouched", vouched_by=elsewhere.practitioner.id)
    for one in (secretary.id, unproven.id, gone.id, vouched.id, elsewhere.practitioner.id, uuid7()):
        assert refusal(here.practitioner, NameSupervisor(patient=record(here), practitioner=one)) == "forbidden"
    assert refusal(elsewhere.practitioner, ListPractitioners(patient=record(here))) == "not_found"


def test_whoever_leaves_supervises_no_longer_and_does_not_again_when_they_come_back() -> None:
    here = practice()
    owner = join(account(), here.organisation, "administrative", owner=True)
    colleague = join(account(), here.organisation)
    here.book(account(), "09:00")
    named(here.practitioner, record(here), colleague)
    dispatch(owner.actor, EndMembership(organisation=here.organisation.id, person=colleague.id))
    assert colleague.id not in roles(dispatch(owner.actor, ListPractitioners(patient=record(here))))
    back = join(colleague, here.organisation)
    assert not is_open(back)
    assert colleague.id not in roles(dispatch(owner.actor, ListPractitioners(patient=record(here))))
    assert named(owner, record(here), back)[back.id] == ["supervising"]


def test_a_record_of_nobody_s_organisation_has_no_supervisor() -> None:
    here, referrer = practice(), account()
    here.book(referrer, "09:00")
    own = Patient.objects.get(organisation=None).pk
    assert dispatch(referrer.actor, ListPractitioners(patient=own)).practitioners == []
    assert refusal(referrer, NameSupervisor(patient=own, practitioner=referrer.id)) == "forbidden"
