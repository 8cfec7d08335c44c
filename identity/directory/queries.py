"""What clients see of people, organisations and sessions; a constant number of queries each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from django.db.models import Q

from identity.accounts import access as accounts_access
from identity.accounts.models import Person
from identity.directory import hits
from identity.directory.models import RegisterEntry
from identity.directory.wire import DirectoryEntry, PractitionerView
from server.kernel.authentication import Actor


def person_of(practitioner: UUID) -> UUID | None:
    """Whose account a practitioner of the directory has, if any; the id may be the account's own. One query."""
    entry = RegisterEntry.objects.filter(pk=practitioner).values("national_id")
    found = Person.objects.filter(accounts_access.REACHABLE).filter(Q(pk=practitioner) | Q(national_id__in=entry))
    return found.values_list("pk", flat=True).first()


def entry(
    actor: Actor, practitioner: UUID, bookable: Callable[[Collection[UUID] | None], Collection[UUID]]
) -> DirectoryEntry:
    """One professional of the directory, or a colleague on Relais whom it does not hold. At most four queries."""
    accounts_access.verified(actor)
    found = hits.entry(practitioner, bookable)
    if found is not None:
        return found
    [person] = accounts_access.reachable(actor, [practitioner])
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
