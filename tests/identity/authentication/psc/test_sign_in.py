"""Signing in by Pro Santé Connect, against a certified OpenID provider that is set up as it is."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from pytest_django import Settings

from identity.accounts.internal_commands import SuspendPerson
from identity.accounts.wire import VERIFIED
from identity.authentication.access import NOT_SIGNED_IN, authenticate
from identity.authentication.psc import departures, sign_in
from identity.authentication.psc.provider import Exchange
from identity.authentication.refused_sign_in import SignInRefused
from identity.sessions.models import Session
from server.kernel.authentication import SYSTEM, Cookie
from server.kernel.authentication import Person as ActingPerson
from server.kernel.dispatch import dispatch
from tests.identity.authentication.psc.conftest import ADELI, RPPS, professional, sample
from tests.identity.authentication.psc.journeys import come_back, entered, said, sign_in_by, start, who
from tests.identity.conftest import Browser, MakePerson
from tests.stand_ins.openid_provider import OpenIdProvider

pytestmark = pytest.mark.django_db


def test_somebody_with_an_account_is_signed_in_and_verified(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    person = make_person(verified=False, national_id=RPPS)
    answer = sign_in_by(browser, provider, professional(), next="/agenda")
    assert (answer.status_code, answer["Location"]) == (302, "/agenda")
    actor = who(browser)
    assert isinstance(actor, ActingPerson)
    assert actor.person == person.pk
    assert VERIFIED in actor.scopes
    person.refresh_from_db()
    assert (person.verification_method, person.verification_evidence) == ("psc", f"f:realm:{RPPS}")
    session = Session.objects.get(person=person)
    assert (session.opened_by, session.strong, session.provider_subject) == ("psc", True, f"f:realm:{RPPS}")
    assert session.provider_session
    assert session.label == "Firefox, Linux"
    [begun] = entered("session.begin")
    assert (begun["person"], begun["method"]) == (str(person.pk), "psc")
    [accepted] = entered("identity.accept_proof")
    assert (accepted["subject"], accepted["by"]) == (str(person.pk), "psc")


def test_what_is_asked_of_the_provider_is_what_it_must_be(provider: OpenIdProvider, browser: Browser) -> None:
    asked = {name: value for name, [value] in parse_qs(urlsplit(start(browser)["Location"]).query).items()}
    other = {name: value for name, [value] in parse_qs(urlsplit(start(Browser())["Location"]).query).items()}
    assert (
        asked.items()
        >= {
            "response_type": "code",
            "client_id": "relais-essai",
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "redirect_uri": "http://localhost:8000/auth/psc/callback",
            "code_challenge_method": "S256",
        }.items()
    )
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43
        assert asked[name] != other[name]


def test_the_session_has_a_new_key_after_signing_in(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    """Whoever knew the browser's session before knows nothing of the one after."""
    make_person(national_id=RPPS)
    sign_in_by(browser, provider, professional(SubjectNameID="855000000012", otherIds=[]))
    before = browser.key
    assert before
    sign_in_by(browser, provider, professional())
    assert browser.key != before
    assert authenticate(Cookie(before)) is NOT_SIGNED_IN


