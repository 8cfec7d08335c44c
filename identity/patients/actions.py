"""Writing patients down, one by one or many in a transaction of another room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from identity.accounts.access import verified
from identity.patients import queries
from identity.patients.models import CareLink, Patient, PatientName
from identity.patients.refusals import TooManyPatients
from identity.patients.rules import validate_patient
from identity.patients.wire import CreatePatient, CreatePatientResult, PatientForm
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.bulk_insert import insert, insert_values
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.wire.errors import NotFound

A_DAY = 300
"""Patients that one person writes down in 24 hours, those of their bookings counted: more than the busiest desk."""
DAY = timedelta(days=1)
HOME = ZoneInfo("Europe/Paris")
"""Whose date is today's when no site says otherwise."""
CREATED = "created"
"""Why a record is open to who wrote it down."""


@dataclass(frozen=True, slots=True)
class NewPatient:
    """A record to be written; with an ``origin`` it is made from the record of another organisation."""

    id: UUID
    form: PatientForm
    organisation: UUID | None
    created_by: UUID
    request: bytes
    origin: UUID | None = None


def create_patient(actor: Actor, command: CreatePatient, tx: Transaction) -> CreatePatientResult:
    """Keeps a patient whose details pass every rule, for the organisation that the caller acts for. The same request
    again keeps nothing more.
    """
    caller, request = verified(actor), request_digest(actor, command)
    form = validate_patient(command.patient, tx.now.astimezone(HOME).date(), "$.params.patient")
    if not Patient.objects.filter(id=command.id).exists():
        _require_few(caller, tx)
        fresh = NewPatient(command.id, form, actor.organisation, caller, request)
        key = vault.key_for_sealing(queries.owner(command.id))
        Patient.objects.bulk_create([_row(fresh, key, tx.now)], ignore_conflicts=True)
        names = [PatientName(patient_id=command.id, digest=digest) for digest in queries.name_digests(form)]
        PatientName.objects.bulk_create(names, ignore_conflicts=True)
        CareLink.objects.bulk_create([CareLink(**created_link(fresh, tx.now)._asdict())], ignore_conflicts=True)
    row = Patient.objects.get(id=command.id)
    require_same(row.request_digest, request)
    kept = queries.opened(row)
    if kept is None:
        raise NotFound  # The patient was created by this request, and erased since.
    return CreatePatientResult(patient=queries.patient_view(row.id, kept))


def _require_few(person: UUID, tx: Transaction) -> None:
    """Returns when this person may write down one more. Their requests wait for each other here, so that many at once
    are counted too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"patients {person}"])
    recent = CareLink.objects.filter(person=person, why=CREATED, since__gt=tx.now - DAY).order_by("-since")
    oldest = list(recent.values_list("since", flat=True)[A_DAY - 1 : A_DAY])
    if oldest:
        raise TooManyPatients(A_DAY, (oldest[0] + DAY - tx.now).total_seconds())


def insert_patients(patients: Sequence[NewPatient], keys: Mapping[str, vault.Key], now: datetime) -> None:
    """Writes records, each sealed with its key out of ``keys`` (by ``queries.owner``). Two statements; they are open to
    nobody until the care links are written.
    """
    insert([_row(patient, keys[queries.owner(patient.id)], now) for patient in patients])
    names = [(patient.id, digest) for patient in patients for digest in queries.name_digests(patient.form)]
    insert_values(PatientName, ("patient_id", "digest"), names)


class NewLink(NamedTuple):
    """A care link that is to be written, of a person or of a resource."""

    patient_id: UUID
    person_id: UUID | None
    resource_id: UUID | None
    why: str
    source: UUID
    since: datetime


def insert_links(links: Sequence[NewLink]) -> None:
    """Opens records to people and resources. One statement."""
    insert_values(CareLink, NewLink._fields, links)


def created_link(patient: NewPatient, now: datetime) -> NewLink:
    """The care link of who wrote the record down."""
    return NewLink(patient.id, patient.created_by, None, CREATED, patient.id, now)


def _row(patient: NewPatient, key: vault.Key, now: datetime) -> Patient:
    return Patient(
        id=patient.id,
        organisation_id=patient.organisation,
        origin_id=patient.origin,
        sealed=key.seal(msgspec.json.encode(patient.form), queries.CONTEXT),
        created_by_id=patient.created_by,
        created_at=now,
        request_digest=patient.request,
    )
