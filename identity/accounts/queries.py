"""People as colleagues see them, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from identity.accounts.models import rpps, shown_name
from identity.accounts.wire import PersonView
from server.kernel.pg_arrays import uuids

_PEOPLE = (
    "SELECT id, title, first_name, last_name, function, profession, speciality, national_id, email,"
    " verified_at IS NOT NULL, suspended_at IS NOT NULL FROM identity_person WHERE id = ANY(%b::uuid[])"
)


class PersonRow(NamedTuple):
    """An account as it stands, with the names of the model's columns."""

    id: UUID
    title: str
    first_name: str
    last_name: str
    function: str
    profession: str
    speciality: str
    national_id: str | None
    email: str
    is_verified: bool
    is_suspended: bool

    @property
    def name(self) -> str:
        return shown_name(self.title, self.first_name, self.last_name)

    @property
    def rpps(self) -> str | None:
        return rpps(self.national_id)


def ask_rows(ids: Iterable[UUID]) -> Callable[[], dict[UUID, PersonRow]]:
    """Asks for these accounts; the function returned waits for them. One statement, written out: it runs for every
    ``hello``."""
    cursor = connection.cursor()
    cursor.execute(_PEOPLE, (uuids(set(ids)),))

    def fetch() -> dict[UUID, PersonRow]:
        with cursor:
            return {row[0]: PersonRow._make(row) for row in cursor.fetchall()}

    return fetch


def people(ids: Iterable[UUID]) -> dict[UUID, PersonView]:
    """The people with these ids, whatever became of them since: what they wrote keeps its author. One query."""
    return {person: person_view(row) for person, row in ask_rows(ids)().items()}


def person_view(person: PersonRow) -> PersonView:
    """A person as colleagues see them; a suspended one no longer has the badge."""
    return PersonView(
        id=person.id,
        name=person.name,
        first_name=person.first_name,
        last_name=person.last_name,
        function=person.function,
        verified=person.is_verified and not person.is_suspended,
        profession=person.profession or None,
        speciality=person.speciality or None,
        rpps=person.rpps,
        title=person.title or None,
    )
