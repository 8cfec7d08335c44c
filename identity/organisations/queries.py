"""What clients see of organisations, and of the signed-in person; a constant number of queries each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from identity.accounts import queries as accounts_queries
from identity.accounts.queries import PersonRow
from identity.accounts.wire import MODERATOR, SINGLE_FACTOR, VERIFIED
from identity.organisations.standing import Standing, abilities
from identity.organisations.wire import Me, OrganisationView
from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.pg_arrays import uuids
from server.kernel.statements import Statement

ORGANISATIONS = 100
"""Organisations that are listed of one person, at most."""
ORGANISATION_BYTES = 8 * 1024
"""What they may measure: the answer to ``hello`` is bounded whatever somebody belongs to."""

_ABILITIES = {VERIFIED: "clinical", MODERATOR: "moderate"}
"""What the scopes of a session let somebody do, as clients are told."""


def me(actor: Actor) -> Me:
    """The caller and what they may do. Two queries."""
    return ask_mes([actor.person])([actor])[0]


def ask_mes(people: Collection[UUID]) -> Callable[[Sequence[Actor]], list[Me]]:
    """Asks about these people. Two statements, whatever their number; the function returned waits for them, and says of
    callers among them who they are and what they may do."""
    rows = accounts_queries.ask_rows(people)
    theirs = _organisations(people)

    def fetch(actors: Sequence[Actor]) -> list[Me]:
        found, members = rows(), theirs()
        return [_me(actor, found[actor.person], members.get(actor.person, [])) for actor in actors]

    return fetch


def _me(actor: Actor, person: PersonRow, theirs: list[OrganisationView]) -> Me:
    # The one that the session acts for is listed whatever else there is.
    first = sorted(theirs, key=lambda one: one.id != actor.organisation)
    fitting = {one.id for one in paging.fitting(first[:ORGANISATIONS], ORGANISATION_BYTES)}
    return Me(
        id=person.id,
        name=person.name,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        function=person.function,
        verified=person.is_verified,
        abilities=[ability for scope, ability in _ABILITIES.items() if scope in actor.scopes],
        second_factor_missing=SINGLE_FACTOR in actor.scopes,
        organisations=[one for one in theirs if one.id in fitting],
        acting_for=actor.organisation,
        profession=person.profession or None,
        speciality=person.speciality or None,
        rpps=person.rpps,
        badge=person.badge,
        language=person.language,
    )


def organisations(person: UUID) -> list[OrganisationView]:
    """Where somebody is a member now, by name; a CPTS, which receives no patients, after the others. One query."""
    return _organisations([person])().get(person, [])


_ORGANISATIONS = Statement(
    "SELECT membership.person_id, organisation.id, organisation.name, organisation.kind, membership.function,"
    " membership.administrator, membership.owner, membership.coordinator, membership.vouched_by_id IS NOT NULL,"
    " membership.notes_hidden, membership.dashboard_hidden, membership.may_export, organisation.access_rule,"
    " membership.administrator AND NOT membership.owner AND NOT EXISTS (SELECT FROM identity_membership other"
    " JOIN identity_person owner ON owner.id = other.person_id AND owner.is_active"
    " WHERE other.organisation_id IN (organisation.id, organisation.parent_id) AND other.owner"
    " AND other.left_at IS NULL),"
    " organisation.access_rule = 'agenda_managers' AND EXISTS (SELECT FROM identity_right given"
    " JOIN identity_resource resource ON resource.id = given.resource_id AND resource.kind = 'agenda'"
    " WHERE given.person_id = membership.person_id AND given.level = 'manage'"
    " AND resource.organisation_id = organisation.id),"
    " (SELECT site.city FROM identity_site site"
    " WHERE site.organisation_id IN (organisation.id, organisation.parent_id) AND site.city <> ''"
    " ORDER BY site.organisation_id <> organisation.id, site.name, site.id LIMIT 1), parent.name"
    " FROM identity_membership membership"
    " JOIN identity_organisation organisation ON organisation.id = membership.organisation_id"
    " LEFT JOIN identity_organisation parent ON parent.id = organisation.parent_id"
    " WHERE membership.person_id = ANY(%b::uuid[]) AND membership.left_at IS NULL"
    " ORDER BY organisation.kind = 'cpts', organisation.name, organisation.id"
)


def _organisations(people: Iterable[UUID]) -> Callable[[], dict[UUID, list[OrganisationView]]]:
    rows = _ORGANISATIONS.send(uuids(set(people)))

    def fetch() -> dict[UUID, list[OrganisationView]]:
        found: dict[UUID, dict[UUID, OrganisationView]] = {}
        for person, *columns in rows():
            found.setdefault(person, {})[columns[0]] = _organisation(*columns)
        return {person: list(theirs.values()) for person, theirs in found.items()}

    return fetch


def _organisation(wanted: UUID, name: str, kind: str, function: str, *how: Any) -> OrganisationView:
    """One row of the statement; ``how`` they stand there, and what limits them."""
    administrator, owner, coordinator, vouched, notes_hidden, dashboard_hidden, may_export, *where = how
    rule, alone, manages, city, parent = where
    mine = Standing(
        rule,
        owner,
        administrator,
        coordinator,
        vouched,
        manages,
        owned=not alone,
        dashboard_hidden=dashboard_hidden,
        may_export=may_export,
    )
    return OrganisationView(
        id=wanted,
        name=name,
        kind=kind,
        function=function,
        city=city,
        parent_name=parent,
        administrator=administrator,
        owner=owner,
        coordinator=coordinator,
        vouched=vouched,
        notes_hidden=notes_hidden,
        dashboard_hidden=dashboard_hidden,
        may_export=may_export,
        abilities=abilities(mine),
    )
