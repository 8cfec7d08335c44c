"""What clients see of people, organisations and sessions; a constant number of queries each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from django.db.models import Q

from identity import access
from identity.models import Membership, Person, RegisterEntry, Session
from identity.register import hits
from identity.wire import (
    DirectoryEntry,
    ListSessions,
    Me,
    OrganisationView,
    PersonView,
    PractitionerView,
    Sessions,
    SessionView,
)
from server.dispatch import Actor, Transaction


def me(actor: Actor) -> Me:
    """The caller and what they may do. Two queries."""
    person = access.caller(actor)
    return Me(
        id=person.id,
        name=person.name,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        function=person.function,
        verified=person.verified_at is not None,
        abilities=["clinical"] if person.verified_at is not None else [],
        organisations=organisations(person.id),
        language=person.language,
        profession=person.profession or None,
        speciality=person.speciality or None,
        rpps=person.rpps,
    )


def organisations(person: UUID) -> list[OrganisationView]:
    """Where somebody is a member now, by name. One query."""
    current = Membership.objects.filter(person=person, left_at=None).select_related("organisation")
    return [
        OrganisationView(
            id=membership.organisation.id,
            name=membership.organisation.name,
            kind=membership.organisation.kind,
            function=membership.function,
            administrator=membership.administrator,
            owner=membership.owner,
        )
        for membership in current.order_by("organisation__name")
    ]


def people(ids: Iterable[UUID]) -> dict[UUID, PersonView]:
    """The people with these ids, whatever became of them since: what they wrote keeps its author. One query."""
    return {person.id: person_view(person) for person in Person.objects.filter(pk__in=set(ids))}


def person_view(person: Person) -> PersonView:
    """A person as colleagues see them; a suspended one no longer has the badge."""
    return PersonView(
        id=person.id,
        name=person.name,
        first_name=person.first_name,
        last_name=person.last_name,
        function=person.function,
        verified=person.verified_at is not None and person.suspended_at is None,
        profession=person.profession or None,
        speciality=person.speciality or None,
        rpps=person.rpps,
        title=person.title or None,
    )


def person_of(practitioner: UUID) -> UUID | None:
    """Whose account a practitioner of the directory has, if any; the id may be the account's own. One query."""
    entry = RegisterEntry.objects.filter(pk=practitioner).values("national_id")
    found = Person.objects.filter(access.REACHABLE).filter(Q(pk=practitioner) | Q(national_id__in=entry))
    return found.values_list("pk", flat=True).first()


def entry(
    actor: Actor, practitioner: UUID, bookable: Callable[[Collection[UUID] | None], Collection[UUID]]
) -> DirectoryEntry:
    """One professional of the directory, or a colleague on Relais whom it does not hold. At most four queries."""
    access.clinical(actor)
    found = hits.entry(practitioner, bookable)
    if found is not None:
        return found
    [person] = access.reachable(actor, [practitioner])
    return DirectoryEntry(
        practitioner=PractitionerView(
            id=person.id,
            name=person.name,
            profession=person.profession,
            first_name=person.first_name,
            last_name=person.last_name,
            speciality=person.speciality or None,
            rpps=person.rpps,
        ),
        places=[],
        person=person.id,
        bookable=person.id in bookable([person.id]),
        verified_user=True,
    )


def sessions(actor: Actor, command: ListSessions, tx: Transaction) -> Sessions:
    """Where the caller is signed in, the most recently seen first. One query."""
    current = Session.objects.filter(person=actor.person, person__isnull=False, ended_at=None, expires_at__gt=tx.now)
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
