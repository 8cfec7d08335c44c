"""Conversations, their members, and what was written."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from identity.accounts.models import Person
from identity.organisations.models import Organisation
from identity.patients.models import Patient


class Conversation(models.Model):
    """A conversation; its stream ``c:<id>`` numbers what happens in it."""

    class Kind(models.TextChoices):
        DIRECT = "direct"
        GROUP = "group"
        CASE = "case"

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    sealed_title = models.BinaryField(default=b"")
    pair = models.CharField(max_length=73, null=True, unique=True)
    """Both people of a direct conversation, sorted: there is one such conversation of the two."""
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    """The one its opener acted for: whose rules govern it. None when they acted for none."""
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    request_digest = models.BinaryField(max_length=32, default=b"")
    """Of a group or a case; of a direct conversation the pair says all."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="direct", pair__isnull=False) | (~Q(kind="direct") & Q(pair=None)),
                name="direct_has_a_pair",
            ),
        ]
        indexes: ClassVar = [
            # For how many groups and cases somebody opened of late.
            models.Index(
                fields=["created_by", "created_at"], condition=~Q(kind="direct"), name="conversation_opened_by"
            ),
        ]


class Member(models.Model):
    """Somebody in a conversation; ended, never deleted. Only the row that has not ended gives access.

    It is written only under the lock of the conversation's stream: while a transaction holds that lock, no row changes.
    """

    class Role(models.TextChoices):
        OWNER = "owner"
        MEMBER = "member"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    visible_from = models.BigIntegerField(default=1)
    """The first number of the stream that this member may see."""
    read = models.BigIntegerField(default=0)
    """The number up to which they have read; it only grows."""
    hidden_upto = models.BigIntegerField(null=True)
    """They put the conversation away when this was its last number; it is back in their list with the next one."""
    joined_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """Who made them a member of a group; None when they did so themselves, or when it was not kept."""
    asked = models.BooleanField(default=False, db_default=False)
    """In a case: the question is put to them."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation", "person"], condition=Q(ended_at=None), name="member_once_at_a_time"
            ),
            # What a member may not see cannot be unread.
            models.CheckConstraint(
                condition=Q(visible_from__gte=1, read__gte=F("visible_from") - 1), name="member_read_from_beginning"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(ended_at=None), name="member_current_of_person"),
        ]


class Reading(models.Model):
    """When a member's read pointer came to this number: a message was read at the first of these that is not below it.

    It goes with the membership.
    """

    pk = models.CompositePrimaryKey("member", "seq")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="readings", db_index=False)
    seq = models.BigIntegerField()
    at = models.DateTimeField()


class Case(models.Model):
    """The question about a patient that a conversation of kind ``case`` is for. Texts and what is shown of the patient
    are sealed with the conversation's key: erasing it erases them.

    It is written only under the lock of the conversation's stream.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        """For an answer of those who were asked."""
        OPEN = "open"
        """Answered: it is the asker's turn, who closes it or asks on."""
        CLOSED = "closed"

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True, related_name="case")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    urgency = models.CharField(max_length=10)
    sealed_question = models.BinaryField()
    patient = models.ForeignKey(Patient, on_delete=models.SET_NULL, null=True, related_name="+")
    """The asker's own record. It opens to nobody by standing here."""
    sealed_patient = models.BinaryField(default=b"")
    """What members are shown of the patient, a ``wire.CasePatientView`` as JSON; empty where none is named."""
    informed = models.CharField(max_length=10, default="")
    asker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    """Who asks: the opener, until they hand the case over."""
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """Who answered first of all."""
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, default="")
    sealed_summary = models.BinaryField(default=b"")
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="closed", closed_by__isnull=False, closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_by=None, closed_at=None)),
                name="case_closed_by_somebody",
            ),
        ]


class GroupRequest(models.Model):
    """``asked_by``, a stranger to ``person``, put them into a group. Until they accept they are no member: nothing of
    the group but its title and who is in it reaches them.

    It is written only under the lock of the conversation's stream.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        ENDED = "ended"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="requests")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    asked_by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    visible_from = models.BigIntegerField()
    """The first number that they see when they accept."""
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation", "person"],
                condition=Q(state__in=["waiting", "declined"]),
                name="group_request_once_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(state="waiting"), name="group_request_waiting"),
            models.Index(fields=["asked_by", "at"], name="group_request_by"),
        ]


class Decline(models.Model):
    """Somebody does not want to be added to groups by ``declined``: it lasts until they write to them themselves."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    declined = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "declined"], name="decline_once"),
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
    reply_seq = models.BigIntegerField(null=True)
    """The number of the message replied to. Members who may not see that one are shown no reply."""
    referral = models.UUIDField(null=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    request_digest = models.BinaryField(max_length=32)
    attached = models.SmallIntegerField(default=0, db_default=0)
    """How many files it was sent with. Its holdings name them: they are looked up only where there are any."""
    undone = models.BooleanField(default=False, db_default=False)
    """Deleted by its author before anybody had read it: clients show nothing in its place."""
    reacted = models.IntegerField(default=0, db_default=0)
    """How many reactions it has: they are looked up only where there are any."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_number_once"),
            models.CheckConstraint(
                condition=Q(reply_to=None, reply_seq=None) | Q(reply_to__isnull=False, reply_seq__isnull=False),
                name="message_reply_is_numbered",
            ),
            models.CheckConstraint(condition=Q(undone=False) | Q(deleted_at__isnull=False), name="undone_is_deleted"),
        ]


class Reaction(models.Model):
    """What somebody thinks of a message, in one sign of ``wire.Emoji``. It goes with the message's text.

    It is written only under the lock of the conversation's stream, with ``Message.reacted``.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    emoji = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "person", "emoji"], name="reaction_once"),
        ]


class MessageVersion(models.Model):
    """What a message said until it was edited. It goes with the message's text when that is deleted."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.SmallIntegerField()
    sealed_body = models.BinaryField()
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "number"], name="message_version_once"),
        ]
