"""The members of an organisation as clients see them, and what each may do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from django.db.models import CharField, Exists, Func, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from identity.accounts.access import verified
from identity.accounts.models import Person, shown_name
from identity.accounts.queries import badge
from identity.accounts.wire import BadgeView
from identity.organisations import access, rights, standing
from identity.organisations.models import Arrival, Invitation, Membership, Organisation, ProfileRequest, Resource, Right
from identity.organisations.rights import NONE, Giver
from identity.organisations.standing import Ability
from identity.organisations.wire_members import (
    GetRights,
    LimitsForm,
    ListMembers,
    MemberRights,
    OrganisationMember,
    OrganisationMembers,
    ProfileRightView,
    ResourceRight,
)
from identity.sessions.models import Session
from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import Forbidden

RESOURCES = 500
"""Agendas, rooms and devices of one organisation that are listed, at most."""
_Position: TypeAlias = tuple[str, str, str, UUID]
"""``member`` or ``invited``, last name, first name, id: where somebody stands in the list."""


def list_members(actor: Actor, command: ListMembers, tx: Transaction) -> OrganisationMembers:
    """A page of the members, and after them of those who were invited and have not come. A constant number of
    statements."""
    organisation = access.standing_in(actor, command.organisation)
    granted = standing.abilities(access.standing_of(actor, organisation))
    members, coming = _members(organisation), waiting(organisation.pk)
    counts = (members.count(), coming.count(), members.filter(Q(administrator=True) | Q(owner=True)).count())
    if "manage_members" not in granted:
        coming = coming.none()
    if command.text:
        members = _named(members, "person__", command.text, granted)
        coming = _named(coming, "", command.text, granted)
    if command.only == "administrators":
        members, coming = members.filter(Q(administrator=True) | Q(owner=True)), coming.none()
    elif command.only is not None:
        members, coming = (members, coming.none()) if command.only == "members" else (members.none(), coming)
    views, positions, more = _page(actor, organisation, members, coming, command, tx.now)
    shown = paging.fitting(views)
    more = more or len(shown) < len(views)
    return OrganisationMembers(
        members=shown,
        total=counts[0],
        invited=counts[1],
        administrators=counts[2],
        cursor=paging.encode(positions[len(shown) - 1]) if shown and more else None,
    )


def _page(
    actor: Actor,
    organisation: Organisation,
    members: QuerySet[Membership],
    expected: QuerySet[Invitation],
    command: ListMembers,
    now: datetime,
) -> tuple[list[OrganisationMember], list[_Position], bool]:
    """The views, where each stands, and whether there are more."""
    after = None if command.cursor is None else paging.decode(command.cursor, tuple[str, str, str, UUID])
    rows: list[Membership] = []
    if after is None or after[0] == "member":
        ordered = members.order_by("person__last_name", "person__first_name", "person")
        rows = list(_after(ordered, "person__", after)[: command.limit + 1])
    left = command.limit + 1 - len(rows)
    after = after if after is not None and after[0] == "invited" else None
    coming = list(_after(expected.order_by("last_name", "first_name", "pk"), "", after)[:left]) if left else []
    views = [*member_views(actor, organisation, rows), *(invited(one, now) for one in coming)]
    positions: list[_Position] = [
        *(("member", one.person.last_name, one.person.first_name, one.person_id) for one in rows),
        *(("invited", one.last_name, one.first_name, one.pk) for one in coming),
    ]
    return views[: command.limit], positions, len(views) > command.limit


def _after(rows: QuerySet[Any], prefix: str, after: _Position | None) -> QuerySet[Any]:
    if after is None:
        return rows
    _, last, first, pk = after
    later_first = Q(**{f"{prefix}first_name__gt": first}) | Q(**{f"{prefix}first_name": first, f"{prefix}pk__gt": pk})
    return rows.filter(Q(**{f"{prefix}last_name__gt": last}) | Q(**{f"{prefix}last_name": last}) & later_first)


def _members(organisation: Organisation) -> QuerySet[Membership]:
    rows = Membership.objects.filter(organisation=organisation, left_at=None)
    return rows.select_related("person__vouched_by")


def waiting(organisation: UUID) -> QuerySet[Invitation]:
    """Those who were invited by name and have not come: the mail is out, and nobody has revoked it."""
    came = Arrival.objects.filter(invitation=OuterRef("pk"))
    return Invitation.objects.filter(~Exists(came), organisation=organisation, revoked_at=None).exclude(kind="link")


def _named(rows: QuerySet[Any], prefix: str, text: str, granted: Collection[Ability]) -> QuerySet[Any]:
    """Those in whose name, or e-mail for whoever runs the organisation, each word stands."""
    looked_in = Concat(f"{prefix}first_name", Value(" "), f"{prefix}last_name", output_field=CharField())
    if "manage_members" in granted:
        looked_in = Concat(looked_in, Value(" "), f"{prefix}email", output_field=CharField())
    rows = rows.annotate(looked_in=_Plain(looked_in))
    for word in text.split():
        rows = rows.filter(looked_in__contains=_Plain(Value(word)))
    return rows


class _Plain(Func):
    """A text in small letters without French accents: enough to find a colleague in a list of one organisation."""

    template = "translate(lower(%(expressions)s), 'àâäáãçéèêëíîïìñóôöòõúùûüÿ', 'aaaaaceeeeiiiinooooouuuuy')"
    output_field = CharField()


def member(actor: Actor, organisation: Organisation, person: UUID) -> OrganisationMember:
    """One member."""
    return member_views(actor, organisation, [_members(organisation).get(person=person)])[0]


def member_views(actor: Actor, organisation: Organisation, rows: Sequence[Membership]) -> list[OrganisationMember]:
    """Members as the caller may see them, with what the caller may do about each. At most five statements."""
    granted = standing.abilities(access.standing_of(actor, organisation))
    runs = "manage_members" in granted
    seen = _last_seen(one.person_id for one in rows) if "audit" in granted else {}
    return [
        OrganisationMember(
            person=row.person_id,
            name=row.person.name,
            first_name=row.person.first_name,
            last_name=row.person.last_name,
            title=row.person.title or None,
            function=row.function,  # type: ignore[arg-type]  # the column's choices are the wire's
            profession=row.person.profession or None,
            speciality=row.person.speciality or None,
            state="active" if row.person.suspended_at is None and row.person.is_active else "suspended",
            email=row.person.email if runs or row.person_id == actor.person else None,
            verified=row.person.verified_at is not None and row.person.suspended_at is None,
            badge=_badge(row.person),
            owner=row.owner,
            administrator=row.administrator,
            coordinator=row.coordinator,
            joined_at=row.joined_at,
            last_seen_at=seen.get(row.person_id),
            abilities=_about(actor, row, granted),
        )
        for row in rows
    ]


def _badge(person: Person) -> BadgeView | None:
    if person.suspended_at is not None:
        return None
    voucher = person.vouched_by.name if person.vouched_by else ""
    return badge(person.verified_at, person.verification_method, person.confirm_by, voucher)


def _about(
    actor: Actor, row: Membership, granted: Collection[Ability]
) -> list[Literal["edit", "rights", "remove", "remind", "revoke"]]:
    """What the caller may do about one member."""
    own = row.person_id == actor.person
    above = (row.owner or row.administrator) and "manage_owners" not in granted
    may: list[Literal["edit", "rights", "remove", "remind", "revoke"]] = []
    if "manage_members" in granted and not above:
        may.append("edit")
    if own or (not above and {"manage_access", "manage_own_agendas"} & set(granted)):
        may.append("rights")
    if own or ("manage_members" in granted and not above):
        may.append("remove")
    return may


def _last_seen(people: Iterable[UUID]) -> dict[UUID, datetime]:
    rows = Session.objects.filter(person__in=list(people)).values("person").annotate(last=Max("last_seen_at"))
    return dict(rows.values_list("person", "last"))


def invited(row: Invitation, now: datetime) -> OrganisationMember:
    """Somebody who has not come yet, for whoever runs the organisation."""
    return OrganisationMember(
        invitation=row.pk,
        name=shown_name("", row.first_name, row.last_name) or row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        function=row.function,  # type: ignore[arg-type]  # the column's choices are the wire's
        state="invited" if row.expires_at > now else "expired",
        email=row.email,
        administrator=row.administrator,
        expires_at=row.expires_at,
        abilities=["remind", "revoke"],
    )


def get_rights(actor: Actor, command: GetRights, tx: Transaction) -> MemberRights:
    """What a member may do: theirs to see for themselves, and for whoever decides it."""
    organisation = access.standing_in(actor, command.organisation)
    return rights_of(actor, organisation, command.person)


def rights_of(actor: Actor, organisation: Organisation, person: UUID) -> MemberRights:
    """All that a member may do, with the levels that the caller may give them. A constant number of statements."""
    row = access.member(organisation.pk, person)
    by = rights.giver(actor, organisation)
    granted = standing.abilities(by.standing)
    own, decides = person == verified(actor), bool({"manage_access", "manage_members"} & set(granted))
    shares = Membership.objects.filter(organisation=organisation, person=actor.person, function="practitioner")
    if not (own or decides or "manage_own_agendas" in granted or shares.filter(left_at=None).exists()):
        raise Forbidden("What colleagues may do is shown to those who decide it.")
    rows = _resources(organisation, by, everything=own or decides)
    held = dict(
        Right.objects.filter(person=person, resource__organisation=organisation).values_list("resource", "level")
    )
    return MemberRights(
        member=member_views(actor, organisation, [row])[0],
        resources=[_resource(one, row, by, held) for one in rows[:RESOURCES] if one.kind != Resource.Kind.PROFILE],
        profiles=[one for one in _profiles(organisation, row, by, held) if own or decides or one.givable],
        limits=LimitsForm(**{name: getattr(row, name) for name in LimitsForm.__struct_fields__}),
        may_limit=rights.may_limit(by, row),
        more=len(rows) > RESOURCES,
    )


def _resources(organisation: Organisation, by: Giver, *, everything: bool) -> list[Resource]:
    """Agendas, rooms and devices: all of them, or those that the caller manages."""
    rows = Resource.objects.filter(organisation=organisation).exclude(kind=Resource.Kind.PROFILE)
    if not everything:
        rows = rows.filter(pk__in=[resource for resource, level in by.held.items() if level == "manage"])
    return list(rows.select_related("site", "person").order_by("site__name", "name", "pk")[: RESOURCES + 1])


def _resource(one: Resource, row: Membership, by: Giver, held: dict[UUID, str]) -> ResourceRight:
    owned = row.owner or one.person_id == row.person_id
    return ResourceRight(
        resource=one.pk,
        kind=one.kind,  # type: ignore[arg-type]  # profiles are left out
        name=one.name,
        level="manage" if owned else held.get(one.pk, NONE),  # type: ignore[arg-type]  # checked when given
        site=one.site_id,
        site_name=one.site.name if one.site else None,
        person=one.person_id,
        person_name=one.person.name if one.person else None,
        givable=[] if owned else by.givable(one, row),  # type: ignore[arg-type]  # checked when given
    )


def _profiles(organisation: Organisation, row: Membership, by: Giver, held: dict[UUID, str]) -> list[ProfileRightView]:
    """The profiles of practitioners of the organisation, and the service's own."""
    mine = {
        one.person_id: one for one in Resource.objects.filter(organisation=organisation, kind=Resource.Kind.PROFILE)
    }
    asked = {
        one.resource_id: one
        for one in ProfileRequest.objects.filter(
            resource__organisation=organisation, person=row.person_id, answered_at=None
        )
    }
    colleagues = _members(organisation).filter(function="practitioner").exclude(person=row.person_id)
    named = [(one.person_id, one.person.name) for one in colleagues.order_by("person__last_name", "person")[:RESOURCES]]
    own = [(None, organisation.name)] if None in mine else []
    views = []
    for person, name in [*own, *named]:
        known = mine.get(person) or Resource(organisation=organisation, kind=Resource.Kind.PROFILE, person_id=person)
        request = asked.get(known.pk)
        views.append(
            ProfileRightView(
                person=person or organisation.pk,
                person_name=name,
                level=held.get(known.pk, NONE),  # type: ignore[arg-type]  # checked when given
                pending=request.level if request else None,  # type: ignore[arg-type]  # checked when given
                asked_at=request.asked_at if request else None,
                givable=by.givable(known, row),  # type: ignore[arg-type]  # checked when given
            )
        )
    return views
