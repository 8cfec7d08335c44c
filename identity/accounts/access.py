"""May this person, and who may be seen: the only way to obtain an account."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from identity.accounts.models import Person
from identity.accounts.refusals import NotVerified, ReauthenticationRequired, SecondFactorRequired
from identity.accounts.wire import SINGLE_FACTOR, VERIFIED, scopes
from server.kernel import authentication
from server.kernel.authentication import Actor
from server.kernel.pg_arrays import uuids
from server.kernel.statements import Statement
from server.kernel.wire import CONFIRMED
from server.kernel.wire.errors import NotFound

REACHABLE = Q(verified_at__isnull=False, suspended_at=None, is_active=True)
"""Whom a colleague can find and write to: nobody whose identity is unproven, withdrawn or gone."""

GONE = (
    "NOT EXISTS (SELECT 1 FROM identity_person person WHERE person.id = {} AND person.verified_at IS NOT NULL"
    " AND person.suspended_at IS NULL AND person.is_active)"
)
"""Whether a column's person is not ``REACHABLE``: the condition for written statements."""


def acting(account: Person, session: UUID | None = None) -> authentication.Person:
    """The actor that somebody with an account is."""
    vouched = account.verification_method == "vouched"
    held = scopes(account.verified_at is not None, account.moderator_since is not None, vouched=vouched)
    return authentication.Person(account.id, session, held, name=account.name)


def verified(actor: Actor) -> UUID:
    """The person who asks, whose identity is verified: the condition of everything clinical.

    The dispatcher has checked the scope already. Access asks again, so that no row is ever obtained without it.
    """
    person = actor.person
    if VERIFIED not in actor.scopes:
        raise SecondFactorRequired if SINGLE_FACTOR in actor.scopes else NotVerified
    return person


def require_confirmed(actor: Actor) -> None:
    """Returns when the caller has just proved that it is them: for a part of a command that is sensitive."""
    if CONFIRMED not in actor.scopes:
        raise ReauthenticationRequired


def caller(actor: Actor) -> Person:
    """The caller's own account, verified or not."""
    found = Person.objects.filter(pk=actor.person).first()
    if found is None:
        raise NotFound
    return found


def locked(wanted: UUID) -> Person:
    """An account, locked until the transaction ends. For Relais' own commands: no person reaches another by it."""
    found = Person.objects.select_for_update().filter(pk=wanted).first()
    if found is None:
        raise NotFound
    return found


_LOCK = Statement("SELECT id FROM identity_person WHERE id = ANY(%b::uuid[]) ORDER BY id FOR NO KEY UPDATE")


def lock(people: Iterable[UUID]) -> None:
    """Locks accounts until the transaction ends, in the order of their ids: what one person may have so many of is
    counted under it. Rows of other rooms that are locked too come first.
    """
    _LOCK.send(uuids(set(people)))


def person(actor: Actor, wanted: UUID) -> Person:
    """A colleague whom the caller may see, or the caller."""
    if wanted == actor.person:
        return caller(actor)
    return reachable(actor, [wanted])[0]


def reachable(actor: Actor, ids: Iterable[UUID]) -> list[Person]:
    """These people, each once, in the order given; ``NotFound`` when one of them cannot be reached.

    An unknown, an unverified and a suspended person are one answer, so that nobody can learn who has an account.
    """
    verified(actor)
    wanted = list(dict.fromkeys(ids))
    found = Person.objects.filter(REACHABLE, pk__in=wanted).in_bulk()
    if len(found) < len(wanted):
        raise NotFound("One of these people cannot be reached on Relais.")
    return [found[one] for one in wanted]
