"""Writing patients down."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from referral import access
from referral.actions.requests import digest
from referral.models import Patient, PatientName
from referral.patients import checked
from referral.queries import patients
from referral.wire import CreatePatient, KeptPatient, PatientForm
from server import vault
from server.dispatch import Actor, Transaction
from server.errors import IdTaken

HOME = ZoneInfo("Europe/Paris")
"""Whose date is today's when no site says otherwise."""


def create_patient(actor: Actor, command: CreatePatient, tx: Transaction) -> KeptPatient:
    """Keeps a patient whose details pass every rule; the same request again keeps nothing more."""
    caller, request = access.person(actor), digest(actor, command)
    form = checked(command.patient, tx.now.astimezone(HOME).date(), "$.params.patient")
    fresh = patient_row(command.id, form, vault.key(patients.owner(command.id)), actor, request, tx.now)
    Patient.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Patient.objects.get(id=command.id)
    if row.created_by_id != caller or bytes(row.request_digest) != request:
        raise IdTaken
    PatientName.objects.bulk_create(patients.names(command.id, form), ignore_conflicts=True)
    return KeptPatient(patient=patients.patient_view(row.id, patients.opened(row)))


def patient_row(
    patient: UUID, form: PatientForm, key: vault.Key, actor: Actor, request: bytes, now: datetime
) -> Patient:
    """The row, sealed with the patient's own key."""
    sealed = key.seal(msgspec.json.encode(form), patients.CONTEXT)
    return Patient(
        id=patient, sealed=sealed, created_by_id=access.person(actor), created_at=now, request_digest=request
    )
