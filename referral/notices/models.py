"""What patients are yet to be told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from referral.scheduling.models import Appointment


class Notice(models.Model):
    """Something a patient is to be told from ``due_at`` on: written with its cause, handed over once.

    It holds no words and no number: both are taken from the appointment when it is handed over, so that a due
    notice says nothing about anybody, and what has been cancelled in between is not said.
    """

    class Kind(models.TextChoices):
        BOOKED = "booked"
        REMINDER = "reminder"
        CANCELLED = "cancelled"

    class Channel(models.TextChoices):
        SMS = "sms"
        EMAIL = "email"

    class Outcome(models.TextChoices):
        HANDED = "handed"
        DROPPED = "dropped"
        FAILED = "failed"

    key = models.CharField(max_length=80, unique=True)
    """``<appointment>/<kind>/<channel>/<number>``: written twice, it is told once."""
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=5, choices=Channel)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(settled_at=None), name="notice_due"),
        ]
