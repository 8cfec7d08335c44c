"""Founding organisations, their settings, sites and services, and who looks after them when nobody is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import msgspec

from identity import fields
from identity.accounts import access as accounts_access
from identity.accounts.models import CLINICAL_FUNCTIONS, MODERATORS, Function
from identity.organisations import access, inbox, rights, standing, views
from identity.organisations.finess import finess
from identity.organisations.models import Membership, Organisation, Resource, Site
from identity.organisations.refusals import FinessTaken, VouchedOnly
from identity.organisations.wire_organisations import (
    AppointMember,
    ClaimOrganisation,
    CreateOrganisation,
    CreateService,
    CreateSite,
    OrganisationResult,
    SiteForm,
    UpdateOrganisation,
    UpdateSite,
)
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.identifiers import uuid7
from server.kernel.models import WorkItem
from server.kernel.wire.errors import Forbidden, IdTaken, Invalid, InvalidState, NotFound, RateLimited, TooLarge
from server.kernel.work import actions as work_actions
from server.kernel.work.kinds import Description, Kind

PRACTICES_A_DAY, SITES, SERVICES = 5, 50, 200


def create_organisation(actor: Actor, command: CreateOrganisation, tx: Transaction) -> OrganisationResult:
    """Founds an organisation; the same request again finds it."""
    caller, request = accounts_access.verified(actor), request_digest(actor, command)
    existing = Organisation.objects.filter(pk=command.id).first()
    if existing is not None:
        require_same(existing.request_digest, request)
        return views.result(actor, existing)
    if command.kind == "practice":
        _require_founder(actor, tx)
    elif not access.is_moderator(actor):
        raise Forbidden("An establishment or a CPTS is founded by a moderator: ask whoever runs this Relais.")
    row = Organisation(
        id=command.id,
        kind=command.kind,
        access_rule=standing.default_access_rule(command.kind),
        created_at=tx.now,
        request_digest=request,
        **_details(command, command.finess or ""),
    )
    _require_free(row)
    row.save(force_insert=True)
    if command.site is not None:
        _add_site(row.pk, command.site, request)
    if command.kind == "practice":
        _join(row.pk, caller, Function.PRACTITIONER, tx, owner=True, administrator=True)
        tx.record([inbox.membership_changed(caller, row.pk)])
        tx.audit(actor, "membership.began", row.pk, [caller], owner="true")
    return views.result(actor, row)


def _require_founder(actor: Actor, tx: Transaction) -> None:
    """Returns when the caller may found one more practice: a professional whose own identity is verified."""
    person = accounts_access.caller(actor)
    if access.is_vouched(person.pk):
        raise VouchedOnly
    if person.function not in CLINICAL_FUNCTIONS:
        raise Forbidden("A practice is founded by a practitioner: ask one of yours, or a moderator.")
    accounts_access.lock([person.pk])
    recent = Membership.objects.filter(
        person=person.pk, owner=True, added_by=None, organisation__created_at__gt=tx.now - timedelta(days=1)
    )
    if recent.count() >= PRACTICES_A_DAY:
        raise RateLimited(timedelta(days=1).total_seconds())


def _details(command: CreateOrganisation | UpdateOrganisation, number: str | None) -> dict[str, Any]:
    """What an organisation says about itself, checked; what is not given is left out."""
    given: dict[str, Any] = {name: getattr(command, name) for name in ("name", "website", "specialities")}
    if command.hours is not None:
        given["hours"] = msgspec.to_builtins(command.hours)
    if number is not None:
        given["finess"] = finess(number, "$.params.finess") if number else None
    if command.phone is not None:
        given["phone"] = fields.phone(command.phone, "", "$.params.phone").number if command.phone else ""
    if command.email is not None:
        given["email"] = fields.email(command.email, "$.params.email")
    if command.name is not None:
        given["search_name"] = views.search_name(command.name)
    return {name: value for name, value in given.items() if value is not None or name == "finess"}


def _require_free(row: Organisation) -> None:
    """Returns when nobody else has this FINESS number. The constraint has the last word."""
    if row.finess and Organisation.objects.filter(finess=row.finess).exclude(pk=row.pk).exists():
        raise FinessTaken


def update_organisation(actor: Actor, command: UpdateOrganisation, tx: Transaction) -> OrganisationResult:
    """Changes what is given."""
    row = access.standing_in(actor, command.organisation, "settings", lock=True)
    rules = {
        name: value
        for name in ("access_rule", "own_patients_only", "schedules_shown", "demands_document")
        if (value := getattr(command, name)) is not None and value != getattr(row, name)
    }
    if command.lock_at_most is not None and (command.lock_at_most or None) != row.lock_at_most:
        rules["lock_at_most"] = command.lock_at_most or None
    if rules and "rules" not in standing.abilities(access.standing_of(actor, row)):
        raise Forbidden("Who manages access, and what practitioners see of each other, is for owners to say.")
    if rules:
        accounts_access.require_confirmed(actor)
    for name, value in {**_details(command, command.finess), **rules}.items():
        setattr(row, name, value)
    _require_free(row)
    row.save()
    for name, value in rules.items():
        tx.audit(actor, "organisation.rule", row.pk, rule=name, value=str(value).lower())
    if rules.get("own_patients_only"):
        tx.record(rights.lower_to_busy(actor, row, tx))
    return views.result(actor, row)


def create_site(actor: Actor, command: CreateSite, tx: Transaction) -> OrganisationResult:
    """Adds a site; the same request again adds nothing."""
    row, request = (
        access.standing_in(actor, command.organisation, "settings", lock=True),
        request_digest(actor, command),
    )
    known = Site.objects.filter(pk=command.id).first()
    if known is not None:
        require_same(known.request_digest, request)
        return views.result(actor, row)
    if Site.objects.filter(organisation=row.pk).count() >= SITES:
        raise TooLarge(f"An organisation has {SITES} sites at most.", limit=SITES)
    form = SiteForm(**{name: getattr(command, name) for name in SiteForm.__struct_fields__})
    _add_site(row.pk, form, request)
    return views.result(actor, row)


def _add_site(organisation: UUID, form: SiteForm, request: bytes) -> None:
    if form.time_zone not in available_timezones():
        raise Invalid("$.params.time_zone", "Name a zone of the IANA database, as Europe/Paris.", why="unknown_zone")
    if Site.objects.filter(pk=form.id).exists():
        raise IdTaken
    Site.objects.create(
        id=form.id,
        organisation_id=organisation,
        name=form.name,
        address=form.address,
        postal_code=fields.postal_code(form.postal_code, "$.params.postal_code"),
        city=form.city,
        time_zone=form.time_zone,
        request_digest=request,
    )


def update_site(actor: Actor, command: UpdateSite, tx: Transaction) -> OrganisationResult:
    """Changes what is given of a site."""
    found = Site.objects.filter(pk=command.site).first()
    if found is None:
        raise NotFound
    row = access.standing_in(actor, found.organisation_id, "settings")
    code = command.postal_code
    changes = {
        "name": command.name,
        "address": command.address,
        "postal_code": None if code is None else fields.postal_code(code, "$.params.postal_code"),
        "city": command.city,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    if given:
        Site.objects.filter(pk=found.pk).update(**given)
    return views.result(actor, row)


def create_service(actor: Actor, command: CreateService, tx: Transaction) -> OrganisationResult:
    """Adds a service to an establishment, with its messaging profile; the same request again finds it."""
    caller, request = accounts_access.verified(actor), request_digest(actor, command)
    parent = access.standing_in(actor, command.organisation, "settings", lock=True)
    existing = Organisation.objects.filter(pk=command.id).first()
    if existing is not None:
        require_same(existing.request_digest, request)
        return views.result(actor, existing)
    if parent.kind != Organisation.Kind.ESTABLISHMENT:
        raise InvalidState("Only an establishment has services.", state=parent.kind)
    if Organisation.objects.filter(parent=parent.pk).count() >= SERVICES:
        raise TooLarge(f"An establishment has {SERVICES} services at most.", limit=SERVICES)
    row = Organisation.objects.create(
        id=command.id,
        name=command.name,
        search_name=views.search_name(command.name),
        kind=Organisation.Kind.SERVICE,
        parent=parent,
        specialities=command.specialities,
        access_rule=standing.default_access_rule("service"),
        created_at=tx.now,
        request_digest=request,
    )
    Resource.objects.create(id=uuid7(), organisation=row, kind=Resource.Kind.PROFILE, name=command.name[:120])
    function = accounts_access.caller(actor).function
    _join(row.pk, caller, function, tx, administrator=True)
    tx.record([inbox.membership_changed(caller, row.pk)])
    tx.audit(actor, "membership.began", row.pk, [caller], administrator="true")
    return views.result(actor, row)


def _join(organisation: UUID, person: UUID, function: str, tx: Transaction, **marks: bool) -> Membership:
    """Their membership, made if there is none."""
    made, _ = Membership.objects.update_or_create(
        organisation_id=organisation,
        person_id=person,
        left_at=None,
        defaults=marks,
        create_defaults={"function": function, "joined_at": tx.now, **marks},
    )
    return made


def claim_organisation(actor: Actor, command: ClaimOrganisation, tx: Transaction) -> OrganisationResult:
    """The wish of a member reaches the moderators; asked again it waits once."""
    row = access.standing_in(actor, command.organisation)
    if access.is_looked_after(row):
        raise InvalidState("Somebody looks after this organisation: ask them.", state="looked_after")
    item = WorkItem(
        kind=views.CLAIM,
        subject=row.pk,
        organisation=MODERATORS,
        since=tx.now,
        due_at=tx.now + timedelta(days=7),
    )
    work_actions.open_items([item])
    return views.result(actor, row)


def appoint_member(actor: Actor, command: AppointMember, tx: Transaction) -> OrganisationResult:
    """A moderator gives an organisation in which nobody is left somebody who looks after it."""
    accounts_access.verified(actor)
    if not access.is_moderator(actor):
        raise NotFound
    row = Organisation.objects.select_for_update(no_key=True).filter(pk=command.organisation).first()
    if row is None:
        raise NotFound
    if access.is_looked_after(row):
        message = "Somebody looks after this organisation: they decide who does beside them."
        raise InvalidState(message, state="looked_after")
    [person] = accounts_access.reachable(actor, [command.person])
    if access.is_vouched(person.pk):
        raise VouchedOnly
    _join(row.pk, person.pk, person.function, tx, owner=command.owner, administrator=True)
    work_actions.settle([views.CLAIM], [row.pk], tx.now)
    tx.record([inbox.membership_changed(person.pk, row.pk)])
    return views.result(actor, row)


def describe_claims(actor: Actor, items: Sequence[WorkItem]) -> dict[UUID, Description]:
    """Organisations that ask for somebody, to moderators alone. One statement."""
    if not access.is_moderator(actor):
        return {}
    named = Organisation.objects.filter(pk__in=[one.subject for one in items]).values_list("pk", "name")
    return {pk: Description("organisation_claim", {"name": name}, ["appoint"]) for pk, name in named}


WORK = [Kind(views.CLAIM, describe_claims)]
"""What may wait for somebody."""
