"""One entry of the directory, and the account that belongs to it."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

import msgspec
from django.db.models import Q

from identity.accounts import access as accounts_access
from identity.accounts import queries as accounts_queries
from identity.accounts.models import Person
from identity.contacts import access as contacts_access
from identity.directory import hits
from identity.directory.models import RegisterEntry
from identity.directory.search import Bookable, search
from identity.directory.wire import DirectoryEntry, GetEntry, Hit, Hits, PractitionerView, SearchDirectory
from identity.organisations import views as organisations
from identity.organisations.wire_organisations import OrganisationHit
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction

Shown = TypeVar("Shown", Hit, DirectoryEntry)
ORGANISATIONS = 5
"""On Relais, beside professionals, at most."""


def person_of(practitioner: UUID) -> UUID | None:
    """Whose account a practitioner of the directory has, if any; the id may be the account's own. One query."""
    entry = RegisterEntry.objects.filter(pk=practitioner).values("national_id")
    found = Person.objects.filter(accounts_access.REACHABLE).filter(Q(pk=practitioner) | Q(national_id__in=entry))
    return found.values_list("pk", flat=True).first()


def search_directory(actor: Actor, command: SearchDirectory, tx: Transaction, *, bookable: Bookable) -> Hits:
    """Professionals of the register, with who of them can be booked here."""
    accounts_access.verified(actor)
    found = search(command, bookable=bookable, now=tx.now)
    if command.text and command.cursor is None:
        found = msgspec.structs.replace(found, organisations=_organisations(command.text))
    hidden = contacts_access.hidden_from(actor, [hit.person for hit in found.hits if hit.person is not None])
    if not hidden:
        return found
    blocking = contacts_access.blocking(actor, hidden)
    shown = []
    for hit in found.hits:
        if hit.person not in hidden:
            shown.append(hit)
        elif not (command.on_relais or (command.bookable and hit.person in blocking)):
            shown.append(_as_a_stranger(hit, bookable=hit.bookable and hit.person not in blocking))
    return msgspec.structs.replace(found, hits=shown)


def _organisations(text: str) -> list[OrganisationHit]:
    """Those on Relais of this name, services first: a request goes to a team. Three statements at most."""
    found = organisations.named(text, ORGANISATIONS * 2)
    return sorted(found, key=lambda one: one.kind != "service")[:ORGANISATIONS]


def _as_a_stranger(found: Shown, *, bookable: bool) -> Shown:
    """The entry of somebody who is not to be known to be on Relais."""
    return msgspec.structs.replace(found, person=None, verified_user=False, badge=None, bookable=bookable)


def get_entry(actor: Actor, command: GetEntry, tx: Transaction, *, bookable: Bookable) -> DirectoryEntry:
    """A professional in full, with whether they can be booked here."""
    return entry(actor, command.practitioner, bookable)


def entry(actor: Actor, practitioner: UUID, bookable: Bookable) -> DirectoryEntry:
    """One professional of the directory, or a colleague on Relais whom it does not hold. At most five queries."""
    accounts_access.verified(actor)
    found = hits.entry(practitioner, bookable)
    if found is not None:
        if found.person is None or not contacts_access.hidden_from(actor, [found.person]):
            return found
        blocked = contacts_access.blocking(actor, [found.person])
        return _as_a_stranger(found, bookable=found.bookable and not blocked)
    [person] = contacts_access.reachable(actor, [practitioner])
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
        badge=accounts_queries.people([person.id])[person.id].badge,
    )
