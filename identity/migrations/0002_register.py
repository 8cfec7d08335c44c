"""The directory's tables. Imports rebuild them with the indexes they find here: an index added later is kept."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.fields
from django.db import migrations, models

import identity.models.register

Folded = identity.models.register.FoldedField
Point = identity.models.register.PointField

INDEXES = {
    "register_place_last": "register_place (last, first, entry)",
    "register_place_tail": "register_place (tail, first, entry) WHERE tail <> ''",
    "register_place_first": "register_place (first, last, entry)",
    "register_place_field": "register_place (field, last, first, entry)",
    "register_place_organisation": "register_place (organisation_key, last, first, entry) WHERE organisation_key IS NOT NULL",
    "register_place_words": "register_place USING gin (words)",
    "register_place_field_at": "register_place USING gist (field, at) WHERE at IS NOT NULL",
    "register_place_name_at": "register_place USING gist (name, (field + 0), at) WHERE at IS NOT NULL",
    "register_place_tail_at": "register_place USING gist (tail_name, (field + 0), at) WHERE at IS NOT NULL AND tail_name IS NOT NULL",
    "register_place_at": "register_place USING gist (at) WHERE at IS NOT NULL",
    "register_organisation_words": "register_organisation USING gin (words)",
    "register_word_near": "register_word USING gin (near)",
    "register_word_sound": "register_word (sound)",
    "register_commune_spoken": "register_commune (spoken)",
    "register_commune_near": "register_commune USING gin (near)",
    "register_commune_postal": "register_commune USING gin (postal_codes)",
    "register_commune_at": "register_commune USING gist (at) INCLUDE (department)",
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("identity", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS btree_gist", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="RegisterEntry",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("national_id", models.TextField(db_collation="C", unique=True)),
                ("source", models.TextField()),
                ("title", models.TextField()),
                ("last_name", models.TextField()),
                ("first_name", models.TextField()),
                ("profession", models.TextField()),
                ("profession_label", models.TextField()),
                ("speciality", models.TextField()),
                ("digest", models.BigIntegerField()),
            ],
            options={"db_table": "register_entry"},
        ),
        migrations.CreateModel(
            name="RegisterPlace",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "entry", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("entry", models.UUIDField()),
                ("number", models.SmallIntegerField()),
                ("field", models.IntegerField()),
                ("name", models.IntegerField()),
                ("tail_name", models.IntegerField(null=True)),
                ("organisation_key", models.BigIntegerField(null=True)),
                ("at", Point(null=True)),
                ("words", django.contrib.postgres.fields.ArrayField(base_field=Folded(), size=None)),
                ("last", Folded()),
                ("first", Folded()),
                ("tail", Folded()),
                ("profession", Folded()),
                ("organisation", models.TextField()),
                ("address", models.TextField()),
                ("postal_code", models.TextField()),
                ("city", models.TextField()),
                ("commune", models.TextField()),
                ("country", models.TextField()),
                ("phone", models.TextField()),
            ],
            options={"db_table": "register_place"},
        ),
        migrations.CreateModel(
            name="RegisterOrganisation",
            fields=[
                ("key", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("words", django.contrib.postgres.fields.ArrayField(base_field=Folded(), size=None)),
                ("at", Point(null=True)),
                ("practitioners", models.IntegerField()),
            ],
            options={"db_table": "register_organisation"},
        ),
        migrations.CreateModel(
            name="RegisterWord",
            fields=[
                ("word", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("surnames", models.IntegerField()),
                ("first_names", models.IntegerField()),
                ("organisations", models.IntegerField()),
                ("sound", Folded()),
                ("near", django.contrib.postgres.fields.ArrayField(base_field=Folded(), size=None)),
            ],
            options={"db_table": "register_word"},
        ),
        migrations.CreateModel(
            name="RegisterCommune",
            fields=[
                ("code", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("spoken", Folded()),
                ("near", django.contrib.postgres.fields.ArrayField(base_field=Folded(), size=None)),
                ("postal_codes", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("department", models.TextField()),
                ("population", models.IntegerField()),
                ("lat", models.FloatField()),
                ("lon", models.FloatField()),
                ("at", Point()),
            ],
            options={"db_table": "register_commune"},
        ),
        migrations.CreateModel(
            name="RegisterDeclaration",
            fields=[
                ("national_id", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("entry", models.JSONField()),
                ("places", models.JSONField()),
            ],
            options={"db_table": "register_declaration"},
        ),
        migrations.CreateModel(
            name="RegisterImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("finished_at", models.DateTimeField()),
                ("report", models.JSONField()),
            ],
            options={"db_table": "register_import", "ordering": ["-finished_at"]},
        ),
        migrations.RunSQL(
            [f"CREATE INDEX {name} ON {what}" for name, what in INDEXES.items()],
            [f"DROP INDEX IF EXISTS {name}" for name in INDEXES],
        ),
    ]
