"""The sessions by which people are signed in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from identity.accounts.models import Person


class Session(models.Model):
    """One signed-in device: a browser's cookie or a bearer token, of which only the digest is kept.

    A session without a person is a browser that has not signed in yet. Ended sessions stay as a trace.
    """

    class Kind(models.TextChoices):
        BROWSER = "browser"
        TOKEN = "token"  # noqa: S105  (the name of a kind, not a secret)

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="sessions", db_index=False)
    key_digest = models.BinaryField(max_length=32, unique=True)
    label = models.CharField(max_length=200, blank=True)
    opened_by = models.CharField(max_length=20, blank=True)
    """How its person signed in: ``password``, ``passkey``, ``psc``, ``cps``; empty for what the command line issued."""
    strong = models.BooleanField(default=False)
    """Whether that took two factors. Nothing clinical is open to a browser whose session is not."""
    confirmed_at = models.DateTimeField(null=True)
    """When the person last proved again that it is them who sits there: what is sensitive asks for it."""
    provider_subject = models.CharField(max_length=255, blank=True)
    provider_session = models.CharField(max_length=255, blank=True)
    """Whom, and which of its sessions, the identity provider signed in: it tells us when that one ends."""
    lock_secret = models.BinaryField(null=True)
    """Sealed: what the key of this device's store is wrapped under, beside the code that its owner types."""
    lock_proof = models.BinaryField(max_length=32, null=True)
    """The digest of what the right code proves; without one the device has no code."""
    lock_attempts = models.PositiveSmallIntegerField(default=0)
    """Wrong codes since the last right one."""
    wipe_asked_at = models.DateTimeField(null=True)
    """Its owner has lost the device: what it keeps is destroyed when it next asks for anything."""
    wiped_at = models.DateTimeField(null=True)
    """When the device said that it had destroyed it."""
    data = models.TextField(blank=True)
    acting_for = models.ForeignKey(
        "identity.Organisation", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    """The organisation chosen for everything this session does. It counts as long as the person is a member."""
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(ended_at=None), name="session_open_of_person"),
            models.Index(fields=["expires_at"], name="session_expiry"),
            models.Index(
                fields=["provider_subject"],
                condition=Q(ended_at=None) & ~Q(provider_subject=""),
                name="session_open_of_subject",
            ),
            models.Index(
                fields=["provider_session"],
                condition=Q(ended_at=None) & ~Q(provider_session=""),
                name="session_open_of_provider",
            ),
        ]
