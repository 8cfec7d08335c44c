"""Writing patients down."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from referral.patients import queries
from referral.patients.models import Patient, PatientName
from referral.patients.rules import validate_patient
from referral.patients.wire import CreatePatient, CreatePatientResult, PatientForm
from referral.scheduling import access as scheduling_access
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.wire.errors import NotFound

HOME = ZoneInfo("Europe/Paris")
"""Whose date is today's when no site says otherwise."""


def create_patient(actor: Actor, command: CreatePatient, tx: Transaction) -> CreatePatientResult:
    """Keeps a patient whose details pass every rule; the same request again keeps nothing more."""
    scheduling_access.person(actor)
    request = request_digest(actor, command)
    form = validate_patient(command.patient, tx.now.astimezone(HOME).date(), "$.params.patient")
    if not Patient.objects.filter(id=command.id).exists():
        fresh = patient_row(command.id, form, vault.key_for_sealing(queries.owner(command.id)), actor, request, tx.now)
        Patient.objects.bulk_create([fresh], ignore_conflicts=True)
        PatientName.objects.bulk_create(queries.names(command.id, form), ignore_conflicts=True)
    row = Patient.objects.get(id=command.id)
    require_same(row.request_digest, request)
    kept = queries.opened(row)
    if kept is None:
        raise NotFound  # The patient was created by this request, and erased since.
    return CreatePatientResult(patient=queries.patient_view(row.id, kept))


def patient_row(
    patient: UUID, form: PatientForm, key: vault.Key, actor: Actor, request: bytes, now: datetime
) -> Patient:
    """The row, sealed with the patient's own key."""
    sealed = key.seal(msgspec.json.encode(form), queries.CONTEXT)
    return Patient(
        id=patient, sealed=sealed, created_by_id=scheduling_access.person(actor), created_at=now, request_digest=request
    )
