"""The due rows: written in the transaction of their cause, claimed by workers for a short time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Min

from server.kernel.bulk_insert import insert
from server.kernel.delivery.kinds import Claimed
from server.kernel.dispatch import Transaction
from server.kernel.models import Delivery

CLAIM_LASTS = timedelta(seconds=60)
"""Longer than any exchange with a carrier takes, its outcome's transaction included."""


def task(channel: str) -> str:
    """The Celery task that hands over what is due by this channel."""
    return f"kernel.deliver_{channel}"


def enqueue(rows: Iterable[Delivery], tx: Transaction) -> None:
    """Writes rows in the open transaction; those that are due now are handed over right after the commit.

    A row whose key exists already is left out. One statement.
    """
    due = list(rows)
    insert(due, ignore_conflicts=True)
    for channel in {row.channel for row in due if row.not_before <= tx.now}:
        tx.after_commit(task(channel))


def claim(channel: str, limit: int, now: datetime) -> list[Claimed]:
    """Takes up to ``limit`` due rows of a channel, those due longest first. Workers pass over each other's.

    One statement and a transaction of its own. A claim counts as an attempt even if this worker dies: a message that
    kills its worker is given up like any other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM kernel_delivery WHERE settled_at IS NULL AND channel = %s"
            " AND not_before <= %s AND (claimed_until IS NULL OR claimed_until <= %s)"
            " ORDER BY not_before, id LIMIT %s FOR UPDATE SKIP LOCKED)"
            " UPDATE kernel_delivery row SET attempts = attempts + 1, claimed_until = %s FROM due WHERE row.id = due.id"
            " RETURNING row.id, row.key, row.channel, row.kind, row.subject, row.attempts, row.claimed_until",
            (channel, now, now, limit, now + CLAIM_LASTS),
        )
        return [Claimed(*row) for row in cursor.fetchall()]


def overdue_since(now: datetime) -> datetime | None:
    """Since when the oldest row is due that nobody has tried to hand over; None when nothing is due."""
    waiting = Delivery.objects.filter(settled_at=None, attempts=0, not_before__lte=now)
    found: datetime | None = waiting.aggregate(oldest=Min("not_before"))["oldest"]
    return found
