"""Records the outcomes of deliveries, with what follows from them, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.db import connection

from server.kernel.authentication import Actor
from server.kernel.delivery import kinds
from server.kernel.delivery.internal_commands import RecordDeliveries, Result
from server.kernel.delivery.kinds import Settled
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import Done


def record_deliveries(actor: Actor, command: RecordDeliveries, tx: Transaction) -> Done:
    """Marks the rows whose claim still stands, audits those that are settled, and lets their rooms follow up."""
    settled = mark(command.results, tx)
    for row in settled:
        tx.audit(actor, f"delivery.{row.outcome}", row.subject, key=row.key, channel=row.channel)
    drafts: list[Draft] = []
    for name, rows in groupby(sorted(settled, key=lambda row: row.kind), key=lambda row: row.kind):
        kind = kinds.find(name)
        if kind is not None:
            drafts += kind.follow(list(rows), tx)
    tx.record(drafts)
    return Done()


def mark(results: Sequence[Result], tx: Transaction) -> list[Settled]:
    """Writes outcomes, or when to try again, and lets the claims go; returns what is settled by it. One statement."""
    columns = zip(
        *(
            (one.id, one.claimed_until, one.attempts, one.outcome, one.error[:40], one.not_before)
            for one in sorted(results, key=lambda one: one.id)
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_delivery row SET outcome = result.outcome, error = result.error, attempts = result.attempts,"
            " not_before = coalesce(result.not_before, row.not_before), claimed_until = NULL,"
            " settled_at = CASE WHEN result.outcome <> '' THEN %s::timestamptz END"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::text[], %s::text[], %s::timestamptz[])"
            " AS result (id, claimed_until, attempts, outcome, error, not_before)"
            " WHERE row.id = result.id AND row.claimed_until = result.claimed_until AND row.settled_at IS NULL"
            " RETURNING row.key, row.channel, row.kind, row.subject, row.outcome, row.error",
            (tx.now, *(list(column) for column in columns)),
        )
        return [Settled(*row) for row in cursor.fetchall() if row[4]]
