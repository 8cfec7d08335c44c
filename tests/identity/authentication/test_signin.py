"""Signing in with an e-mail and a password, over HTTP, as a browser does."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from django.core import signing
from django.test import Client, RequestFactory
from pytest_django import Settings

from identity.accounts.internal_commands import ReinstatePerson, SuspendPerson
from identity.accounts.models import Person
from identity.accounts.wire import ONBOARDING, SINGLE_FACTOR
from identity.authentication import account_mail, known_devices
from identity.authentication.access import NOT_SIGNED_IN, SUSPENDED, authenticate
from identity.authentication.adapters import AccountAdapter
from identity.authentication.credentials import issue_token
from identity.authentication.refused_sign_in import SignInRefused, answer
from identity.authentication.urls import VIEWS
from identity.sessions.models import Session
from identity.sessions.store import digest
from server.kernel.authentication import SYSTEM, Cookie, Refused
from server.kernel.authentication import Person as ActingPerson
from server.kernel.delivery.kinds import Claimed, Envelope
from server.kernel.dispatch import dispatch
from server.kernel.models import AuditLink, CapturedMessage, Delivery
from server.kernel.refusals import refusals
from server.kernel.wire import CONFIRMED
from tests.identity.conftest import PASSWORD, Browser, MakePerson

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db


def who(browser: Browser) -> ActingPerson | Refused:
    return authenticate(Cookie(browser.key or ""))


def test_the_right_password_signs_in_and_opens_the_socket(make_person: MakePerson, browser: Browser) -> None:
    person = make_person()
    answer = browser.sign_in()
    assert answer.status_code == 200
    assert answer.json()["data"]["user"] == {
        "id": str(person.pk),
        "display": "Hélène Vauquier",
        "email": "vauquier@relais.example",
        "verified": True,
    }
    actor = who(browser)
    assert isinstance(actor, ActingPerson)
    assert (actor.person, SINGLE_FACTOR in actor.scopes, actor.name) == (person.pk, True, "Hélène Vauquier")


def test_an_email_is_the_same_in_any_case(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    assert browser.sign_in("Vauquier@Relais.Example").status_code == 200


def test_the_cookie_is_for_http_alone_and_for_no_other_site(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    cookie = browser.client.cookies["relais"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_the_session_is_named_after_the_device(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    assert Session.objects.get().label == "Firefox, Linux"


def test_wrong_password_unknown_email_and_closed_account_are_one_answer(make_person: MakePerson) -> None:
    make_person()
    make_person("Partie", is_active=False)
    answers = [
        Browser().sign_in(password="autre chose encore"),
        Browser().sign_in(email="personne@relais.example"),
        Browser().sign_in(email="partie@relais.example"),
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1
    [error] = answers[0].json()["errors"]
    assert error["code"] == "email_password_mismatch"
    assert not Session.objects.filter(person__isnull=False).exists()


def test_the_message_is_french(make_person: MakePerson, browser: Browser) -> None:
    [error] = browser.sign_in(email="personne@relais.example").json()["errors"]
    assert error["message"].startswith("L’adresse e-mail") or error["message"].startswith("L'adresse e-mail")


FRENCH, ENGLISH = "fr-FR,fr;q=0.9,en;q=0.5", "en-GB,en;q=0.9,fr;q=0.5"


@pytest.mark.parametrize(
    ("wished", "speaks_french"),
    [("", True), (FRENCH, True), ("de,pt;q=0.5", True), (ENGLISH, False), ("de,en;q=0.5", False)],
)
def test_texts_follow_the_browsers_language_and_codes_do_not(
    wished: str, speaks_french: bool, make_person: MakePerson, settings: Settings
) -> None:
    make_person(suspended_at=datetime.now(UTC))
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "password_on_account_from_address": "1/m/key"}
    browser = Browser()
    if wished:
        browser.client.defaults["HTTP_ACCEPT_LANGUAGE"] = wished
    unknown, suspended = browser.sign_in(email="personne@relais.example"), browser.sign_in()
    often = browser.sign_in(email="personne@relais.example")
    found = [(answer.status_code, answer.json()["errors"][0]) for answer in (unknown, suspended, often)]
    assert [(status, error["code"]) for status, error in found] == [
        (400, "email_password_mismatch"),
        (403, "suspended"),
        (429, "too_many_login_attempts"),
    ]
    starts = ["L’adresse", "Ce compte", "Trop"] if speaks_french else ["The email", "This account", "Too many"]
    assert [error["message"][: len(start)] for (_, error), start in zip(found, starts, strict=True)] == starts
    assert "Accept-Language" in unknown.headers["Vary"]


def test_an_unknown_email_takes_as_long_as_a_wrong_password(make_person: MakePerson, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    make_person()

    def seconds(email: str) -> float:
        browser = Browser()
        browser.send("GET", "auth/session")
        began = time.perf_counter()
        browser.sign_in(email=email, password="pas le bon du tout")
        return time.perf_counter() - began

    pairs = [(seconds("vauquier@relais.example"), seconds("personne@relais.example")) for _ in range(5)]
    known, unknown = (median(side) for side in zip(*pairs, strict=True))
    assert 0.25 < unknown / known < 4


def test_after_five_wrong_passwords_even_the_right_one_waits(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    for _ in range(5):
        assert browser.sign_in(password="pas le bon du tout").status_code == 400
    answer = browser.sign_in()
    assert answer.status_code == 429
    assert answer.json()["errors"][0]["code"] == "too_many_login_attempts"
    assert 290 <= int(answer.headers["Retry-After"]) <= 300


def test_the_right_password_takes_its_attempt_back(make_person: MakePerson) -> None:
    make_person()
    assert [Browser().sign_in().status_code for _ in range(12)] == [200] * 12


def test_one_address_cannot_try_many_accounts(make_person: MakePerson, settings: Settings) -> None:
    make_person()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # thirty slow ones prove no more
    answers = [Browser().sign_in(email=f"p{n}@relais.example") for n in range(31)]
    assert [answer.status_code for answer in answers] == [400] * 30 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_one_address_cannot_sign_in_without_end(db: None, browser: Browser) -> None:
    answers = [browser.send("POST", "auth/login", {}) for _ in range(121)]
    assert [answer.status_code for answer in answers] == [400] * 120 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert answers[-1].json()["errors"][0]["code"] == "too_many_login_attempts"


def stranger(number: int, password: str = "pas le bon du tout") -> Response:
    """A wrong password for the account of Vauquier, from an address of its own."""
    browser = Browser()
    browser.client.defaults["REMOTE_ADDR"] = f"198.51.100.{number}"
    return browser.sign_in(password=password)


@pytest.fixture
def _fast_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "identity.authentication.passwords.PasswordHasher",
    ]


@pytest.mark.usefixtures("_fast_hashes")
def test_strangers_lock_nobody_out_of_a_device_they_have_signed_in_on(make_person: MakePerson) -> None:
    person = make_person()
    person.set_password(PASSWORD)
    person.save()
    hers = Browser()
    assert hers.sign_in().status_code == 200
    hers.send("DELETE", "auth/session")
    assert [stranger(number).status_code for number in range(51)] == [400] * 50 + [429]
    refused = stranger(99, PASSWORD)
    assert refused.status_code == 429, "on a new device even the right one waits"
    [error] = refused.json()["errors"]
    assert error["code"] == "new_device_waits"
    assert "Mot de passe oublié" in error["message"], "and it is said what lets one in"
    assert hers.sign_in().status_code == 200


@pytest.mark.usefixtures("_fast_hashes")
def test_while_strangers_try_passwords_a_link_from_the_mailbox_opens_a_new_device(make_person: MakePerson) -> None:
    person = make_person()
    person.set_password(PASSWORD)
    person.save()
    for number in range(51):
        stranger(number)
    new, key = Browser(), account_mail.reset_link(person).partition("#")[2]
    assert new.sign_in().status_code == 429
    password = "une phrase que personne ne connait"
    wrong = new.send("POST", "auth/password/reset", {"key": key + "x", "password": password})
    assert wrong.status_code == 400
    assert new.sign_in().status_code == 429, "a key that is wrong makes no device known"
    assert new.send("POST", "auth/password/reset", {"key": key, "password": password}).status_code == 200
    assert new.sign_in(password=password).status_code == 200
    assert stranger(99, password).status_code == 429, "nothing changed for other devices"


@pytest.mark.usefixtures("_fast_hashes")
def test_a_colleague_at_the_same_address_locks_nobody_out_of_their_device(make_person: MakePerson) -> None:
    make_person()
    hers = Browser()
    hers.sign_in()
    hers.send("DELETE", "auth/session")
    assert [Browser().sign_in(password="pas le bon du tout").status_code for _ in range(6)] == [400] * 5 + [429]
    assert hers.sign_in().status_code == 200


def test_on_a_known_device_too_passwords_cannot_be_tried_without_end(make_person: MakePerson) -> None:
    make_person()
    hers = Browser()
    hers.sign_in()
    hers.send("DELETE", "auth/session")
    tried = [hers.sign_in(password="pas le bon du tout").status_code for _ in range(6)]
    assert tried == [400] * 5 + [429]


def test_a_device_knows_the_accounts_that_signed_in_on_it_and_nobody_else(make_person: MakePerson) -> None:
    make_person()
    make_person("Belkhadra")
    shared = Browser()
    shared.sign_in()
    cookie = shared.client.cookies["relais-device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    request = RequestFactory().get("/")
    request.COOKIES["relais-device"] = cookie.value
    assert known_devices.of(request, "Vauquier@relais.example ")
    assert not known_devices.of(request, "belkhadra@relais.example")
    assert "vauquier" not in cookie.value.lower()
    for forged in ("", "x", cookie.value[:-1], signing.dumps([], salt=known_devices.SALT), signing.dumps("x")):
        request.COOKIES["relais-device"] = forged
        assert not known_devices.of(request, "vauquier@relais.example")


def told() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("kind", flat=True))


@pytest.mark.usefixtures("_fast_hashes")
def test_who_is_attacked_is_told_by_mail_once_a_day(make_person: MakePerson) -> None:
    person = make_person()
    person.set_password(PASSWORD)
    person.save()
    for number in range(53):
        stranger(number)
    assert told() == ["account.wrong_passwords"]
    row = Delivery.objects.get()
    assert (row.channel, row.subject) == ("email", person.pk)
    claimed = Claimed(row.pk, row.key, row.channel, row.kind, row.subject, 1, row.not_before)
    envelope = account_mail.resolve([claimed], row.not_before)[row.key]
    assert isinstance(envelope, Envelope)
    assert envelope.to == "vauquier@relais.example"
    assert "mots de passe erronés" in envelope.text


@pytest.mark.usefixtures("_fast_hashes")
def test_an_address_that_nobody_has_is_limited_alike_and_nobody_is_told(make_person: MakePerson) -> None:
    make_person()

    def nobody(number: int) -> int:
        browser = Browser()
        browser.client.defaults["REMOTE_ADDR"] = f"198.51.100.{number}"
        return browser.sign_in(email="personne@relais.example").status_code

    assert [nobody(number) for number in range(51)] == [400] * 50 + [429]
    assert told() == []


def test_a_changed_password_is_told_by_a_mail_that_is_due_and_not_sent_meanwhile(
    make_person: MakePerson, browser: Browser
) -> None:
    make_person()
    browser.sign_in()
    change = {"current_password": PASSWORD, "new_password": "un autre mot de passe, plus long"}
    assert browser.send("POST", "account/password/change", change).status_code == 200
    assert told() == ["account.password_changed"]
    assert not CapturedMessage.objects.exists()


def test_no_mail_of_the_library_is_sent_by_itself() -> None:
    with pytest.raises(KeyError):
        AccountAdapter().send_mail("account/email/unknown_account", "a@relais.example", {})


def test_one_persons_failures_do_not_keep_another_out(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    make_person("Belkhadra")
    for _ in range(6):
        browser.sign_in(password="pas le bon du tout")
    assert browser.sign_in(email="belkhadra@relais.example").status_code == 200


def test_another_site_cannot_sign_a_visitor_in(make_person: MakePerson) -> None:
    make_person()
    assert Browser(origin="https://ailleurs.example").sign_in().status_code == 403


def test_a_request_without_the_csrf_token_is_refused(make_person: MakePerson) -> None:
    make_person()
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000"})
    answer = client.post(
        "/auth/browser/v1/auth/login",
        {"email": "vauquier@relais.example", "password": PASSWORD},
        "application/json",
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("body", ['{"email": "a\\u0000b@x.fr", "password": "x"}', "[]", "{", '{"email": 3}', ""])
def test_a_malformed_request_is_refused_in_order(body: str, db: None, browser: Browser) -> None:
    browser.send("GET", "auth/session")
    headers = {"origin": browser.origin, "x-csrftoken": browser.client.cookies["csrftoken"].value}
    answer = browser.client.generic("POST", "/auth/browser/v1/auth/login", body, "application/json", headers=headers)
    assert answer.status_code == 400


def test_allauths_own_form_makes_no_account(browser: Browser) -> None:
    assert browser.send("GET", "config").json()["data"]["account"]["is_open_for_signup"] is False
    body = {"email": "moi@relais.example", "password": PASSWORD}
    assert browser.send("POST", "auth/signup", body).status_code == 400, "a declaration is needed, and a code"
    assert not Person.objects.exists()


def test_looking_at_ones_session_keeps_no_row(browser: Browser) -> None:
    assert browser.send("GET", "auth/session").status_code == 401
    assert not Session.objects.exists()


def test_an_unverified_person_can_sign_in(make_person: MakePerson, browser: Browser) -> None:
    make_person(verified=False)
    assert browser.sign_in().status_code == 200
    actor = who(browser)
    assert isinstance(actor, ActingPerson)
    assert actor.scopes == {ONBOARDING, CONFIRMED}


def test_signing_out_ends_the_session(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    key = browser.key
    assert key is not None
    assert browser.send("DELETE", "auth/session").status_code == 401
    assert authenticate(Cookie(key)) is NOT_SIGNED_IN
    row = Session.objects.get(key_digest=digest(key))
    assert row.ended_at is not None
    assert row.data == ""


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    other = Browser()
    other.sign_in()
    browser.sign_in()
    old_key = browser.key
    new = "un autre mot de passe, plus long"
    answer = browser.send("POST", "account/password/change", {"current_password": PASSWORD, "new_password": new})
    assert answer.status_code == 200
    assert isinstance(who(browser), ActingPerson)
    assert browser.key != old_key
    assert who(other) is NOT_SIGNED_IN
    assert Browser().sign_in().status_code == 400
    assert Browser().sign_in(password=new).status_code == 200


def test_a_new_password_needs_the_old_one(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    answer = browser.send(
        "POST", "account/password/change", {"current_password": "faux", "new_password": "assez long pour nous"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("weak", ["court", "password1234", "vauquier@relais.example"])
def test_a_weak_password_is_refused(weak: str, make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    answer = browser.send("POST", "account/password/change", {"current_password": PASSWORD, "new_password": weak})
    assert answer.status_code == 400


def test_passwords_are_kept_with_argon2(make_person: MakePerson) -> None:
    assert make_person().password.startswith("argon2$argon2id$")


# Suspended people


def suspend(person: Person) -> None:
    dispatch(SYSTEM, SuspendPerson(person=person.pk))


def test_after_the_right_password_a_suspended_person_is_told_why_and_gets_no_session(
    make_person: MakePerson, browser: Browser
) -> None:
    suspend(make_person())
    answer = browser.sign_in()
    assert answer.status_code == 403
    [error] = answer.json()["errors"]
    assert error["code"] == "suspended"
    assert browser.key is None
    assert not Session.objects.exists()


def test_before_the_right_password_a_suspended_account_looks_like_no_account(make_person: MakePerson) -> None:
    suspend(make_person())
    answers = [
        Browser().sign_in(password="autre chose encore"),
        Browser().sign_in(email="personne@relais.example"),
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1


def test_the_sessions_of_a_suspended_person_are_worth_nothing_until_they_are_reinstated(
    make_person: MakePerson, browser: Browser
) -> None:
    person = make_person()
    browser.sign_in()
    suspend(person)
    change = {"current_password": PASSWORD, "new_password": "un autre mot de passe, plus long"}
    assert browser.send("GET", "auth/session").status_code == 401
    assert browser.send("POST", "account/password/change", change).status_code == 401
    assert who(browser) is SUSPENDED
    assert Person.objects.get().check_password(PASSWORD)
    dispatch(SYSTEM, ReinstatePerson(person=person.pk))
    assert browser.send("GET", "auth/session").status_code == 200


def test_a_suspended_person_can_still_sign_out(make_person: MakePerson, browser: Browser) -> None:
    person = make_person()
    browser.sign_in()
    suspend(person)
    assert browser.send("DELETE", "auth/session").status_code == 401
    assert Session.objects.get().ended_at is not None


# What a browser may send

BODIES = {
    "half a surrogate pair": b'{"email":"a@x.fr","password":"\\ud800"}',
    "half a pair in a new password": b'{"current_password":"x","new_password":"\\udfff"}',
    "half a pair in an address": b'{"email":"\\ud800@x.fr","password":"x"}',
    "NUL": b'{"email":"a@x.fr","password":"a\\u0000b","current_password":"\\u0000","new_password":"\\u0000"}',
    "NUL in what nobody reads": b'{"x":["\\u0000"]}',
    "deep": b"[" * 30_000,
    "deep in a field": b'{"password":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deeper than anybody reads": b'{"password":' + b"[" * 900 + b"]" * 900 + b"}",
    "an array": b"[]",
    "text": b'"x"',
    "null": b"null",
    "a long number": b'{"email":"a@x.fr","password":' + b"1" * 6_000 + b"}",
    "not a number": b'{"email":"a@x.fr","password":NaN}',
    "infinite": b'{"email":"a@x.fr","password":1e999}',
    "not UTF-8": b'{"email":"\xff"}',
    "UTF-16": '{"email":"a@x.fr"}'.encode("utf-16"),
    "not JSON": b"{",
    "a form": b"email=a@x.fr&password=x",
}
WRITING = {("POST", "auth/login"), ("POST", "account/password/change"), ("DELETE", "auth/session")}


def send(browser: Browser, verb: str, path: str, body: bytes, kind: str = "application/json", **more: Any) -> Response:
    browser.client.raise_request_exception = False
    browser.client.get("/auth/browser/v1/config")
    headers = {"origin": browser.origin, "x-csrftoken": browser.client.cookies["csrftoken"].value}
    return browser.client.generic(verb, f"/auth/browser/v1/{path}", body, kind, headers=headers, **more)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(("verb", "path"), sorted(WRITING))
def test_what_is_not_sound_json_is_refused_in_words(
    verb: str, path: str, name: str, make_person: MakePerson, browser: Browser
) -> None:
    make_person()
    browser.client.force_login(Person.objects.get(), "identity.authentication.adapters.AuthenticationBackend")
    answer = send(browser, verb, path, BODIES[name])
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["code"], bool(error["message"])) == ("not_json", True)


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize("verb", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_nothing_that_is_sent_to_any_of_the_views_is_a_500(verb: str, path: str, db: None, browser: Browser) -> None:
    kinds = ("application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain; charset=nope")
    for body in BODIES.values():
        for kind in kinds:
            assert send(browser, verb, path, body, kind).status_code < 500, (body[:40], kind)


def test_a_body_is_as_large_as_sixty_four_kilobytes(db: None, browser: Browser) -> None:
    assert send(browser, "POST", "auth/login", b'{"email":"' + b"x" * 65_536 + b'"}').status_code == 413
    assert send(browser, "POST", "auth/login", b"[" * 200_000).status_code == 413
    assert send(browser, "POST", "auth/login", b"{}", CONTENT_LENGTH="9" * 30).status_code == 413


def test_fields_of_another_kind_are_wrong_and_no_defect(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    for value in ("3", "3.5", "true", "null", "{}", '["a"]', "123456789012345678901234567890", '""'):
        body = f'{{"email":{value},"password":{value}}}'.encode()
        assert send(browser, "POST", "auth/login", body).status_code == 400, value


def entered(act: str) -> list[dict[str, Any]]:
    refusals.flush()
    entries = [entry for link in AuditLink.objects.order_by("at") for entry in msgspec.json.decode(link.entries)]
    return [entry for entry in entries if entry["act"] == act]


def test_signing_in_is_in_the_audit_with_its_session(make_person: MakePerson, browser: Browser) -> None:
    person = make_person()
    browser.sign_in()
    session = Session.objects.get()
    assert entered("session.begin") == [
        {
            "person": str(person.pk),
            "session": str(session.pk),
            "act": "session.begin",
            "subject": str(session.pk),
            "address": "127.0.0.1",
            "method": "password",
        }
    ]


def test_signing_out_is_in_the_audit(make_person: MakePerson, browser: Browser) -> None:
    person = make_person()
    browser.sign_in()
    session = Session.objects.get()
    browser.send("DELETE", "auth/session")
    [end] = entered("session.end")
    assert (end["person"], end["subject"]) == (str(person.pk), str(session.pk))
    [ended] = entered("session.ended")
    assert ended["about"] == [str(session.pk)]


def test_failed_sign_ins_are_in_the_audit_counted_and_without_the_password(make_person: MakePerson) -> None:
    person, closed = make_person(), make_person("Partie", is_active=False)
    for _ in range(3):
        Browser().sign_in(password="hunter2-hunter2")
    Browser().sign_in(email="personne@relais.example")
    Browser().sign_in(email="partie@relais.example")
    assert AuditLink.objects.count() == 0, "whoever fails waits for no entry"
    nobody = {"person": "", "act": "session.refused", "subject": "", "address": "127.0.0.1"}
    assert entered("session.refused") == [
        {**nobody, "about": [str(person.pk)], "count": "3"},
        {**nobody, "count": "1"},
        {**nobody, "about": [str(closed.pk)], "count": "1"},
    ]
    assert not AuditLink.objects.filter(entries__contains="hunter2").exists()
    assert not AuditLink.objects.filter(entries__contains="personne@").exists()


def test_a_token_that_is_issued_is_in_the_audit(make_person: MakePerson) -> None:
    person = make_person()
    issue_token(person.email)
    [entry] = entered("identity.store_token")
    assert (entry["person"], entry["about"]) == ("relais", [str(person.pk)])
    assert entry["subject"] == str(Session.objects.get().pk)


@pytest.mark.parametrize(
    ("wished", "language", "text"),
    [("", "fr", "La connexion a été annulée"), (FRENCH, "fr", "La connexion"), (ENGLISH, "en", "It was cancelled")],
)
def test_the_page_of_a_refused_sign_in_follows_the_browsers_language(wished: str, language: str, text: str) -> None:
    request = RequestFactory().get("/", headers={"accept": "text/html", "accept-language": wished})
    page = answer(request, SignInRefused("declined"))
    assert f'<html lang="{language}">' in page.content.decode()
    assert f'<p id="declined">{text}' in page.content.decode()
