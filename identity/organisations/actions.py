"""What Relais itself changes about organisations."""

from __future__ import annotations

from identity.accounts import access as accounts_access
from identity.organisations import internal_commands
from identity.organisations.models import Membership, Organisation, Site
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done


def create_organisation(actor: Actor, command: internal_commands.CreateOrganisation, tx: Transaction) -> Done:
    Organisation.objects.get_or_create(
        id=command.id, defaults={"name": command.name, "kind": command.kind, "created_at": tx.now}
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
            "joined_at": tx.now,
        },
    )
    return Done()
