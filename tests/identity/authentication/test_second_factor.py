"""A second factor: what is open without one, setting one up, signing in with it, losing it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from identity.accounts.models import Person
from identity.accounts.refusals import NotVerified, ReauthenticationRequired, SecondFactorRequired
from identity.accounts.wire import ONBOARDING, SINGLE_FACTOR, VERIFIED
from identity.authentication import access, account_mail
from identity.authentication.access import authenticate
from identity.organisations.wire import Me
from identity.sessions.models import Session
from identity.sessions.store import digest
from identity.sessions.wire import ListSessions
from server.kernel.authentication import Cookie
from server.kernel.authentication import Person as ActingPerson
from server.kernel.delivery.kinds import Claimed, Envelope
from server.kernel.dispatch import dispatch
from server.kernel.models import AuditLink, Delivery
from server.kernel.refusals import refusals
from server.kernel.wire import CONFIRMED
from server.kernel.wire.handshake import Client, Hello
from team.conversations.wire import ListConversations
from tests.factories import account
from tests.identity.conftest import PASSWORD, Browser, MakePerson

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db
TOTP = "account/authenticators/totp"


@pytest.fixture(autouse=True)
def _after_the_commit(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    """What happens after a commit happens in these tests too."""
    send = Browser.send

    def committing(self: Browser, *arguments: Any, **named: Any) -> Response:
        with django_capture_on_commit_callbacks(execute=True):
            return send(self, *arguments, **named)

    Browser.send = committing  # type: ignore[method-assign]  # put back at the end
    yield
    Browser.send = send  # type: ignore[method-assign]  # put back at the end


def actor_of(browser: Browser) -> ActingPerson:
    found = authenticate(Cookie(browser.key or ""))
    assert isinstance(found, ActingPerson)
    return found


def code(secret: str, *, steps: int = 0) -> str:
    """What an application of codes shows now, or so many half-minutes later."""
    counter = next(iter(yield_hotp_counters_from_time())) + steps
    found: str = format_hotp_value(hotp_value(secret, counter))
    return found


def set_up(browser: Browser) -> str:
    """Sets an application of codes up; its secret."""
    shown = browser.send("GET", TOTP)
    assert shown.status_code == 404, shown.content
    secret: str = shown.json()["meta"]["secret"]
    answer = browser.send("POST", TOTP, {"code": code(secret)})
    assert answer.status_code == 200, answer.content
    return secret


def forget_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a code be used again: a test does not wait for the next half-minute."""
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.cache.add", lambda *_, **__: True, raising=False)


def entered(act: str) -> list[dict[str, Any]]:
    refusals.flush()
    entries = [entry for link in AuditLink.objects.order_by("at") for entry in msgspec.json.decode(link.entries)]
    return [entry for entry in entries if entry["act"] == act]


def told() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("kind", flat=True))


# What is open


