"""From "Créer un compte" to the verified badge in the demo: its mail box, its page of the identity provider."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from identity.accounts.consents import VERSIONS
from server.demo.cards import NEWCOMERS
from server.kernel.identifiers import uuid7
from tests.demo.conftest import Visitor
from tests.relais_process import Running

NURSE = NEWCOMERS[1]


def call(browser: Visitor, method: str, /, **params: Any) -> Any:
    answer = browser.post(f"/api/{method}", **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def soon(find: Callable[[], Any]) -> Any:
    """What is found once the worker has done its part."""
    until = time.monotonic() + 15
    while not (found := find()) and time.monotonic() < until:
        time.sleep(0.1)
    assert found
    return found


def sign_up(browser: Visitor, email: str, first_name: str, last_name: str) -> None:
    begun = browser.post(
        "/auth/browser/v1/auth/signup",
        email=email,
        password="une promenade dans la lande",
        first_name=first_name,
        last_name=last_name,
        postal_code="56800",
        city="Ploërmel",
        speciality="60",
        practice_mode="liberal",
        **VERSIONS,
    ).json()["data"]
    code = soon(lambda: re.search(r"Votre code : (\d{6})", browser.get(f"/demo/courrier?to={email}").text))[1]
    browser.post("/auth/browser/v1/auth/signup/confirm", signup=begun["signup"], code=code)


def to_the_provider(browser: Visitor) -> Any:
    url = call(browser, "verification.start", id=str(uuid7()), method="document")["url"]
    link = soon(lambda: browser.get(urlsplit(url).path).headers.get("location"))
    return browser.get(urlsplit(link).path)


def test_a_newcomer_goes_the_whole_way_to_the_badge(up: Running) -> None:
    with Visitor(up) as browser:
        sign_up(browser, "tanguy@exemple.fr", NURSE.first_name, NURSE.last_name)
        [entry] = call(browser, "verification.candidates")["entries"]
        call(browser, "verification.claim", entry=entry["id"])
        page = to_the_provider(browser)
        assert "Tanguy Le Bihan" in page.text
        browser.choose(page, "La pièce est à mon nom, et mon visage correspond")
        soon(lambda: call(browser, "verification.get")["verification"]["state"] == "verified")
        badge = call(browser, "profile.get")["badge"]
        assert badge["method"] == "document"
        soon(lambda: "Votre identité est vérifiée" in browser.get("/demo/courrier?to=tanguy@exemple.fr").text)


def test_another_name_in_the_document_goes_to_people(up: Running) -> None:
    with Visitor(up) as browser:
        sign_up(browser, "youna@exemple.fr", "Youna", "Morvéan")
        browser.choose(to_the_provider(browser), "La pièce porte un autre nom de naissance")
        soon(lambda: call(browser, "verification.get")["verification"]["state"] == "in_review")


def test_who_gives_up_can_begin_again(up: Running) -> None:
    with Visitor(up) as browser:
        sign_up(browser, "gael@exemple.fr", "Gaël", "Le Divellec")
        browser.choose(to_the_provider(browser), "J’abandonne")
        shown = soon(lambda: (found := call(browser, "verification.get")["verification"])["may_retry"] and found)
        assert (shown["state"], shown["reason"]) == ("awaiting_person", "abandoned")
        assert to_the_provider(browser).status_code == 200


@pytest.mark.django_db
def test_neither_mail_nor_provider_is_played_where_it_is_not_the_demo() -> None:
    client = Client(headers={"host": "localhost:8000"})
    for path in ("/demo/courrier", "/demo/onfido/page/x", "/demo/onfido/end/x/conforme"):
        assert "Courrier" not in client.get(path).content.decode(errors="replace"), path
    assert client.post("/demo/onfido/api/applicants", {}, "application/json").status_code == 405
