"""Who does not want to be written to by whom."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from identity.accounts.models import Person


class ContactRule(models.Model):
    """Who reaches somebody; without a row everybody does."""

    class Rule(models.TextChoices):
        EVERYBODY = "everybody"
        MY_ORGANISATIONS = "my_organisations"
        ASK_FIRST = "ask_first"

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    rule = models.CharField(max_length=20, choices=Rule)


class Block(models.Model):
    """Somebody does not want to be reached by ``blocked``, who is not told."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    blocked = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(person=F("blocked")), name="nobody_blocks_themselves"),
        ]


class ContactRequest(models.Model):
    """Somebody asks ``person`` to be allowed to write to them."""

    class Told(models.TextChoices):
        ACCEPTED = "accepted"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    asked_by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(default=False)
    told = models.CharField(max_length=10, blank=True, choices=Told)
    """What the one who asked has been told; a refusal only when the one who was asked lets them know."""
    request_digest = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "asked_by"], name="contact_request_between"),
            models.Index(fields=["asked_by", "at"], name="contact_request_by"),
        ]
