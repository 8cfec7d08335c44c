"""May this person reach these: the only way to somebody whom one writes to.

Above being verified and on Relais (``accounts.access.reachable``) stand three things: what each person says of who
reaches them, whom they block, and that staff who are vouched for write to, and are written to by, members of their own
organisations alone. Whoever blocks, and whoever wants colleagues alone, is told of as if they were not on Relais.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from identity.accounts import access as accounts_access
from identity.accounts.models import Person
from identity.accounts.wire import PROFESSIONAL
from identity.contacts.models import Block, ContactRequest, ContactRule
from identity.contacts.refusals import AsksFirst, Blocked
from identity.organisations.access import VOUCHED
from identity.organisations.models import Membership
from server.kernel.authentication import Actor
from server.kernel.composed_query import ComposedQuery, one_of
from server.kernel.wire.errors import NotFound

BLOCKS = "EXISTS (SELECT 1 FROM identity_block block WHERE block.person_id = {} AND block.blocked_id = {})"
"""Whether the first column's person blocks the second's: a condition for written statements."""
UNREACHABLE = "One of these people cannot be reached on Relais."


def reachable(actor: Actor, ids: Iterable[UUID], together: Collection[UUID] = ()) -> list[Person]:
    """These people, each once, in the order given, when the caller may write to all of them.

    ``together`` are others who will read along: whom a colleague vouches for is in no conversation with people from
    outside. ``NotFound`` for whoever cannot be reached, ``AsksFirst`` for whoever wants to be asked, ``Blocked`` for
    whom the caller blocks. Six statements at most.
    """
    found = accounts_access.reachable(actor, ids)
    others = {one.pk for one in found} - {actor.person}
    if not others:
        return found
    if Block.objects.filter(person=actor.person, blocked__in=others).exists():
        raise Blocked
    hidden, asking = _kept_out(actor, others)
    if hidden or not stays_inside(actor, others.union(together)):
        raise NotFound(UNREACHABLE)
    if asking:
        raise AsksFirst(asking)
    return found


def is_shut(actor: Actor, other: UUID) -> bool:
    """Whether a conversation of the caller and this person is at rest: one blocks the other, or the other is not on
    Relais any more. Two statements."""
    between = Q(person=actor.person, blocked=other) | Q(person=other, blocked=actor.person)
    if Block.objects.filter(between).exists():
        return True
    return not Person.objects.filter(accounts_access.REACHABLE, pk=other).exists()


def hidden_from(actor: Actor, people: Collection[UUID]) -> set[UUID]:
    """Those of these people whom the caller is not to learn to be on Relais. Four statements at most."""
    others = set(people) - {actor.person}
    return _kept_out(actor, others)[0] if others else set()


def knows(actor: Actor, other: UUID) -> bool:
    """Whether the caller may learn who this is: somebody whom they find on Relais, a colleague, or one of two of whom
    one asked the other. Six statements at most."""
    if colleagues(actor.person, [other]):
        return True
    between = Q(person=actor.person, asked_by=other) | Q(person=other, asked_by=actor.person)
    if ContactRequest.objects.filter(between).exists():
        return True
    if not Person.objects.filter(accounts_access.REACHABLE, ~VOUCHED, pk=other).exists():
        return False
    return not hidden_from(actor, [other])


def blocked_by(practitioner: str, person: UUID) -> Exists:
    """A condition on rows of any table: whoever is in column ``practitioner`` blocks this person."""
    return Exists(Block.objects.filter(person=OuterRef(practitioner), blocked=person))


_BLOCKS = ComposedQuery(
    lambda by, people: Block.objects.filter(one_of("person", by), one_of("blocked", people)).values_list(
        "person", "blocked"
    ),
    parameters=2,
)


def blocks(by: Collection[UUID], people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Who of the former blocks whom of the latter. One statement."""
    return set(_BLOCKS(by, people))


def blocking(actor: Actor, people: Collection[UUID]) -> set[UUID]:
    """Those of these people who block the caller. One statement."""
    return {person for person, _ in blocks(people, [actor.person])}


def strangers(actor: Actor, people: Collection[UUID]) -> set[UUID]:
    """Those of these people who are of no organisation of the caller's, and of whom neither accepted the other's
    request. Two statements at most."""
    others = set(people) - {actor.person}
    others -= colleagues(actor.person, others) if others else set()
    if not others:
        return set()
    asked = ContactRequest.objects.filter(asked_by=actor.person, person__in=others, accepted=True)
    asking = ContactRequest.objects.filter(person=actor.person, asked_by__in=others, accepted=True)
    known = asked.values_list("person", flat=True).union(asking.values_list("asked_by", flat=True), all=True)
    return others - set(known)


def stays_inside(actor: Actor, others: Collection[UUID]) -> bool:
    """Whether everybody who is vouched for, the caller among them, stays among members of their own organisations. One
    statement, and one more for each of them."""
    everybody = {actor.person, *others}
    vouched = set(Person.objects.filter(VOUCHED, pk__in=everybody).values_list("pk", flat=True))
    if PROFESSIONAL not in actor.scopes:
        vouched.add(actor.person)
    return all(everybody - {one} <= colleagues(one, everybody) for one in vouched)


def _kept_out(actor: Actor, others: set[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Who of these does not want the caller at all, and who wants to be asked first."""
    blocking = Block.objects.filter(person__in=others, blocked=actor.person)
    hidden = set(blocking.values_list("person", flat=True))
    rules = dict(ContactRule.objects.filter(person__in=others).exclude(rule="everybody").values_list("person", "rule"))
    if not rules:
        return hidden, set()
    strangers = rules.keys() - colleagues(actor.person, rules)
    asking = {one for one in strangers if rules[one] == ContactRule.Rule.ASK_FIRST}
    if asking:
        answered = ContactRequest.objects.filter(person__in=asking, asked_by=actor.person, accepted=True)
        asking -= set(answered.values_list("person", flat=True))
    apart = {one for one in strangers if rules[one] == ContactRule.Rule.MY_ORGANISATIONS}
    return hidden | apart, asking - hidden


def colleagues(person: UUID, people: Collection[UUID]) -> set[UUID]:
    """Who of these is a member of an organisation of this person now. One statement."""
    shared = Membership.objects.filter(
        Q(organisation__memberships__person=person, organisation__memberships__left_at=None),
        person__in=people,
        left_at=None,
    )
    return set(shared.values_list("person", flat=True))
