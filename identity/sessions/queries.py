"""What somebody sees of their sessions."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from identity.sessions.models import Session
from identity.sessions.wire import ListSessions, Sessions, SessionView
from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction

LISTED = 500
"""Sessions in one answer, at most: who has more ends those, and is shown the rest."""


WIPED_SHOWN = timedelta(days=30)
"""How long a device that was wiped is shown."""


def sessions(actor: Actor, command: ListSessions, tx: Transaction) -> Sessions:
    """Where the caller is signed in, the most recently seen first, and the devices that are lost. One query."""
    is_open = Q(ended_at=None, expires_at__gt=tx.now)
    is_lost = Q(wipe_asked_at__isnull=False) & (Q(wiped_at=None) | Q(wiped_at__gt=tx.now - WIPED_SHOWN))
    current = Session.objects.filter(is_open | is_lost, person=actor.person)
    page, more = paging.page(current.order_by("-last_seen_at", "id"), LISTED)
    shown = paging.fitting(
        SessionView(
            id=row.id,
            kind=row.kind,
            label=row.label,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            current=row.id == actor.session,
            opened_by=row.opened_by or None,
            strong=row.strong,
            has_code=row.lock_proof is not None,
            wipe=None if row.wipe_asked_at is None else "asked" if row.wiped_at is None else "done",
            wipe_asked_at=row.wipe_asked_at,
            wiped_at=row.wiped_at,
        )
        for row in page
    )
    return Sessions(sessions=shown, more=more or len(shown) < len(page))
