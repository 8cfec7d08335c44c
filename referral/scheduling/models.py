"""Agendas and what makes their slots, patients, appointments, referrals, and what patients are yet to be
told.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from identity.accounts.models import Person
from identity.organisations.models import Site
from referral.patients.models import Patient

OCCUPYING = ["held", "booked", "arrived", "done", "no_show"]
"""``lifecycle.OCCUPYING`` as the constraint spells it; a test holds the two together."""


class Agenda(models.Model):
    """A practitioner's agenda at a site; its stream ``a:<id>`` numbers what happens in it.

    Its row lock comes first in everything that takes or gives back time.
    """

    id = models.UUIDField(primary_key=True)
    practitioner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="agendas")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="agendas")
    name = models.CharField(max_length=120)
    step_minutes = models.PositiveSmallIntegerField(null=True)
    """The grid of the slots; the visit's own duration when there is none."""
    notice_minutes = models.PositiveIntegerField(default=0)
    horizon_days = models.PositiveSmallIntegerField(default=180)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    request_digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(step_minutes=None) | Q(step_minutes__gt=0), name="agenda_step_advances")
        ]


class AgendaAccess(models.Model):
    """What somebody other than its practitioner may do with an agenda; no row is no access."""

    class Level(models.TextChoices):
        BUSY = "busy"
        READ = "read"
        BOOK = "book"
        MANAGE = "manage"

    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="accesses")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="agenda_accesses")
    level = models.CharField(max_length=10, choices=Level)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "agenda"], name="agenda_access_once")]


class VisitReason(models.Model):
    """Why a patient comes, how long it takes, and what must stay free around it. Ended, never deleted."""

    id = models.UUIDField(primary_key=True)
    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="reasons")
    name = models.CharField(max_length=200)
    minutes = models.PositiveSmallIntegerField()
    before_minutes = models.PositiveSmallIntegerField(default=0)
    after_minutes = models.PositiveSmallIntegerField(default=0)
    instructions = models.TextField(blank=True)
    for_referrers = models.BooleanField(default=True)
    """Whether colleagues may book it; otherwise it is for the agenda's own staff."""
    position = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(minutes__gt=0), name="reason_takes_time")]


class Opening(models.Model):
    """When an agenda is open, by the site's clocks: on a weekday (Monday is 0) or on one day."""

    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="openings")
    weekday = models.PositiveSmallIntegerField(null=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    every = models.PositiveSmallIntegerField(default=1)
    day = models.DateField(null=True)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(weekday__lt=7, since__isnull=False, every__gt=0, day=None)
                | Q(weekday=None, since=None, until=None, day__isnull=False),
                name="opening_is_weekly_or_once",
            )
        ]


class Absence(models.Model):
    """When nobody can be booked although the agenda is open: whole days of the site, or between two
    instants.
    """

    id = models.UUIDField(primary_key=True)
    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField(null=True)
    until_day = models.DateField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    request_digest = models.BinaryField(max_length=32, default=b"")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(first_day__lt=F("until_day"), starts_at=None, ends_at=None)
                | Q(starts_at__lt=F("ends_at"), first_day=None, until_day=None),
                name="absence_is_of_days_or_instants",
            )
        ]


class Appointment(models.Model):
    """Time of an agenda that is held, then booked: one row from the first touch to the visit.

    ``occupied`` is the visit with its buffers. The exclusion constraint over it is the last word on double
    booking, whatever came before; holds stand in the same table so that it sees them.
    """

    id = models.UUIDField(primary_key=True)
    agenda = models.ForeignKey(Agenda, on_delete=models.PROTECT, related_name="appointments")
    reason = models.ForeignKey(VisitReason, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    occupied = DateTimeRangeField()
    state = models.CharField(max_length=10)
    """An ``AppointmentState`` of ``referral.lifecycle``."""
    held_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    hold_until = models.DateTimeField()
    request_digest = models.BinaryField(max_length=32)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="appointments")
    referral = models.UUIDField(null=True)
    """The referral by which it was booked; whoever held the slot is then the referrer."""
    seen_before = models.BooleanField(null=True)
    """Whether the practitioner knows the patient, as the referrer said."""
    booked_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    sealed_cancellation = models.BinaryField(default=b"")

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="time_of_an_agenda_once",
                expressions=[("agenda", RangeOperators.EQUAL), ("occupied", RangeOperators.OVERLAPS)],
                condition=Q(state__in=OCCUPYING),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at"))
                & Q(
                    occupied__contains=Func(
                        F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()
                    )
                )
                & Q(occupied__lower_inc=True, occupied__upper_inc=False),
                name="visit_lies_in_what_it_occupies",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "released"], patient=None, booked_at=None)
                | Q(patient__isnull=False, booked_at__isnull=False) & ~Q(state__in=["held", "released"]),
                name="booked_for_a_patient",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["hold_until"], condition=Q(state="held"), name="appointment_holds"),
            models.Index(fields=["agenda", "starts_at"], name="appointment_of_agenda"),
        ]
