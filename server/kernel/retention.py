"""How long the machine's own records are kept. Each grows with every day of use, and none is needed for ever.

What people wrote (messages, appointments, referrals, patients' records) is not kept here and not deleted here; nor is
the audit, whose months are tables of their own (``docs/operations.md`` has the whole table).

Rows go some thousands at a time, each time in a transaction of its own: nobody waits for a deletion.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from server.kernel import clock

log = logging.getLogger("kernel.retention")

AT_ONCE = 5_000
LONGEST_RUN = 60.0
"""Seconds. What is left then goes in the next run."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of record. ``doomed`` selects at most ``%(limit)s`` rows of ``table`` that are older than
    ``%(before)s``, by ``ctid``."""

    table: str
    setting: str
    doomed: str

    @property
    def days(self) -> int:
        found: int = settings.RELAIS_KEEP_DAYS[self.setting]
        return found


KEPT = (
    # The newest event of a stream stays: its number says how far the stream has come.
    Kept(
        "kernel_streamevent",
        "events",
        "SELECT event.ctid FROM kernel_streamevent event JOIN kernel_stream ON name = event.stream"
        " WHERE event.at < %(before)s AND event.seq < head LIMIT %(limit)s",
    ),
    Kept(
        "kernel_delivery",
        "deliveries",
        "SELECT ctid FROM kernel_delivery WHERE settled_at < %(before)s LIMIT %(limit)s",
    ),
    Kept("kernel_workitem", "work", "SELECT ctid FROM kernel_workitem WHERE settled_at < %(before)s LIMIT %(limit)s"),
    Kept(
        "kernel_capturedmessage",
        "captured",
        "SELECT ctid FROM kernel_capturedmessage WHERE at < %(before)s LIMIT %(limit)s",
    ),
)


def delete_expired(kept: tuple[Kept, ...] = KEPT) -> dict[str, int]:
    """Deletes what has been kept for long enough; returns how many rows of each table went."""
    deadline = time.monotonic() + LONGEST_RUN
    now = clock.now()
    gone = {one.table: _delete(one, now - timedelta(days=one.days), deadline) for one in kept}
    if any(gone.values()):
        log.info("expired records deleted", extra={"fields": gone})
    return gone


def _delete(one: Kept, before: datetime, deadline: float) -> int:
    statement = f"DELETE FROM {one.table} WHERE ctid = ANY(ARRAY({one.doomed}))"  # noqa: S608  (our own words)
    gone = 0
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"before": before, "limit": AT_ONCE})
            gone += cursor.rowcount
            if cursor.rowcount < AT_ONCE:
                break
    return gone
