"""Who may give whom which level, and giving it.

Within one organisation everybody who decides, and everything that is decided, goes through here: the screens of rights,
the level that a practitioner gives on their own agenda, and what a new member comes with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Q

from identity.accounts.access import verified
from identity.accounts.models import CLINICAL_FUNCTIONS
from identity.organisations import access, inbox, standing
from identity.organisations.levels import BUSY, EVERY_LEVEL, LEVELS, MANAGE, MANAGED_BY_OWNERS
from identity.organisations.models import Membership, Organisation, Resource, Right
from identity.organisations.refusals import MoreThanHeld
from identity.organisations.standing import Standing
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire.errors import Forbidden, Invalid, NotFound

NONE = "none"
"""On the wire: no level at all."""


class Wanted(NamedTuple):
    """A level that somebody is to have; ``none`` takes it away."""

    resource: UUID
    level: str


@dataclass(frozen=True, slots=True)
class Giver:
    """Somebody who gives levels in an organisation, with what they hold there."""

    person: UUID
    organisation: Organisation
    standing: Standing
    held: Mapping[UUID, str]
    """Their own levels, by resource; an owner holds all without a row."""

    def holds(self, resource: Resource) -> str | None:
        """Their own level on a resource."""
        if self.standing.owner and resource.kind in MANAGED_BY_OWNERS:
            return MANAGE
        if resource.kind == Resource.Kind.PROFILE and self._speaks_for(resource):
            return LEVELS["profile"][-1]
        return self.held.get(resource.pk)

    def _speaks_for(self, profile: Resource) -> bool:
        """Whether a profile is theirs to share: their own, or that of a service they look after."""
        return profile.person_id == self.person or (profile.person_id is None and self.standing.looks_after)

    def decides_on(self, resource: Resource) -> bool:
        """Whether this resource is theirs to give levels on, whatever they hold."""
        if resource.person_id == self.person:
            return True
        granted = standing.abilities(self.standing)
        if "manage_access" in granted:
            return True
        return "manage_own_agendas" in granted and self.held.get(resource.pk) == MANAGE

    def givable(self, resource: Resource, to: Membership | None) -> list[str]:
        """The levels they may give a member there, from ``none`` up; empty when it is not theirs to change."""
        if not self.decides_on(resource) or (to is not None and (to.person_id == resource.person_id)):
            return []
        if to is not None and not self.may_touch(to) and resource.person_id != self.person:
            return []
        # The messages of a colleague are that colleague's to share: what is given waits for their consent.
        asks = resource.kind == Resource.Kind.PROFILE and resource.person_id is not None
        most = LEVELS["profile"][-1] if asks else self.holds(resource)
        if to is not None and resource.kind == Resource.Kind.PROFILE and sees_no_notes(to):
            return [NONE]
        levels = LEVELS[resource.kind]  # type: ignore[index]  # the column's choices are the kinds
        held = levels[: levels.index(most) + 1] if most in levels else ()
        capped = held[:1] if to is not None and is_kept_to_own(self.organisation, to, resource) else held
        return [NONE, *capped]

    def may_touch(self, other: Membership) -> bool:
        """Only owners touch owners and administrators; everybody their own."""
        return other.person_id == self.person or not (other.owner or other.administrator) or self._owns

    @property
    def _owns(self) -> bool:
        return "manage_owners" in standing.abilities(self.standing)


def sees_no_notes(member: Membership) -> bool:
    """Whether what is written about patients is kept from this member: ``access.notes_hidden``, of one row."""
    return member.notes_hidden and not member.owner and member.function not in CLINICAL_FUNCTIONS


def may_limit(by: Giver, member: Membership) -> bool:
    """Whether the giver says what this member does not see: owners, of whoever works in the office and is none."""
    granted = standing.abilities(by.standing)
    in_office = not member.owner and member.function not in CLINICAL_FUNCTIONS
    return "manage_owners" in granted and in_office and member.person_id != by.person


def giver(actor: Actor, organisation: Organisation) -> Giver:
    """The caller as one who gives levels in an organisation in which they stand. Five statements at most."""
    person = verified(actor)
    held = Right.objects.filter(person=person, resource__organisation=organisation).values_list("resource", "level")
    mine = access.standings(person, [organisation]).get(organisation.pk) or Standing(organisation.access_rule)
    return Giver(person, organisation, mine, dict(held))


def is_kept_to_own(organisation: Organisation, member: Membership, resource: Resource) -> bool:
    """Whether the rule that practitioners see only their own patients keeps this member to times on this agenda."""
    return (
        organisation.own_patients_only
        and resource.kind == Resource.Kind.AGENDA
        and not member.owner
        and member.function in CLINICAL_FUNCTIONS
        and resource.person_id is not None
        and resource.person_id != member.person_id
    )


def resources(organisation: UUID, wanted: Collection[UUID]) -> dict[UUID, Resource]:
    """These resources of an organisation; ``NotFound`` when one of them is not among them."""
    found = Resource.objects.filter(organisation=organisation, pk__in=set(wanted)).in_bulk()
    if len(found) < len(set(wanted)):
        raise NotFound("One of these agendas is not of this organisation.")
    return found


def present(organisation: UUID, wanted: Collection[UUID]) -> dict[UUID, Resource]:
    """Those of these resources that are still of an organisation."""
    return Resource.objects.filter(organisation=organisation, pk__in=set(wanted)).in_bulk()


def check(by: Giver, to: Membership | None, wanted: Sequence[Wanted], known: Mapping[UUID, Resource]) -> None:
    """Returns when the giver may give all of this to a member, or (None) to somebody who is yet to come."""
    for one in wanted:
        resource = known[one.resource]
        if to is not None and resource.person_id == to.person_id:
            raise Invalid("$.params.agendas", "Somebody's own agenda is theirs: nothing is to be given or taken there.")
        allowed = by.givable(resource, to)
        if one.level in allowed:
            continue
        if to is not None and not by.may_touch(to):
            raise Forbidden("Only an owner changes what owners and administrators may do: ask one of them.")
        if not allowed:
            raise Forbidden("Who may do what here is decided by others: ask an owner of the organisation.")
        if one.level not in LEVELS[resource.kind]:  # type: ignore[index]  # the column's choices are the kinds
            raise Invalid("$.params.agendas", f"There is no level {one.level} on this.")
        if to is not None and is_kept_to_own(by.organisation, to, resource):
            raise Forbidden("In this organisation practitioners see only their own patients: give them busy at most.")
        raise MoreThanHeld(str(one.resource))


def give(
    actor: Actor, person: UUID, organisation: UUID, wanted: Iterable[Wanted], tx: Transaction, act: str = "rights.set"
) -> list[Draft]:
    """Writes levels that may be given; the drafts tell the person. What is as it was changes nothing. Three statements.

    Each change is an entry of the audit, with the level that was there before.
    """
    asked = {one.resource: one.level for one in wanted}
    before = dict(Right.objects.filter(person=person, resource__in=asked).values_list("resource", "level"))
    changed = {resource: level for resource, level in asked.items() if before.get(resource, NONE) != level}
    if not changed:
        return []
    Right.objects.filter(person=person, resource__in=[one for one, level in changed.items() if level == NONE]).delete()
    Right.objects.bulk_create(
        [Right(person_id=person, resource_id=one, level=level) for one, level in changed.items() if level != NONE],
        update_conflicts=True,
        unique_fields=["person", "resource"],
        update_fields=["level"],
    )
    for resource, level in sorted(changed.items()):
        tx.audit(actor, act, resource, [person], level=level, before=before.get(resource, NONE))
    return [inbox.rights_changed(person, organisation, changed)]


def take_all(actor: Actor, person: UUID, organisation: UUID, tx: Transaction) -> list[Draft]:
    """Takes every level that somebody has in an organisation, their own agendas there included: the organisation keeps
    them, and whoever comes back finds them (``give_back``)."""
    held = Right.objects.filter(person=person, resource__organisation=organisation)
    wanted = [Wanted(resource, NONE) for resource in held.values_list("resource", flat=True)]
    return give(actor, person, organisation, wanted, tx)


def give_back(actor: Actor, person: UUID, organisation: UUID, tx: Transaction) -> list[Draft]:
    """Somebody who is a member again manages the agendas that are theirs there."""
    theirs = Resource.objects.filter(organisation=organisation, person=person, kind=Resource.Kind.AGENDA)
    wanted = [Wanted(resource, MANAGE) for resource in theirs.values_list("pk", flat=True)]
    return give(actor, person, organisation, wanted, tx)


def lower_to_busy(actor: Actor, organisation: Organisation, tx: Transaction, person: UUID | None = None) -> list[Draft]:
    """Practitioners see only their own patients from now on: what they have elsewhere falls to ``busy``. With a
    ``person``, what this one has: they have become a practitioner, or are no owner any more."""
    members = Membership.objects.filter(
        organisation=organisation, left_at=None, owner=False, function__in=CLINICAL_FUNCTIONS
    )
    if person is not None:
        members = members.filter(person=person)
    above = Right.objects.filter(
        ~Q(level=BUSY),
        ~Q(resource__person=F("person")),
        person__in=members.values("person"),
        resource__organisation=organisation,
        resource__kind=Resource.Kind.AGENDA,
        resource__person__isnull=False,
        level__in=EVERY_LEVEL,
    )
    by_person: dict[UUID, list[Wanted]] = {}
    for person, resource in above.values_list("person", "resource"):
        by_person.setdefault(person, []).append(Wanted(resource, BUSY))
    return [
        draft
        for person, wanted in sorted(by_person.items())
        for draft in give(actor, person, organisation.pk, wanted, tx)
    ]
