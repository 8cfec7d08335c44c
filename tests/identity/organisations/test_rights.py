"""Levels on resources: what each includes, who has one, and by what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.organisations import access, actions
from identity.organisations.levels import EVERY_LEVEL, LEVELS, allows, at_least
from identity.organisations.models import Membership, Organisation, Resource, Right, Site
from identity.organisations.refusals import MoreThanHeld
from identity.organisations.wire_members import AgendaRight, SetRights
from server.kernel.composed_query import ComposedQuery
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import IdTaken
from tests.factories import Account, account
from tests.referral.practice import join, leave

pytestmark = pytest.mark.django_db


def organisation(name: str = "Cabinet des Quatre-Vents", kind: str = "practice") -> Organisation:
    return Organisation.objects.create(id=uuid7(), name=name, kind=kind, created_at=timezone.now())


def site(of: Organisation) -> Site:
    return Site.objects.create(id=uuid7(), organisation=of, name=of.name)


def resource(of: Organisation, kind: Any = "agenda") -> Resource:
    return actions.add_resource(uuid7(), kind, "Consultations", site(of))


def level(who: Account, of: Resource) -> str | None:
    found: str | None = (
        Resource.objects.annotate(level=access.level(who.id)).filter(pk=of.id).values_list("level", flat=True).get()
    )
    return found


def holders(wanted: list[Resource], kind: Any, need: str) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {one.id: set() for one in wanted}
    holding = ComposedQuery(lambda resources: access.holders(resources, kind, need), parameters=1)
    for held, person, _ in holding(found):
        found[held].add(person)
    return found


def test_each_level_includes_those_before_it() -> None:
    for kind, levels in LEVELS.items():
        for place, given in enumerate(levels):
            assert [allows(kind, given, need) for need in levels] == [n <= place for n in range(len(levels))]
            assert not allows(kind, None, given)


def test_a_level_of_another_kind_is_none() -> None:
    assert not allows("profile", "manage", "read")
    assert not allows("agenda", "answer", "busy")
    assert at_least("agenda", "book") == ("book", "manage")


def test_a_right_is_a_level_once_and_of_those_that_there_are() -> None:
    clara, agenda = account(), resource(organisation())
    actions.give_level(agenda.id, clara.id, "read")
    actions.give_level(agenda.id, clara.id, "book")
    assert level(clara, agenda) == "book"
    with pytest.raises(IntegrityError), transaction.atomic():
        Right.objects.create(person_id=account().id, resource=agenda, level="everything")
    with pytest.raises(IntegrityError), transaction.atomic():
        Right.objects.create(person_id=clara.id, resource=agenda, level=EVERY_LEVEL[0])
    actions.give_level(agenda.id, clara.id, None)
    assert level(clara, agenda) is None


@pytest.mark.parametrize(("kind", "managed"), [("agenda", True), ("room", True), ("device", True), ("profile", False)])
def test_an_owner_manages_what_the_organisation_has_but_reads_no_profile(kind: Any, managed: bool) -> None:
    practice, other = organisation(), organisation("Clinique du Marais")
    owner, member = join(account(), practice, owner=True), join(account(), practice)
    own, elsewhere = resource(practice, kind), resource(other, kind)
    need = LEVELS[kind][-1]
    assert level(owner, own) == ("manage" if managed else None)
    assert holders([own], kind, need) == {own.id: {owner.id} if managed else set()}
    assert set(access.resources(owner.id, kind, need)) == ({own} if managed else set())
    assert level(member, own) is level(owner, elsewhere) is None
    leave(owner, practice)
    assert level(owner, own) is None
    assert holders([own], kind, need) == {own.id: set()}
    assert not access.resources(owner.id, kind, need).exists()


def test_an_owner_of_an_establishment_holds_in_its_services_what_they_give_there() -> None:
    hospital = organisation("Hôpital Sainte-Anne")
    service, elsewhere = organisation("Cardiologie"), organisation("Clinique du Marais")
    Organisation.objects.filter(pk=service.pk).update(
        parent=hospital, kind="service", access_rule="owners_and_administrators"
    )
    owner, runs = join(account(), hospital, owner=True), join(account(), hospital)
    Membership.objects.filter(person=runs.id).update(administrator=True)
    clara, agenda = join(account(), service), resource(service)
    profile = resource(service, "profile")
    give = SetRights(organisation=service.pk, person=clara.id, agendas=[AgendaRight(agenda=agenda.pk, level="manage")])
    with pytest.raises(MoreThanHeld):
        dispatch(runs.actor, give)
    assert level(runs, agenda) is None
    dispatch(owner.actor, give)
    assert level(owner, agenda) == "manage"
    assert set(access.resources(owner.id, "agenda", "manage")) == {agenda}
    assert holders([agenda], "agenda", "manage") == {agenda.id: {owner.id, clara.id}}
    assert (level(owner, resource(elsewhere)), level(owner, profile)) == (None, None)
    leave(owner, hospital)
    assert level(owner, agenda) is None
    assert not access.resources(owner.id, "agenda", "busy").exists()
    assert holders([agenda], "agenda", "manage") == {agenda.id: {clara.id}}


def test_an_owner_of_a_service_holds_nothing_of_its_establishment() -> None:
    hospital, service = organisation("Hôpital Sainte-Anne"), organisation("Cardiologie")
    Organisation.objects.filter(pk=service.pk).update(parent=hospital, kind="service")
    owner, above = join(account(), service, owner=True), resource(hospital)
    assert level(owner, above) is None
    assert not access.resources(owner.id, "agenda", "busy").exists()
    assert holders([above], "agenda", "busy") == {above.id: set()}


def test_who_holds_a_level_is_found_for_many_resources_in_one_statement() -> None:
    practice = organisation()
    clara, owner = account(), join(account(), practice, owner=True)
    agendas = [resource(practice) for _ in range(3)]
    actions.give_level(agendas[0].id, clara.id, "read")
    actions.give_level(agendas[1].id, clara.id, "busy")
    with CaptureQueriesContext(connection) as captured:
        found = holders(agendas, "agenda", "read")
    assert len(captured) == 1
    assert found == {agendas[0].id: {clara.id, owner.id}, agendas[1].id: {owner.id}, agendas[2].id: {owner.id}}
    assert list(access.resources(clara.id, "agenda", "read")) == [agendas[0]]


def test_the_id_of_a_resource_stands_for_one_thing() -> None:
    practice = organisation()
    here = site(practice)
    made = actions.add_resource(uuid7(), "agenda", "Cardiologie", here)
    assert actions.add_resource(made.id, "agenda", "Autre nom", here).name == "Cardiologie"
    for kind, place in (("room", here), ("agenda", site(practice)), ("agenda", site(organisation("Autre")))):
        with pytest.raises(IdTaken):
            actions.add_resource(made.id, kind, "Cardiologie", place)  # type: ignore[arg-type]  # a str to mypy


def test_an_agenda_is_at_a_site() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Resource.objects.create(id=uuid7(), organisation=organisation(), kind="agenda", name="Nulle part")
