"""The demo world: made once, found ever after, and everything that `relais demo` prints works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from identity.accounts.models import Person
from identity.accounts.refusals import NotVerified
from identity.authentication.access import authenticate
from identity.directory.wire import SearchDirectory
from identity.organisations.models import Membership, Organisation
from identity.patients.models import Patient
from identity.register_numbers import luhn_holds
from identity.sessions.wire import EndSession
from referral.referrals.models import Referral
from referral.referrals.wire import ListReferrals
from referral.scheduling.models import Agenda, Appointment
from referral.scheduling.wire import FindSlots
from server.demo import DemoError, World, make_world
from server.kernel.authentication import Actor, Bearer
from server.kernel.dispatch import dispatch, now
from server.kernel.identifiers import uuid7
from server.kernel.wire import Command
from team.conversations.models import Conversation, Message
from team.conversations.wire import ListConversations, OpenConversation

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, made once for this page: it brings all the towns of France with it."""
    with django_db_blocker.unblock():
        yield make_world()
        call_command("flush", interactive=False, verbosity=0)


def counted() -> list[int]:
    return [
        model.objects.count()
        for model in (Person, Organisation, Membership, Agenda, Conversation, Message, Patient, Appointment, Referral)
    ]


def signed_in(world: World, last_name: str) -> Actor:
    [person] = [one for one in world.people if one.name.endswith(last_name)]
    actor = authenticate(Bearer(person.token))
    assert isinstance(actor, Actor)
    assert actor.person == person.id
    return actor


def test_the_cast_is_what_the_product_needs(world: World) -> None:
    assert len(world.people) >= 8
    specialities = {one.speciality for one in world.people if one.profession == "Médecin"}
    assert len(specialities) >= 4
    assert {"secretary", "administrative", "practitioner"} <= {one.function for one in world.people}
    assert any(one.profession == "Infirmier" for one in world.people)
    assert any(one.owner for one in world.people)
    assert [one.verified for one in world.people].count(False) == 1
    assert sorted(one.kind for one in world.organisations).count("cpts") == 1
    assert len(world.organisations) >= 3
    assert "Indian/Reunion" in {one.time_zone for one in world.agendas}


def test_register_numbers_are_well_formed_and_nobodys(world: World) -> None:
    numbers = [one.rpps for one in world.people if one.rpps]
    assert len(set(numbers)) == len(numbers) >= 8
    for number in numbers:
        assert len(number) == 11
        assert number.startswith("99")
        assert luhn_holds(number)


def test_what_is_printed_is_json_with_every_key(world: World) -> None:
    printed = msgspec.to_builtins(world)
    assert set(printed) == {"url", "people", "organisations", "agendas"}
    for person in printed["people"]:
        assert {"id", "name", "email", "password", "token", "function", "verified", "rpps"} <= set(person)
    for agenda in printed["agendas"]:
        assert {"id", "practitioner", "name", "time_zone", "reasons"} <= set(agenda)
        assert agenda["reasons"]
        assert {"id", "name", "minutes"} <= set(agenda["reasons"][0])


def test_made_twice_it_is_the_same(world: World) -> None:
    before = counted()
    assert make_world() == world
    assert counted() == before


def test_interrupted_before_its_end_it_is_made_whole_without_doubling_anything(world: World) -> None:
    before = counted()
    Membership.objects.filter(coordinator=True).delete()
    assert make_world() == world
    assert counted() == before


def test_every_password_and_every_token_works(world: World, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    for person in world.people:
        assert isinstance(authenticate(Bearer(person.token)), Actor)
        answer = Client(headers={"host": "localhost"}).post(
            "/auth/browser/v1/auth/login", {"email": person.email, "password": person.password}, "application/json"
        )
        assert answer.status_code == 200
        assert answer.json()["data"]["user"]["id"] == str(person.id)


def test_a_token_that_was_ended_is_replaced_by_one_that_works(world: World) -> None:
    actor = signed_in(world, "Ozanne")
    assert actor.session is not None
    dispatch(actor, EndSession(session=actor.session))
    again = make_world()
    assert signed_in(again, "Ozanne").session != actor.session
    assert make_world() == again


def test_the_directory_finds_the_professionals(world: World) -> None:
    hits = dispatch(signed_in(world, "Vauquier"), SearchDirectory(text="belkhadra cardiologue")).hits
    [person] = [one for one in world.people if one.name.endswith("Belkhadra")]
    assert hits[0].practitioner.id == person.id
    assert hits[0].practitioner.rpps == person.rpps
    assert {place.city for place in hits[0].places} == {"Redon", "Pipriac"}


def test_there_are_openings_and_absences_over_the_coming_two_months(world: World) -> None:
    actor = signed_in(world, "Vauquier")
    today = now().date()
    for agenda in world.agendas:
        last = today + timedelta(days=62)
        command = FindSlots(agenda=agenda.id, reason=agenda.reasons[0].id, from_=today, to=last)
        assert len(dispatch(actor, command).slots) > 20
        command = FindSlots(agenda=agenda.id, reason=agenda.reasons[0].id, from_=today + timedelta(days=50), to=last)
        assert dispatch(actor, command).slots
        assert Agenda.objects.get(pk=agenda.id).absences.count() == 2


def test_the_first_screen_is_not_empty(world: World) -> None:
    actor = signed_in(world, "Vauquier")
    conversations = dispatch(actor, ListConversations()).conversations
    assert len(conversations) >= 4
    assert any(one.unread for one in conversations)
    assert len(dispatch(actor, ListReferrals()).referrals) >= 3


def test_the_unverified_one_signs_in_and_does_nothing_clinical(world: World) -> None:
    actor = signed_in(world, "Cadoret")
    [colleague] = [one.id for one in world.people if one.name.endswith("Vauquier")]
    commands: list[Command[Any]] = [
        SearchDirectory(text="belkhadra"),
        OpenConversation(id=uuid7(), kind="direct", members=[colleague]),
        FindSlots(agenda=world.agendas[0].id, from_=now().date(), to=now().date() + timedelta(days=2)),
        ListConversations(),
    ]
    for command in commands:
        with pytest.raises(NotVerified):
            dispatch(actor, command)


def test_a_public_deployment_is_asked_twice(world: World, settings: Settings) -> None:
    settings.RELAIS_PUBLIC = True
    with pytest.raises(DemoError):
        make_world()
    assert make_world(allow_public=True) == world
