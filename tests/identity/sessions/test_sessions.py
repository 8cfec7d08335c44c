"""Sessions, the keys that open them, and their end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from identity.accounts import internal_commands as accounts_internal_commands
from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.accounts.refusals import NotVerified
from identity.authentication import access
from identity.authentication import internal_commands as authentication_internal_commands
from identity.authentication.access import NOT_SIGNED_IN, SUSPENDED, authenticate
from identity.authentication.credentials import issue_token
from identity.directory.wire import SearchDirectory
from identity.sessions.models import Session
from identity.sessions.store import IDLE_TIMEOUT, LAST_SEEN_RESOLUTION, SessionStore, digest
from identity.sessions.tasks import end_expired_sessions
from identity.sessions.wire import EndOtherSessions, EndSession, ListSessions
from server.kernel import authentication
from server.kernel.authentication import SYSTEM, Bearer, Cookie
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.models import AuditLink
from server.kernel.wire import Command
from server.kernel.wire.errors import Forbidden, NotFound
from tests.identity.conftest import Browser, MakePerson

pytestmark = pytest.mark.django_db


def token_actor(person: Person) -> tuple[str, authentication.Person]:
    token = issue_token(person.email)
    actor = authenticate(Bearer(token))
    assert isinstance(actor, authentication.Person)
    return token, actor


def session_of(actor: authentication.Person) -> UUID:
    assert actor.session is not None
    return actor.session


def store_with(**data: object) -> SessionStore:
    store = SessionStore()
    store.update(data)
    store.save()
    return store


def test_what_is_stored_is_found_again_by_its_key() -> None:
    key = store_with(colour="vert").session_key
    assert SessionStore(key)["colour"] == "vert"


def test_the_key_itself_is_kept_nowhere(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    token = issue_token("vauquier@relais.example")
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_session::text FROM identity_session")
        kept = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT kernel_auditlink::text FROM kernel_auditlink")
        kept += " ".join(row[0] for row in cursor.fetchall())
    for secret in (browser.key, token):
        assert secret
        assert secret not in kept
        assert secret.encode().hex() not in kept


def test_changed_data_is_not_believed() -> None:
    store = store_with(colour="vert")
    Session.objects.update(data=Session.objects.get().data.replace("e", "f", 1))
    assert dict(SessionStore(store.session_key).items()) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"ended_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"last_seen_at": timezone.now() - IDLE_TIMEOUT - timedelta(seconds=1)},
        {"kind": Session.Kind.TOKEN},
    ],
    ids=["ended", "expired", "idle", "a token"],
)
def test_a_session_that_is_over_is_as_good_as_none(change: dict[str, object], make_person: MakePerson) -> None:
    store = store_with(_auth_user_id=str(make_person().pk))
    assert isinstance(authenticate(Cookie(store.session_key or "")), authentication.Person)
    Session.objects.update(**change)
    again = SessionStore(store.session_key)
    assert dict(again.items()) == {}
    assert again.session_key is None, "a key that is over must not be adopted for a new session"
    assert authenticate(Cookie(store.session_key or "")) is NOT_SIGNED_IN


def test_a_session_that_ended_meanwhile_is_not_saved_again() -> None:
    store = store_with(colour="vert")
    Session.objects.update(ended_at=timezone.now())
    store["colour"] = "bleu"
    from django.contrib.sessions.backends.base import UpdateError

    with pytest.raises(UpdateError):
        store.save()


def test_a_new_key_keeps_the_session_and_the_old_key_is_worth_nothing() -> None:
    store = store_with(colour="vert")
    old, row = store.session_key, Session.objects.get().pk
    store.cycle_key()
    store.save()
    assert SessionStore(store.session_key)["colour"] == "vert"
    assert SessionStore(old).get("colour") is None
    assert Session.objects.get().pk == row


def test_a_token_is_no_cookie_and_a_cookie_no_token(make_person: MakePerson, browser: Browser) -> None:
    person = make_person()
    browser.sign_in()
    token, _ = token_actor(person)
    assert authenticate(Cookie(token)) is NOT_SIGNED_IN
    assert authenticate(Bearer(browser.key or "")) is NOT_SIGNED_IN


@pytest.mark.parametrize("key", ["", "x", "a" * 10_000, "\udcff", "\x00"])
def test_a_key_that_means_nothing_is_refused(key: str) -> None:
    assert authenticate(Cookie(key)) is NOT_SIGNED_IN
    assert authenticate(Bearer(key)) is NOT_SIGNED_IN


def test_a_socket_is_admitted_by_one_query(
    make_person: MakePerson, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token, actor = token_actor(make_person())
    with django_assert_num_queries(1):
        assert authenticate(Bearer(token)) == actor


def test_being_seen_is_noted_but_not_each_time(make_person: MakePerson) -> None:
    token, _ = token_actor(make_person())
    long_ago = timezone.now() - 2 * LAST_SEEN_RESOLUTION
    Session.objects.update(last_seen_at=long_ago)
    authenticate(Bearer(token))
    seen = Session.objects.get().last_seen_at
    assert seen > long_ago
    authenticate(Bearer(token))
    assert Session.objects.get().last_seen_at == seen


def test_a_token_is_for_somebody_with_an_account(db: None) -> None:
    with pytest.raises(Person.DoesNotExist):
        issue_token("personne@relais.example")


def test_sessions_are_listed_and_the_current_one_is_marked(
    make_person: MakePerson, browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = make_person()
    make_person("Autre")
    token_actor(Person.objects.get(last_name="Autre"))
    browser.sign_in()
    _, actor = token_actor(person)
    listed = dispatch(actor, ListSessions()).sessions
    assert [(one.kind, one.current) for one in listed] == [("token", True), ("browser", False)]
    assert listed[1].label == "Firefox, Linux"


def endings(actor: authentication.Actor, command: Command[Any]) -> list[tuple[int, set[UUID], set[UUID]]]:
    [outcome], news = dispatch_batch([Call(actor, command)])
    assert outcome.refused is None
    return [(one.code, set(one.sessions), set(one.persons)) for one in news.closures]


def test_ending_a_session_closes_its_sockets_and_leaves_the_others(make_person: MakePerson) -> None:
    person = make_person()
    token, actor = token_actor(person)
    other_token, other = token_actor(person)
    assert endings(actor, EndSession(session=session_of(other))) == [(4401, {other.session}, set())]
    assert authenticate(Bearer(other_token)) is NOT_SIGNED_IN
    assert authenticate(Bearer(token)) == actor


def test_ending_a_session_twice_is_harmless(make_person: MakePerson) -> None:
    person = make_person()
    _, actor = token_actor(person)
    _, other = token_actor(person)
    endings(actor, EndSession(session=session_of(other)))
    assert endings(actor, EndSession(session=session_of(other))) == []


def test_nobody_ends_the_session_of_another(make_person: MakePerson) -> None:
    _, actor = token_actor(make_person())
    token, other = token_actor(make_person("Autre"))
    for session in (session_of(other), uuid4()):
        with pytest.raises(NotFound):
            dispatch(actor, EndSession(session=session))
    assert authenticate(Bearer(token)) == other


def test_ending_the_others_keeps_this_one(make_person: MakePerson) -> None:
    person = make_person()
    token, actor = token_actor(person)
    others = {token_actor(person)[1].session for _ in range(3)}
    assert endings(actor, EndOtherSessions()) == [(4401, others, set())]
    assert authenticate(Bearer(token)) == actor


def test_an_ended_session_carries_out_nothing_more(make_person: MakePerson) -> None:
    _, actor = token_actor(make_person())
    dispatch(actor, EndSession(session=session_of(actor)))
    with pytest.raises(Forbidden):
        dispatch(actor, ListSessions())


def test_signing_out_closes_the_sockets_of_that_browser(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    row = Session.objects.select_related("person").get()
    assert row.person is not None
    assert endings(acting(row.person, row.pk), EndSession(session=row.pk)) == [(4401, {row.pk}, set())]


def test_what_expires_is_ended_by_itself(make_person: MakePerson) -> None:
    _token, actor = token_actor(make_person())
    anonymous = store_with(colour="vert")
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    end_expired_sessions()
    assert Session.objects.get(pk=session_of(actor)).ended_at is not None
    assert not Session.objects.filter(key_digest=digest(anonymous.session_key or "")).exists()


def test_a_changed_password_ends_every_other_session(make_person: MakePerson) -> None:
    person = make_person()
    _, kept = token_actor(person)
    _, lost = token_actor(person)
    change = authentication_internal_commands.ChangePassword(password="argon2$…", keep=kept.session)
    assert endings(acting(person), change) == [(4401, {lost.session}, set())]


def test_whoever_changes_a_password_changes_their_own(make_person: MakePerson) -> None:
    person, other = make_person(), make_person("Autre")
    dispatch(acting(other), authentication_internal_commands.ChangePassword(password="x"))
    assert Person.objects.get(pk=person.pk).password == person.password
    assert Person.objects.get(pk=other.pk).password == "x"
    with pytest.raises(Forbidden):
        dispatch(SYSTEM, authentication_internal_commands.ChangePassword(password="x"))


def test_suspending_somebody_closes_their_sockets_and_keeps_them_out(make_person: MakePerson) -> None:
    person = make_person()
    token, actor = token_actor(person)
    assert endings(SYSTEM, accounts_internal_commands.SuspendPerson(person=person.pk)) == [(4403, set(), {person.pk})]
    assert authenticate(Bearer(token)) is SUSPENDED
    with pytest.raises(Forbidden):
        dispatch(actor, ListSessions())
    dispatch(SYSTEM, accounts_internal_commands.ReinstatePerson(person=person.pk))
    assert authenticate(Bearer(token)) == actor


def test_a_withdrawn_verification_counts_for_sockets_that_are_open(make_person: MakePerson) -> None:
    person = make_person()
    _, actor = token_actor(person)
    Person.objects.update(verified_at=None)
    with pytest.raises(NotVerified):
        dispatch(actor, SearchDirectory(text="x"))
    assert len(dispatch(actor, ListSessions()).sessions) == 1


def test_a_new_verification_counts_for_sockets_that_are_open(make_person: MakePerson) -> None:
    person = make_person(verified=False)
    _, actor = token_actor(person)
    with pytest.raises(NotVerified):
        dispatch(actor, SearchDirectory(text="x"))
    dispatch(SYSTEM, accounts_internal_commands.VerifyPerson(person=person.pk, by="command"))
    assert dispatch(actor, SearchDirectory(text="x")).hits == []


@pytest.mark.parametrize("verified", [True, False])
def test_a_verification_that_changes_closes_the_sockets_to_begin_again(verified: bool, make_person: MakePerson) -> None:
    person = make_person(verified=not verified)
    change: Command[Any] = accounts_internal_commands.WithdrawVerification(person=person.pk)
    if verified:
        change = accounts_internal_commands.VerifyPerson(person=person.pk, by="command")
    assert endings(SYSTEM, change) == [(1012, set(), {person.pk})]
    assert endings(SYSTEM, change) == [], "what is so already changes nothing"
    assert (Person.objects.get(pk=person.pk).verified_at is not None) is verified


def test_all_who_ask_at_once_are_looked_at_by_one_query(
    make_person: MakePerson, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    actors = [token_actor(make_person(name))[1] for name in ("Vauquier", "Belkhadra", "Lestrange")]
    ended = token_actor(make_person("Partie"))[1]
    Session.objects.filter(pk=session_of(ended)).update(ended_at=timezone.now())
    somebody_elses = replace(actors[0], session=actors[1].session)
    with django_assert_num_queries(1):
        found = access.ask_current([*actors, ended, SYSTEM, somebody_elses])()
    assert found[:3] == actors
    assert [type(one) for one in found[3:]] == [Forbidden, type(SYSTEM), Forbidden]


def test_ends_are_audited_by_ids_alone(make_person: MakePerson) -> None:
    person = make_person()
    _, actor = token_actor(person)
    dispatch(actor, EndSession(session=session_of(actor)))
    link = AuditLink.objects.order_by("at", "number").last()
    assert link is not None
    entries = link.entries
    assert "session.end" in entries
    assert str(person.pk) in entries
    assert person.last_name not in entries
