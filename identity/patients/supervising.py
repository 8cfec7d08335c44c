"""Which practitioners look after a patient: their primary one, the one who supervises, and the others.

They are people with a care link of their own who practise in the organisation of the record. The primary one received
the patient; the one who supervises is named here, and the record is open to them from then on.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models.functions import Now

from identity.organisations import access as organisations_access
from identity.patients import access
from identity.patients.models import CareLink, Patient
from identity.patients.wire import (
    CandidateView,
    ListPractitioners,
    NameSupervisor,
    PatientPractitioners,
    PatientPractitionerView,
    PractitionerRole,
)
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import Forbidden

SUPERVISING, RECEIVED = "supervising", "received"
CANDIDATES = 200
"""Practitioners of the organisation that are offered, at most."""


def list_practitioners(actor: Actor, command: ListPractitioners, tx: Transaction) -> PatientPractitioners:
    """Who looks after a patient whose record is open to the caller."""
    return _view(actor, access.patient(actor, command.patient), tx)


def name_supervisor(actor: Actor, command: NameSupervisor, tx: Transaction) -> PatientPractitioners:
    """Names who supervises, in place of whoever did; or nobody. The organisation is locked: nobody leaves it meanwhile,
    so that no link is left to somebody who has left."""
    organisation = access.organisation_of(command.patient)
    if organisation is not None:
        organisations_access.hold(organisation)
    row = access.shared_patient(actor, command.patient)
    wanted = command.practitioner
    if wanted is not None and not organisations_access.practising(row.organisation_id).filter(person=wanted).exists():
        raise Forbidden("Only a practitioner of the organisation that keeps the record can supervise: choose one.")
    links = CareLink.objects.filter(patient=row, why=SUPERVISING)
    links.filter(access.NOW).exclude(person=wanted).update(until=Now())
    if wanted is not None and not links.filter(access.NOW, person=wanted).exists():
        CareLink.objects.update_or_create(
            patient=row,
            why=SUPERVISING,
            source=row.pk,
            person_id=wanted,
            resource=None,
            defaults={"since": tx.now, "until": None},
        )
    return _view(actor, row, tx)


def _view(actor: Actor, row: Patient, tx: Transaction) -> PatientPractitioners:
    """As the caller sees it, who has read it then. Six statements at most."""
    tx.audit(actor, "patient.read", row.pk, [row.pk], by="practitioners")
    practising = organisations_access.practising(row.organisation_id).select_related("person")
    links = CareLink.objects.filter(access.NOW, patient=row, person__isnull=False).values_list("person", "why")
    reasons: dict[UUID, set[str]] = {}
    for person, why in links.order_by("since", "pk"):
        reasons.setdefault(person, set()).add(why)
    names = {one.person_id: one.person.name for one in practising.filter(person__in=reasons)}
    may_name = access.may_share(actor, row)
    return PatientPractitioners(
        patient=row.pk,
        practitioners=[
            PatientPractitionerView(person=person, name=names[person], role=role)
            for person, why in reasons.items()
            if person in names
            for role in _roles(why)
        ],
        abilities=["supervise"] if may_name else [],
        candidates=_candidates(row) if may_name else [],
    )


def _candidates(row: Patient) -> list[CandidateView]:
    practising = organisations_access.practising(row.organisation_id).select_related("person")
    first = practising.order_by("person__last_name", "person__first_name", "person")[:CANDIDATES]
    return [CandidateView(person=one.person_id, name=one.person.name) for one in first]


def _roles(why: set[str]) -> list[PractitionerRole]:
    roles: list[PractitionerRole] = []
    if RECEIVED in why:
        roles.append("primary")
    if SUPERVISING in why:
        roles.append("supervising")
    return roles or ["other"]
