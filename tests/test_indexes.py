"""Indexes of all rooms: each costs every insert, so none is there twice."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

INDEXES = """
SELECT table_.relname, index_.relname, x.indkey::int2[], x.indisunique, x.indpred IS NOT NULL,
       ARRAY(SELECT opcname::text FROM unnest(x.indclass) WITH ORDINALITY AS used (class, place)
             JOIN pg_opclass ON pg_opclass.oid = used.class ORDER BY place)
FROM pg_index x JOIN pg_class index_ ON index_.oid = x.indexrelid JOIN pg_class table_ ON table_.oid = x.indrelid
JOIN pg_am ON pg_am.oid = index_.relam
WHERE amname = 'btree' AND table_.relnamespace = 'public'::regnamespace AND x.indexprs IS NULL
  AND table_.relname ~ '^(kernel|identity|register|team|referral)_'
"""


def _indexes() -> list[tuple[str, str, list[int], bool, bool, list[str]]]:
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        return list(cursor.fetchall())


def test_no_index_is_for_patterns_that_nothing_asks_for() -> None:
    found = [name for _, name, _, _, _, classes in _indexes() if any("pattern_ops" in one for one in classes)]
    assert found == [], "Django makes these for unique texts: drop them in the migration that makes the column."


def test_no_index_is_the_beginning_of_another_one() -> None:
    everywhere = _indexes()
    found = [
        f"{name} is in {other}"
        for table, name, columns, unique, partial, _ in everywhere
        if not unique and not partial
        for place, other, longer, _, part, _ in everywhere
        if place == table and other != name and not part and longer[: len(columns)] == columns
    ]
    assert found == [], "Use db_index=False on the reference: the longer index answers the same questions."
