"""Files, how far each has come, and what holds it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from identity.accounts.models import Person


class File(models.Model):
    """A file somebody uploads. Its name and its content are sealed with a key of its own, ``f:<id>``."""

    class State(models.TextChoices):
        UPLOADING = "uploading"
        CHECKING = "checking"
        READY = "ready"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    """Who uploads it."""
    sealed_name = models.BinaryField()
    type = models.CharField(max_length=100, default="")
    """What its content is, once that has been looked at; never what somebody said that it is."""
    size = models.BigIntegerField()
    """Bytes: as announced, and once it is ready as they can be downloaded."""
    received = models.BigIntegerField(default=0)
    """Bytes of the announced ones that are durable."""
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADING)
    refusal = models.CharField(max_length=10, default="")
    scanned = models.BooleanField(default=False)
    """Whether an antivirus has looked at it."""
    thumbnail = models.BooleanField(default=False)
    previews = models.IntegerField(default=0)
    """Pages that can be looked at as pictures: the first ones of a document, one of a picture."""
    pages = models.IntegerField(null=True)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    seconds = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    keep_until = models.DateTimeField()
    """Until when it is kept though nothing holds it."""
    check_after = models.DateTimeField(null=True)
    """While it is being checked: when that is due."""
    claimed_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    request_digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(received__gte=0) & (Q(received__lte=models.F("size")) | ~Q(state="uploading")),
                name="file_received_within_size",
            ),
            models.CheckConstraint(
                condition=Q(state="checking", check_after__isnull=False) | (~Q(state="checking") & Q(check_after=None)),
                name="file_check_is_due",
            ),
        ]
        indexes: ClassVar = [
            # For how much somebody uploaded of late.
            models.Index(fields=["owner", "created_at"], name="file_of_owner"),
            models.Index(fields=["check_after"], condition=Q(state="checking"), name="file_to_check"),
            models.Index(fields=["keep_until"], name="file_kept_until"),
        ]


class UploadPart(models.Model):
    """Bytes of an upload that are stored: an object of their own, until the file has been checked."""

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="parts", db_index=False)
    start = models.BigIntegerField()
    size = models.BigIntegerField()
    stored_as = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["file", "start"], name="upload_part_once")]


class Holding(models.Model):
    """Something that holds a file: whoever may read it may open the file. While there is one, the file is kept."""

    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="holdings", db_index=False)
    kind = models.CharField(max_length=20)
    subject = models.UUIDField()
    place = models.IntegerField(default=0)
    """Its place among the files of the same holder."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["file", "kind", "subject"], name="held_once")]
        indexes: ClassVar = [models.Index(fields=["kind", "subject"], name="held_by")]
