"""Items that wait: opened, given to somebody, settled. All within the caller's transaction, each in one statement.

Whether the caller may is for the room to say before; whether it is still possible is said here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from server.kernel.authentication import Actor
from server.kernel.bulk_insert import insert
from server.kernel.dispatch import Transaction
from server.kernel.models import WorkItem
from server.kernel.wire import Done
from server.kernel.wire.errors import InvalidState
from server.kernel.work import kinds
from server.kernel.work.internal_commands import LapseWork


def open_items(items: Iterable[WorkItem]) -> None:
    """Writes items. One whose kind already waits about the same subject is left out: it waits once."""
    rows = list(items)
    for row in rows:
        kinds.get(row.kind)
    insert(rows, ignore_conflicts=True)


def take(item: int, person: UUID) -> None:
    """Makes the item this person's, if it is nobody's or theirs already; refuses with ``invalid_state`` otherwise."""
    free = WorkItem.objects.filter(id=item, settled_at=None, owner=None)
    theirs = WorkItem.objects.filter(id=item, settled_at=None, owner=person)
    if not free.update(owner=person) and not theirs.exists():
        raise InvalidState("Somebody else has taken this, or it is done: load the list again.", state="taken")


def assign(item: int, person: UUID | None) -> None:
    """Makes the item another person's, or nobody's; refuses with ``invalid_state`` when it is settled."""
    if not WorkItem.objects.filter(id=item, settled_at=None).update(owner=person):
        raise InvalidState("This is done already: load the list again.", state="settled")


def settle(wanted: Collection[str], subjects: Collection[UUID], now: datetime) -> int:
    """Settles what of these kinds waits about these subjects; how many there were."""
    waiting = WorkItem.objects.filter(kind__in=wanted, subject__in=subjects, settled_at=None)
    return waiting.update(settled_at=now, outcome=WorkItem.Outcome.DONE)


def lapse_work(actor: Actor, command: LapseWork, tx: Transaction) -> Done:
    """Settles whatever has lapsed. It is not shown from that moment on; this keeps the table of what waits small."""
    lapsed = WorkItem.objects.filter(settled_at=None, lapses_at__lte=tx.now)
    lapsed.update(settled_at=tx.now, outcome=WorkItem.Outcome.LAPSED)
    return Done()
