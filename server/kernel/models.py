"""What the machine keeps: streams and their events, what is yet to be told, the audit's chains, sealed data keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


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


class Announcement(models.Model):
    """What one transaction has to tell: one small row, kept for a few minutes after it was told.

    ``told`` is set once it went over the layer; until then another process may tell it in place of one that
    died. Keeping it lets a process that lost Redis for a while find what it did not hear.
    """

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    told = models.BooleanField(default=False)
    news = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], condition=models.Q(told=False), name="announcement_untold")]


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


class CapturedMessage(models.Model):
    """What the stand-ins for e-mail and SMS were given, on a machine from which nothing reaches people."""

    channel = models.CharField(max_length=5)
    to = models.TextField()
    subject = models.TextField(blank=True)
    text = models.TextField()
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)
    """The sender's own name for it: given twice, it is kept once, as a carrier does."""
