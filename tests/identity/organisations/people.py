"""Organisations with people in them, as tests of members and rights begin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from identity.accounts.models import Person
from identity.organisations import standing
from identity.organisations.models import Membership, Organisation, Resource, Right, Site
from identity.organisations.wire_members import AgendaRight, MemberRights, SetRights
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Refusal
from tests.factories import Account, account


@dataclass(frozen=True)
class Team:
    """An organisation with an owner, an administrator, a practitioner and a secretary, each acting for it."""

    organisation: Organisation
    owner: Account
    administrator: Account
    practitioner: Account
    secretary: Account

    @property
    def id(self) -> UUID:
        return self.organisation.pk

    def agenda(self, of: Account | None = None) -> UUID:
        """An agenda of the practitioner, or of somebody else, who manages it."""
        whose = of or self.practitioner
        site = Site.objects.create(id=uuid7(), organisation=self.organisation, name="Redon")
        made = Resource.objects.create(
            id=uuid7(), organisation=self.organisation, site=site, kind="agenda", name="Agenda", person_id=whose.id
        )
        Right.objects.create(person_id=whose.id, resource=made, level="manage")
        return made.pk

    def rule(self, access_rule: str, **others: Any) -> None:
        Organisation.objects.filter(pk=self.id).update(access_rule=access_rule, **others)

    def give(self, by: Account, to: Account, agenda: UUID, level: Any) -> MemberRights:
        command = SetRights(organisation=self.id, person=to.id, agendas=[AgendaRight(agenda=agenda, level=level)])
        found: MemberRights = dispatch(by.actor, command)
        return found


def team(kind: str = "practice") -> Team:
    organisation = Organisation.objects.create(
        id=uuid7(),
        name="Cabinet des Quatre-Vents",
        kind=kind,
        access_rule=standing.default_access_rule(kind),
        created_at=datetime.now(UTC),
    )
    return Team(
        organisation,
        join(organisation, owner=True),
        join(organisation, "administrative", administrator=True),
        join(organisation),
        join(organisation, "secretary"),
    )


def join(
    organisation: Organisation, function: str = "practitioner", who: Account | None = None, **marks: Any
) -> Account:
    """Makes somebody a member; returns them as they act for it from then on."""
    person = who or account()
    Person.objects.filter(pk=person.id).update(function=function)
    Membership.objects.create(
        person_id=person.id, organisation=organisation, function=function, joined_at=datetime.now(UTC), **marks
    )
    return replace(person, actor=replace(person.actor, organisation=organisation.pk))


def level(who: Account, agenda: UUID) -> str | None:
    """The level that a row gives, if there is one."""
    return Right.objects.filter(person=who.id, resource=agenda).values_list("level", flat=True).first()


def reason(who: Account, command: Any) -> str | None:
    """Why a command is refused, or None when it is carried out."""
    try:
        dispatch(who.actor, command)
    except Refusal as refused:
        return refused.reason
    return None
