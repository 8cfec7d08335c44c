"""Agendas and what makes their slots, patients, appointments, referrals, and what patients are yet to be
told.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from identity.accounts.models import Person


class Patient(models.Model):
    """A patient. Everything that says who they are is sealed with a key of their own."""

    id = models.UUIDField(primary_key=True)
    sealed = models.BinaryField()
    """The checked ``wire.PatientForm`` as JSON."""
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    request_digest = models.BinaryField(max_length=32)


class PatientName(models.Model):
    """A blind index: the keyed digest of a family or birth name with the birth date, by which duplicates
    are found.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="names")
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["digest", "patient"], name="patient_name_once")]
