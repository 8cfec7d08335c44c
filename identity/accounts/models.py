"""People: everybody with an account."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

MODERATORS = UUID(int=1)
"""The desk of the moderators in the tables of work, which is no organisation's."""


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


class PracticeMode(models.TextChoices):
    """How somebody practises, as they declare it; the codes stand on the wire."""

    LIBERAL = "liberal"
    SALARIED = "salaried"


class FeeSector(models.TextChoices):
    """The sector of a practitioner's agreement with the health insurance; the codes stand on the wire."""

    ONE = "1"
    TWO = "2"
    TWO_OPTAM = "2_optam"
    """Sector 2 with the option for moderated fees."""
    NONE = "none"
    """Without an agreement."""


class Method(models.TextChoices):
    """How an identity was found to be right; the codes stand on the wire."""

    PSC = "psc"
    CPS = "cps"
    DOCUMENT = "document"
    VOUCHED = "vouched"
    """An owner or administrator answers for a member of their staff."""
    DEMO = "demo"
    COMMAND = "command"


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
    claimed_id = models.CharField(max_length=40, null=True)
    """The register's identifier that an unverified person says is theirs. Several may say the same: the first whose
    identity is verified has it as ``national_id``."""
    verified_at = models.DateTimeField(null=True)
    verification_method = models.CharField(max_length=20, choices=Method, blank=True)
    verification_evidence = models.CharField(max_length=120, blank=True)
    """Where the evidence is kept: a reference of the provider's, never a copy."""
    lock_desk = models.PositiveSmallIntegerField(default=5)
    """Minutes without a touch after which a screen at a desk locks, where it has a code."""
    lock_phone = models.PositiveSmallIntegerField(default=0)
    """The same on a phone; 0: as soon as the application is left."""
    vouched_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    confirm_by = models.DateTimeField(null=True)
    """Their entry has left the register: until then they can prove again who they are."""
    absent_since = models.DateTimeField(null=True)
    """Since when the register has no entry of theirs; of one absence they are asked to confirm once."""
    withdrawn_reason = models.CharField(max_length=40, blank=True)
    """The code of why a verification was taken back; empty while there is none to tell."""
    moderator_since = models.DateTimeField(null=True)
    """Since when they look after this Relais as a whole, by whoever runs it."""
    email_confirmed_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=120, blank=True)
    practice_mode = models.CharField(max_length=10, choices=PracticeMode, blank=True)
    fee_sector = models.CharField(max_length=10, choices=FeeSector, blank=True)
    language = models.CharField(max_length=5, default="fr")
    """Of the interface, and of what is written to them."""
    languages = ArrayField(models.CharField(max_length=3), default=list)
    """That they speak with patients: codes of ISO 639."""
    mobile = models.CharField(max_length=20, blank=True)
    """In international form."""
    mobile_confirmed_at = models.DateTimeField(null=True)
    mobile_shown = models.BooleanField(default=False)
    """Whether verified colleagues may see it."""
    phone = models.CharField(max_length=20, blank=True)
    """Of the practice or secretariat, for colleagues; in international form."""
    mssante = models.EmailField(blank=True)
    places = models.JSONField(default=list)
    """Where they practise, in their own words: ``ProfilePlace`` of the wire, beside what the register says."""
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


class Consent(models.Model):
    """A document that somebody agreed to, in the version that they could read. Added to, never changed."""

    class Document(models.TextChoices):
        TERMS = "terms"
        DATA_AGREEMENT = "data_agreement"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents", db_index=False)
    document = models.CharField(max_length=20, choices=Document)
    version = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "document", "version"], name="consent_once"),
        ]
