"""Professionals whom the register's extract does not hold: the demo world's people, declared staff.

They are kept apart from what imports replace. While the extract holds the same identifier, the extract is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from identity.directory.communes import Towns, all_communes, ensure_communes
from identity.directory.extract import Row
from identity.directory.listing import (
    ENTRY_COLUMNS,
    ORGANISATION_COLUMNS,
    PLACE_COLUMNS,
    as_json,
    compose,
    practitioner_id,
)
from identity.directory.nomenclature import PROFESSIONS
from identity.names import deletions, sound

LOCAL = "local"
DECLARATIONS = 7_214_893_002
"""The advisory lock under which declarations come one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPlace:
    """Where somebody practises; the town is found by its name and postal code."""

    address: str
    postal_code: str
    city: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A professional to be found. ``profession`` and ``speciality`` are codes of the register (``10``, ``SM04``).

    ``national_id`` is ``8`` and the RPPS number when there is one; for staff without a number, any identifier that
    stays theirs.
    """

    national_id: str
    first_name: str
    last_name: str
    profession: str
    speciality: str = ""
    title: str = ""
    places: Sequence[DeclaredPlace] = ()

    def rows(self) -> list[Row]:
        label = PROFESSIONS.get(self.profession, self.profession)
        return [
            Row(
                0, self.national_id, self.last_name, self.first_name, self.title, self.profession, label,
                self.speciality, "", organisation=place.name, address=place.address,
                postal_code=place.postal_code, city=place.city,
            )
            for place in self.places or (DeclaredPlace(address="", postal_code="", city=""),)
        ]  # fmt: skip


def declare_local(entries: Iterable[Declared]) -> list[UUID]:
    """Adds or replaces declared professionals; searches see them when it returns. The practitioners' ids, in order.

    While an import runs, they are seen at once and survive it.
    """
    entries = list(entries)
    ensure_communes()
    towns = Towns(all_communes())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DECLARATIONS])
        cursor.execute("LOCK TABLE register_word IN ACCESS SHARE MODE")  # in line with a swap, before any row is locked
        for one in entries:
            _store(cursor, one, towns)
        withdraw_local(cursor, [one.national_id for one in entries])
        add_declared(cursor, "", [one.national_id for one in entries])
    return [practitioner_id(one.national_id) for one in entries]


def _store(cursor: CursorWrapper, one: Declared, towns: Towns) -> None:
    listing = compose(one.rows(), LOCAL, towns)
    organisations = {values[0]: as_json(values, ORGANISATION_COLUMNS) for values in listing.organisations}
    key = PLACE_COLUMNS.index("organisation_key")
    places = [{**as_json(one, PLACE_COLUMNS), "in": organisations.get(one[key])} for one in listing.places]
    cursor.execute(
        """
        INSERT INTO register_declaration (national_id, entry, places) VALUES (%s, %s, %s)
        ON CONFLICT (national_id) DO UPDATE SET entry = excluded.entry, places = excluded.places
        """,
        [one.national_id, json.dumps(as_json(listing.entry, ENTRY_COLUMNS)), json.dumps(places)],
    )


def withdraw_local(cursor: CursorWrapper, national_ids: Sequence[str]) -> None:
    """Takes the rows of declared people out of the tables in use; their declarations stay."""
    cursor.execute(
        """
        WITH gone AS (DELETE FROM register_entry WHERE source = 'local' AND national_id = ANY(%s) RETURNING id)
        DELETE FROM register_place WHERE entry IN (SELECT id FROM gone)
        """,
        [list(national_ids)],
    )


def add_declared(cursor: CursorWrapper, suffix: str, national_ids: list[str] | None = None) -> None:
    """Shows declared people (all, or those named) in the tables of ``suffix``, unless the extract holds them."""
    cursor.execute("CREATE TEMP TABLE declared (LIKE register_declaration) ON COMMIT DROP")
    cursor.execute(
        f"""
        INSERT INTO declared SELECT d.* FROM register_declaration d
        WHERE (%s::text[] IS NULL OR d.national_id = ANY(%s))
          AND NOT EXISTS (SELECT FROM register_entry{suffix} e WHERE e.national_id = d.national_id)
        """,
        [national_ids, national_ids],
    )
    for table, rows in (
        ("register_entry", "SELECT entry AS row FROM declared"),
        ("register_place", "SELECT place - 'in' AS row FROM declared, jsonb_array_elements(places) place"),
    ):
        cursor.execute(
            f"""
            INSERT INTO {table}{suffix}
            SELECT shown.* FROM ({rows}) of_all, jsonb_populate_record(NULL::{table}, of_all.row) shown
            """
        )
    cursor.execute(
        f"""
        INSERT INTO register_organisation{suffix}
        SELECT DISTINCT ON (shown.key) shown.key, shown.name, shown.words, shown.at, 1
        FROM declared, jsonb_array_elements(places) place,
             jsonb_populate_record(NULL::register_organisation, nullif(place -> 'in', 'null')) shown
        WHERE shown.key IS NOT NULL
        ON CONFLICT (key) DO NOTHING
        """
    )
    _add_words(cursor, suffix)
    cursor.execute("DROP TABLE declared")


def _add_words(cursor: CursorWrapper, suffix: str) -> None:
    """Makes the words of declared names and organisations known, so that slips in them are forgiven too."""
    cursor.execute(
        f"""
        SELECT word, max(is_last), max(is_first), max(is_organisation) FROM (
            SELECT w AS word, (place ->> 'first' !~ ('\\m' || w || '\\M'))::int AS is_last,
                   (place ->> 'first' ~ ('\\m' || w || '\\M'))::int AS is_first, 0 AS is_organisation
            FROM declared, jsonb_array_elements(places) place, jsonb_array_elements_text(place -> 'words') w
            WHERE w ~ '^[a-z0-9]'
            UNION ALL
            SELECT w, 0, 0, 1 FROM declared, jsonb_array_elements(places) place,
                   jsonb_array_elements_text(nullif(place -> 'in', 'null') -> 'words') w
        ) spoken
        GROUP BY word HAVING NOT EXISTS (SELECT FROM register_word{suffix} known WHERE known.word = spoken.word)
        """
    )
    for word, last, first, organisation in cursor.fetchall():
        cursor.execute(
            f"INSERT INTO register_word{suffix} VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [word, last, first, organisation, sound(str(word)), deletions(str(word))],
        )
