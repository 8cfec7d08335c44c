"""Organisations, their sites and their services: founding them, their settings, and what everybody sees of them."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.accounts.wire import BadgeView
from identity.organisations.refusals import FinessTaken, VouchedOnly
from identity.organisations.standing import Ability
from server.kernel.wire import NO_NUL, Command, Event, Id, Instant, Line, NewId, Page, View, Words

AccessRule: TypeAlias = Literal["owners", "owners_and_administrators", "agenda_managers"]
"""Who decides what members may do; with ``agenda_managers`` also whoever manages an agenda, for that agenda."""
FoundedKind: TypeAlias = Literal["practice", "establishment", "cpts"]
OrganisationKind: TypeAlias = Literal["practice", "establishment", "cpts", "service"]
ClockTime: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Typed: TypeAlias = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL, extra={"typed": "words"})]
"""One line of a form, or nothing."""
FieldCode: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{1,10}$")]
"""A code of the register's nomenclature, as ``SM04``."""
FieldCodes: TypeAlias = Annotated[list[FieldCode], msgspec.Meta(max_length=30)]


class HoursForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When somebody answers, on a weekday (Monday is 0), by the clock of the first site."""

    weekday: Annotated[int, msgspec.Meta(ge=0, le=6)]
    opens: ClockTime
    closes: ClockTime


Hours: TypeAlias = Annotated[list[HoursForm], msgspec.Meta(max_length=42)]


class SiteForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where patients are received. ``time_zone`` is a name of the IANA database."""

    id: NewId
    name: Line
    address: Typed = ""
    postal_code: Typed = ""
    city: Typed = ""
    time_zone: Annotated[str, msgspec.Meta(max_length=40)] = "Europe/Paris"


class SiteView(View):
    """A place where an organisation receives patients; its zone is the clock of its agendas."""

    id: Id
    name: str
    address: str = ""
    postal_code: str = ""
    city: str = ""
    time_zone: str = "Europe/Paris"


class ServiceView(View):
    """A part of an establishment: an organisation with members and a messaging profile of its own."""

    id: Id
    name: str


class SettingsView(View):
    """How an organisation is run; shown to its members alone."""

    access_rule: AccessRule
    own_patients_only: bool = False
    schedules_shown: bool = False
    demands_document: bool = False
    lock_at_most: int | None = None
    """Minutes without a touch after which members' devices lock at the latest."""
    members: int = 0
    looked_after: bool = True
    """Whether an owner or administrator is left who can act. If not, ``organisation.claim`` asks a moderator."""


class OrganisationProfile(View):
    """An organisation as every professional sees it; ``settings`` and ``abilities`` for its members.

    ``profile`` is the resource of its messaging profile, of a service.
    """

    id: Id
    name: str
    kind: OrganisationKind
    parent: Id | None = None
    parent_name: str | None = None
    finess: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    hours: list[HoursForm] = msgspec.field(default_factory=list)
    specialities: list[str] = msgspec.field(default_factory=list)
    sites: list[SiteView] = msgspec.field(default_factory=list)
    services: list[ServiceView] = msgspec.field(default_factory=list)
    profile: Id | None = None
    settings: SettingsView | None = None
    abilities: list[Ability] = msgspec.field(default_factory=list)


class OrganisationResult(View):
    organisation: OrganisationProfile


class CreateOrganisation(Command[OrganisationResult]):
    """Founds an organisation. A verified practitioner founds a practice, and owns it; an establishment or a CPTS is
    founded by a moderator, who names an owner or administrator by ``organisation.appoint``.

    One person founds 5 practices in 24 hours, at most.
    """

    method = "organisation.create"
    refuses = (FinessTaken, VouchedOnly)
    ordered_by = "id"

    id: NewId
    name: Line
    kind: FoundedKind
    finess: Line | None = None
    site: SiteForm | None = None
    phone: Typed = ""
    email: Typed = ""
    website: Typed = ""
    hours: Hours = msgspec.field(default_factory=list)
    specialities: FieldCodes = msgspec.field(default_factory=list)


class GetOrganisation(Command[OrganisationResult]):
    """An organisation, open to every professional: whom to call, where, and when."""

    method = "organisation.get"
    ordered_by = "organisation"

    organisation: Id


class OrganisationHit(View):
    """An organisation or a service that was found. The address is that of its first site, of a service without one
    that of its establishment: by it two of one name are told apart."""

    id: Id
    name: str
    kind: OrganisationKind
    parent: Id | None = None
    parent_name: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    phone: str | None = None
    specialities: list[str] = msgspec.field(default_factory=list)


