"""What somebody sees of their sessions."""

from __future__ import annotations

from identity.sessions.models import Session
from identity.sessions.wire import ListSessions, Sessions, SessionView
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction


def sessions(actor: Actor, command: ListSessions, tx: Transaction) -> Sessions:
    """Where the caller is signed in, the most recently seen first. One query."""
    current = Session.objects.filter(person=actor.person, ended_at=None, expires_at__gt=tx.now)
    return Sessions(
        sessions=[
            SessionView(
                id=row.id,
                kind=row.kind,
                label=row.label,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                current=row.id == actor.session,
            )
            for row in current.order_by("-last_seen_at", "id")
        ]
    )
