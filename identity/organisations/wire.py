"""Views of organisations and of the signed-in person; kinds of resources and the levels on each."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from identity.accounts.wire import BadgeView
from identity.organisations.standing import Ability
from server.kernel.wire import Id, View

ResourceKind: TypeAlias = Literal["agenda", "profile", "room", "device"]
AgendaLevel: TypeAlias = Literal["busy", "read", "book", "manage"]
ProfileLevel: TypeAlias = Literal["read", "answer"]


class OrganisationView(View):
    """An organisation that the person belongs to. ``abilities`` says what they may do there, and the limits what they
    do not see. ``city`` and, of a service, ``parent_name`` tell two of one name apart.
    """

    id: Id
    name: str
    kind: str
    function: str
    city: str | None = None
    parent_name: str | None = None
    administrator: bool = False
    owner: bool = False
    coordinator: bool = False
    vouched: bool = False
    notes_hidden: bool = False
    dashboard_hidden: bool = False
    may_export: bool = False
    abilities: list[Ability] = msgspec.field(default_factory=list)


class Me(View):
    """The signed-in person and what they may do; ``abilities`` holds ``clinical`` once they are verified, and their
    session was opened by two factors. ``second_factor_missing``: that is all that is missing.

    ``acting_for`` is the one of ``organisations`` for which this session acts, if any.
    """

    id: Id
    name: str
    first_name: str
    last_name: str
    email: str
    function: str
    verified: bool
    abilities: list[str]
    organisations: list[OrganisationView]
    acting_for: Id | None = None
    profession: str | None = None
    speciality: str | None = None
    rpps: str | None = None
    badge: BadgeView | None = None
    second_factor_missing: bool = False
    language: str = "fr"
    """Of the interface, as kept with the account."""
    holds: list[object] = msgspec.field(default_factory=list)
    """The slots that the person holds now."""