def test_an_account_with_the_number_of_adeli_is_found_and_gets_the_new_number(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    person = make_person(national_id=ADELI)
    card = professional(otherIDs=[{"identifiant": ADELI, "origine": "ADELI"}])
    del card["otherIds"]
    assert sign_in_by(browser, provider, card).status_code == 302
    person.refresh_from_db()
    assert person.national_id == RPPS


def test_two_accounts_of_one_professional_are_nobody_s_until_somebody_looks(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    make_person(national_id=RPPS)
    make_person("Belkhadra", national_id=ADELI)
    card = professional(otherIds=[{"identifiant": ADELI, "origine": "ADELI"}])
    answer = sign_in_by(browser, provider, card)
    assert (answer.status_code, said(answer)) == (409, "identity_conflict")
    assert who(browser) is NOT_SIGNED_IN


def test_somebody_unknown_goes_on_to_make_an_account_and_is_kept_meanwhile(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person()
    answer = sign_in_by(browser, provider, professional(), next="/agenda")
    assert (answer.status_code, answer["Location"]) == (302, "/inscription?par=psc")
    assert who(browser) is NOT_SIGNED_IN
    found = browser.client.get("/auth/psc/identity").json()
    assert (found["first_name"], found["last_name"], found["rpps"]) == ("KIT", "DOC0036624", RPPS[1:])
    assert [(one["activity"], one["name"], one["mode"]) for one in found["activities"]] == [
        (0, "CABINET M DOC0036624", "L"),
        (1, "HOPITAL GENERIQUE FIN VARI", "S"),
    ]
    later = time.time() + sign_in.WAITS_SECONDS + 1
    monkeypatch.setattr("identity.authentication.psc.sign_in.time.time", lambda: later)
    assert browser.client.get("/auth/psc/identity").status_code == 404


def test_the_person_chooses_for_which_activity_they_come(provider: OpenIdProvider, browser: Browser) -> None:
    sign_in_by(browser, provider, professional())
    assert "activity" not in browser.client.get("/auth/psc/identity").json()
    chosen = browser.send("POST", "/auth/psc/activity", {"activity": 1})
    assert (chosen.status_code, chosen.json()["activity"]) == (200, 1)
    assert browser.client.get("/auth/psc/identity").json()["activity"] == 1
    for wrong in ({"activity": 2}, {"activity": -1}):
        assert browser.send("POST", "/auth/psc/activity", wrong).status_code == 404
    others: list[object] = [{}, {"activity": "a"}, []]
    for other in others:
        assert browser.send("POST", "/auth/psc/activity", other).status_code == 400
    assert Browser().send("POST", "/auth/psc/activity", {"activity": 1}).status_code == 404


def test_an_account_that_is_made_then_is_theirs(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson, rf: Any
) -> None:
    sign_in_by(browser, provider, professional())
    person = make_person("Doc0036624", verified=False)
    request = rf.get("/")
    request.session = browser.client.session
    request.user = person
    # Somebody else sits down at the same machine.
    with pytest.raises(SignInRefused, match="another_person"):
        sign_in.complete(request, person)
    person.first_name = "Kit Marie"
    sign_in.complete(request, person)
    person.refresh_from_db()
    assert (person.national_id, person.verification_method) == (RPPS, "psc")


@pytest.mark.parametrize(
    "next_",
    ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example", "javascript:alert(1)", "", "/a\r\nX: y"],
)
def test_nobody_is_sent_to_another_site(
    next_: str, provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    make_person(national_id=RPPS)
    assert sign_in_by(browser, provider, professional(), next=next_)["Location"] == "/"


def test_what_was_begun_in_one_browser_is_not_finished_in_another(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    make_person(national_id=RPPS)
    provider.insert(professional())
    address = provider.visit(start(browser)["Location"])
    other = Browser()
    answer = come_back(other, address)
    assert (answer.status_code, said(answer)) == (400, "begin_again")
    start(other)
    assert said(come_back(other, address)) == "begin_again"
    other_state = "http://localhost:8000/auth/psc/callback?state=another&error=access_denied"
    assert said(come_back(other, other_state)) == "begin_again", "it is not what this browser set out with"
    assert come_back(browser, address).status_code == 302


def test_a_code_is_taken_once(provider: OpenIdProvider, browser: Browser, make_person: MakePerson) -> None:
    make_person(national_id=RPPS)
    provider.insert(professional())
    address = provider.visit(start(browser)["Location"])
    cookie = browser.client.cookies[departures.COOKIE].value
    assert come_back(browser, address).status_code == 302
    assert said(come_back(browser, address)) == "begin_again"
    browser.client.cookies[departures.COOKIE] = cookie  # kept by whoever could read it
    answer = come_back(browser, address)
    assert (answer.status_code, said(answer)) == (400, "begin_again")


def test_a_journey_ends_after_ten_minutes(
    provider: OpenIdProvider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.insert(professional())
    address = provider.visit(start(browser)["Location"])
    later = time.time() + departures.LASTS + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert said(come_back(browser, address)) == "begin_again"


def test_who_cancels_there_is_told_so(provider: OpenIdProvider, browser: Browser) -> None:
    answer = sign_in_by(browser, provider, None)
    assert (answer.status_code, said(answer)) == (403, "declined")
    [noted] = entered("session.refused")
    assert (noted["method"], noted["reason"], noted["address"]) == ("psc", "declined", "127.0.0.1")


def test_a_level_that_is_not_accepted_opens_nothing(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    make_person(national_id=RPPS)
    provider.insert(professional(), acr="eidas0")
    answer = come_back(browser, provider.visit(start(browser)["Location"]))
    assert (answer.status_code, said(answer)) == (403, "level_too_low")
    assert who(browser) is NOT_SIGNED_IN


def test_an_identity_for_tests_opens_nothing_but_in_the_sandbox(
    provider: OpenIdProvider, browser: Browser, settings: Settings
) -> None:
    assert said(sign_in_by(browser, provider, sample())) == "sandbox_identity"
    settings.RELAIS_PSC = replace(settings.RELAIS_PSC, sandbox=True)
    provider.new_browser()
    assert sign_in_by(Browser(), provider, sample())["Location"] == "/inscription?par=psc"


def test_an_answer_that_lacks_claims_opens_nothing(provider: OpenIdProvider, browser: Browser) -> None:
    card = professional()
    del card["SubjectRefPro"]
    answer = sign_in_by(browser, provider, card)
    assert (answer.status_code, said(answer)) == (403, "missing_claims")


def test_somebody_who_practises_nothing_any_more_is_signed_out_everywhere_and_no_longer_verified(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    person = make_person(national_id=RPPS)
    elsewhere = Browser()
    elsewhere.sign_in()
    assert isinstance(who(elsewhere), ActingPerson)
    answer = sign_in_by(browser, provider, professional(SubjectRefPro={"exercices": []}))
    assert (answer.status_code, said(answer)) == (403, "not_practising")
    person.refresh_from_db()
    assert (person.verified_at, person.withdrawn_reason) == (None, "not_practising")
    assert who(elsewhere) is NOT_SIGNED_IN
    [refused] = entered("identity.refuse_proof")
    assert (refused["subject"], refused["reason"]) == (str(person.pk), "not_practising")


@pytest.mark.parametrize("purpose", ["link", "sign_in"])
def test_whoever_claims_the_number_of_somebody_who_practises_nothing_is_closed_only_as_its_holder(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson, purpose: str
) -> None:
    claimant = make_person("Doc0036624", verified=False, claimed_id=RPPS)
    browser.sign_in(claimant.email)
    answer = sign_in_by(browser, provider, professional(SubjectRefPro={"exercices": []}), purpose=purpose)
    assert said(answer) == "not_practising"
    claimant.refresh_from_db()
    # Anybody may claim a number: only who shows the card to this account is its holder.
    assert claimant.withdrawn_reason == ("not_practising" if purpose == "link" else "")


def test_a_suspended_person_is_told_so_and_gets_no_session(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson
) -> None:
    person = make_person(national_id=RPPS)
    dispatch(SYSTEM, SuspendPerson(person=person.pk))
    answer = sign_in_by(browser, provider, professional())
    assert (answer.status_code, said(answer)) == (403, "suspended")
    assert not Session.objects.exists()


def test_no_transaction_is_open_while_the_provider_is_asked(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(national_id=RPPS)
    depth = len(connection.savepoint_ids)
    asked: list[int] = []
    send = Exchange._send

    def looking(*arguments: Any, **named: Any) -> Any:
        asked.append(len(connection.savepoint_ids))
        return send(*arguments, **named)

    monkeypatch.setattr(Exchange, "_send", looking)
    sign_in_by(browser, provider, professional())
    assert len(asked) >= 2
    assert set(asked) == {depth}


def test_without_a_provider_the_way_is_not_offered(browser: Browser, settings: Settings, db: None) -> None:
    settings.RELAIS_PSC = None
    answer = start(browser)
    assert (answer.status_code, said(answer)) == (404, "not_offered")
    asked = browser.client.get("/auth/psc/start", headers={"accept": "application/json"})
    assert asked.json()["reason"] == "not_offered"


def test_a_page_learns_which_ways_to_offer(provider: OpenIdProvider, browser: Browser, settings: Settings) -> None:
    assert browser.client.get("/auth/methods").json() == {"psc": True}
    settings.RELAIS_PSC = replace(settings.RELAIS_PSC, sandbox=True)
    assert browser.client.get("/auth/methods").json() == {"psc": True, "sandbox": True}
    settings.RELAIS_PSC = None
    assert browser.client.get("/auth/methods").json() == {}


@pytest.mark.parametrize("path", ["start", "callback", "identity", "signed-out"])
def test_only_the_method_of_an_address_is_answered(path: str, browser: Browser, db: None) -> None:
    assert browser.send("POST", f"/auth/psc/{path}").status_code == 405


def test_too_many_beginnings_from_one_address_are_refused(
    provider: OpenIdProvider, browser: Browser, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "psc": "2/m/ip"}
    assert [start(browser).status_code for _ in range(3)] == [302, 302, 429]
    assert int(start(browser)["Retry-After"]) > 30
