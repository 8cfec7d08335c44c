"""Organisations, their members and sites, by Relais itself; resources and rights, for the rooms that own their kind."""

from __future__ import annotations

from uuid import UUID

from identity.accounts import access as accounts_access
from identity.organisations import internal_commands, standing, views
from identity.organisations.finess import finess
from identity.organisations.models import Membership, Organisation, Resource, Right, Site
from identity.organisations.refusals import FinessTaken
from identity.organisations.wire import ResourceKind
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done
from server.kernel.wire.errors import IdTaken


def create_organisation(actor: Actor, command: internal_commands.CreateOrganisation, tx: Transaction) -> Done:
    number = finess(command.finess, "$.finess") if command.finess else None
    if number and Organisation.objects.filter(finess=number).exclude(pk=command.id).exists():
        raise FinessTaken
    Organisation.objects.get_or_create(
        id=command.id,
        defaults={
            "name": command.name,
            "search_name": views.search_name(command.name),
            "kind": command.kind,
            "access_rule": standing.default_access_rule(command.kind),
            "finess": number,
            "created_at": tx.now,
        },
    )
    return Done()


def create_site(actor: Actor, command: internal_commands.CreateSite, tx: Transaction) -> Done:
    Site.objects.get_or_create(
        id=command.id,
        defaults={
            "organisation_id": command.organisation,
            "name": command.name,
            "address": command.address,
            "postal_code": command.postal_code,
            "city": command.city,
            "time_zone": command.time_zone,
        },
    )
    return Done()


def join_organisation(actor: Actor, command: internal_commands.JoinOrganisation, tx: Transaction) -> Done:
    Membership.objects.get_or_create(
        organisation_id=command.organisation,
        person=accounts_access.locked(command.person),
        left_at=None,
        defaults={
            "function": command.function,
            "administrator": command.administrator,
            "owner": command.owner,
            "coordinator": command.coordinator,
            "joined_at": tx.now,
        },
    )
    return Done()


def add_resource(wanted: UUID, kind: ResourceKind, name: str, site: Site, person: UUID | None = None) -> Resource:
    """The resource under this id, made if there is none; ``IdTaken`` when the id stands for something else. With a
    ``person`` it is theirs.

    One that is there keeps its name: whether this is the same request again is for the room to find out that owns the
    kind, and has decided who may.
    """
    fresh = Resource(id=wanted, organisation_id=site.organisation_id, site=site, kind=kind, name=name, person_id=person)
    Resource.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Resource.objects.get(pk=wanted)
    if (row.kind, row.organisation_id, row.site_id) != (kind, site.organisation_id, site.pk):
        raise IdTaken
    return row


def rename_resource(resource: UUID, name: str) -> None:
    Resource.objects.filter(pk=resource).update(name=name)


def give_level(resource: UUID, person: UUID, level: str | None) -> None:
    """Gives somebody this level on a resource in the place of any they had; None takes it away.

    Whoever calls has decided that it may be given, and says so in the audit and to those who follow the resource.
    """
    if level is None:
        Right.objects.filter(resource=resource, person=person).delete()
    else:
        Right.objects.update_or_create(resource_id=resource, person_id=person, defaults={"level": level})
