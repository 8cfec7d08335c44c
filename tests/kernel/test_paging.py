"""Cursors: where the next page begins, and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel import paging
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Invalid
from server.kernel.wire.handshake import Client

Position: type[tuple[datetime, UUID]] = tuple[datetime, UUID]


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_comes_back_as_the_position_it_stands_for(at: datetime, row: UUID) -> None:
    cursor = paging.encode((at, row))
    assert paging.decode(cursor, Position) == (at, row)
    assert re.fullmatch(r"[A-Za-z0-9_=.-]{1,600}", cursor), "as the wire declares cursors"


@given(st.text())
def test_what_is_no_cursor_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        paging.decode(text, Position)
    assert refused.value.as_data() == {"reason": "invalid", "path": "$.params.cursor"}


@pytest.mark.parametrize("position", [(1, 2), ["x"], {}, (datetime.now(UTC),), (datetime.now(UTC), "x")])
def test_a_cursor_of_another_list_is_refused(position: object) -> None:
    with pytest.raises(Invalid):
        paging.decode(paging.encode(position), Position)


@pytest.mark.parametrize("at", ["2027-02-10T09:20:00+23:59", "2027-02-10T09:20:00", "9999-12-31T23:59:59-12:00"])
def test_a_made_up_cursor_with_an_instant_that_postgresql_cannot_hold_is_refused(at: str) -> None:
    with pytest.raises(Invalid) as refused:
        paging.decode(paging.encode((at, uuid7())), Position)
    assert refused.value.as_data()["path"] == "$.params.cursor"


def test_a_cut_cursor_is_refused() -> None:
    cursor = paging.encode((datetime.now(UTC), uuid7()))
    for length in range(len(cursor)):
        with pytest.raises(Invalid):
            paging.decode(cursor[:length], Position)


def test_a_position_may_be_anything_that_json_can_say() -> None:
    assert paging.decode(paging.encode(Client(name="x")), Client) == Client(name="x")


def test_a_cursor_that_is_bound_to_a_question_is_good_for_it_alone() -> None:
    cursor = paging.encode((1, "x"), "cardiologue brest")
    assert paging.decode(cursor, tuple[int, str], "cardiologue brest") == (1, "x")
    assert re.fullmatch(r"[A-Za-z0-9_=.-]{1,600}", cursor)
    forged = paging.encode((2, "x")) + cursor[cursor.index(".") :]
    for wrong, question in ((cursor, "cardiologue"), (forged, "cardiologue brest"), (cursor, "")):
        with pytest.raises(Invalid):
            paging.decode(wrong, tuple[int, str], question)