class Organisations(View):
    organisations: list[OrganisationHit]
    more: bool = False


class SearchOrganisations(Command[Organisations]):
    """Organisations and services on Relais by their names, without regard to accents, case and hyphens. A service is
    found by its own name, and by words of its establishment's beside that."""

    method = "organisation.search"

    text: Words
    kind: OrganisationKind | None = None
    limit: Page = 20


class UpdateOrganisation(Command[OrganisationResult]):
    """Changes what is given. Who manages access, and what practitioners see of each other, is for owners.

    With ``own_patients_only`` what practitioners have been given on agendas that are not theirs falls to ``busy``.
    """

    method = "organisation.update"
    refuses = (FinessTaken,)
    ordered_by = "organisation"

    organisation: Id
    name: Line | None = None
    finess: Typed | None = None
    phone: Typed | None = None
    email: Typed | None = None
    website: Typed | None = None
    hours: Hours | None = None
    specialities: FieldCodes | None = None
    access_rule: AccessRule | None = None
    own_patients_only: bool | None = None
    schedules_shown: bool | None = None
    demands_document: bool | None = None
    lock_at_most: Annotated[int, msgspec.Meta(ge=0, le=60)] | None = None
    """0: as each member chooses."""


class CreateSite(Command[OrganisationResult]):
    """Adds a place where the organisation receives patients; 50 at most."""

    method = "site.create"
    ordered_by = "organisation"

    id: NewId
    organisation: Id
    name: Line
    address: Typed = ""
    postal_code: Typed = ""
    city: Typed = ""
    time_zone: Annotated[str, msgspec.Meta(max_length=40)] = "Europe/Paris"


class UpdateSite(Command[OrganisationResult]):
    """Changes what is given of a site. Its clock stays as it is: agendas are kept by it."""

    method = "site.update"
    ordered_by = "site"

    site: Id
    name: Line | None = None
    address: Typed | None = None
    postal_code: Typed | None = None
    city: Typed | None = None


class CreateService(Command[OrganisationResult]):
    """Adds a service to an establishment; 200 at most. It has members, a messaging profile and a place in the
    directory; whoever runs the establishment runs it too, and the caller becomes its first administrator.
    """

    method = "service.create"
    ordered_by = "organisation"

    id: NewId
    organisation: Id
    name: Line
    specialities: FieldCodes = msgspec.field(default_factory=list)


class ClaimOrganisation(Command[OrganisationResult]):
    """A member asks the moderators for somebody to look after an organisation in which nobody is left who can."""

    method = "organisation.claim"
    ordered_by = "organisation"

    organisation: Id


class AppointMember(Command[OrganisationResult]):
    """A moderator makes a verified person an owner or administrator: of what has just been founded, or where nobody is
    left. Where somebody looks after the organisation it is refused with ``invalid_state``."""

    method = "organisation.appoint"
    sensitive = True
    refuses = (VouchedOnly,)
    ordered_by = "organisation"

    organisation: Id
    person: Id
    owner: bool = True


class ClaimPerson(View):
    """A member whom a moderator may appoint: verified by themselves, and able to act."""

    id: Id
    name: str
    function: str
    profession: str | None = None
    speciality: str | None = None
    badge: BadgeView | None = None


class ClaimView(View):
    """A wish that waits for a moderator. ``people`` are members who may be appointed, 20 at most."""

    organisation: Id
    name: str
    since: Instant
    members: int = 0
    people: list[ClaimPerson] = msgspec.field(default_factory=list)


class Claims(View):
    claims: list[ClaimView]


class ListClaims(Command[Claims]):
    """Organisations whose members ask for somebody to look after them, to moderators; 100 at most, the oldest first."""

    method = "organisation.claims"


class MembershipChanged(Event):
    """In somebody's inbox: their function or marks in an organisation changed, or they joined it. ``hello`` and
    ``organisation.get`` say what they may do now."""

    type = "membership.changed"
    stream = "i"

    organisation: Id


class MembershipEnded(Event):
    """In somebody's inbox: they are no longer a member. Clients erase what they hold of the organisation's agendas and
    profiles; its groups are told of one by one. ``by`` is who ended it, themselves perhaps."""

    type = "membership.ended"
    stream = "i"

    organisation: Id
    by: Id
