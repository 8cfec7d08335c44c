"""The worklist: what waits for a person, of all kinds, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple, TypeAlias
from uuid import UUID

from django.db.models import Q

from server.kernel.authentication import Actor
from server.kernel.models import WorkItem
from server.kernel.work import kinds
from server.kernel.work.kinds import Description

After: TypeAlias = tuple[datetime, int]
"""Where a page ended: the moment by which its last item is due, and the item's id."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose work: a person's own, and that of organisations which is nobody's in particular."""

    person: UUID | None = None
    organisations: Collection[UUID] = ()


class Waiting(NamedTuple):
    """One item as the asker may see it."""

    item: WorkItem
    description: Description


class Page(NamedTuple):
    """Part of a worklist; ``after`` is where the next part begins, None at the end. Since items that the asker may
    not see are left out, a page may be shorter than asked for, or empty, and not the last."""

    items: list[Waiting]
    after: After | None


def waiting(
    actor: Actor, scope: Scope, wanted: Collection[str], limit: int, now: datetime, after: After | None = None
) -> Page:
    """What waits in a scope, of these kinds, by the moment it is due. One query, and what each kind's room asks."""
    theirs = Q(owner=None, organisation__in=scope.organisations)
    if scope.person is not None:
        theirs |= Q(owner=scope.person)
    rows = WorkItem.objects.filter(theirs, Q(lapses_at=None) | Q(lapses_at__gt=now), kind__in=wanted, settled_at=None)
    if after is not None:
        rows = rows.filter(Q(due_at__gt=after[0]) | Q(due_at=after[0], id__gt=after[1]))
    found = list(rows.order_by("due_at", "id")[: limit + 1])
    shown, more = found[:limit], len(found) > limit
    described = _describe(actor, shown)
    return Page(
        [Waiting(item, described[item.id]) for item in shown if item.id in described],
        (shown[-1].due_at, shown[-1].id) if more else None,
    )


def _describe(actor: Actor, items: Sequence[WorkItem]) -> dict[int, Description]:
    described: dict[int, Description] = {}
    for name, group in groupby(sorted(items, key=lambda item: item.kind), key=lambda item: item.kind):
        of_kind = list(group)
        by_subject = kinds.get(name).describe(actor, of_kind)
        described |= {item.id: by_subject[item.subject] for item in of_kind if item.subject in by_subject}
    return described
