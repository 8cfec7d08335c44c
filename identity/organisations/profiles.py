"""Messaging profiles: who may read or answer for whom, and the consent of the person whose messages they are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from identity.accounts.access import verified
from identity.organisations import inbox, rights
from identity.organisations.models import Membership, ProfileRequest, Resource, Right
from identity.organisations.rights import NONE, Giver, Wanted
from identity.organisations.wire_members import (
    AnswerProfileRequest,
    ListProfileRequests,
    ProfileRequests,
    ProfileRequestView,
    ProfileRight,
)
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.identifiers import uuid7
from server.kernel.streams import Draft
from server.kernel.wire import Done
from server.kernel.wire.errors import Forbidden, NotFound

REQUESTS = 100
"""Requests that are listed, at most."""


def ask(actor: Actor, by: Giver, to: Membership, wanted: Sequence[ProfileRight], tx: Transaction) -> list[Draft]:
    """Takes levels at once, gives those on profiles that are the giver's, and asks the others' people for consent."""
    if not wanted:
        return []
    organisation = by.organisation.pk
    found = {one.person: profile(organisation, one.person) for one in wanted}
    now: list[Wanted] = []
    drafts: list[Draft] = []
    for one in wanted:
        resource = found[one.person]
        if one.level not in by.givable(resource, to):
            raise Forbidden("Whose messages a colleague reads is decided by others: ask an owner.")
        mine = resource.person_id in {None, by.person}
        known = ProfileRequest.objects.filter(resource=resource, person=to.person_id, answered_at=None)
        if mine or one.level == NONE or _holds(resource, to.person_id, one.level):
            known.delete()
            now.append(Wanted(resource.pk, one.level))
        elif not known.filter(level=one.level).exists():
            known.delete()
            drafts.append(_request(actor, resource, to.person_id, one.level, tx))
    return [*rights.give(actor, to.person_id, organisation, now, tx), *drafts]


def _holds(resource: Resource, person: UUID, level: str) -> bool:
    """Whether they have as much already: less needs nobody's consent."""
    at_least = ("read", "answer") if level == "read" else ("answer",)
    return resource.rights.filter(person=person, level__in=at_least).exists()


def _request(actor: Actor, resource: Resource, person: UUID, level: str, tx: Transaction) -> Draft:
    row = ProfileRequest.objects.create(
        id=uuid7(), resource=resource, person_id=person, level=level, asked_by_id=actor.person, asked_at=tx.now
    )
    tx.audit(actor, "profile.asked", resource.pk, [person], level=level)
    assert resource.person_id is not None  # noqa: S101  (a service's profile needs no consent)
    return inbox.profile_requested(resource.person_id, resource.organisation_id, row.pk)


def profile(organisation: UUID, person: UUID) -> Resource:
    """The messaging profile of a member, made when it is first needed; with the organisation's own id, that of the
    service. ``NotFound`` for whoever is no member."""
    of_service = person == organisation
    whose = Q(person=None) if of_service else Q(person=person)
    found = Resource.objects.filter(whose, organisation=organisation, kind=Resource.Kind.PROFILE).first()
    if found is not None:
        return found
    member = Membership.objects.select_related("person").filter(organisation=organisation, person=person, left_at=None)
    row = member.first()
    if of_service or row is None:
        raise NotFound("There is no such messaging profile here.")
    fresh = Resource(
        id=uuid7(),
        organisation_id=organisation,
        kind=Resource.Kind.PROFILE,
        name=row.person.name[:120],
        person_id=person,
    )
    Resource.objects.bulk_create([fresh], ignore_conflicts=True)
    return Resource.objects.get(whose, organisation=organisation, kind=Resource.Kind.PROFILE)


def _is_member(row: ProfileRequest) -> bool:
    organisation = row.resource.organisation_id
    return Membership.objects.filter(organisation=organisation, person=row.person_id, left_at=None).exists()


def withdraw(actor: Actor, person: UUID, organisation: UUID, tx: Transaction) -> list[Draft]:
    """Nobody waits for the consent of, or to, somebody who has left; what others had on their messages ends."""
    waiting = ProfileRequest.objects.filter(resource__organisation=organisation, answered_at=None)
    waiting.filter(Q(person=person) | Q(resource__person=person)).delete()
    theirs = Right.objects.filter(resource__organisation=organisation, resource__kind=Resource.Kind.PROFILE)
    held = theirs.filter(resource__person=person).exclude(person=person).order_by("person")
    return [
        draft
        for reader, resource in held.values_list("person", "resource")
        for draft in rights.give(actor, reader, organisation, [Wanted(resource, NONE)], tx)
    ]


def close(actor: Actor, person: UUID, organisation: UUID, tx: Transaction) -> list[Draft]:
    """Takes what somebody had on the messages of others, and what they waited for: from now on they do not see what is
    written about patients."""
    others = Resource.objects.filter(organisation=organisation, kind=Resource.Kind.PROFILE).exclude(person=person)
    ProfileRequest.objects.filter(resource__in=others, person=person, answered_at=None).delete()
    held = Right.objects.filter(person=person, resource__in=others).values_list("resource", flat=True)
    return rights.give(actor, person, organisation, [Wanted(resource, NONE) for resource in held], tx)


def list_requests(actor: Actor, command: ListProfileRequests, tx: Transaction) -> ProfileRequests:
    """Who waits for the caller's consent. One statement."""
    rows = ProfileRequest.objects.filter(resource__person=verified(actor), answered_at=None)
    rows = rows.select_related("person", "asked_by", "resource").order_by("asked_at", "pk")[:REQUESTS]
    return ProfileRequests(
        requests=[
            ProfileRequestView(
                id=row.pk,
                organisation=row.resource.organisation_id,
                person=row.person_id,
                person_name=row.person.name,
                level=row.level,  # type: ignore[arg-type]  # written from the wire's
                asked_by=row.asked_by_id,
                asked_by_name=row.asked_by.name,
                asked_at=row.asked_at,
            )
            for row in rows
        ]
    )


def answer_request(actor: Actor, command: AnswerProfileRequest, tx: Transaction) -> Done:
    """The person whose messages they are agrees, or does not. The first answer stands."""
    rows = ProfileRequest.objects.select_for_update(of=("self",)).select_related("resource")
    row = rows.filter(pk=command.request, resource__person=verified(actor)).first()
    if row is None:
        raise NotFound
    if row.answered_at is not None:
        return Done()
    ProfileRequest.objects.filter(pk=row.pk).update(answered_at=tx.now)
    if command.agree and _is_member(row):
        given = [Wanted(row.resource_id, row.level)]
        tx.record(rights.give(actor, row.person_id, row.resource.organisation_id, given, tx))
    return Done()
