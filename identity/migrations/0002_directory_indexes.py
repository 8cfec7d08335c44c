"""The indexes of the directory's tables. Imports rebuild the tables with the indexes they find: one added later stays."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

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
        migrations.RunSQL(
            [f"CREATE INDEX {name} ON {what}" for name, what in INDEXES.items()],
            [f"DROP INDEX IF EXISTS {name}" for name in INDEXES],
        ),
    ]
