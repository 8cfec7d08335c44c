"""A kept connection is looked at before work begins on it, and in the middle of work never replaced."""

from __future__ import annotations

import time

import pytest
from django.db import OperationalError, connection, transaction

from server.kernel.postgres import base
from tests.kernel.test_dispatch import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


def ask() -> int:
    """The server process that answers this thread."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    return int(pid)


def end(pid: int) -> None:
    """Ends a connection from PostgreSQL's side, as a restart or a pooler does while nobody uses it."""
    with elsewhere() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_connection_that_postgresql_has_closed_is_replaced_before_it_is_used() -> None:
    before = ask()
    end(before)
    assert ask() != before


def test_one_that_nothing_happened_to_is_kept() -> None:
    assert ask() == ask()


def test_what_was_made_before_postgresql_fell_silent_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ask()
    monkeypatch.setattr(base, "_suspected_at", time.monotonic())
    after = ask()
    assert after != before
    assert ask() == after


def test_within_a_transaction_what_is_lost_is_said_and_not_replaced() -> None:
    def lose_it_halfway() -> None:
        with transaction.atomic():
            end(ask())
            ask()

    with pytest.raises(OperationalError):
        lose_it_halfway()
    assert ask()
