"""Members of an organisation, and what each may do with its agendas and messaging profiles."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.accounts.wire import BadgeView
from identity.organisations.refusals import LastAdministrator, LastOwner, MoreThanHeld, VouchedOnly
from identity.organisations.wire import AgendaLevel, ProfileLevel
from server.kernel.wire import Command, Cursor, Done, Event, Id, Instant, Page, View, Words

MemberFunction: TypeAlias = Literal[
    "practitioner", "secretary", "assistant", "administrative", "operations_manager", "dispatcher"
]
AgendaChoice: TypeAlias = Literal["none"] | AgendaLevel
ProfileChoice: TypeAlias = Literal["none"] | ProfileLevel

RIGHTS_AT_ONCE = 100
"""Agendas that one request changes, at most."""


class AgendaRight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The level that somebody is to have on an agenda."""

    agenda: Id
    level: AgendaChoice


class ProfileRight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The level that somebody is to have on the messaging profile of a colleague, or of a service (``person`` is then
    the service)."""

    person: Id
    level: ProfileChoice


AgendaRights: TypeAlias = Annotated[list[AgendaRight], msgspec.Meta(max_length=RIGHTS_AT_ONCE)]
ProfileRights: TypeAlias = Annotated[list[ProfileRight], msgspec.Meta(max_length=RIGHTS_AT_ONCE)]


class OrganisationMember(View):
    """A member, or somebody who was invited and has not come yet.

    ``person`` for a member, ``invitation`` for whoever was invited. ``email``, ``last_seen_at`` and ``expires_at`` are
    shown to those who run the organisation.
    """

    name: str
    first_name: str
    last_name: str
    function: MemberFunction
    state: Literal["active", "invited", "expired", "suspended"]
    person: Id | None = None
    invitation: Id | None = None
    email: str | None = None
    title: str | None = None
    profession: str | None = None
    speciality: str | None = None
    verified: bool = False
    badge: BadgeView | None = None
    owner: bool = False
    administrator: bool = False
    coordinator: bool = False
    joined_at: Instant | None = None
    expires_at: Instant | None = None
    last_seen_at: Instant | None = None
    abilities: list[Literal["edit", "rights", "remove", "remind", "revoke"]] = msgspec.field(default_factory=list)


class OrganisationMembers(View):
    """A page of members, by name; those who were invited last, after the members. The counts are of all, whatever was
    asked for; ``cursor`` when there are more."""

    members: list[OrganisationMember]
    total: int
    invited: int
    administrators: int
    cursor: str | None = None


class ListMembers(Command[OrganisationMembers]):
    """The members of an organisation, to its members. ``text`` looks in names and, for those who run the organisation,
    in e-mail addresses."""

    method = "organisation.members"
    ordered_by = "organisation"

    organisation: Id
    text: Words = ""
    only: Literal["members", "invited", "administrators"] | None = None
    limit: Page = 50
    cursor: Cursor | None = None


class MemberResult(View):
    member: OrganisationMember


class UpdateMembership(Command[MemberResult]):
    """Changes what is given. Who owns or administers is changed by owners alone; somebody always remains who does."""

    method = "member.update"
    sensitive = True
    refuses = (LastOwner, LastAdministrator, VouchedOnly)
    ordered_by = "organisation"

    organisation: Id
    person: Id
    function: MemberFunction | None = None
    administrator: bool | None = None
    owner: bool | None = None
    coordinator: bool | None = None


class EndMembership(Command[Done]):
    """Ends a membership, one's own included. Access ends at once, on every socket; what the person wrote, booked and
    shared stays. Whose identity was vouched for here is no longer verified. Removed again, nothing happens."""

    method = "member.remove"
    sensitive = True
    refuses = (LastOwner, LastAdministrator)
    ordered_by = "organisation"

    organisation: Id
    person: Id


class ResourceRight(View):
    """What a member may do with an agenda, a room or a device of the organisation.

    ``givable`` are the levels that the caller may give there, ``none`` among them; empty: it is not theirs to change.
    """

    resource: Id
    kind: Literal["agenda", "room", "device"]
    name: str
    level: AgendaChoice
    site: Id | None = None
    site_name: str | None = None
    person: Id | None = None
    person_name: str | None = None
    givable: list[AgendaChoice] = msgspec.field(default_factory=list)


class ProfileRightView(View):
    """What a member may do with a messaging profile. ``pending`` waits for the person whose profile it is, since
    ``asked_at``."""

    person: Id
    person_name: str
    level: ProfileChoice
    pending: ProfileLevel | None = None
    asked_at: Instant | None = None
    givable: list[ProfileChoice] = msgspec.field(default_factory=list)


class LimitsForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member of the office does not see: what was written about patients, the dashboard; whether they export
    data all the same. Set by owners."""

    notes_hidden: bool = False
    dashboard_hidden: bool = False
    may_export: bool = False


class MemberRights(View):
    """All that a member may do. ``may_limit``: the caller sets the limits. ``more``: the organisation has more agendas
    than are listed (500)."""

    member: OrganisationMember
    resources: list[ResourceRight]
    profiles: list[ProfileRightView]
    limits: LimitsForm
    may_limit: bool = False
    more: bool = False


class GetRights(Command[MemberRights]):
    """What a member may do: to themselves, and to those who decide it."""

    method = "member.rights"
    ordered_by = "organisation"

    organisation: Id
    person: Id


class SetRights(Command[MemberRights]):
    """Gives and takes levels on several agendas and profiles at once, all or none; what is not named stays.

    Nobody gives more than they hold. Somebody's own agenda is theirs. Reading or answering a colleague's messages waits
    for that colleague's consent (``profile.answer``). The person's open screens change at once.
    """

    method = "rights.set"
    sensitive = True
    refuses = (MoreThanHeld, VouchedOnly)
    ordered_by = "organisation"

    organisation: Id
    person: Id
    agendas: AgendaRights = msgspec.field(default_factory=list)
    profiles: ProfileRights = msgspec.field(default_factory=list)
    limits: LimitsForm | None = None


class ProfileRequestView(View):
    """Somebody is to read or answer the caller's messages, if the caller agrees."""

    id: Id
    organisation: Id
    person: Id
    person_name: str
    level: ProfileLevel
    asked_by: Id
    asked_by_name: str
    asked_at: Instant


class ProfileRequests(View):
    requests: list[ProfileRequestView]


class ListProfileRequests(Command[ProfileRequests]):
    """Who is to have access to the caller's own messages, and waits for them."""

    method = "profile.requests"


class AnswerProfileRequest(Command[Done]):
    """Agrees that a colleague reads or answers one's messages, or does not. Answered again, nothing happens."""

    method = "profile.answer"
    ordered_by = "request"

    request: Id
    agree: bool


class RightsChanged(Event):
    """In somebody's inbox: what they may do with these agendas, rooms, devices and profiles changed."""

    type = "rights.changed"
    stream = "i"

    organisation: Id
    resources: list[Id]


class ProfileRequested(Event):
    """In somebody's inbox: a colleague is to read or answer their messages, and waits for their consent."""

    type = "profile.requested"
    stream = "i"

    request: Id
    organisation: Id
