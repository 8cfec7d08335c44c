"""May this person, and who may be seen: the only way to obtain a person, a membership or a session."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from identity.accounts.models import Person
from server.kernel.authentication import Actor
from server.kernel.wire.errors import Forbidden, NotFound, NotVerified

REACHABLE = Q(verified_at__isnull=False, suspended_at=None, is_active=True)
"""Whom a colleague can find and write to: nobody whose identity is unproven, withdrawn or gone."""


def require_verified(actor: Actor) -> None:
    """Returns when the caller's identity is verified: the condition of everything clinical."""
    if not actor.verified:
        raise NotVerified


def require_system(actor: Actor) -> None:
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
    require_verified(actor)
    wanted = list(dict.fromkeys(ids))
    found = Person.objects.filter(REACHABLE, pk__in=wanted).in_bulk()
    if len(found) < len(wanted):
        raise NotFound("One of these people cannot be reached on Relais.")
    return [found[one] for one in wanted]
