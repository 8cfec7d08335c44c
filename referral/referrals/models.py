"""Referrals."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from identity.accounts.models import Person
from identity.patients.models import Patient
from referral.scheduling.models import Appointment


class Referral(models.Model):
    """A patient handed on by one professional to another, with what was written about them."""

    id = models.UUIDField(primary_key=True)
    referrer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    practitioner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="referrals")
    """The record of the organisation that receives the patient."""
    referrer_patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    """The record that the referrer keeps: the same when both sides are of one organisation."""
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10)
    """A ``ReferralState`` of ``lifecycle``."""
    seen_before = models.BooleanField()
    sealed_message = models.BinaryField(default=b"")
    conversation = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    request_digest = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["referrer", "-created_at", "-id"], name="referral_made"),
            models.Index(fields=["practitioner", "-created_at", "-id"], name="referral_received"),
        ]
