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
from server.kernel.wire.errors import NotFound

_NOW = Q(until=None) | Q(until__gt=Now())


def patients(actor: Actor) -> QuerySet[Patient]:
    """The records that are open to the caller: by a care link of their own, or of an agenda that they may read."""
    person = verified(actor)
    agendas = organisations_access.resources(person, "agenda", "read")
    theirs = Q(person=person) | Q(resource__in=agendas.values("pk"))
    return Patient.objects.filter(Exists(CareLink.objects.filter(theirs, _NOW, patient=OuterRef("pk"))))


def own(person: UUID) -> QuerySet[Patient]:
    """The records of this person's own patients: a care link names the person, and no agenda."""
    return Patient.objects.filter(pk__in=CareLink.objects.filter(_NOW, person=person).values("patient"))


def is_own(person: UUID, patient: str) -> Exists:
    """A condition on rows of any table: a link of the person's own opens the record in column ``patient``."""
    return Exists(CareLink.objects.filter(_NOW, person=person, patient=OuterRef(patient)))


def patient(actor: Actor, wanted: UUID) -> Patient:
    """One record that is open to the caller."""
    found = patients(actor).filter(pk=wanted).first()
    if found is None:
        raise NotFound
    return found
