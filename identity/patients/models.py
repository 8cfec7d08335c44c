"""Patients' records, each of one organisation, and the care links by which they are open to somebody."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from identity.accounts.models import Person
from identity.organisations.models import Organisation, Resource


class Patient(models.Model):
    """What one organisation has written down about a patient. Everything that says who they are is sealed with a key of
    the record's own.

    Another organisation that receives the patient has a record of its own: a change of one never changes the other.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    """Whose record it is; its creator's alone when they belonged to no organisation."""
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """The record of another organisation that this one was made from."""
    sealed = models.BinaryField()
    """The checked ``wire.PatientForm`` as JSON."""
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    request_digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["origin", "organisation"], name="patient_once_from_an_origin"),
        ]


class PatientName(models.Model):
    """A blind index: the keyed digest of a family or birth name with the birth date, by which duplicates
    are found.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="names")
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["digest", "patient"], name="patient_name_once")]


class CareLink(models.Model):
    """Why a record is open to somebody: to one person, or to whoever may read a resource at the time.

    Written by the room that has the reason, in the transaction of its cause. Nothing else opens a record.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="care_links", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=20)
    """The word of the room that wrote it: ``created``, ``referred``, ``received``, ``appointment``."""
    source = models.UUIDField()
    """What it comes from: the referral, the appointment, or the record itself."""
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    """From then on it opens nothing; NULL for as long as nobody ends it."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person=None, resource__isnull=False) | Q(person__isnull=False, resource=None),
                name="care_link_is_of_a_person_or_a_resource",
            ),
            models.UniqueConstraint(
                fields=["patient", "why", "source", "person", "resource"],
                nulls_distinct=False,
                name="care_link_once",
            ),
        ]
        # How many somebody has written down of late (``actions.create_patient``).
        indexes: ClassVar = [
            models.Index(fields=["person", "since"], condition=Q(why="created"), name="care_link_created"),
        ]
