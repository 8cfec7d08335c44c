"""Who can be seen and reached, who belongs where, and what only Relais itself may do about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from identity.accounts import access as accounts_access
from identity.accounts import internal_commands as accounts_internal_commands
from identity.accounts import queries as accounts_queries
from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.accounts.refusals import NotVerified
from identity.accounts.wire import VERIFIED, VerificationMethod, scopes
from identity.authentication import internal_commands as authentication_internal_commands
from identity.authentication.access import authenticate
from identity.authentication.credentials import issue_token
from identity.organisations import internal_commands as organisations_internal_commands
from identity.organisations import queries as organisations_queries
from identity.organisations.models import Membership, Organisation
from identity.sessions import internal_commands as sessions_internal_commands
from server import registry
from server.kernel.authentication import SYSTEM, Bearer
from server.kernel.authentication import Person as ActingPerson
from server.kernel.dispatch import dispatch
from server.kernel.events import Audience
from server.kernel.identifiers import uuid7
from server.kernel.synchronisation import INBOX
from server.kernel.wire.errors import Conflict, Forbidden, Invalid, NotFound
from team.conversations import inbox
from tests.identity.conftest import MakePerson

pytestmark = pytest.mark.django_db


def join(person: Person, name: str = "Cabinet des Quatre-Vents", **rights: bool) -> Organisation:
    organisation = Organisation.objects.filter(name=name).first()
    if organisation is None:
        dispatch(SYSTEM, organisations_internal_commands.CreateOrganisation(id=uuid7(), name=name, kind="practice"))
        organisation = Organisation.objects.get(name=name)
    dispatch(
        SYSTEM,
        organisations_internal_commands.JoinOrganisation(
            organisation=organisation.pk, person=person.pk, function="practitioner", **rights
        ),
    )
    return organisation


def test_an_unverified_person_reaches_nobody(make_person: MakePerson) -> None:
    unverified, colleague = make_person(verified=False), make_person("Belkhadra")
    actor = acting(unverified)
    with pytest.raises(NotVerified):
        accounts_access.verified(actor)
    with pytest.raises(NotVerified):
        accounts_access.reachable(actor, [colleague.pk])
    with pytest.raises(NotVerified):
        accounts_access.person(actor, colleague.pk)
    assert accounts_access.person(actor, unverified.pk) == unverified


def test_people_are_reached_in_the_order_asked_each_once(
    make_person: MakePerson, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me, one, two = (make_person(name) for name in ("Vauquier", "Belkhadra", "Lestrange"))
    with django_assert_num_queries(1):
        assert accounts_access.reachable(acting(me), [two.pk, one.pk, two.pk]) == [two, one]


@pytest.mark.parametrize(
    "fields",
    [{"verified_at": None}, {"suspended_at": timezone.now()}, {"is_active": False}],
    ids=["unverified", "suspended", "closed"],
)
def test_who_cannot_be_reached_looks_like_nobody(fields: dict[str, object], make_person: MakePerson) -> None:
    me, other = make_person(), make_person("Belkhadra")
    assert accounts_access.person(acting(me), other.pk) == other
    Person.objects.filter(pk=other.pk).update(**fields)
    said = []
    for wanted in (other.pk, uuid7()):
        with pytest.raises(NotFound) as refused:
            accounts_access.person(acting(me), wanted)
        said.append((refused.value.message, refused.value.as_data()))
    assert said[0] == said[1]


def test_me_says_what_i_may_do_in_two_queries(
    make_person: MakePerson, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = make_person(national_id="899000000011", speciality="Médecine générale")
    practice = join(person, administrator=True)
    join(person, "CPTS Rives d’Oust")
    with django_assert_num_queries(2):
        me = organisations_queries.me(acting(person))
    assert (me.name, me.verified, me.abilities, me.rpps) == ("Hélène Vauquier", True, ["clinical"], "99000000011")
    assert sorted((one.id == practice.pk, one.administrator) for one in me.organisations) == [
        (False, False),
        (True, True),
    ]


@pytest.mark.parametrize(
    ("verified", "strong", "abilities"),
    [(True, True, ["clinical", "moderate"]), (True, False, []), (False, True, [])],
)
def test_me_says_that_a_moderator_moderates_once_verified_and_by_two_factors(
    make_person: MakePerson, verified: bool, strong: bool, abilities: list[str]
) -> None:
    person = make_person(verified=verified, moderator_since=timezone.now())
    actor = replace(acting(person), scopes=scopes(verified, moderator=True, strong=strong))
    assert organisations_queries.me(actor).abilities == abilities
    if verified and strong:
        person.moderator_since = None
        assert organisations_queries.me(acting(person)).abilities == ["clinical"]


def test_me_of_an_unverified_person_has_no_clinical_ability(make_person: MakePerson) -> None:
    me = organisations_queries.me(acting(make_person(verified=False)))
    assert (me.verified, me.abilities) == (False, [])


def test_authors_are_shown_in_one_query_whatever_became_of_them(
    make_person: MakePerson, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [make_person(name) for name in ("Vauquier", "Belkhadra", "Lestrange")]
    Person.objects.filter(pk=people[1].pk).update(suspended_at=timezone.now())
    with django_assert_num_queries(1):
        views = accounts_queries.people([person.pk for person in people])
    assert [views[person.pk].verified for person in people] == [True, False, True]


def test_a_former_member_is_no_member(make_person: MakePerson) -> None:
    person = make_person()
    join(person)
    Membership.objects.update(left_at=timezone.now())
    assert organisations_queries.organisations(person.pk) == []
    join(person)
    assert len(organisations_queries.organisations(person.pk)) == 1


def test_joining_twice_is_joining_once(make_person: MakePerson) -> None:
    person = make_person()
    join(person, owner=True)
    join(person)
    assert Membership.objects.get().owner is True


def create(**fields: Any) -> accounts_internal_commands.CreatePerson:
    given: dict[str, Any] = {
        "id": uuid7(),
        "email": "Nouvelle@relais.example",
        "first_name": "Solène",
        "last_name": "Kervadec",
        "function": "practitioner",
        "password": make_password(None),
    }
    return accounts_internal_commands.CreatePerson(**given | fields)


def test_an_account_begins_unverified_with_its_email_in_lower_case(db: None) -> None:
    dispatch(SYSTEM, create())
    person = Person.objects.get()
    assert (person.email, person.verified_at) == ("nouvelle@relais.example", None)


def test_an_account_made_again_is_the_same(db: None) -> None:
    command = create()
    dispatch(SYSTEM, command)
    dispatch(SYSTEM, command)
    assert Person.objects.count() == 1


@pytest.mark.parametrize("twin", [{"email": "NOUVELLE@relais.example"}, {"national_id": "899000000011"}])
def test_there_is_one_account_for_an_email_and_for_a_register_number(twin: dict[str, str]) -> None:
    dispatch(SYSTEM, create(national_id="899000000011"))
    with pytest.raises(Conflict):
        dispatch(SYSTEM, create(**{"email": "autre@relais.example"} | twin))


def test_people_without_a_register_number_do_not_collide(db: None) -> None:
    dispatch(SYSTEM, create())
    dispatch(SYSTEM, create(email="autre@relais.example"))
    assert Person.objects.count() == 2


def test_the_database_itself_refuses_a_second_spelling_of_an_email(make_person: MakePerson) -> None:
    make_person()
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(id=uuid7(), email="Vauquier@Relais.example", created_at=timezone.now())


def test_who_was_verified_stays_verified_since_the_first_time(make_person: MakePerson) -> None:
    person = make_person(verified=False)
    command = accounts_internal_commands.VerifyPerson(person=person.pk, by="command")
    dispatch(SYSTEM, command)
    first = Person.objects.get()
    assert first.verified_at is not None
    assert first.verification_method == "command"
    dispatch(SYSTEM, accounts_internal_commands.VerifyPerson(person=person.pk, by="demo"))
    again = Person.objects.get()
    assert (again.verified_at, again.verification_method) == (first.verified_at, "command")


def verify(person: Person, by: VerificationMethod, evidence: str = "", vouched_by: UUID | None = None) -> None:
    dispatch(
        SYSTEM,
        accounts_internal_commands.VerifyPerson(person=person.pk, by=by, evidence=evidence, vouched_by=vouched_by),
    )


def test_the_badge_says_how_and_when_and_who_answers_for_them(make_person: MakePerson) -> None:
    secretary, owner = make_person("Corvaisier", verified=False), make_person("Belkhadra", title="Dr")
    verify(secretary, "vouched", vouched_by=owner.pk)
    [seen] = accounts_queries.people([secretary.pk]).values()
    assert seen.badge is not None
    assert (seen.badge.method, seen.badge.by) == ("vouched", "Dr Hélène Belkhadra")
    assert organisations_queries.me(acting(secretary)).badge == seen.badge
    dispatch(SYSTEM, accounts_internal_commands.SuspendPerson(person=secretary.pk))
    assert accounts_queries.people([secretary.pk])[secretary.pk].badge is None


def test_a_stronger_proof_replaces_a_weaker_one_and_never_the_other_way_round(make_person: MakePerson) -> None:
    person, owner = make_person(verified=False), make_person("Belkhadra")
    verify(person, "vouched", vouched_by=owner.pk)
    verify(person, "document", "run 1")
    proven = Person.objects.get(pk=person.pk)
    assert (proven.verification_method, proven.verification_evidence) == ("document", "run 1")
    assert proven.vouched_by is None
    verify(person, "vouched", vouched_by=owner.pk)
    assert Person.objects.get(pk=person.pk).verification_method == "document"


def test_whose_entry_has_gone_proves_themselves_again_by_any_method(make_person: MakePerson) -> None:
    person = make_person(verification_method="psc", confirm_by=timezone.now())
    verify(person, "document")
    proven = Person.objects.get(pk=person.pk)
    assert (proven.verification_method, proven.confirm_by) == ("document", None)


def test_somebody_vouches_or_nobody_is_named(make_person: MakePerson) -> None:
    person, owner = make_person(verified=False), make_person("Belkhadra")
    for by, voucher in (("vouched", None), ("psc", owner.pk)):
        with pytest.raises(Invalid):
            verify(person, cast(VerificationMethod, by), vouched_by=voucher)
    assert Person.objects.get(pk=person.pk).verified_at is None


def test_a_withdrawal_leaves_its_reason(make_person: MakePerson) -> None:
    person = make_person()
    dispatch(SYSTEM, accounts_internal_commands.WithdrawVerification(person=person.pk, reason="struck_off"))
    after = Person.objects.get(pk=person.pk)
    assert (after.verified_at, after.verification_method, after.withdrawn_reason) == (None, "", "struck_off")


def test_a_token_speaks_for_a_verified_person_as_soon_as_they_are(make_person: MakePerson) -> None:
    person = make_person(verified=False)
    token = issue_token(person.email)
    before = authenticate(Bearer(token))
    dispatch(SYSTEM, accounts_internal_commands.VerifyPerson(person=person.pk, by="command"))
    after = authenticate(Bearer(token))
    assert isinstance(before, ActingPerson)
    assert isinstance(after, ActingPerson)
    assert (VERIFIED in before.scopes, VERIFIED in after.scopes) == (False, True)


def test_orders_are_for_relais_itself(make_person: MakePerson) -> None:
    person = make_person()
    organisation = join(person, owner=True, administrator=True)
    refused = [
        create(),
        accounts_internal_commands.VerifyPerson(person=person.pk, by="command"),
        accounts_internal_commands.WithdrawVerification(person=person.pk),
        accounts_internal_commands.SuspendPerson(person=person.pk),
        accounts_internal_commands.ReinstatePerson(person=person.pk),
        organisations_internal_commands.CreateOrganisation(id=uuid7(), name="x", kind="practice"),
        organisations_internal_commands.CreateSite(
            id=uuid7(), organisation=organisation.pk, name="x", address="", postal_code="", city="", time_zone="UTC"
        ),
        organisations_internal_commands.JoinOrganisation(
            organisation=organisation.pk, person=person.pk, function="practitioner"
        ),
        authentication_internal_commands.StoreToken(
            id=uuid7(), person=person.pk, digest=b"x", label="", expires_at=timezone.now()
        ),
        sessions_internal_commands.EndExpiredSessions(),
    ]
    for command in refused:
        with pytest.raises(Forbidden):
            dispatch(acting(person), command)


def test_no_socket_can_give_an_order() -> None:
    on_the_wire = {action.command.method for action in registry.ACTIONS}
    assert not on_the_wire & {action.command.method for action in registry.INTERNAL}


def test_the_inbox_tells_only_its_owner() -> None:
    person, conversation = uuid7(), uuid7()
    for draft in (inbox.conversation_added(person, conversation), inbox.conversation_removed(person, conversation)):
        assert draft.stream == f"i:{person}"
        assert draft.audience is None
    assert INBOX.audience([person]) == {person: Audience({person: 1})}
