"""Which organisation a session acts for: chosen once, the same on all its sockets, ended with the membership."""

from __future__ import annotations

from typing import Literal
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from identity.accounts.models import Person
from identity.authentication import access
from identity.authentication.access import authenticate
from identity.authentication.credentials import issue_token
from identity.organisations.internal_commands import CreateOrganisation, JoinOrganisation
from identity.organisations.models import Membership
from identity.organisations.wire import Me
from identity.sessions.models import Session
from identity.sessions.wire import ActFor
from server.kernel import authentication
from server.kernel.authentication import SYSTEM, Bearer
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import NotFound
from server.kernel.wire.handshake import Client, Hello
from tests.identity.conftest import MakePerson

pytestmark = pytest.mark.django_db


def organisation(name: str, *members: Person, kind: Literal["practice", "cpts"] = "practice") -> UUID:
    made = uuid7()
    dispatch(SYSTEM, CreateOrganisation(id=made, name=name, kind=kind))
    for member in members:
        dispatch(SYSTEM, JoinOrganisation(organisation=made, person=member.pk, function="practitioner"))
    return made


def signed_in(token: str) -> authentication.Person:
    actor = authenticate(Bearer(token))
    assert isinstance(actor, authentication.Person)
    return actor


def now_for(actor: authentication.Person) -> UUID | None:
    """For whom the next command of this actor is."""
    [current] = access.ask_current([actor])()
    assert isinstance(current, authentication.Person)
    return current.organisation


def hello(actor: authentication.Person, acting_for: UUID | None = None) -> UUID | None:
    welcome = dispatch(actor, Hello(protocol=1, client=Client(name="t"), acting_for=acting_for))
    assert isinstance(welcome.me, Me)
    return welcome.me.acting_for


def leave(person: Person, organisation: UUID) -> None:
    Membership.objects.filter(person=person, organisation=organisation).update(left_at=timezone.now())


def test_without_a_choice_it_is_the_first_by_name_or_none(make_person: MakePerson) -> None:
    person, alone = make_person(), make_person("Belkhadra")
    organisation("Clinique", person)
    first = organisation("Cabinet", person)
    token = issue_token(person.email)
    assert signed_in(token).organisation == first
    assert hello(signed_in(token)) == first
    assert signed_in(issue_token(alone.email)).organisation is None
    assert hello(signed_in(issue_token(alone.email))) is None


def test_an_organisation_that_receives_patients_comes_before_a_cpts(make_person: MakePerson) -> None:
    person, coordinator = make_person(), make_person("Belkhadra")
    cpts = organisation("Allier", person, coordinator, kind="cpts")
    practice = organisation("Cabinet", person)
    assert signed_in(issue_token(person.email)).organisation == practice
    assert signed_in(issue_token(coordinator.email)).organisation == cpts
    late = make_person("Vasseur")
    actor = signed_in(issue_token(late.email))
    organisation("Aube", late, kind="cpts")
    joined = organisation("Cabinet du Lac", late)
    assert hello(actor) == joined


def test_a_choice_counts_for_every_socket_of_the_session_and_for_no_other_session(make_person: MakePerson) -> None:
    person = make_person()
    first, chosen = organisation("Cabinet", person), organisation("Clinique", person)
    token, other = issue_token(person.email), issue_token(person.email)
    one, two = signed_in(token), signed_in(token)
    assert dispatch(one, ActFor(organisation=chosen)).acting_for == chosen
    assert [now_for(one), now_for(two), signed_in(token).organisation] == [chosen] * 3
    assert hello(two) == chosen
    assert now_for(signed_in(other)) == first


def test_hello_may_choose(make_person: MakePerson) -> None:
    person = make_person()
    first, chosen = organisation("Cabinet", person), organisation("Clinique", person)
    actor = signed_in(issue_token(person.email))
    assert hello(actor, acting_for=chosen) == chosen
    assert now_for(actor) == chosen
    assert hello(actor) == chosen
    assert hello(actor, acting_for=first) == first


def test_nobody_acts_for_an_organisation_that_is_not_theirs(make_person: MakePerson) -> None:
    person = make_person()
    first = organisation("Cabinet", person)
    others, former = organisation("Clinique", make_person("Belkhadra")), organisation("Ancien", person)
    leave(person, former)
    actor = signed_in(issue_token(person.email))
    for wanted in (others, former, uuid4()):
        with pytest.raises(NotFound):
            dispatch(actor, ActFor(organisation=wanted))
        with pytest.raises(NotFound):
            hello(actor, acting_for=wanted)
    assert now_for(actor) == first


def test_it_ends_with_the_membership_and_does_not_slip_to_another(make_person: MakePerson) -> None:
    person = make_person()
    first, chosen = organisation("Cabinet", person), organisation("Clinique", person)
    token = issue_token(person.email)
    actor = signed_in(token)
    dispatch(actor, ActFor(organisation=chosen))
    leave(person, chosen)
    assert now_for(actor) is None
    assert signed_in(token).organisation is None
    assert hello(actor) == first, "a new beginning, and it is told"
    assert now_for(actor) == first


def test_what_stood_without_a_choice_ends_with_its_membership_too(make_person: MakePerson) -> None:
    person = make_person()
    first = organisation("Cabinet", person)
    organisation("Clinique", person)
    actor = signed_in(issue_token(person.email))
    assert now_for(actor) == first
    leave(person, first)
    assert now_for(actor) is None


def test_another_persons_choice_is_not_read(make_person: MakePerson) -> None:
    """The membership of the session's own person counts, whatever the row says."""
    person, other = make_person(), make_person("Belkhadra")
    theirs = organisation("Clinique", other)
    actor = signed_in(issue_token(person.email))
    assert actor.session is not None
    Session.objects.filter(pk=actor.session).update(acting_for=theirs)
    assert now_for(actor) is None
