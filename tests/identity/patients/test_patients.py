"""Patients who are written down, and found again by whoever may read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from msgspec import structs

from identity.accounts.refusals import NotVerified
from identity.patients import access, actions
from identity.patients.models import CareLink, Patient
from identity.patients.queries import FOUND_AT_MOST
from identity.patients.refusals import TooManyPatients
from identity.patients.wire import CreatePatient, PatientForm, PatientView, SearchPatients
from server.kernel import clock, vault
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Forbidden, IdTaken, Invalid, NotFound
from tests.factories import Account, account
from tests.referral.practice import join, patient, practice

pytestmark = pytest.mark.django_db


def written(by: Account, form: PatientForm | None = None) -> PatientView:
    found: PatientView = dispatch(by.actor, CreatePatient(id=uuid7(), patient=form or patient())).patient
    return found


def found(by: Account, family_name: str, **fields: str) -> list[PatientView]:
    command = SearchPatients(family_name=family_name, birth_date=date(1954, 3, 14), **fields)
    patients: list[PatientView] = dispatch(by.actor, command).patients
    return patients


def test_one_person_writes_down_so_many_in_a_day_and_others_still_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "A_DAY", 3)
    ada, grace = account(), account()
    began = clock.now()
    for hours in range(3):
        monkeypatch.setattr("server.kernel.dispatch.now", lambda hours=hours: began + timedelta(hours=hours))
        command = CreatePatient(id=uuid7(), patient=patient())
        dispatch(ada.actor, command)
    with pytest.raises(TooManyPatients) as refused:
        written(ada)
    assert refused.value.as_data() == {"reason": "too_many_patients", "limit": 3, "retry_after": 22 * 3600}
    assert dispatch(ada.actor, command).patient.id == command.id, "the same request again writes nobody down"
    written(grace)
    monkeypatch.setattr("server.kernel.dispatch.now", lambda: began + timedelta(hours=24, seconds=1))
    written(ada)
    with pytest.raises(TooManyPatients):
        written(ada)


def test_patients_of_bookings_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    place, referrer = practice(), account()
    monkeypatch.setattr(actions, "A_DAY", 1)
    place.book(referrer, "09:00")
    with pytest.raises(TooManyPatients):
        written(referrer)


def test_a_patient_is_kept_as_checked_and_once() -> None:
    ada = account()
    command = CreatePatient(id=uuid7(), patient=patient(first_names="  Odile   Marie "))
    kept = dispatch(ada.actor, command).patient
    assert (kept.first_names, kept.phone, kept.birth_place.city) == ("Odile Marie", "+33639984107", "Ploërmel")
    assert dispatch(ada.actor, command).patient == kept
    assert Patient.objects.count() == 1


def test_an_id_cannot_stand_for_another_patient() -> None:
    ada, grace = account(), account()
    command = CreatePatient(id=uuid7(), patient=patient())
    dispatch(ada.actor, command)
    other = CreatePatient(id=command.id, patient=patient(family_name="Autre"))
    for caller, request in ((ada, other), (grace, command)):
        with pytest.raises(IdTaken):
            dispatch(caller.actor, request)


def test_a_form_that_cannot_be_right_writes_nobody_down() -> None:
    with pytest.raises(Invalid) as refusal:
        written(account(), patient(phone="112"))
    assert refusal.value.data["path"] == "$.params.patient.phone"
    assert not Patient.objects.exists()


@pytest.mark.parametrize("name", ["Marchandeau", "MARCHANDEAU", "marchandeau", "le brizec", "Le-Brizec"])
def test_possible_duplicates_are_found_under_either_name_however_it_is_written(name: str) -> None:
    ada = account()
    kept = written(ada)
    assert found(ada, name) == [kept]


@pytest.mark.parametrize(
    ("kept", "spellings"),
    [
        ("Le Goff", ["LEGOFF", "Le-Goff", "le\u00a0goff", "Goff"]),
        ("LEGOFF", ["Le Goff", "le-goff"]),
        ("Saint-Martin", ["St Martin", "Sainte-Martin", "SAINTMARTIN"]),
        ("Łukasiewicz", ["Lukasiewicz"]),
        ("Đặng", ["DANG"]),
        ("Æbelø", ["Aebelo"]),
        ("de la Tour", ["La Tour", "Delatour", "TOUR"]),
        ("d'Ambérac", ["Amberac", "D AMBÉRAC", "Damberac"]),
        ("Martin-Dupont", ["Martin", "dupont", "MARTIN DUPONT"]),
        ("McDonald", ["Mac Donald", "MACDONALD"]),
        ("Иванов", ["ИВАНОВ"]),
    ],
)
def test_a_known_patient_is_found_by_any_spelling_of_the_name(kept: str, spellings: list[str]) -> None:
    ada = account()
    known = written(ada, patient(family_name=kept))
    written(ada, patient(family_name="محمد", birth_name=None))
    for spelling in spellings:
        assert found(ada, spelling) == [known], spelling


def test_a_patient_is_found_when_first_name_and_surname_are_exchanged_and_by_either_name_of_the_question() -> None:
    ada = account()
    known = written(ada, patient(family_name="Thomas", first_names="Odile", birth_name="Le Brizec"))
    namesake = written(ada, patient(family_name="Odile", first_names="Yann", birth_name=None))
    assert found(ada, "Odile", first_names="Thomas") == [namesake, known] or found(
        ada, "Odile", first_names="Thomas"
    ) == [known, namesake]
    assert found(ada, "Odile") == [namesake]
    assert found(ada, "Martin", first_names="Thomas") == []
    assert found(ada, "Martin", birth_name="LEBRIZEC") == [known]


def test_many_with_one_name_are_shown_up_to_a_bound() -> None:
    ada = account()
    for _ in range(FOUND_AT_MOST + 2):
        written(ada)
    assert len(found(ada, "Marchandeau")) == FOUND_AT_MOST


def test_another_birth_date_or_name_is_another_patient() -> None:
    ada = account()
    written(ada, patient(birth_date=date(1954, 3, 15)))
    assert found(ada, "Marchandeau") == []
    assert found(ada, "March") == []


def test_the_same_first_name_comes_first() -> None:
    ada = account()
    odile, other = written(ada), written(ada, patient(first_names="Solène"))
    assert found(ada, "Marchandeau", first_names="odile") == [odile, other]
    assert found(ada, "Marchandeau", first_names="Solene") == [other, odile]


def test_patients_of_others_are_not_found() -> None:
    ada, outsider, clinic = account(), account(), practice()
    written(ada)
    assert found(outsider, "Marchandeau") == []
    assert found(clinic.practitioner, "Marchandeau") == []


def test_who_receives_a_patient_finds_the_record_of_their_own_organisation() -> None:
    ada, clinic = account(), practice()
    sent = clinic.book(ada, "09:20").referral.patient
    secretary, passer_by = clinic.grant(account(), "read"), clinic.grant(account(), "busy")
    assert found(clinic.practitioner, "Marchandeau") == found(secretary, "Marchandeau")
    [received] = found(secretary, "Marchandeau")
    assert sent is not None
    assert received.id != sent.id
    assert structs.replace(received, id=sent.id) == sent
    assert found(passer_by, "Marchandeau") == []


def test_a_record_belongs_to_the_organisation_that_its_writer_acts_for() -> None:
    ada, clinic = account(), practice()
    nobodys = written(ada)
    ada = join(ada, clinic.organisation)
    theirs = written(ada)
    owners = dict(Patient.objects.values_list("id", "organisation"))
    assert owners == {nobodys.id: None, theirs.id: clinic.organisation.id}


def test_no_membership_opens_a_record_not_even_the_owners() -> None:
    ada, clinic = account(), practice()
    ada = join(ada, clinic.organisation)
    kept = written(ada)
    owner = join(account(), clinic.organisation, owner=True)
    for colleague in (clinic.practitioner, owner):
        assert found(colleague, "Marchandeau") == []
        with pytest.raises(NotFound):
            access.patient(colleague.actor, kept.id)
    assert access.patient(ada.actor, kept.id).id == kept.id


def test_a_care_link_opens_until_it_ends() -> None:
    ada, clinic = account(), practice()
    kept = written(ada)
    links = CareLink.objects.filter(patient=kept.id)
    assert [(link.person_id, link.why, link.source, link.until) for link in links] == [
        (ada.id, "created", kept.id, None)
    ]
    for moment, opens in ((timedelta(hours=1), [kept]), (-timedelta(seconds=1), [])):
        links.update(until=datetime.now(UTC) + moment)
        assert found(ada, "Marchandeau") == opens
    CareLink.objects.create(
        patient_id=kept.id, resource_id=clinic.agenda, why="appointment", source=uuid7(), since=datetime.now(UTC)
    )
    reader = clinic.grant(account(), "read")
    assert found(reader, "Marchandeau") == found(clinic.practitioner, "Marchandeau") == [kept]
    assert (
        found(clinic.grant(reader, "busy"), "Marchandeau") == found(clinic.grant(reader, "none"), "Marchandeau") == []
    )


def test_a_care_link_is_somebodys_or_a_resources_and_written_once() -> None:
    ada, clinic = account(), practice()
    kept = written(ada)
    fields = {"patient_id": kept.id, "why": "created", "source": kept.id, "since": datetime.now(UTC)}
    for whose in ({}, {"person_id": ada.id, "resource_id": clinic.agenda}, {"person_id": ada.id}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CareLink.objects.create(**fields, **whose)


def test_only_a_person_reads_patients() -> None:
    with pytest.raises(Forbidden):
        access.patients(SYSTEM)


def test_who_is_not_verified_reads_and_writes_nobody() -> None:
    impostor = account(verified=False)
    with pytest.raises(NotVerified):
        written(impostor)
    with pytest.raises(NotVerified):
        found(impostor, "Marchandeau")


def test_an_erased_key_leaves_nothing_of_a_patient() -> None:
    ada = account()
    kept = written(ada)
    vault.erase(f"p:{kept.id}")
    with pytest.raises(vault.Unreadable):
        vault.key_for_sealing(f"p:{kept.id}").open(Patient.objects.get().sealed, "patient")
