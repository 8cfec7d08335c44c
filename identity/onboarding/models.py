"""Sign-ups that wait for their code, questions to the register, and verifications with the opinions on them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from identity.accounts.models import Person


class SignUp(models.Model):
    """What somebody declared and agreed to keep, until the code of the mail makes an account of it, or its time is
    over. One at an address that has an account is kept in the same way, and no code is right for it.
    """

    id = models.UUIDField(primary_key=True)
    key_digest = models.BinaryField(max_length=32, unique=True)
    """Of the key that the client holds: the code alone is not enough."""
    email = models.EmailField()
    is_known = models.BooleanField()
    """An account has the address: its owner is told so, and nobody else."""
    declared = models.JSONField()
    """``declaration.Declared``."""
    password = models.CharField(max_length=128)
    invitation = models.CharField(max_length=200, blank=True)
    number = models.PositiveSmallIntegerField(default=1)
    """Of the code that was sent last."""
    attempts = models.PositiveSmallIntegerField(default=0)
    """At that code."""
    sent_at = models.DateTimeField()
    created_at = models.DateTimeField(db_index=True)


class RegisterQuestion(models.Model):
    """That somebody asked the register for their own entry: few times a day, so that nobody reads it out here."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "at"], name="register_question_of_person")]


class MobileCode(models.Model):
    """The mobile that somebody wants to confirm, and the code that was sent to it last."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    mobile = models.CharField(max_length=20)
    """In international form."""
    number = models.PositiveIntegerField(default=0)
    """Of the code that was sent last; it only grows."""
    attempts = models.PositiveSmallIntegerField(default=0)
    """At that code."""
    sent_at = models.DateTimeField()
    sends = models.PositiveSmallIntegerField(default=0)
    """Since ``counted_from``, which is moved on after a day."""
    counted_from = models.DateTimeField()


class Verification(models.Model):
    """One attempt of somebody to prove by a document who they are. What the document says is sealed with a key of its
    own, and erased with that key; images are never here.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        AWAITING_PERSON = "awaiting_person"
        IN_REVIEW = "in_review"
        VERIFIED = "verified"
        REFUSED = "refused"
        REPLACED = "replaced"
        """Another attempt took its place."""

    class Step(models.TextChoices):
        """What the provider is to be asked next."""

        BEGIN = "begin"
        WATCH = "watch"
        ERASE = "erase"

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="verifications", db_index=False)
    request_digest = models.BinaryField(max_length=32)
    state = models.CharField(max_length=20, choices=State)
    reason = models.CharField(max_length=40, blank=True)
    attempt = models.PositiveSmallIntegerField()
    applicant = models.CharField(max_length=60, blank=True)
    run = models.CharField(max_length=60, blank=True)
    link = models.CharField(max_length=500, blank=True)
    """Of the provider's page."""
    seen = models.BinaryField(default=b"")
    """What the provider read in the document: sealed ``comparison.Seen``."""
    appealed = models.BooleanField(default=False)
    note = models.BinaryField(default=b"")
    """What the person wrote with their appeal; sealed."""
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    review_at = models.DateTimeField(null=True)
    """Since when moderators have it."""
    decided_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=10, choices=Step, blank=True)
    step_at = models.DateTimeField(null=True)
    step_attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    """Until then one worker asks the provider about it."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=["pending", "awaiting_person", "in_review"]),
                name="verification_one_open",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "created_at"], name="verification_of_person"),
            models.Index(fields=["step_at"], condition=~Q(step=""), name="verification_due"),
            models.Index(fields=["run"], condition=~Q(run=""), name="verification_of_run"),
            models.Index(fields=["review_at"], condition=Q(state="in_review"), name="verification_in_review"),
        ]


class Opinion(models.Model):
    """What one moderator says of a verification; another one of the same moderator takes its place."""

    verification = models.ForeignKey(Verification, on_delete=models.CASCADE, related_name="opinions", db_index=False)
    moderator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    decision = models.CharField(max_length=10)
    reason = models.CharField(max_length=40)
    note = models.BinaryField(default=b"")
    """For the other moderator; sealed with the verification's key."""
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["verification", "moderator"], name="opinion_once"),
        ]


class ProviderNotice(models.Model):
    """A notice of the provider's that was taken in: the same one again says nothing new."""

    key = models.BinaryField(max_length=32, primary_key=True)
    """SHA-256 of what makes it the same as another."""
    at = models.DateTimeField(db_index=True)
