"""Organisations, their sites and members, the resources they have, and who may do what with those."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from identity.accounts.models import Function, Person
from identity.organisations.levels import EVERY_LEVEL


class Organisation(models.Model):
    """A practice, an establishment or a CPTS."""

    class Kind(models.TextChoices):
        PRACTICE = "practice"
        ESTABLISHMENT = "establishment"
        CPTS = "cpts"

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    created_at = models.DateTimeField()


class Site(models.Model):
    """Where an organisation receives patients; its zone is the clock of its agendas."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Paris")


class Membership(models.Model):
    """A person as a member of an organisation; ended, never deleted."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    function = models.CharField(max_length=20, choices=Function)
    administrator = models.BooleanField(default=False)
    owner = models.BooleanField(default=False)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "organisation"], condition=Q(left_at=None), name="membership_once_at_a_time"
            )
        ]


class Resource(models.Model):
    """Something of an organisation on which people are given levels: an agenda, a profile, a room, a device.

    The room of the code that knows what a kind is for keeps its own row beside this one, under the same id.
    """

    class Kind(models.TextChoices):
        AGENDA = "agenda"
        PROFILE = "profile"
        ROOM = "room"
        DEVICE = "device"

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="resources")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="resources")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kind="agenda") | Q(site__isnull=False), name="agenda_is_at_a_site"),
        ]


class Right(models.Model):
    """The level that somebody has on a resource; no row is no level."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="rights", db_index=False)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="rights")
    level = models.CharField(max_length=10)
    """One of ``levels.LEVELS`` for the kind of the resource."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "resource"], name="right_once"),
            models.CheckConstraint(condition=Q(level__in=EVERY_LEVEL), name="right_is_a_level"),
        ]
