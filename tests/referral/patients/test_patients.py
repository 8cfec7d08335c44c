"""Patients who are written down, and found again by whoever may read them."""

from __future__ import annotations

from datetime import date

import pytest

from referral.patients.models import Patient
from referral.patients.wire import CreatePatient, PatientForm, PatientView, SearchPatients
from server.kernel import vault
from server.kernel.dispatch import dispatch
from server.kernel.wire.errors import IdTaken, Invalid, NotVerified
from tests.factories import Account, account, uuid7
from tests.referral.practice import patient, practice

pytestmark = pytest.mark.django_db


def written(by: Account, form: PatientForm | None = None) -> PatientView:
    found: PatientView = dispatch(by.actor, CreatePatient(id=uuid7(), patient=form or patient())).patient
    return found


def found(by: Account, family_name: str, **fields: str) -> list[PatientView]:
    command = SearchPatients(family_name=family_name, birth_date=date(1954, 3, 14), **fields)
    patients: list[PatientView] = dispatch(by.actor, command).patients
    return patients


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


def test_whoever_receives_a_patient_finds_them() -> None:
    ada, clinic = account(), practice()
    kept = clinic.book(ada, "09:20").referral.patient
    secretary, passer_by = clinic.grant(account(), "read"), clinic.grant(account(), "busy")
    assert found(clinic.practitioner, "Marchandeau") == found(secretary, "Marchandeau") == [kept]
    assert found(passer_by, "Marchandeau") == []


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
