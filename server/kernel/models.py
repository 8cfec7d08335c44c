"""What the machine keeps: streams and their events, announcements, the audit's chains, sealed data keys, messages
that are due to people outside, and what waits for somebody.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q


class Stream(models.Model):
    """The head of a stream. Its row lock is what makes the numbers gapless."""

    name = models.CharField(max_length=38, primary_key=True)
    head = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField()
    """When it was last numbered."""


class StreamEvent(models.Model):
    """One numbered change. ``data`` is sealed with the key of the stream's owner.

    An event about a message holds no copy of it: ``subject`` refers to the row, and the view of the moment is
    what a client is sent, so that what is erased is erased everywhere.
    """

    pk = models.CompositePrimaryKey("stream", "seq")
    stream = models.CharField(max_length=38)
    seq = models.BigIntegerField()
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    subject = models.UUIDField(null=True)
    data = models.BinaryField(default=b"")

    class Meta:
        # For the retention alone, and next to nothing for whoever inserts. Partitions by month would put ``at`` into
        # the key, and ``sync``, which asks by number, would look into each of them.
        indexes: ClassVar = [BrinIndex(fields=["at"], pages_per_range=32, autosummarize=True, name="event_age")]


class Announcement(models.Model):
    """What one transaction has to deliver: one small row, kept for a few minutes after it was published.

    ``published`` is set once it went over the layer; until then another process may deliver it in place of one that
    died. Keeping it lets a process that lost Redis for a while find what it missed.
    """

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    published = models.BooleanField(default=False)
    body = models.BinaryField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=models.Q(published=False), name="announcement_pending")
        ]


class DataKey(models.Model):
    """The key of one owner (a conversation, an agenda, a patient …), wrapped by a master key.

    Deleting the row makes everything sealed with it unreadable, for ever, in every backup made since.
    """

    owner = models.CharField(max_length=38, primary_key=True)
    wrapped = models.BinaryField()
    master = models.CharField(max_length=16)
    """Which master key wrapped it."""


class AuditLink(models.Model):
    """One transaction's entries, chained by hash to the link before it in the same chain.

    The table is partitioned by month of ``at``, which its key in the database therefore includes
    (``migrations/0002_audit_tables``), and the running role may add to it and read it, no more.
    """

    pk = models.CompositePrimaryKey("chain", "number")
    chain = models.UUIDField()
    number = models.BigIntegerField()
    at = models.DateTimeField()
    entries = models.TextField()
    """Canonical JSON, exactly as it was hashed."""
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)


class AuditAnchor(models.Model):
    """The heads of all chains at a moment, hashed together with the anchor before."""

    at = models.DateTimeField()
    heads = models.TextField()
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)


class Delivery(models.Model):
    """A message that is due to somebody outside: written with its cause, handed over after the commit.

    It holds no words, no name and no address. The room that wrote it resolves them when it is handed over, so that a
    due row says nothing about anybody, and what is no longer so is not said.
    """

    class Channel(models.TextChoices):
        SMS = "sms"
        EMAIL = "email"

    class Outcome(models.TextChoices):
        SENT = "sent"
        """The carrier or the mail server has taken it."""
        DROPPED = "dropped"
        """It was no longer true, or there was nobody to tell."""
        FAILED = "failed"
        """It was refused for good, or given up after many attempts."""

    key = models.CharField(max_length=120, unique=True)
    """Chosen by its room. Written twice it is one row, and a carrier that is given it twice sends one message."""
    channel = models.CharField(max_length=10, choices=Channel)
    kind = models.CharField(max_length=40)
    """Which room's ``delivery.Kind`` resolves it; opaque here."""
    subject = models.UUIDField()
    """What it is about, for that room."""
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    """How often it was claimed to be handed over, the one that is under way included."""
    claimed_until = models.DateTimeField(null=True)
    """Until then it belongs to the worker that claimed it; after that to the next one."""
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=40, blank=True)
    """The code of the last failure, or the reason for which it was dropped."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["channel", "not_before"], condition=Q(settled_at=None), name="delivery_due"),
        ]


class CapturedMessage(models.Model):
    """An e-mail or SMS that was kept instead of sent, on a machine from which nothing reaches people."""

    channel = models.CharField(max_length=5)
    to = models.TextField()
    subject = models.TextField(blank=True)
    text = models.TextField()
    at = models.DateTimeField()
    key = models.CharField(max_length=120, null=True, unique=True)
    """The sender's own name for it: given twice, it is kept once, as a carrier does."""


class WorkItem(models.Model):
    """Something that waits for somebody: written by a room in the transaction that makes it so, and settled likewise.

    It holds no words: its title and what may be done with it come from the room's ``work.Kind``.
    """

    class Outcome(models.TextChoices):
        DONE = "done"
        """Somebody did it, or it was no longer needed."""
        LAPSED = "lapsed"
        """Its time passed."""

    kind = models.CharField(max_length=40)
    subject = models.UUIDField()
    organisation = models.UUIDField()
    owner = models.UUIDField(null=True)
    """The person whose it is; without one it is for anybody of the organisation whom its room allows."""
    since = models.DateTimeField()
    due_at = models.DateTimeField()
    lapses_at = models.DateTimeField(null=True)
    """From then on nobody needs to do it any more."""
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(settled_at=None), name="work_waits_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "due_at"], condition=Q(settled_at=None), name="work_of_organisation"),
            models.Index(fields=["owner", "due_at"], condition=Q(settled_at=None), name="work_of_owner"),
            models.Index(fields=["subject"], condition=Q(settled_at=None), name="work_about_subject"),
            models.Index(
                fields=["lapses_at"], condition=Q(settled_at=None, lapses_at__isnull=False), name="work_that_lapses"
            ),
        ]
