"""What somebody sees of their sessions."""

from __future__ import annotations

from identity.sessions.models import Session
from identity.sessions.wire import ListSessions, Sessions, SessionView
from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction

LISTED = 500
"""Sessions in one answer, at most: who has more ends those, and is shown the rest."""


def sessions(actor: Actor, command: ListSessions, tx: Transaction) -> Sessions:
    """Where the caller is signed in, the most recently seen first. One query."""
    current = Session.objects.filter(person=actor.person, ended_at=None, expires_at__gt=tx.now)
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
        )
        for row in page
    )
    return Sessions(sessions=shown, more=more or len(shown) < len(page))
