"""Agendas, what makes their slots, and the appointments in them."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from identity.accounts.models import Person
from identity.organisations.models import Resource, Site
from identity.patients.models import Patient
from referral.scheduling.bounds import FIRST_DAY, LAST_DAY, LEAST_STEP
from referral.scheduling.lifecycle import OCCUPYING, UNBOOKED


class Agenda(models.Model):
    """A resource of kind ``agenda`` as scheduling sees it: whose it is, and by which rules its slots are made.

    Its id is the resource's, which holds its site and its name. Its stream ``a:<id>`` numbers what happens in it. Its
    row lock comes first in everything that takes or gives back time.
    """

    resource = models.OneToOneField(Resource, on_delete=models.PROTECT, primary_key=True, related_name="agenda")
    practitioner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="agendas")
    step_minutes = models.PositiveSmallIntegerField(null=True)
    """The grid of the slots; the visit's own duration when there is none."""
    notice_minutes = models.PositiveIntegerField(default=0)
    horizon_days = models.PositiveSmallIntegerField(default=180)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    request_digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(step_minutes=None) | Q(step_minutes__gte=LEAST_STEP), name="agenda_step_is_not_tiny"
            )
        ]

    @property
    def id(self) -> UUID:
        """The resource's id, without reading the resource."""
        return self.resource_id

    @property
    def site(self) -> Site:
        """Where it is; ``agenda_is_at_a_site`` makes sure that there is one."""
        assert self.resource.site is not None  # noqa: S101
        return self.resource.site

    @property
    def zone(self) -> ZoneInfo:
        """The clock by which its openings, its days and its visits are told."""
        return ZoneInfo(self.site.time_zone)


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
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(minutes__gte=LEAST_STEP), name="reason_takes_its_time")
        ]


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
            ),
            models.CheckConstraint(
                condition=Q(day=None) | Q(day__range=(FIRST_DAY, LAST_DAY)), name="opening_day_is_meant_seriously"
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(since__range=(FIRST_DAY, LAST_DAY)), name="opening_since_is_meant_seriously"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since"), until__lte=LAST_DAY),
                name="opening_ends_after_it_began",
            ),
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
    agenda = models.ForeignKey(Agenda, on_delete=models.PROTECT, related_name="appointments", db_index=False)
    reason = models.ForeignKey(VisitReason, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    occupied = DateTimeRangeField()
    state = models.CharField(max_length=10)
    """A ``lifecycle.AppointmentState``."""
    booked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    """Who holds the slot, then who booked it."""
    hold_until = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    """When a hold was given back or expired."""
    request_digest = models.BinaryField(max_length=32)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="appointments")
    """The record of the agenda's organisation."""
    booker_patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    """The record with which it was booked: another one when whoever booked acted for another organisation."""
    booked_at = models.DateTimeField(null=True)
    referral = models.UUIDField(null=True)
    """The referral by which it was booked; whoever booked is then the referrer."""
    seen_before = models.BooleanField(null=True)
    """Whether the patient has been seen by the practitioner before, as far as whoever booked knew."""
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
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
                condition=Q(state__in=UNBOOKED, patient=None, booker_patient=None, booked_at=None)
                | Q(patient__isnull=False, booker_patient__isnull=False, booked_at__isnull=False)
                & ~Q(state__in=UNBOOKED),
                name="booked_for_a_patient",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["hold_until"], condition=Q(state="held"), name="appointment_holds"),
            models.Index(fields=["agenda", "starts_at"], name="appointment_of_agenda"),
            models.Index(
                fields=["booked_by", "hold_until"], condition=Q(state__in=UNBOOKED), name="appointment_unbooked_of"
            ),
            models.Index(
                fields=["booked_by", "agenda", "starts_at"],
                condition=Q(booked_at__isnull=False),
                name="appointment_booked_of",
            ),
        ]
