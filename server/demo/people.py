"""Creates the people of the demo, their memberships and their entries in the directory."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from itertools import count

from django.conf import settings
from django.contrib.auth.hashers import make_password

from identity.accounts import internal_commands as accounts_internal_commands
from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.authentication.credentials import issue_token
from identity.directory.declared import Declared, DeclaredPlace, declare_local
from identity.organisations import internal_commands as organisations_internal_commands
from identity.sessions.models import Session
from identity.sessions.store import digest
from server.demo.cards import NEWCOMERS
from server.demo.people_data import COORDINATOR, GROUPS, PASSWORD, PLACES, ROLES, Group, Role, demo_id
from server.kernel.authentication import SYSTEM, Actor
from server.kernel.dispatch import dispatch


def actor(role: Role) -> Actor:
    """On behalf of somebody of the demo."""
    return acting(Person.objects.get(pk=role.id))


def begun() -> datetime:
    """When the demo world was begun: its days are counted from there, so that it can be made in two goes."""
    return Person.objects.get(pk=COORDINATOR.id).created_at


def make_people() -> None:
    """Organisations, accounts and memberships, all but the coordinator's; the directory finds the professionals."""
    for group in GROUPS:
        make_group(group)
    for role in ROLES:
        make_person(role)
        if role != COORDINATOR:
            join(role)
    # The register also has those who are still without an account: a newcomer may be one of them.
    declare_local(declared(role, role.national_id) for role in (*ROLES, *NEWCOMERS) if role.national_id)
    for moderator in [role for role in ROLES if role.verified and role.title][:2]:
        dispatch(SYSTEM, accounts_internal_commands.AddModerator(person=moderator.id))


def join(role: Role) -> None:
    """Makes somebody a member of their organisations."""
    for group in role.groups:
        dispatch(
            SYSTEM,
            organisations_internal_commands.JoinOrganisation(
                organisation=demo_id("organisation", group),
                person=role.id,
                function=role.function,
                owner=role.owner,
                administrator=role.administrator,
                coordinator=role.coordinator,
            ),
        )


def token(role: Role) -> str:
    """A bearer token of somebody, the same each time until its session is ended: then the next one.

    It comes from this deployment's own secret, so that no other deployment's demo has it.
    """
    secret = settings.SECRET_KEY.encode()
    keys = (
        f"relais_demo_{hmac.new(secret, f'demo token {role.id} {generation}'.encode(), hashlib.sha256).hexdigest()}"
        for generation in count()
    )
    ended = Session.objects.filter(ended_at__isnull=False)
    key = next(one for one in keys if not ended.filter(key_digest=digest(one)).exists())
    return issue_token(role.email, "relais demo", key)


def make_group(group: Group) -> None:
    """An organisation and its sites, without members."""
    dispatch(SYSTEM, organisations_internal_commands.CreateOrganisation(id=group.id, name=group.name, kind=group.kind))
    for place in group.places:
        dispatch(
            SYSTEM,
            organisations_internal_commands.CreateSite(
                id=place.id,
                organisation=group.id,
                name=place.name,
                address=place.address,
                postal_code=place.postal_code,
                city=place.city,
                time_zone=place.time_zone,
            ),
        )


def make_person(role: Role) -> None:
    """An account, of no organisation yet."""
    dispatch(
        SYSTEM,
        accounts_internal_commands.CreatePerson(
            id=role.id,
            email=role.email,
            first_name=role.first_name,
            last_name=role.last_name,
            function=role.function,
            password=make_password(PASSWORD),
            title=role.title,
            profession=role.profession_label,
            speciality=role.speciality_label,
            national_id=role.national_id,
        ),
    )
    if role.verified:
        dispatch(SYSTEM, accounts_internal_commands.VerifyPerson(person=role.id, by="demo"))


def declared(role: Role, national_id: str) -> Declared:
    """A professional's entry of the register."""
    places = [PLACES[key] for key in role.places]
    return Declared(
        national_id=national_id,
        first_name=role.first_name,
        last_name=role.last_name.upper(),
        profession=role.profession,
        speciality=role.speciality,
        title=role.title,
        places=[
            DeclaredPlace(address=place.address, postal_code=place.postal_code, city=place.city, name=place.name)
            for place in places
        ],
    )
