"""The only way to a patient's record: a care link that opens it to the caller now.

No membership opens a record by itself: neither the colleague of whoever referred the patient, nor the colleague of
whoever received them.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from identity.accounts.access import verified
from identity.organisations import access as organisations_access
from identity.patients.models import CareLink, Patient
from server.kernel.authentication import Actor
from server.kernel.wire.errors import Forbidden, NotFound

NOW = Q(until=None) | Q(until__gt=Now())
"""Care links that open something at this moment."""


def patients(actor: Actor) -> QuerySet[Patient]:
    """The records that are open to the caller: by a care link of their own, or of an agenda that they may read."""
    person = verified(actor)
    agendas = organisations_access.resources(person, "agenda", "read")
    theirs = Q(person=person) | Q(resource__in=agendas.values("pk"))
    return Patient.objects.filter(Exists(CareLink.objects.filter(theirs, NOW, patient=OuterRef("pk"))))


def own(person: UUID) -> QuerySet[Patient]:
    """The records of this person's own patients: a care link names the person, and no agenda."""
    return Patient.objects.filter(pk__in=CareLink.objects.filter(NOW, person=person).values("patient"))


def is_own(person: UUID, patient: str) -> Exists:
    """A condition on rows of any table: a link of the person's own opens the record in column ``patient``."""
    return Exists(CareLink.objects.filter(NOW, person=person, patient=OuterRef(patient)))


def patient(actor: Actor, wanted: UUID) -> Patient:
    """One record that is open to the caller."""
    found = patients(actor).filter(pk=wanted).first()
    if found is None:
        raise NotFound
    return found


def organisation_of(wanted: UUID) -> UUID | None:
    """The organisation that keeps a record, if any does: to lock it before it is asked who may."""
    return Patient.objects.filter(pk=wanted).values_list("organisation", flat=True).first()


def shared_patient(actor: Actor, wanted: UUID) -> Patient:
    """One record, locked, that the caller may open to colleagues of the organisation that keeps it."""
    found = patients(actor).select_for_update(of=("self",), no_key=True).filter(pk=wanted).first()
    if found is None:
        raise NotFound
    if not may_share(actor, found):
        raise Forbidden("This is for the patient's practitioners and for those who manage the agenda: ask one.")
    return found


def may_share(actor: Actor, found: Patient) -> bool:
    """Whether a record that is open to the caller is theirs to open to others: it is their own patient's, or of an
    agenda that they manage. Two statements at most."""
    person = verified(actor)
    if found.organisation_id is None or not organisations_access.is_member(found.organisation_id, person):
        return False
    managed = organisations_access.resources(person, "agenda", "manage")
    theirs = Q(person=person) | Q(resource__in=managed.values("pk"))
    return CareLink.objects.filter(theirs, NOW, patient=found.pk).exists()
