"""Organisations as clients see them, and finding them by name."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

import msgspec
from django.db.models import Count, Q

from identity.accounts.access import verified
from identity.accounts.queries import ask_rows
from identity.names import key
from identity.organisations import access, standing
from identity.organisations.models import Membership, Organisation, Resource
from identity.organisations.wire_organisations import (
    ClaimPerson,
    Claims,
    ClaimView,
    GetOrganisation,
    HoursForm,
    ListClaims,
    OrganisationHit,
    OrganisationProfile,
    OrganisationResult,
    Organisations,
    SearchOrganisations,
    ServiceView,
    SettingsView,
    SiteView,
)
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.models import WorkItem
from server.kernel.wire.errors import NotFound

CLAIM = "organisation.claim"
"""The kind of work by which members ask a moderator for somebody to look after their organisation."""
CLAIMS = 100
"""That are listed, at most."""
APPOINTABLE = 20
"""Members of each, at most."""


def get_organisation(actor: Actor, command: GetOrganisation, tx: Transaction) -> OrganisationResult:
    """An organisation, with its settings for its members."""
    return result(actor, access.organisation(actor, command.organisation))


def result(actor: Actor, row: Organisation) -> OrganisationResult:
    """What every command about an organisation answers."""
    return OrganisationResult(organisation=profile(actor, row))


def profile(actor: Actor, row: Organisation) -> OrganisationProfile:
    """An organisation as the caller may see it. Eight statements at most."""
    mine = access.standings(verified(actor), [row]).get(row.pk)
    speaks = Resource.objects.filter(organisation=row.pk, kind=Resource.Kind.PROFILE, person=None)
    return OrganisationProfile(
        id=row.pk,
        name=row.name,
        kind=row.kind,  # type: ignore[arg-type]  # the column's choices are the wire's
        parent=row.parent_id,
        parent_name=row.parent.name if row.parent else None,
        finess=row.finess,
        phone=row.phone or None,
        email=row.email or None,
        website=row.website or None,
        hours=msgspec.convert(row.hours, list[HoursForm]),
        specialities=list(row.specialities),
        sites=[
            SiteView(
                id=one.pk,
                name=one.name,
                address=one.address,
                postal_code=one.postal_code,
                city=one.city,
                time_zone=one.time_zone,
            )
            for one in row.sites.order_by("name", "pk")
        ],
        services=[ServiceView(id=one.pk, name=one.name) for one in row.services.order_by("name", "pk")],
        profile=speaks.values_list("pk", flat=True).first(),
        settings=None if mine is None else _settings(row),
        abilities=[] if mine is None else standing.abilities(mine),
    )


def _settings(row: Organisation) -> SettingsView:
    return SettingsView(
        access_rule=row.access_rule,  # type: ignore[arg-type]  # the column's choices are the wire's
        own_patients_only=row.own_patients_only,
        schedules_shown=row.schedules_shown,
        demands_document=row.demands_document,
        lock_at_most=row.lock_at_most,
        members=Membership.objects.filter(organisation=row.pk, left_at=None).count(),
        looked_after=access.is_looked_after(row),
    )


def search_organisations(actor: Actor, command: SearchOrganisations, tx: Transaction) -> Organisations:
    """Organisations whose name holds every word, each from its beginning; the shortest name first."""
    verified(actor)
    found = named(command.text, command.limit + 1, command.kind)
    return Organisations(organisations=found[: command.limit], more=len(found) > command.limit)


def named(text: str, limit: int, kind: str | None = None) -> list[OrganisationHit]:
    """Those whose name holds every word of a text, each from its beginning; of a service, words of its establishment's
    name count beside one of its own. Three statements at most."""
    words = _words(text)
    if not words:
        return []
    rows = Organisation.objects.select_related("parent").prefetch_related("sites", "parent__sites")
    if kind is not None:
        rows = rows.filter(kind=kind)
    own = Q()
    for word in words:
        own |= Q(search_name__contains=f" {word}")
        rows = rows.filter(Q(search_name__contains=f" {word}") | Q(parent__search_name__contains=f" {word}"))
    return [_hit(row) for row in rows.filter(own).order_by("search_name", "pk")[:limit]]


def _hit(row: Organisation) -> OrganisationHit:
    # Sorted here: to order what is prefetched would ask again.
    by_name = sorted(row.sites.all(), key=lambda one: (one.name, one.pk))
    above = sorted(row.parent.sites.all(), key=lambda one: (one.name, one.pk)) if row.parent else []
    site = next((one for one in [*by_name, *above] if one.city), None)
    return OrganisationHit(
        id=row.pk,
        name=row.name,
        kind=row.kind,  # type: ignore[arg-type]  # the column's choices are the wire's
        parent=row.parent_id,
        parent_name=row.parent.name if row.parent else None,
        address=site.address or None if site else None,
        postal_code=site.postal_code or None if site else None,
        city=site.city if site else None,
        phone=row.phone or (row.parent.phone if row.parent else "") or None,
        specialities=list(row.specialities),
    )


def search_name(name: str) -> str:
    """A name as it is looked in: its folded words, each with a space before it."""
    return "".join(f" {word}" for word in _words(name))


def _words(text: str) -> list[str]:
    """The folded words of a text; an apostrophe and a hyphen stand between two."""
    return [word for one in re.split(r"[\s'’.-]+", text) if (word := key(one))]


def _who_may_be_appointed(organisations: Collection[UUID]) -> dict[UUID, list[ClaimPerson]]:
    """Members who can act and have proved by themselves who they are, practitioners first. Two statements."""
    live = Membership.objects.filter(access.LOOKING_AFTER, organisation__in=organisations, vouched_by=None)
    pairs = list(live.order_by("joined_at", "pk").values_list("organisation", "person", "function"))
    rows = ask_rows(person for _, person, _ in pairs)() if pairs else {}
    found: dict[UUID, list[ClaimPerson]] = {}
    for organisation, person, function in sorted(pairs, key=lambda one: one[2] != "practitioner"):
        row = rows[person]
        one = ClaimPerson(
            id=person,
            name=row.name,
            function=function,
            profession=row.profession or None,
            speciality=row.speciality or None,
            badge=row.badge,
        )
        found.setdefault(organisation, []).append(one)
    return found


def list_claims(actor: Actor, command: ListClaims, tx: Transaction) -> Claims:
    """What waits for a moderator. Four statements."""
    verified(actor)
    if not access.is_moderator(actor):
        raise NotFound
    rows = list(WorkItem.objects.filter(kind=CLAIM, settled_at=None).order_by("since", "id")[:CLAIMS])
    members = Count("memberships", filter=Q(memberships__left_at=None))
    named = Organisation.objects.filter(pk__in=[row.subject for row in rows]).annotate(count=members).in_bulk()
    people = _who_may_be_appointed(named)
    return Claims(
        claims=[
            ClaimView(
                organisation=row.subject,
                name=named[row.subject].name,
                since=row.since,
                members=named[row.subject].count,
                people=people.get(row.subject, [])[:APPOINTABLE],
            )
            for row in rows
            if row.subject in named
        ]
    )
