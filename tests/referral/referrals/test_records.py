"""A patient who is handed on has a record in each organisation, and nothing passes from one to the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from identity.organisations.models import Organisation
from identity.patients import access, queries
from identity.patients.models import CareLink, Patient
from identity.patients.wire import CreatePatient, PatientView, SearchPatients
from referral.referrals.models import Referral
from referral.referrals.wire import GetReferral
from referral.scheduling.wire import CancelAppointment, GetDay
from server.kernel import vault
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.streams import EncodedEvent
from server.kernel.wire import Command, stream_name
from server.kernel.wire.errors import NotFound
from server.kernel.wire.handshake import Sync
from tests.factories import Account, account
from tests.referral.practice import Practice, booking, join, monday, patient, practice

pytestmark = pytest.mark.django_db


def referrer() -> tuple[Account, Organisation]:
    """Somebody of another organisation."""
    organisation = Organisation.objects.create(
        id=uuid7(), name="Cabinet des Quatre-Vents", kind="practice", created_at=datetime.now(UTC)
    )
    return join(account(), organisation), organisation


def opens(who: Account, record: UUID) -> bool:
    """Whether a record is found and opened; the two are one."""
    command = SearchPatients(family_name="Marchandeau", birth_date=date(1954, 3, 14))
    found = record in {one.id for one in dispatch(who.actor, command).patients}
    assert found is access.patients(who.actor).filter(id=record).exists()
    return found


def change(record: UUID, **fields: Any) -> None:
    """Writes other details into one record, as a correction would."""
    row = Patient.objects.get(id=record)
    form = queries.opened(row)
    assert form is not None
    changed = msgspec.json.encode(msgspec.structs.replace(form, **fields))
    row.sealed = vault.key_for_sealing(queries.owner(record)).seal(changed, queries.CONTEXT)
    row.save()


def seen(who: Account, referral: UUID) -> PatientView:
    found = dispatch(who.actor, GetReferral(referral=referral)).referral.patient
    assert found is not None
    return found


def of_agenda(clinic: Practice, caller: Account, command: Command[Any]) -> tuple[Any, EncodedEvent]:
    [outcome], news = dispatch_batch([Call(caller.actor, command)])
    assert outcome.refused is None
    [told] = [told for told in news.events if told.stream == stream_name("a", clinic.agenda)]
    return outcome.result, told


def shown(text: str) -> dict[str, Any]:
    appointment: dict[str, Any] = msgspec.json.decode(text)["params"]["data"]["appointment"]
    return appointment


def test_each_side_has_a_record_of_its_own_and_they_are_linked() -> None:
    clinic, (ada, cabinet) = practice(), referrer()
    clinic.book(ada, "09:20")
    row = Referral.objects.select_related("patient", "referrer_patient", "appointment").get()
    assert (row.patient.organisation_id, row.referrer_patient.organisation_id) == (clinic.organisation.id, cabinet.id)
    assert row.patient.origin_id == row.referrer_patient.id
    assert row.appointment is not None
    assert (row.appointment.patient_id, row.appointment.booker_patient_id) == (row.patient.id, row.referrer_patient.id)


def test_within_one_organisation_there_is_one_record() -> None:
    clinic = practice()
    ada = join(account(), clinic.organisation)
    clinic.book(ada, "09:20")
    known = dispatch(ada.actor, CreatePatient(id=uuid7(), patient=patient())).patient
    clinic.book(ada, "09:40", patient=known.id)
    assert Patient.objects.count() == 2
    for row in Referral.objects.select_related("patient"):
        assert row.patient_id == row.referrer_patient_id
        assert (row.patient.organisation_id, row.patient.origin_id) == (clinic.organisation.id, None)
        assert opens(ada, row.patient_id)
        assert opens(clinic.practitioner, row.patient_id)


def test_no_colleague_of_either_side_opens_the_record_of_the_other() -> None:
    clinic, (ada, cabinet) = practice(), referrer()
    colleague, owner = join(account(), cabinet), join(account(), cabinet, owner=True)
    neighbour, secretary = join(account(), clinic.organisation), clinic.grant(account(), "read")
    clinic.book(ada, "09:20")
    row = Referral.objects.get()
    own, theirs = row.referrer_patient_id, row.patient_id
    assert [opens(one, own) for one in (ada, colleague, owner)] == [True, False, False]
    assert [opens(one, theirs) for one in (ada, colleague, owner)] == [False, False, False]
    assert [opens(one, theirs) for one in (clinic.practitioner, secretary, neighbour)] == [True, True, False]
    assert [opens(one, own) for one in (clinic.practitioner, secretary, neighbour)] == [False, False, False]
    for outsider, record in ((ada, theirs), (clinic.practitioner, own), (secretary, own)):
        held = practice().hold(outsider, "09:20")
        with pytest.raises(NotFound):
            dispatch(outsider.actor, booking(held.hold, patient=record))


def test_a_change_of_one_record_does_not_change_the_other() -> None:
    clinic, (ada, _) = practice(), referrer()
    booked = clinic.book(ada, "09:20")
    row = Referral.objects.get()
    change(row.patient_id, city="Nantes", phone="+33639980000")
    assert seen(ada, row.id) == booked.referral.patient
    assert (seen(clinic.practitioner, row.id).city, seen(clinic.practitioner, row.id).id) == ("Nantes", row.patient_id)
    change(row.referrer_patient_id, city="Vannes")
    assert (seen(ada, row.id).city, seen(clinic.practitioner, row.id).city) == ("Vannes", "Nantes")


def test_what_one_side_erases_stays_readable_on_the_other() -> None:
    clinic, (ada, _) = practice(), referrer()
    booked = clinic.book(ada, "09:20", message="FA de découverte")
    row = Referral.objects.get()
    vault.erase(queries.owner(row.referrer_patient_id))
    vault.clear_cache()
    found = dispatch(clinic.practitioner.actor, GetReferral(referral=booked.referral.id)).referral
    assert found.patient is not None
    assert (found.patient.family_name, found.message) == ("Marchandeau", "FA de découverte")


def test_the_agenda_shows_its_organisations_record_and_the_referrer_sees_their_own() -> None:
    clinic, (ada, _) = practice(), referrer()
    reader = clinic.grant(account(), "read")
    booked, told = of_agenda(clinic, ada, booking(clinic.hold(ada, "09:20").hold))
    row = Referral.objects.get()
    assert booked.referral.patient.id == booked.appointment.patient.id == row.referrer_patient_id
    assert (shown(told.text)["patient"]["id"], shown(told.text).get("abilities")) == (str(row.patient_id), None)
    [appointment] = dispatch(
        reader.actor, GetDay(agenda=clinic.agenda, from_=monday(), to=monday() + timedelta(days=1))
    ).appointments
    assert appointment.patient is not None
    assert appointment.patient.id == row.patient_id
    cancel = CancelAppointment(appointment=appointment.id, reason="Guérie")
    answer, told = of_agenda(clinic, ada, cancel)
    assert answer.appointment.patient.id == row.referrer_patient_id
    assert shown(told.text)["patient"]["id"] == str(row.patient_id)
    events = dispatch(reader.actor, Sync(stream=stream_name("a", clinic.agenda), after=0)).events
    assert str(row.referrer_patient_id).encode() not in b"".join(bytes(event.data) for event in events)


def test_a_patient_sent_again_has_the_record_that_was_made_before() -> None:
    clinic, other, (ada, _) = practice(), practice(), referrer()
    known = dispatch(ada.actor, CreatePatient(id=uuid7(), patient=patient())).patient.id
    holds = [clinic.hold(ada, clock).hold for clock in ("09:20", "09:40", "10:00")]
    dispatch(ada.actor, booking(holds[0], patient=known))
    dispatch_batch([Call(ada.actor, booking(hold, patient=known)) for hold in holds[1:]])
    other.book(ada, "09:20", patient=known)
    copies = Patient.objects.filter(origin=known)
    assert {row.organisation_id for row in copies} == {clinic.organisation.id, other.organisation.id}
    assert copies.count() == 2
    assert Referral.objects.filter(patient__in=copies).count() == 4


def test_two_bookings_of_a_batch_make_one_record_though_the_first_fails() -> None:
    clinic, (ada, _) = practice(), referrer()
    known = dispatch(ada.actor, CreatePatient(id=uuid7(), patient=patient())).patient.id
    holds = [clinic.hold(ada, clock).hold for clock in ("09:20", "09:40", "10:00")]
    named = [booking(hold, patient=known) for hold in holds]
    refused = booking(holds[0], patient=known, conversation=uuid7())
    outcomes, _ = dispatch_batch([Call(ada.actor, one) for one in (refused, *named)])
    assert [outcome.refused and outcome.refused.reason for outcome in outcomes] == ["not_found", None, None, None]
    [copy] = Patient.objects.filter(origin=known)
    assert set(Referral.objects.values_list("patient", flat=True)) == {copy.id}


def test_a_booking_writes_who_may_open_what_and_why() -> None:
    clinic, (ada, _) = practice(), referrer()
    clinic.book(ada, "09:20")
    row = Referral.objects.get()
    own, theirs = row.referrer_patient_id, row.patient_id
    links = CareLink.objects.values_list("patient", "person", "resource", "why", "source")
    assert set(links) == {
        (own, ada.id, None, "created", own),
        (own, ada.id, None, "referred", row.id),
        (theirs, clinic.practitioner.id, None, "received", row.id),
        (theirs, None, clinic.agenda, "appointment", row.appointment_id),
    }
