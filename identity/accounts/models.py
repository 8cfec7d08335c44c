"""People: everybody with an account."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Function(models.TextChoices):
    """What a member does; the codes stand on the wire."""

    PRACTITIONER = "practitioner"
    SECRETARY = "secretary"
    ASSISTANT = "assistant"
    ADMINISTRATIVE = "administrative"
    OPERATIONS_MANAGER = "operations_manager"
    DISPATCHER = "dispatcher"


CLINICAL_FUNCTIONS = [Function.PRACTITIONER]
"""Who treats patients under their own name, and can therefore be booked."""


def shown_name(title: str, first_name: str, last_name: str) -> str:
    """A person as colleagues read them: title, first name, last name."""
    return " ".join(part for part in (title, first_name, last_name) if part)


def rpps(national_id: str | None) -> str | None:
    """The eleven digits of the RPPS number in a register's identifier, if it is one."""
    number = national_id or ""
    return number[1:] if number.startswith("8") and len(number) == 12 else None


class People(BaseUserManager["Person"]):
    """Finds a person by e-mail whatever its case: what Django's authentication needs of a manager."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Someone with an account. Nothing clinical is open to them until ``verified_at`` is set."""

    id = models.UUIDField(primary_key=True)
    email = models.EmailField(unique=True)
    """In lower case, as sign-in looks for it."""
    first_name = models.CharField(max_length=120)
    last_name = models.CharField(max_length=120)
    title = models.CharField(max_length=40, blank=True)
    function = models.CharField(max_length=20, choices=Function, default=Function.PRACTITIONER)
    profession = models.CharField(max_length=120, blank=True)
    speciality = models.CharField(max_length=160, blank=True)
    national_id = models.CharField(max_length=40, null=True, unique=True)
    """The register's identifier with its type digit (``8`` + RPPS, ``0`` + ADELI): one account an entry."""
    verified_at = models.DateTimeField(null=True)
    verification_method = models.CharField(max_length=20, blank=True)
    suspended_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    objects: ClassVar[People] = People()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_lower"),
        ]

    @property
    def rpps(self) -> str | None:
        """The eleven digits of the RPPS number, when the person has one."""
        return rpps(self.national_id)

    @property
    def name(self) -> str:
        """As colleagues read it: title, first name, last name."""
        return shown_name(self.title, self.first_name, self.last_name)
