"""Organisations, their sites and members, the resources they have, and who may do what with those."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from identity.accounts.models import Function, Person
from identity.organisations.levels import EVERY_LEVEL


class Organisation(models.Model):
    """A practice, an establishment, a CPTS, or a service of an establishment: what takes the one takes the other."""

    class Kind(models.TextChoices):
        PRACTICE = "practice"
        ESTABLISHMENT = "establishment"
        CPTS = "cpts"
        SERVICE = "service"

    class AccessRule(models.TextChoices):
        """Who decides what members may do."""

        OWNERS = "owners"
        OWNERS_AND_ADMINISTRATORS = "owners_and_administrators"
        AGENDA_MANAGERS = "agenda_managers"
        """Owners, administrators, and whoever manages an agenda, for that agenda."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)
    search_name = models.CharField(max_length=500, blank=True)
    """The folded words of its name, each with a space before it (``views.search_name``)."""
    kind = models.CharField(max_length=20, choices=Kind)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="services")
    """The establishment that a service is a part of: its owners and administrators look after the service too."""
    finess = models.CharField(max_length=9, null=True)
    """The number of the national file of establishments, checked: there is one organisation of each."""
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    website = models.CharField(max_length=200, blank=True)
    hours = models.JSONField(default=list)
    """When somebody answers: ``wire_organisations.HoursForm``, as JSON."""
    specialities = ArrayField(models.CharField(max_length=20), default=list)
    """Codes of the register's nomenclature."""
    access_rule = models.CharField(max_length=30, choices=AccessRule, default=AccessRule.OWNERS)
    own_patients_only = models.BooleanField(default=False)
    """Practitioners see no more than times in agendas that are not their own."""
    schedules_shown = models.BooleanField(default=False)
    """Every practitioner of the organisation sees when its agendas are busy, and nothing else of them."""
    lock_at_most = models.PositiveSmallIntegerField(null=True)
    """The longest, in minutes, after which its members' devices lock; none: as each of them chooses."""
    demands_document = models.BooleanField(default=False)
    """Staff who are vouched for prove their identity with a document as well."""
    created_at = models.DateTimeField()
    request_digest = models.BinaryField(max_length=32, default=b"")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="service", parent__isnull=False) | (~Q(kind="service") & Q(parent=None)),
                name="service_is_a_part",
            ),
            models.UniqueConstraint(fields=["finess"], name="finess_once"),
        ]


class Site(models.Model):
    """Where an organisation receives patients; its zone is the clock of its agendas."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Paris")
    request_digest = models.BinaryField(max_length=32, default=b"")


class Membership(models.Model):
    """A person as a member of an organisation; ended, never deleted."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    function = models.CharField(max_length=20, choices=Function)
    administrator = models.BooleanField(default=False)
    owner = models.BooleanField(default=False)
    coordinator = models.BooleanField(default=False)
    """A mark beside the function: may invite, and follows what becomes of invitations."""
    notes_hidden = models.BooleanField(default=False)
    """Sees times, reasons and identities, and not what was written about patients."""
    dashboard_hidden = models.BooleanField(default=False)
    may_export = models.BooleanField(default=False)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    vouched_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """The owner or administrator who answers for the identity of somebody without a number in the register."""
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "organisation"], condition=Q(left_at=None), name="membership_once_at_a_time"
            ),
            # Who is vouched for works for whoever vouched, and owns nothing.
            models.CheckConstraint(condition=Q(vouched_by=None) | Q(owner=False), name="vouched_member_owns_nothing"),
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
    name = models.CharField(max_length=200)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="resources")
    """Whose it is: the practitioner of an agenda, whoever a messaging profile speaks for. None: the organisation's."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kind="agenda") | Q(site__isnull=False), name="agenda_is_at_a_site"),
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=Q(kind="profile"),
                nulls_distinct=False,
                name="profile_once",
            ),
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


class ProfileRequest(models.Model):
    """Somebody is to read or answer a colleague's messages, as soon as that colleague agrees."""

    id = models.UUIDField(primary_key=True)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="requests", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    level = models.CharField(max_length=10)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resource", "person"], condition=Q(answered_at=None), name="profile_request_once"
            ),
        ]


class Invitation(models.Model):
    """A way into an organisation, or onto Relais: by mail to one person, by a link for several, or as an account that
    an administrator prepares for a member of staff.

    The token is made from the id with a key of this deployment (``invitation_tokens``), and stands in the link's
    fragment alone: here is its digest.
    """

    class Kind(models.TextChoices):
        MAIL = "mail"
        LINK = "link"
        ACCOUNT = "account"

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="invitations", db_index=False
    )
    """None: a colleague invites to Relais, and to no organisation."""
    email = models.EmailField(blank=True)
    first_name = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=120, blank=True)
    function = models.CharField(max_length=20, choices=Function, default=Function.PRACTITIONER)
    administrator = models.BooleanField(default=False)
    levels = models.JSONField(default=list)
    """What an account comes with, as it was when it was prepared: pairs of a resource and a level."""
    profiles = models.JSONField(default=list)
    """The messaging profiles that an account is to have, when their people agree: pairs of a person and a level."""
    rpps = models.CharField(max_length=11, blank=True)
    """The number in the register that the person is said to have; they prove it by themselves."""
    batch = models.UUIDField(null=True)
    """The request that invited a whole list."""
    vouched = models.BooleanField(default=False)
    """Whoever prepares the account answers for the identity of the person."""
    staff_too = models.BooleanField(default=False)
    """A link is for members of staff too, and not for professionals alone."""
    confirmed_each = models.BooleanField(default=False)
    """Whoever comes by it waits until somebody who may invite lets them in."""
    note = models.CharField(max_length=1000, blank=True)
    uses = models.PositiveSmallIntegerField(default=1)
    used = models.PositiveSmallIntegerField(default=0)
    number = models.PositiveSmallIntegerField(default=1)
    """Which address it was sent to: each has a token of its own."""
    token_digest = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    """When the link was first looked at."""
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, blank=True)
    """Why the mail did not arrive, as a code."""
    request_digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(used__lte=F("uses")), name="invitation_used_as_often_as_it_may"),
            models.CheckConstraint(condition=Q(kind="link") | ~Q(email=""), name="invitation_goes_to_somebody"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-invited_at", "-id"], name="invitation_of_organisation"),
            models.Index(fields=["email"], condition=~Q(email=""), name="invitation_to"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="invitation_of_batch"),
        ]


class Arrival(models.Model):
    """Somebody who came by an invitation, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        REFUSED = "refused"

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="arrivals", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State)
    at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["invitation", "person"], name="arrival_once")]
