"""Sign-ups that wait for their code, questions to the register, and verifications with the opinions on them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

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
