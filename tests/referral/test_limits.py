"""What an owner keeps from a member: clinical notes and the dashboard; and practitioners who see their own patients."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from identity.accounts.models import Person
from identity.auditing.wire import ExportAudit, SearchAudit
from identity.organisations.models import Membership, Organisation, Right
from identity.organisations.wire_members import (
    AgendaRight,
    LimitsForm,
    ListMembers,
    ListProfileRequests,
    ProfileRight,
    SetRights,
    UpdateMembership,
)
from identity.patients.models import CareLink
from identity.patients.wire import SearchPatients
from referral.referrals.wire import GetReferral, ListReferrals
from referral.scheduling.wire import AppointmentView, CancelAppointment, GetDay
from referral.scheduling.wire_agendas import GrantAccess
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.wire.errors import Refusal
from server.kernel.wire.handshake import Client, Hello, Sync
from team.files.internal_commands import OpenFile
from tests.factories import Account, account, uploaded
from tests.referral.practice import Practice, join, monday, patient, practice

pytestmark = pytest.mark.django_db

TEXT = "Palpitations depuis un mois, sous bisoprolol."
WHY = "Hospitalisée pour décompensation"


def member(here: Practice, function: str = "secretary", **marks: Any) -> Account:
    who = join(account(), here.organisation, function)
    Person.objects.filter(pk=who.id).update(function=function)
    Membership.objects.filter(person=who.id).update(**marks)
    return who


def limit(here: Practice, owner: Account, who: Account, **limits: bool) -> None:
    dispatch(owner.actor, SetRights(organisation=here.organisation.id, person=who.id, limits=LimitsForm(**limits)))


def reason(who: Account, command: Any) -> str | None:
    try:
        dispatch(who.actor, command)
    except Refusal as refused:
        return refused.reason
    return None


def day(here: Practice, who: Account) -> list[AppointmentView]:
    found: list[AppointmentView] = dispatch(
        who.actor, GetDay(agenda=here.agenda, from_=monday(), to=monday() + timedelta(days=1))
    ).appointments
    return found


def test_whose_notes_are_hidden_sees_time_reason_and_identity_and_nothing_that_was_written() -> None:
    here, referrer = practice(), account()
    owner, clara = member(here, "administrative", owner=True), here.grant(member(here), "book")
    file = uploaded(referrer)
    booked = here.book(referrer, "09:00", message=TEXT, documents=[file])
    get, opened = GetReferral(referral=booked.referral.id), OpenFile(file=file)
    assert dispatch(clara.actor, get).referral.message == TEXT
    assert reason(clara, opened) is None
    limit(here, owner, clara, notes_hidden=True)
    shown = dispatch(clara.actor, get).referral
    assert (shown.message, shown.notes_hidden, shown.erased) == (None, True, False)
    assert (shown.documents, reason(clara, opened)) == ([], "not_found")
    assert shown.patient is not None
    assert shown.patient.family_name == "Marchandeau"
    [listed] = dispatch(clara.actor, ListReferrals(side="received")).referrals
    assert (listed.message, listed.notes_hidden, listed.documents) == (None, True, [])
    [visit] = day(here, clara)
    assert (visit.reason_name, visit.patient is not None) == ("Suivi", True)
    for who in (here.practitioner, owner, referrer):
        mine = dispatch(who.actor, get).referral
        assert (mine.message, mine.notes_hidden, [one.id for one in mine.documents]) == (TEXT, False, [file])
        assert reason(who, opened) is None
    limit(here, owner, clara)
    assert dispatch(clara.actor, get).referral.message == TEXT


def test_why_a_visit_was_cancelled_is_hidden_too_and_no_event_says_it() -> None:
    here, referrer = practice(), account()
    owner, clara = member(here, "administrative", owner=True), here.grant(member(here), "book")
    other = here.grant(member(here), "read")
    limit(here, owner, clara, notes_hidden=True)
    booked = here.book(referrer, "09:00")
    [outcome], outbound = dispatch_batch(
        [Call(here.practitioner.actor, CancelAppointment(appointment=booked.appointment.id, reason=WHY))]
    )
    assert outcome.refused is None
    assert not [event for event in outbound.events if WHY in event.text]
    get = GetReferral(referral=booked.referral.id)
    hidden = dispatch(clara.actor, get).referral.appointment
    assert hidden is not None
    assert (hidden.cancellation, hidden.state, hidden.erased) == (None, "cancelled", False)
    seen = dispatch(other.actor, get).referral.appointment
    assert seen is not None
    assert seen.cancellation == WHY
    for who in (clara, other):
        told = dispatch(who.actor, Sync(stream=f"a:{here.agenda}", after=0))
        assert WHY not in msgspec.json.encode(told).decode()


def test_what_one_wrote_oneself_is_never_hidden() -> None:
    here = practice()
    owner, clara = member(here, "administrative", owner=True), here.grant(member(here), "book")
    limit(here, owner, clara, notes_hidden=True)
    booked = here.book(clara, "09:00", message=TEXT)
    assert dispatch(clara.actor, GetReferral(referral=booked.referral.id)).referral.message == TEXT
    other = here.book(account(), "09:20")
    cancelled = dispatch(clara.actor, CancelAppointment(appointment=other.appointment.id, reason=WHY)).appointment
    assert cancelled.cancellation == WHY


def test_a_limit_is_of_one_organisation() -> None:
    here, there = practice(), practice()
    owner, clara = member(here, "administrative", owner=True), here.grant(member(here), "read")
    there.grant(join(clara, there.organisation, "secretary"), "read")
    limit(here, owner, clara, notes_hidden=True)
    booked = there.book(account(), "09:00", message=TEXT)
    assert dispatch(clara.actor, GetReferral(referral=booked.referral.id)).referral.message == TEXT


def test_limits_are_of_the_office_and_end_with_it() -> None:
    here = practice()
    owner, clara = member(here, "administrative", owner=True), member(here)
    hide = SetRights(
        organisation=here.organisation.id, person=here.practitioner.id, limits=LimitsForm(notes_hidden=True)
    )
    assert reason(owner, hide) == "forbidden"
    limit(here, owner, clara, notes_hidden=True, dashboard_hidden=True)
    here.grant(clara, "read")
    for function in ("practitioner", "secretary"):
        dispatch(owner.actor, UpdateMembership(organisation=here.organisation.id, person=clara.id, function=function))
    kept = Membership.objects.get(person=clara.id)
    assert (kept.notes_hidden, kept.dashboard_hidden) == (False, False)


def test_whose_notes_are_hidden_reads_nobodys_messages() -> None:
    here = practice()
    owner, clara = member(here, "administrative", owner=True), member(here)
    share = SetRights(
        organisation=here.organisation.id,
        person=clara.id,
        profiles=[ProfileRight(person=here.practitioner.id, level="read")],
    )
    assert reason(here.practitioner, share) is None
    limit(here, owner, clara, notes_hidden=True)
    assert not Right.objects.filter(person=clara.id, resource__kind="profile").exists()
    assert reason(here.practitioner, share) == "forbidden"
    assert reason(owner, share) == "forbidden"
    assert dispatch(here.practitioner.actor, ListProfileRequests()).requests == []


def test_without_the_dashboard_an_administrator_sees_no_activity_and_copies_it_only_if_allowed() -> None:
    here = practice()
    owner, runs = member(here, "administrative", owner=True), member(here, "administrative", administrator=True)
    search = SearchAudit(organisation=here.organisation.id)
    export = ExportAudit(organisation=here.organisation.id, format="csv")
    members = ListMembers(organisation=here.organisation.id)
    assert [reason(runs, one) for one in (search, export)] == [None, None]
    assert any(one.last_seen_at for one in dispatch(runs.actor, members).members)
    limit(here, owner, runs, dashboard_hidden=True)
    assert [reason(runs, one) for one in (search, export)] == ["withheld", "withheld"]
    assert not any(one.last_seen_at for one in dispatch(runs.actor, members).members)
    limit(here, owner, runs, dashboard_hidden=True, may_export=True)
    assert [reason(runs, one) for one in (search, export)] == ["withheld", None]
    assert [reason(owner, one) for one in (search, export)] == [None, None]


def test_may_export_alone_opens_no_audit() -> None:
    here = practice()
    owner, clara = member(here, "administrative", owner=True), member(here)
    limit(here, owner, clara, may_export=True)
    assert reason(clara, ExportAudit(organisation=here.organisation.id, format="csv")) == "forbidden"
    greeted: Any = dispatch(clara.actor, Hello(protocol=1, client=Client(name="t"))).me
    [shown] = greeted.organisations
    assert "export" in shown.abilities
    assert not {"audit", "export_audit"} & set(shown.abilities)


def own_patients(here: Practice) -> tuple[Account, Account]:
    """A colleague of the practitioner who sees their own patients alone, and whoever owns the practice."""
    owner, colleague = member(here, "administrative", owner=True), member(here, "practitioner")
    here.grant(colleague, "busy")
    Organisation.objects.filter(pk=here.organisation.id).update(own_patients_only=True)
    return colleague, owner


def test_a_practitioner_sees_their_own_patient_with_a_colleague_and_nobody_elses() -> None:
    here = practice()
    colleague, _ = own_patients(here)
    theirs = here.book(colleague, "09:00", message=TEXT)
    other = here.book(account(), "09:20", patient=patient(family_name="Kerbiriou"), message=TEXT)
    first, second = day(here, colleague)
    assert first.patient is not None
    assert (first.patient.family_name, first.abilities) == ("Marchandeau", ["cancel"])
    assert (second.patient, second.reason_name, second.booked_by) == (None, None, None)
    assert reason(colleague, GetReferral(referral=theirs.referral.id)) is None
    assert reason(colleague, GetReferral(referral=other.referral.id)) == "not_found"
    assert reason(colleague, CancelAppointment(appointment=other.appointment.id, reason="x")) == "not_found"
    found = SearchPatients(family_name="Kerbiriou", birth_date=patient().birth_date)
    assert dispatch(colleague.actor, found).patients == []


def test_a_patient_is_theirs_who_was_referred_to_them_whoever_books_next() -> None:
    here = practice()
    colleague, _ = own_patients(here)
    theirs = here.book(here.practitioner, "09:00")
    assert [one.patient for one in day(here, colleague)] == [None]
    assert theirs.referral.patient is not None
    record = theirs.referral.patient.id
    CareLink.objects.create(
        patient_id=record, person_id=colleague.id, why="received", source=record, since=theirs.referral.created_at
    )
    [shown] = day(here, colleague)
    assert shown.patient is not None
    assert (shown.patient.id, shown.abilities) == (record, [])
    assert reason(colleague, GetReferral(referral=theirs.referral.id)) is None
    CareLink.objects.filter(person=colleague.id, why="received").update(until=theirs.referral.created_at)
    assert [one.patient for one in day(here, colleague)] == [None]


def test_busy_stays_times_alone_where_the_organisation_does_not_say_so_and_for_the_office() -> None:
    here = practice()
    colleague, _ = own_patients(here)
    here.book(colleague, "09:00")
    assert [one.patient is not None for one in day(here, colleague)] == [True]
    Membership.objects.filter(person=colleague.id).update(function="secretary")
    assert [one.patient for one in day(here, colleague)] == [None]
    Membership.objects.filter(person=colleague.id).update(function="practitioner")
    Organisation.objects.filter(pk=here.organisation.id).update(own_patients_only=False)
    assert [one.patient for one in day(here, colleague)] == [None]


def test_no_way_leads_a_practitioner_above_times_of_others() -> None:
    here = practice()
    colleague, owner = own_patients(here)
    give = AgendaRight(agenda=here.agenda, level="read")
    wanted = SetRights(organisation=here.organisation.id, person=colleague.id, agendas=[give])
    assert reason(owner, wanted) == "forbidden"
    assert reason(here.practitioner, wanted) == "forbidden"
    assert reason(here.practitioner, GrantAccess(agenda=here.agenda, person=colleague.id, level="read")) == "forbidden"
    clara = member(here)
    here.grant(clara, "book")
    dispatch(owner.actor, UpdateMembership(organisation=here.organisation.id, person=clara.id, function="practitioner"))
    assert Right.objects.get(person=clara.id, resource=here.agenda).level == "busy"
    other = member(here, "practitioner", owner=True)
    here.grant(other, "read")
    dispatch(owner.actor, UpdateMembership(organisation=here.organisation.id, person=other.id, owner=False))
    assert Right.objects.get(person=other.id, resource=here.agenda).level == "busy"


def test_whoever_manages_an_agenda_takes_nothing_from_an_administrator() -> None:
    here = practice()
    Organisation.objects.filter(pk=here.organisation.id).update(access_rule="agenda_managers")
    member(here, "administrative", owner=True)
    manager, runs = member(here), member(here, "administrative", administrator=True)
    here.grant(manager, "manage")
    here.grant(runs, "read")
    assert reason(manager, GrantAccess(agenda=here.agenda, person=runs.id, level="none")) == "forbidden"
    assert reason(here.practitioner, GrantAccess(agenda=here.agenda, person=runs.id, level="none")) is None
