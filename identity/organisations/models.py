"""People, their organisations, and the sessions by which they are signed in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from identity.accounts.models import Function, Person


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
    """A person's place in an organisation; ended, never deleted."""

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
