"""People as colleagues see them, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from identity.accounts.models import rpps, shown_name
from identity.accounts.wire import BadgeView, PersonView, VerificationMethod
from server.kernel.pg_arrays import texts, uuids
from server.kernel.statements import Statement

_COLUMNS = (
    "person.id, person.title, person.first_name, person.last_name, person.function, person.profession,"
    " person.speciality, person.national_id, person.email, person.suspended_at IS NOT NULL, person.language,"
    " person.verified_at, person.verification_method, person.confirm_by, voucher.title, voucher.first_name,"
    " voucher.last_name FROM identity_person person"
    " LEFT JOIN identity_person voucher ON voucher.id = person.vouched_by_id"
)
_PEOPLE = Statement(f"SELECT {_COLUMNS} WHERE person.id = ANY(%b::uuid[])")
_PEOPLE_OF = Statement(f"SELECT person.id::text, {_COLUMNS} WHERE person.id = ANY(%b::text[]::uuid[])")


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
    is_suspended: bool
    language: str
    verified_at: datetime | None
    verification_method: str
    confirm_by: datetime | None
    voucher_title: str | None
    voucher_first_name: str | None
    voucher_last_name: str | None

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def badge(self) -> BadgeView | None:
        """How and when they were verified; a suspended person no longer has it."""
        if self.is_suspended:
            return None
        voucher = shown_name(self.voucher_title or "", self.voucher_first_name or "", self.voucher_last_name or "")
        return badge(self.verified_at, self.verification_method, self.confirm_by, voucher)

    @property
    def name(self) -> str:
        return shown_name(self.title, self.first_name, self.last_name)

    @property
    def rpps(self) -> str | None:
        return rpps(self.national_id)


def badge(
    verified_at: datetime | None, method: str, confirm_by: datetime | None = None, voucher: str = ""
) -> BadgeView | None:
    """The badge of somebody whose account says so."""
    if verified_at is None or not method:
        return None
    return BadgeView(method=cast(VerificationMethod, method), at=verified_at, by=voucher or None, confirm_by=confirm_by)


def ask_rows(ids: Iterable[UUID]) -> Callable[[], dict[UUID, PersonRow]]:
    """Asks for these accounts; the function returned waits for them. One statement, written out: it runs for every
    ``hello``."""
    rows = _PEOPLE.send(uuids(set(ids)))
    return lambda: {row[0]: PersonRow._make(row) for row in rows()}


def people(ids: Iterable[UUID]) -> dict[UUID, PersonView]:
    """The people with these ids, whatever became of them since: what they wrote keeps its author. One query."""
    return {person: person_view(row) for person, row in ask_rows(ids)().items()}


def ask_people(ids: Iterable[str]) -> Callable[[], dict[str, PersonView]]:
    """``people``, by their ids as text; the function returned waits. One statement."""
    rows = _PEOPLE_OF.send(texts(ids))
    return lambda: {row[0]: person_view(PersonRow._make(row[1:])) for row in rows()}


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
        badge=person.badge,
    )
