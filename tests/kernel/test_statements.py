"""Statements that are sent together do what they would do one by one, whatever comes between them or goes wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg.types.numeric import Int8

from server.kernel.identifiers import uuid7
from server.kernel.models import Announcement, Stream
from server.kernel.pg_arrays import texts
from server.kernel.statements import Statement, together
from server.kernel.time_limits import TimeLimit

pytestmark = pytest.mark.django_db(transaction=True)

ADD = Statement("INSERT INTO kernel_announcement (id, at, published, body) VALUES (%b, %b, false, %b) RETURNING id")
BEGIN = Statement("INSERT INTO kernel_stream (name, head, moved_at) VALUES (%b, %b, %b)")
HEADS = Statement("SELECT name, head FROM kernel_stream WHERE name = ANY(%b::text[]) ORDER BY name")
SELF = Statement("SELECT pg_backend_pid()")
BODY = b"\x00 bytes"


def kept() -> set[UUID]:
    return set(Announcement.objects.values_list("pk", flat=True))


@pytest.fixture(autouse=True)
def _a_new_connection() -> Iterator[None]:
    """Nothing is prepared on it."""
    connection.close()
    yield
    connection.close()


def twice(one: UUID) -> None:
    """What a constraint forbids."""
    for _ in range(2):
        ADD.send(one, timezone.now(), BODY)


def libpq() -> Any:
    return connection.connection.pgconn


def test_rows_come_as_their_types_and_what_nobody_looks_at_is_committed() -> None:
    one, other = uuid7(), uuid7()
    with transaction.atomic(), together():
        BEGIN.send("a:one", Int8(7), timezone.now())
        added = ADD.send(one, timezone.now(), BODY)
        found = HEADS.send(texts(["a:one", "a:none"]))
        assert found() == [("a:one", 7)]
        assert added() == [(one,)]
        ADD.send(other, timezone.now(), BODY)
    assert kept() == {one, other}
    assert bytes(Announcement.objects.get(pk=other).body) == BODY


def test_nothing_leaves_before_somebody_asks_and_the_commit_takes_the_rest_along() -> None:
    with transaction.atomic():
        with together():
            ADD.send(uuid7(), timezone.now(), BODY)
            assert libpq().transaction_status != psycopg.pq.TransactionStatus.INTRANS
        assert libpq().transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert len(kept()) == 1


def test_an_ordinary_cursor_sees_what_was_sent_before_it_and_is_followed_by_more() -> None:
    with transaction.atomic(), together():
        BEGIN.send("a:one", Int8(1), timezone.now())
        early = HEADS.send(texts(["a:one"]))
        Stream.objects.filter(name="a:one").update(head=2)
        assert early() == [("a:one", 1)]
        assert HEADS.send(texts(["a:one"]))() == [("a:one", 2)]
        BEGIN.send("a:two", Int8(3), timezone.now())
    assert dict(Stream.objects.values_list("name", "head")) == {"a:one": 2, "a:two": 3}


def test_outside_it_is_an_ordinary_cursor() -> None:
    one = uuid7()
    with transaction.atomic():
        assert ADD.send(one, timezone.now(), BODY)() == [(one,)]
    assert kept() == {one}


def test_an_error_that_nobody_awaited_comes_with_the_commit_and_nothing_is_kept() -> None:
    one = uuid7()
    with pytest.raises(IntegrityError), transaction.atomic(), together():
        twice(one)
    assert kept() == set()


def test_an_error_comes_to_whoever_looks_at_rows_after_it() -> None:
    one = uuid7()
    with transaction.atomic(), together():
        twice(one)
        with pytest.raises(psycopg.IntegrityError):
            HEADS.send(texts(["a:one"]))()
        transaction.set_rollback(True)
    assert kept() == set()


def fail(one: UUID) -> None:
    twice(one)
    BEGIN.send("a:one", Int8(1), timezone.now())  # It is not even prepared.


@pytest.mark.parametrize("times", range(3))
def test_after_a_failure_the_same_connection_goes_on(times: int) -> None:
    """A statement that could not be prepared is not taken for prepared; psycopg forgets all of them at a rollback."""
    one = uuid7()
    for _ in range(times):
        with pytest.raises(IntegrityError), transaction.atomic(), together():
            fail(one)
        for _ in range(7):  # By then psycopg has prepared statements of its own.
            Stream.objects.filter(name="a:none").exists()
    with transaction.atomic(), together():
        pid = SELF.send()()
        BEGIN.send("a:one", Int8(1), timezone.now())
        ADD.send(one, timezone.now(), BODY)
    with transaction.atomic(), together():
        assert SELF.send()() == pid
        assert HEADS.send(texts(["a:one"]))() == [("a:one", 1)]
    assert kept() == {one}


def test_what_breaks_in_python_undoes_what_was_sent() -> None:
    def act() -> None:
        ADD.send(uuid7(), timezone.now(), BODY)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic(), together():
        act()
    assert kept() == set()


def test_within_a_transaction_of_somebody_else_nothing_is_committed() -> None:
    with transaction.atomic():
        with transaction.atomic(), together():
            ADD.send(uuid7(), timezone.now(), BODY)
        assert len(kept()) == 1
        transaction.set_rollback(True)
    assert kept() == set()


def test_a_connection_that_is_lost_in_between_is_an_operational_error() -> None:
    def act() -> None:
        [[pid]] = SELF.send()()
        name = str(connection.settings_dict["NAME"])
        with psycopg.connect(os.environ["DATABASE_URL"], dbname=name, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        ADD.send(uuid7(), timezone.now(), BODY)()

    with pytest.raises(OperationalError), transaction.atomic(), together():
        act()
    connection.close()
    assert kept() == set()


def test_a_pooler_that_keeps_no_prepared_statements_is_served() -> None:
    connection.ensure_connection()
    connection.connection.prepare_threshold = None
    one = uuid7()
    with transaction.atomic(), together():
        assert ADD.send(one, timezone.now(), BODY)() == [(one,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
    assert kept() == {one}


def test_a_batch_takes_plans_as_they_are_and_whoever_comes_after_it_does_not() -> None:
    planning = Statement("SELECT current_setting('plan_cache_mode')")
    for once, expected in ((True, "force_generic_plan"), (False, "auto")):
        with transaction.atomic(), together():
            TimeLimit.of(5).apply(plans_once=once)
            assert planning.send()() == [(expected,)]
        assert planning.send()() == [("auto",)]