def test_a_password_alone_opens_nothing_clinical_and_says_so(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    actor = actor_of(browser)
    assert actor.scopes >= {ONBOARDING, SINGLE_FACTOR}
    assert VERIFIED not in actor.scopes
    with pytest.raises(SecondFactorRequired):
        dispatch(actor, ListConversations())
    me = dispatch(actor, Hello(protocol=1, client=Client(name="x", version="1", device=actor.id))).me
    assert isinstance(me, Me)
    assert (me.verified, me.abilities, me.second_factor_missing) == (True, [], True)


def test_who_is_not_verified_is_told_that_first(make_person: MakePerson, browser: Browser) -> None:
    make_person(verified=False)
    browser.sign_in()
    with pytest.raises(NotVerified):
        dispatch(actor_of(browser), ListConversations())


def test_a_program_s_token_needs_no_second_factor() -> None:
    someone = account()
    assert VERIFIED in dispatch_scopes(someone.actor)


def dispatch_scopes(actor: ActingPerson) -> frozenset[str]:
    [current] = access.ask_current([actor])()
    assert isinstance(current, ActingPerson)
    return current.scopes


def test_people_of_the_demo_need_none_on_this_machine_and_need_one_elsewhere(
    make_person: MakePerson, browser: Browser, settings: Settings
) -> None:
    make_person(verification_method="demo")
    browser.sign_in()
    assert VERIFIED in actor_of(browser).scopes
    assert VERIFIED in dispatch_scopes(actor_of(browser))
    settings.RELAIS_PUBLIC = True
    assert VERIFIED not in actor_of(browser).scopes
    assert VERIFIED not in dispatch_scopes(actor_of(browser))


# Setting it up, and signing in with it


def test_the_session_that_sets_one_up_is_open_at_once(make_person: MakePerson, browser: Browser) -> None:
    person = make_person()
    browser.sign_in()
    secret = set_up(browser)
    assert VERIFIED in actor_of(browser).scopes
    assert dispatch_scopes(actor_of(browser)) >= {VERIFIED}
    kept = Authenticator.objects.get(user=person, type="totp").data["secret"]
    assert secret not in kept
    assert "account.factor_added" in told()
    [noted] = entered("identity.change_factor")
    assert (noted["person"], noted["change"], noted["factor"]) == (str(person.pk), "added", "totp")


def test_signing_in_then_takes_both(make_person: MakePerson, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    make_person()
    browser.sign_in()
    secret = set_up(browser)
    other = Browser()
    half = other.sign_in()
    assert half.status_code == 401
    assert {flow["id"] for flow in half.json()["data"]["flows"] if flow.get("is_pending")} == {"mfa_authenticate"}
    assert not isinstance(authenticate(Cookie(other.key or "")), ActingPerson)
    half_way = other.key
    assert other.send("POST", "auth/2fa/authenticate", {"code": "000000"}).status_code == 400
    answer = other.send("POST", "auth/2fa/authenticate", {"code": code(secret, steps=1)})
    assert answer.status_code == 200, answer.content
    assert other.key != half_way, "whoever knew the browser's key before knows nothing"
    actor = actor_of(other)
    assert VERIFIED in actor.scopes
    session = Session.objects.get(key_digest=digest(other.key or ""))
    assert (session.opened_by, session.strong) == ("password", True)
    wrong = [one for one in entered("session.refused") if one.get("method") == "second_factor"]
    assert len(wrong) == 1


def test_a_code_is_taken_once(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    secret = set_up(browser)
    shown = code(secret, steps=1)
    answers = []
    for _ in range(2):
        other = Browser()
        other.sign_in()
        answers.append(other.send("POST", "auth/2fa/authenticate", {"code": shown}).status_code)
    assert answers == [200, 400]


def test_a_recovery_code_stands_in_and_serves_once(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    set_up(browser)
    codes = browser.send("GET", "account/authenticators/recovery-codes").json()["data"]["unused_codes"]
    assert len(codes) == 10
    answers = []
    for _ in range(2):
        other = Browser()
        other.sign_in()
        answers.append(other.send("POST", "auth/2fa/authenticate", {"code": codes[0]}).status_code)
    assert answers == [200, 400]


def test_codes_cannot_be_tried_without_end(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    secret = set_up(browser)
    other = Browser()
    other.sign_in()
    tried = [other.send("POST", "auth/2fa/authenticate", {"code": "000000"}).status_code for _ in range(11)]
    assert tried == [400] * 10 + [429]
    third = Browser()
    third.sign_in()
    late = third.send("POST", "auth/2fa/authenticate", {"code": code(secret, steps=1)})
    assert late.status_code == 429
    assert int(late["Retry-After"]) > 60


def test_without_any_no_session_of_a_password_counts_as_two(
    make_person: MakePerson, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person()
    browser.sign_in()
    secret = set_up(browser)
    other = Browser()
    other.sign_in()
    other.send("POST", "auth/2fa/authenticate", {"code": code(secret, steps=1)})
    assert browser.send("DELETE", TOTP).status_code == 200
    for one in (browser, other):
        assert VERIFIED not in actor_of(one).scopes
        assert VERIFIED not in dispatch_scopes(actor_of(one))
        one.send("GET", "auth/session")
        assert VERIFIED not in actor_of(one).scopes, "looking at the session does not make it strong again"
    assert "account.factor_removed" in told()
    assert [one["change"] for one in entered("identity.change_factor")][-1] == "removed"


# Proving again that it is oneself


def confirm(browser: Browser, password: str = PASSWORD) -> Response:
    return browser.send("POST", "auth/reauthenticate", {"password": password})


def long_ago(browser: Browser) -> None:
    """The session was opened a while ago."""
    Session.objects.filter(key_digest=digest(browser.key or "")).update(
        confirmed_at=timezone.now() - timedelta(hours=1)
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", TOTP), ("POST", TOTP), ("DELETE", TOTP), ("GET", "account/authenticators/recovery-codes"),
     ("POST", "account/authenticators/recovery-codes"), ("GET", "account/authenticators/webauthn"),
     ("POST", "account/authenticators/webauthn"), ("DELETE", "account/authenticators/webauthn")],
)  # fmt: skip
def test_factors_are_changed_by_who_has_just_proved_that_it_is_them(
    method: str, path: str, make_person: MakePerson, browser: Browser
) -> None:
    make_person()
    browser.sign_in()
    long_ago(browser)
    answer = browser.send(method, path, {} if method != "GET" else None)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "reauthentication_required"
    assert {"id": "reauthenticate"} in answer.json()["data"]["flows"]


def test_a_proof_opens_what_is_sensitive_for_ten_minutes(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    long_ago(browser)
    assert CONFIRMED not in dispatch_scopes(actor_of(browser))
    assert isinstance(access.out_of_scope(actor_of(browser), CONFIRMED), ReauthenticationRequired)
    assert confirm(browser, "pas le bon du tout").status_code == 400
    assert CONFIRMED not in dispatch_scopes(actor_of(browser))
    assert confirm(browser).status_code == 200
    assert CONFIRMED in dispatch_scopes(actor_of(browser))
    assert CONFIRMED in actor_of(browser).scopes
    [noted] = entered("session.confirmed")
    assert noted["method"] == "password_or_factor"
    assert browser.send("GET", TOTP).status_code == 404


def test_passwords_cannot_be_tried_on_a_session_without_end(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    tried = [confirm(browser, "pas le bon du tout").status_code for _ in range(11)]
    assert tried[-1] == 429
    assert confirm(browser).status_code == 429


def test_who_is_known_by_a_card_adds_the_first_factor_in_a_session_of_the_card(
    make_person: MakePerson, browser: Browser
) -> None:
    """Somebody who reads their mail could otherwise set a password, then a factor of their own."""
    make_person(verification_method="psc")
    browser.sign_in()
    answer = browser.send("GET", TOTP)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "confirm_by_card")
    Session.objects.update(strong=True)
    assert browser.send("GET", TOTP).status_code == 404


# Devices


def test_signing_in_on_another_device_is_told_and_on_the_first_ever_is_not(
    make_person: MakePerson, browser: Browser
) -> None:
    make_person()
    browser.sign_in()
    browser.sign_in()
    assert told() == []
    other = Browser()
    other.sign_in()
    assert told() == ["account.new_device"]
    row = Delivery.objects.get()
    claimed = Claimed(row.pk, row.key, row.channel, row.kind, row.subject, 1, timezone.now())
    [mail] = account_mail.resolve([claimed], timezone.now()).values()
    assert isinstance(mail, Envelope)
    assert "Firefox, Linux" in mail.text
    other.send("DELETE", "auth/session")
    other.sign_in()
    assert told() == ["account.new_device"], "the device knows the account now"


def test_a_list_of_devices_says_how_each_was_opened(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    [shown] = dispatch(actor_of(browser), ListSessions()).sessions
    assert (shown.opened_by, shown.strong) == ("password", False)


# Forgotten passwords


def ask(email: str) -> Response:
    return Browser().send("POST", "auth/password/request", {"email": email})


def link_of(person: Person) -> str:
    return account_mail.reset_link(person).partition("#")[2]


def test_asking_says_nothing_of_whether_there_is_an_account(make_person: MakePerson) -> None:
    make_person()
    suspended = make_person("Partie", suspended_at=timezone.now())
    answers = [ask(one) for one in ("vauquier@relais.example", "personne@relais.example", suspended.email)]
    assert {one.status_code for one in answers} == {200}
    assert len({one.content for one in answers}) == 1
    assert told() == ["account.new_password"]
    [noted] = entered("password.requested")
    assert noted["about"] == [str(Person.objects.get(email="vauquier@relais.example").pk)]


def test_whoever_asks_for_somebody_over_and_over_keeps_no_link_from_them(
    make_person: MakePerson, settings: Settings
) -> None:
    person = make_person()
    first = link_of(person)
    known = [ask(person.email) for _ in range(5)]
    unknown = [ask("personne@relais.example") for _ in range(5)]
    assert {(one.status_code, one.content) for one in known + unknown} == {(200, known[0].content)}
    assert told() == ["account.new_password"] * 3, "and no flood"
    # The newest of three mails of the last half hour is good for at least as long again.
    assert settings.ACCOUNT_RATE_LIMITS["new_password"] == "3/30m/key"
    assert settings.PASSWORD_RESET_TIMEOUT >= 2 * 30 * 60
    new = "une phrase que personne ne connait"
    assert Browser().send("POST", "auth/password/reset", {"key": first, "password": new}).status_code == 200


def test_one_address_asks_for_so_many_links_and_no_more(make_person: MakePerson, settings: Settings) -> None:
    make_person()
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "new_password_from_address": "2/h/ip"}
    answers = [ask(f"personne{number}@relais.example") for number in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 3500


def test_who_has_no_password_is_sent_none(make_person: MakePerson) -> None:
    person = make_person()
    person.set_unusable_password()
    person.save()
    assert ask(person.email).status_code == 200
    assert told() == []


def test_the_link_keeps_its_key_from_every_server(make_person: MakePerson) -> None:
    person = make_person()
    link = account_mail.reset_link(person)
    address, _, key = link.partition("#")
    assert address == "http://localhost:8000/mot-de-passe"
    assert key


def test_the_holder_of_a_link_chooses_a_password_once(make_person: MakePerson, browser: Browser) -> None:
    person = make_person()
    browser.sign_in()
    person.refresh_from_db()
    key, new = link_of(person), "une phrase que personne ne connait"
    answer = Browser().send("POST", "auth/password/reset", {"key": key, "password": new})
    assert answer.status_code == 200, answer.content
    assert not isinstance(authenticate(Cookie(browser.key or "")), ActingPerson), "every session ends"
    assert Browser().sign_in().status_code == 400
    assert Browser().sign_in(password=new).status_code == 200
    again = Browser().send("POST", "auth/password/reset", {"key": key, "password": new + "!"})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (400, "invalid_key")
    assert "account.password_changed" in told()


def test_a_new_password_takes_no_factor_away(make_person: MakePerson, browser: Browser) -> None:
    person = make_person()
    browser.sign_in()
    set_up(browser)
    new = "une phrase que personne ne connait"
    person.refresh_from_db()
    Browser().send("POST", "auth/password/reset", {"key": link_of(person), "password": new})
    assert Browser().sign_in(password=new).status_code == 401


@pytest.mark.parametrize("key", ["", "x", "x.y", "00000000-0000-0000-0000-000000000000.abc-def"])
def test_no_other_key_opens_anything(key: str, make_person: MakePerson) -> None:
    make_person()
    answer = Browser().send("POST", "auth/password/reset", {"key": key, "password": "assez long pour tous"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid_key")


def test_a_link_is_somebody_s_own_and_lasts_an_hour(make_person: MakePerson, settings: Settings) -> None:
    person, other = make_person(), make_person("Belkhadra")
    token = link_of(person).partition(".")[2]
    body = {"key": f"{other.pk}.{token}", "password": "assez long pour tous"}
    assert Browser().send("POST", "auth/password/reset", body).status_code == 400
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
    settings.PASSWORD_RESET_TIMEOUT = -1
    body = {"key": link_of(person), "password": "assez long pour tous"}
    assert Browser().send("POST", "auth/password/reset", body).status_code == 400


@pytest.mark.parametrize("password", ["court", "password1234", "vauquier@relais.example", "1234567890123"])
def test_a_password_that_everybody_knows_is_refused_without_the_network(password: str, make_person: MakePerson) -> None:
    person = make_person()
    answer = Browser().send("POST", "auth/password/reset", {"key": link_of(person), "password": password})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] == "password"
    assert Browser().sign_in().status_code in {200, 401}
