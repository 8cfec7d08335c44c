"""Arrays as we write them are what PostgreSQL reads, and what psycopg would have written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server.kernel.pg_arrays import byte_strings, moments, numbers, texts, uuids

pytestmark = pytest.mark.django_db
FIRST, LAST = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001  (as Hypothesis wants them)
"""A day from the ends there is the same moment in UTC."""
ZONES = [UTC, ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")]
TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(kind: str, encoded: bytes) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT value FROM unnest(%b::{kind}) WITH ORDINALITY AS a (value, n) ORDER BY n", [encoded])
        return [value for (value,) in cursor.fetchall()]


@quick
@given(st.lists(st.one_of(st.none(), st.uuids()), max_size=5))
def test_uuids_and_what_is_missing(values: list[UUID | None]) -> None:
    assert read("uuid[]", uuids(values)) == values


@quick
@given(st.lists(st.one_of(st.none(), TEXT), max_size=5))
def test_texts(values: list[str | None]) -> None:
    assert read("text[]", texts(values)) == values


@quick
@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=5))
def test_numbers_and_what_is_missing(values: list[int | None]) -> None:
    assert read("bigint[]", numbers(values)) == values


@quick
@given(st.lists(st.one_of(st.none(), st.binary(max_size=20)), max_size=5))
def test_byte_strings(values: list[bytes | None]) -> None:
    assert [value and bytes(value) for value in read("bytea[]", byte_strings(values))] == values


@quick
@example([datetime(1939, 4, 15, 23, 0, tzinfo=ZoneInfo("Europe/Paris"))])
@given(st.lists(st.one_of(st.none(), st.datetimes(FIRST, LAST, timezones=st.sampled_from(ZONES))), max_size=5))
def test_moments_of_any_zone(values: list[datetime | None]) -> None:
    # Compared in UTC: two times of different zones are never equal where a clock was put forward or back.
    assert read("timestamptz[]", moments(values)) == [value and value.astimezone(UTC) for value in values]


def test_an_array_keeps_its_kind_in_any_place() -> None:
    known = uuid4()
    with connection.cursor() as cursor:
        cursor.execute("SELECT %b::uuid = ANY(%b::uuid[]), cardinality(%b::text[])", [known, uuids([known]), texts([])])
        assert cursor.fetchone() == (True, 0)
