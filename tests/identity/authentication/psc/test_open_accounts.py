"""Proofs for an account that is open, and signing out, here and at the provider's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from identity.authentication.access import NOT_SIGNED_IN, authenticate
from identity.authentication.psc import provider as psc_provider
from identity.authentication.psc import sign_in
from identity.authentication.psc.provider import Exchange
from identity.sessions.models import Session
from identity.sessions.store import digest
from server.kernel.authentication import Cookie
from server.kernel.authentication import Person as ActingPerson
from tests.identity.authentication.psc.conftest import RPPS, LogoutReceiver, professional
from tests.identity.authentication.psc.journeys import come_back, entered, said, sign_in_by, start, who
from tests.identity.conftest import Browser, MakePerson
from tests.stand_ins.openid_provider import OpenIdProvider

pytestmark = pytest.mark.django_db


# An account that is open


def test_who_signed_in_by_password_proves_who_they_are(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    person = make_person("Doc0036624", verified=False)
    browser.sign_in("doc0036624@relais.example")
    assert sign_in_by(browser, provider, professional(), purpose="link", next="/moi")["Location"] == "/moi"
    person.refresh_from_db()
    assert (person.national_id, person.verification_method) == (RPPS, "psc")
    session = Session.objects.get(person=person, ended_at=None)
    assert (session.opened_by, session.strong) == ("psc", True)


@pytest.mark.parametrize("case", ["another name", "another number", "somebody else's card"])
def test_an_account_is_not_tied_to_somebody_else(
    case: str, provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    name = "Vauquier" if case == "another name" else "Doc0036624"
    number = "855000000012" if case == "another number" else None
    person = make_person(name, verified=False, national_id=number)
    if case == "somebody else's card":
        make_person("Belkhadra", national_id=RPPS)
    browser.sign_in(f"{name.lower()}@relais.example")
    answer = sign_in_by(browser, provider, professional(), purpose="link")
    assert (answer.status_code, said(answer)) == (409, "another_person")
    person.refresh_from_db()
    assert (person.national_id, person.verified_at) == (number, None)


def test_nobody_proves_anything_for_an_account_that_is_not_open(provider: OpenIdProvider, browser: Browser) -> None:
    for purpose in ("link", "confirm"):
        answer = start(browser, purpose=purpose)
        assert (answer.status_code, said(answer)) == (401, "not_signed_in")
    assert said(start(browser, purpose="anything")) == "begin_again"


def test_a_proof_that_is_asked_for_anew_is_noted_in_the_session(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    person = make_person(national_id=RPPS)
    sign_in_by(browser, provider, professional())
    Session.objects.update(confirmed_at=None)
    assert sign_in_by(browser, provider, professional(), purpose="confirm", next="/moi")["Location"] == "/moi"
    session = Session.objects.get(person=person)
    assert session.confirmed_at is not None
    assert timezone.now() - session.confirmed_at < timedelta(minutes=1)
    [noted] = entered("session.confirmed")
    assert (noted["person"], noted["method"]) == (str(person.pk), "psc")


def test_a_proof_by_another_card_confirms_nothing(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    make_person(national_id=RPPS)
    make_person("Belkhadra", national_id="855000000012")
    sign_in_by(browser, provider, professional())
    Session.objects.update(confirmed_at=None)
    provider.new_browser()
    other = professional(SubjectNameID="855000000012", sub="f:realm:855000000012", otherIds=[])
    answer = sign_in_by(browser, provider, other, purpose="confirm")
    assert (answer.status_code, said(answer)) == (409, "another_person")
    assert Session.objects.get(ended_at=None).confirmed_at is None


def test_a_proof_that_is_not_new_confirms_nothing(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(national_id=RPPS)
    sign_in_by(browser, provider, professional())
    Session.objects.update(confirmed_at=None)
    monkeypatch.setattr(sign_in, "CONFIRMS_WITHIN", -10)
    answer = sign_in_by(browser, provider, professional(), purpose="confirm")
    assert (answer.status_code, said(answer)) == (403, "not_proven")
    assert Session.objects.get(ended_at=None).confirmed_at is None


# Signing out


def test_signing_out_ends_the_session_here_and_there_and_the_provider_tells_us(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson, logout_receiver: LogoutReceiver
) -> None:
    make_person(national_id=RPPS)
    sign_in_by(browser, provider, professional())
    other = Browser()
    sign_in_by(other, provider, professional())  # by the same session of the provider's
    key = browser.key
    logout_receiver.came.clear()
    address = browser.send("POST", "/auth/psc/logout").json()["url"]
    assert authenticate(Cookie(key or "")) is NOT_SIGNED_IN
    query = parse_qs(urlsplit(address).query)
    assert query["post_logout_redirect_uri"] == ["http://localhost:8000/auth/psc/signed-out"]
    assert query["id_token_hint"]
    back = provider.sign_out(address)
    assert come_back(browser, back)["Location"] == "/connexion"
    assert browser.client.get("/auth/psc/signed-out")["Location"] == "/connexion", "it does not always bring a state"
    assert logout_receiver.came.wait(10)
    assert isinstance(who(other), ActingPerson)
    token = logout_receiver.tokens[-1]
    told = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000"})
    assert told.post("/auth/psc/backchannel-logout", {"logout_token": token}).status_code == 200
    assert who(other) is NOT_SIGNED_IN
    assert told.post("/auth/psc/backchannel-logout", {"logout_token": token}).status_code == 200
    ended = entered("session.ended")
    assert ended[-1]["person"] == "relais"


def test_a_logout_that_is_no_token_ends_nothing(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    make_person(national_id=RPPS)
    sign_in_by(browser, provider, professional())
    id_token = browser.client.session[sign_in.ID_TOKEN]
    for token in ("", "a.b.c", id_token):
        answer = browser.client.post("/auth/psc/backchannel-logout", {"logout_token": token})
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert isinstance(who(browser), ActingPerson)
    assert browser.client.get("/auth/psc/backchannel-logout").status_code == 405
    assert {one["reason"] for one in entered("session.refused")} == {"logout_token"}


def test_a_cookie_that_was_stolen_is_worth_nothing_after_signing_out(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    make_person(national_id=RPPS)
    sign_in_by(browser, provider, professional())
    stolen = browser.key
    browser.send("POST", "/auth/psc/logout")
    thief = Browser()
    thief.client.cookies["relais"] = stolen or ""
    assert thief.client.get("/auth/psc/identity").status_code == 404
    assert Session.objects.get(key_digest=digest(stolen or "")).data == ""


def test_another_site_signs_nobody_out(provider: OpenIdProvider, browser: Browser, make_person: MakePerson) -> None:
    make_person(national_id=RPPS)
    sign_in_by(browser, provider, professional())
    answer = browser.client.post("/auth/psc/logout", headers={"origin": "https://ailleurs.example"})
    assert answer.status_code == 403
    assert isinstance(who(browser), ActingPerson)


def test_a_provider_that_is_down_keeps_nobody_signed_in_here(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(national_id=RPPS)
    sign_in_by(browser, provider, professional())

    def down(*_: Any, **__: Any) -> Any:
        raise psc_provider.ProviderUnavailable("unreachable")

    monkeypatch.setattr(Exchange, "endpoints", down)
    assert browser.send("POST", "/auth/psc/logout").json() == {}
    assert who(browser) is NOT_SIGNED_IN
