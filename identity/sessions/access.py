"""The only way to a session: each function returns it or refuses."""

from __future__ import annotations

from uuid import UUID

from identity.sessions.models import Session
from server.kernel.authentication import Actor
from server.kernel.wire.errors import Forbidden, NotFound


def session(actor: Actor, wanted: UUID) -> Session:
    """A session of the caller, locked: open or already ended."""
    found = Session.objects.select_for_update().filter(pk=wanted, person=actor.person).first()
    if found is None:
        raise NotFound
    return found


def current(actor: Actor) -> Session:
    """The session by which the caller asks, locked."""
    if actor.session is None:
        raise Forbidden("Sign in: this is about a session.")
    return session(actor, actor.session)
