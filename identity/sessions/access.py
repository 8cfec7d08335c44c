"""May this person, and who may be seen: the only way to obtain a person, a membership or a session."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from identity.sessions.models import Session
from server.kernel.authentication import Actor
from server.kernel.pg_arrays import uuids
from server.kernel.wire.errors import Forbidden, NotFound, NotVerified, Refusal


def session(actor: Actor, wanted: UUID) -> Session:
    """A session of the caller, locked: open or already ended."""
    found = Session.objects.select_for_update().filter(pk=wanted, person=actor.person).first()
    if found is None or actor.person is None:
        raise NotFound
    return found


def still_open(sessions: list[UUID]) -> set[UUID]:
    """Which of these sessions are open, and their persons admitted. One query."""
    return set(sessions) - session_refusals([Actor(None, session) for session in sessions]).keys()


def session_refusals(actors: Sequence[Actor]) -> dict[UUID, Refusal]:
    """By session, why a caller may do nothing at all any more; whoever still stands is left out. One query.

    Asked inside each transaction: between the end of a session and the closing of its socket no command slips in.
    """
    claimed = {actor.session: actor.verified for actor in actors if actor.session is not None}
    if not claimed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session.id, person.verified_at IS NOT NULL"
            " FROM identity_session session JOIN identity_person person ON person.id = session.person_id"
            " WHERE session.id = ANY(%b::uuid[]) AND session.ended_at IS NULL AND session.expires_at > now()"
            " AND person.suspended_at IS NULL AND person.is_active",
            (uuids(claimed),),
        )
        standing: dict[UUID, bool] = dict(cursor.fetchall())
    refused: dict[UUID, Refusal] = {}
    for one, verified in claimed.items():
        if one not in standing:
            refused[one] = Forbidden("This session has ended: sign in again.")
        elif verified and not standing[one]:
            refused[one] = NotVerified()
    return refused
