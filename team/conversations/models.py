"""Conversations, who takes part, and what was written."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from identity.accounts.models import Person


class Conversation(models.Model):
    """A conversation; its stream ``c:<id>`` numbers what happens in it."""

    class Kind(models.TextChoices):
        DIRECT = "direct"
        GROUP = "group"

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    sealed_title = models.BinaryField(default=b"")
    pair = models.CharField(max_length=73, null=True, unique=True)
    """Both people of a direct conversation, sorted: there is one such conversation of the two."""
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    request_digest = models.BinaryField(max_length=32, default=b"")
    """Of a group; of a direct conversation the pair says all."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="direct", pair__isnull=False) | (~Q(kind="direct") & Q(pair=None)),
                name="direct_has_a_pair",
            ),
        ]


class Member(models.Model):
    """Somebody in a conversation; ended, never deleted. ``read`` is a number of the stream and only grows."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MEMBER = "member"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    read = models.BigIntegerField(default=0)
    joined_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation", "person"],
                condition=Q(ended_at=None),
                name="participation_once_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(ended_at=None), name="participation_open_of_person"),
        ]


class Message(models.Model):
    """What somebody wrote. ``seq`` is the number of its ``message.sent`` in the conversation's stream."""

    id = models.UUIDField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    sealed_body = models.BinaryField()
    at = models.DateTimeField()
    reply_to = models.UUIDField(null=True)
    referral = models.UUIDField(null=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    request_digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_number_once"),
        ]
