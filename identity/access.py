"""May this person, and who may be seen: the only way to obtain a person, a membership or a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q

from identity.models import Person, Session, Site
from server.arrays import uuids
from server.dispatch import Actor
from server.errors import Forbidden, NotFound, NotVerified, Refusal

REACHABLE = Q(verified_at__isnull=False, suspended_at=None, is_active=True)
"""Whom a colleague can find and write to: nobody whose identity is unproven, withdrawn or gone."""


def clinical(actor: Actor) -> None:
    """Returns when the caller's identity is verified: the condition of everything clinical."""
    if not actor.verified:
        raise NotVerified


def system(actor: Actor) -> None:
    """Returns when Relais itself asks: a task or the command line, never a socket."""
    if actor.person is not None:
        raise Forbidden("Only the command line and Relais' own tasks may do this.")


def caller(actor: Actor) -> Person:
    """The caller's own account, verified or not."""
    found = Person.objects.filter(pk=actor.person).first() if actor.person is not None else None
    if found is None:
        raise NotFound
    return found


def person(actor: Actor, wanted: UUID) -> Person:
    """A colleague whom the caller may see, or the caller."""
    if wanted == actor.person:
        return caller(actor)
    return reachable(actor, [wanted])[0]


def reachable(actor: Actor, ids: Iterable[UUID]) -> list[Person]:
    """These people, each once, in the order given; ``NotFound`` when one of them cannot be reached.

    An unknown, an unverified and a suspended person are one answer, so that nobody can learn who has an account.
    """
    clinical(actor)
    wanted = list(dict.fromkeys(ids))
    found = Person.objects.filter(REACHABLE, pk__in=wanted).in_bulk()
    if len(found) < len(wanted):
        raise NotFound("One of these people cannot be reached on Relais.")
    return [found[one] for one in wanted]


def site(actor: Actor, wanted: UUID) -> Site:
    """A site of an organisation in which the caller is a member."""
    clinical(actor)
    member = Q(organisation__memberships__person=actor.person, organisation__memberships__left_at=None)
    found = Site.objects.filter(member, pk=wanted).first()
    if found is None:
        raise NotFound
    return found


def session(actor: Actor, wanted: UUID) -> Session:
    """A session of the caller, locked: open or already ended."""
    found = Session.objects.select_for_update().filter(pk=wanted, person=actor.person).first()
    if found is None or actor.person is None:
        raise NotFound
    return found


def turned_away(actors: Sequence[Actor]) -> dict[UUID, Refusal]:
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
