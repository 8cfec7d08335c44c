"""The demo's own Pro Santé Connect: the whole way over HTTP, as a browser goes it."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from identity.register_numbers import is_invented, luhn_holds
from server.demo.cards import CARDS, NEWCOMERS
from tests.demo.conftest import Visitor
from tests.demo.test_onboarding import call, sign_up
from tests.relais_process import Running

NOLWENN = NEWCOMERS[0]


def test_a_card_opens_the_account_of_its_holder(up: Running) -> None:
    with Visitor(up) as browser:
        page = browser.follow("/auth/psc/start?next=/agenda")
        assert "Quelle carte" in page.text
        assert browser.choose(page, "Dr Ewen Cadoret").url.path == "/agenda"
        user = browser.get("/auth/browser/v1/auth/session").json()["data"]["user"]
        assert (user["display"], user["verified"]) == ("Dr Ewen Cadoret", True)


def test_a_newcomer_s_card_leads_to_an_account_that_is_verified_as_soon_as_it_is_made(up: Running) -> None:
    with Visitor(up) as browser:
        answer = browser.choose(browser.follow("/auth/psc/start"), "Dr Nolwenn Guivarc’h")
        assert str(answer.url).endswith("/inscription?par=psc")
        identity = browser.get("/auth/psc/identity").json()
        assert identity["last_name"] == "Guivarc’h"
        assert len(identity["activities"]) == 2
        sign_up(browser, "nolwenn@exemple.fr", "Nolwenn", "Guivarc’h")
        user = browser.get("/auth/browser/v1/auth/session").json()["data"]["user"]
        assert (user["display"], user["verified"]) == ("Dr Nolwenn Guivarc’h", True)
        profile = call(browser, "profile.get")
        assert (profile["badge"]["method"], profile["profession"]) == ("psc", "Médecin")
        assert profile["rpps"] == NOLWENN.rpps


@pytest.mark.parametrize(("link", "reason"), [("Annuler", "declined"), ("Dr Corentin Rabaté", "not_practising")])
def test_what_opens_nothing_says_why(link: str, reason: str, up: Running) -> None:
    with Visitor(up) as browser:
        answer = browser.choose(browser.follow("/auth/psc/start"), link)
        assert answer.status_code == 403
        assert f'id="{reason}"' in answer.text


def test_the_phone_says_yes(up: Running) -> None:
    card = next(one for one in CARDS if one.name == "Dr Hélène Vauquier")
    with Visitor(up) as browser:
        asked = browser.post("/auth/psc/push", identifier=card.national_id).json()
        page = browser.get("/demo/psc/telephone")
        assert asked["code"] in page.text
        browser.choose(page, "Approuver")
        until = time.monotonic() + 10
        while (state := browser.post("/auth/psc/push/poll").json()["state"]) == "pending" and time.monotonic() < until:
            time.sleep(0.1)
        assert state == "signed_in"


@pytest.mark.django_db
def test_nobody_is_played_where_it_is_not_the_demo() -> None:
    client = Client(headers={"host": "localhost:8000", "accept": "application/json"})
    assert client.get("/demo/psc/certs").get("Content-Type") != "application/json", "it is a page of the client's"
    assert client.get("/auth/psc/start").json()["reason"] == "not_offered"


def test_no_card_bears_a_number_of_the_register() -> None:
    for card in CARDS:
        assert is_invented(card.national_id)
        assert luhn_holds(card.national_id[1:])
