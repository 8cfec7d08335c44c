"""Patients, opened for whoever may read them; every reading is in the audit log."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec

from identity.names import key, surname_keys
from identity.patients import access
from identity.patients.models import Patient, PatientName
from identity.patients.wire import PatientForm, Patients, PatientView, SearchPatients
from server.kernel import paging, vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction

log = logging.getLogger("identity.patients")

FOUND_AT_MOST = 20
CONTEXT = "patient"
"""What a patient's details are sealed for."""

_form = msgspec.json.Decoder(PatientForm)


def search_patients(actor: Actor, command: SearchPatients, tx: Transaction) -> Patients:
    """Records open to the caller of somebody born that day whose name may be this one, those with the first name first.

    Only among these are duplicates sought: whether another organisation knows the patient is not to be learnt here.
    """
    surnames = _surname_keys(command.family_name, command.birth_name)
    first = key(command.first_names or "")
    digests = _digests(surnames | {first} if first else surnames, command.birth_date)
    indexed = PatientName.objects.filter(digest__in=digests).values("patient")
    rows = list(access.patients(actor).filter(id__in=indexed).order_by("-created_at")[: FOUND_AT_MOST + 1])
    found = rows[:FOUND_AT_MOST]
    views = patient_views(found)
    likely = [view for view in views.values() if _may_be(view, surnames, first)]
    likely.sort(key=lambda one: not (first and key(one.first_names).startswith(first)))
    shown = paging.fitting(likely)
    if shown:
        tx.audit(actor, "patient.read", about=[one.id for one in shown], by="search")
    return Patients(
        patients=shown,
        erased=[row.id for row in found if row.id not in views],
        more=len(rows) > len(found) or len(shown) < len(likely),
    )


def _may_be(view: PatientView, surnames: frozenset[str], first: str) -> bool:
    """Whether a surname is the one looked for; or, with names exchanged, the surname is the first name and the first
    name a surname."""
    theirs = _surname_keys(view.family_name, view.birth_name)
    return bool(theirs & surnames) or (first in theirs and key(view.first_names) in surnames)


def patient_views(rows: Iterable[Patient], keys: vault.ReadingKeys | None = None) -> dict[UUID, PatientView]:
    """The details of those patients whose details open: the others are erased, or damaged. At most one statement,
    for the keys that are not given."""
    patients = list(rows)
    keys = keys or reading_keys(patient.id for patient in patients)
    forms = {patient.id: opened(patient, keys) for patient in patients}
    return {patient: patient_view(patient, form) for patient, form in forms.items() if form is not None}


def reading_keys(patients: Iterable[UUID]) -> vault.ReadingKeys:
    """The keys there are to read what is written about these patients. At most one statement."""
    return vault.keys_for_reading(owner(patient) for patient in patients)


def opened(row: Patient, keys: vault.ReadingKeys | None = None) -> PatientForm | None:
    """A patient's details; None when they are erased, or do not open."""
    plain = (keys or reading_keys([row.id])).open(owner(row.id), row.sealed, CONTEXT)
    try:
        return None if plain is None else _form.decode(plain)
    except msgspec.MsgspecError:
        log.error("patient does not decode", extra={"fields": {"patient": str(row.id)}})
        return None


def patient_view(patient: UUID, form: PatientForm) -> PatientView:
    return PatientView(id=patient, **{field: getattr(form, field) for field in PatientForm.__struct_fields__})


def owner(patient: UUID) -> str:
    """Under whose key everything about a patient is sealed: erasing it erases them from every table and
    backup.
    """
    return f"p:{patient}"


def name_digests(form: PatientForm) -> list[bytes]:
    """What the patient is found again by."""
    return _digests(_surname_keys(form.family_name, form.birth_name), form.birth_date)


def _surname_keys(family_name: str, birth_name: str | None) -> frozenset[str]:
    return surname_keys(family_name) | surname_keys(birth_name or "")


def _digests(surnames: Iterable[str], born: date) -> list[bytes]:
    """The blind index of each name with the birth date."""
    return [vault.keyed_digest(f"patient|{name}|{born}".encode()) for name in sorted(surnames)]
