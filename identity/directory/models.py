"""The directory's tables. An import builds new ones that take their place: nothing may refer to their rows.

What refers to a professional holds the practitioner's id: it comes from the national identifier and outlives imports.
Text under ``C`` collation is folded (``identity.register.text``): bytes are its order.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class PointField(models.Field):  # type: ignore[type-arg]  # Django has no generic fields at run time
    """A ``point`` of PostgreSQL: kilometres on the plane of ``identity.register.projection``."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "point"


class FoldedField(models.TextField):  # type: ignore[type-arg]  # as above
    """Folded text, compared byte by byte."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "db_collation": "C"})


class RegisterEntry(models.Model):
    """A professional: from the ``extract``, or ``local`` when declared here."""

    id = models.UUIDField(primary_key=True)
    national_id = models.TextField(unique=True, db_collation="C")
    source = models.TextField()
    title = models.TextField()
    last_name = models.TextField()
    first_name = models.TextField()
    profession = models.TextField()
    profession_label = models.TextField()
    speciality = models.TextField()
    digest = models.BigIntegerField()

    class Meta:
        db_table = "register_entry"


class RegisterPlace(models.Model):
    """One practice of a professional at one place, with the words and numbers under which it is found.

    ``field`` is what they practise, ``name`` and ``tail_name`` stand for the parts of the surname, ``at`` is where.
    """

    pk = models.CompositePrimaryKey("entry", "number")
    entry = models.UUIDField()
    number = models.SmallIntegerField()
    field = models.IntegerField()
    name = models.IntegerField()
    tail_name = models.IntegerField(null=True)
    organisation_key = models.BigIntegerField(null=True)
    at = PointField(null=True)
    words = ArrayField(FoldedField())
    last = FoldedField()
    first = FoldedField()
    tail = FoldedField()
    profession = FoldedField()
    organisation = models.TextField()
    address = models.TextField()
    postal_code = models.TextField()
    city = models.TextField()
    commune = models.TextField()
    country = models.TextField()
    phone = models.TextField()

    class Meta:
        db_table = "register_place"


class RegisterOrganisation(models.Model):
    """A structure in a town, and how many practise there."""

    key = models.BigIntegerField(primary_key=True)
    name = models.TextField()
    words = ArrayField(FoldedField())
    at = PointField(null=True)
    practitioners = models.IntegerField()

    class Meta:
        db_table = "register_organisation"


class RegisterWord(models.Model):
    """A word that occurs in names, with how often, how it sounds, and itself with any one letter missing."""

    word = models.TextField(primary_key=True, db_collation="C")
    surnames = models.IntegerField()
    first_names = models.IntegerField()
    organisations = models.IntegerField()
    sound = FoldedField()
    near = ArrayField(FoldedField())

    class Meta:
        db_table = "register_word"


class RegisterCommune(models.Model):
    """A town; ``spoken`` is its folded name."""

    code = models.TextField(primary_key=True, db_collation="C")
    name = models.TextField()
    spoken = FoldedField()
    near = ArrayField(FoldedField())
    postal_codes = ArrayField(models.TextField())
    department = models.TextField()
    population = models.IntegerField()
    lat = models.FloatField()
    lon = models.FloatField()
    at = PointField()

    class Meta:
        db_table = "register_commune"


class RegisterDeclaration(models.Model):
    """A professional declared here, as the rows to show while the extract does not hold them."""

    national_id = models.TextField(primary_key=True, db_collation="C")
    entry = models.JSONField()
    places = models.JSONField()

    class Meta:
        db_table = "register_declaration"


class RegisterImport(models.Model):
    """What an import of the extract did."""

    finished_at = models.DateTimeField()
    report = models.JSONField()

    class Meta:
        db_table = "register_import"
        ordering: ClassVar = ["-finished_at"]
