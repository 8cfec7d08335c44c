"""Making an account after Pro Santé Connect or a card has said who one is: without a password."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from identity.accounts.models import Person
from identity.authentication.access import authenticate
from identity.authentication.psc import sign_in
from identity.authentication.psc.userinfo import Professional
from identity.sessions.models import Session
from server.kernel.authentication import Cookie
from server.kernel.authentication import Person as ActingPerson
from tests.identity.conftest import Browser, MakePerson
from tests.identity.onboarding.conftest import FORM, RPPS, last_code
from tests.identity.onboarding.test_signing_up import confirm, refusal

pytestmark = pytest.mark.django_db

NUMBER = "810001234567"
WITHOUT = {name: value for name, value in FORM.items() if name != "password"}


def identify(browser: Browser, national_id: str = NUMBER) -> None:
    """As the way back from Pro Santé Connect leaves it in the browser's session."""
    who = Professional(
        national_id=national_id, sub=f"f:realm:{national_id}", first_name="Nolwenn", last_name="Guivarc'h"
    )
    found = sign_in.Identified(professional=who, by="psc", sid="s1", at=time.time())
    session = browser.client.session
    session[sign_in.IDENTIFIED] = msgspec.to_builtins(found)
    session.save()


def begin(browser: Browser, **changes: object) -> Any:
    return browser.send("POST", "auth/signup", {**WITHOUT, **changes})


def test_whom_a_card_identifies_makes_an_account_without_a_password(browser: Browser, towns: None) -> None:
    identify(browser)
    answer = begin(browser)
    assert answer.status_code == 200
    assert confirm(browser, answer.json()["data"]["signup"], last_code()).status_code == 200
    person = Person.objects.get()
    assert not person.has_usable_password()
    assert (person.national_id, person.verification_method) == (NUMBER, "psc")
    actor = authenticate(Cookie(browser.key or ""))
    assert isinstance(actor, ActingPerson)
    assert "verified" in actor.scopes
    assert Session.objects.get(person=person).opened_by == "psc"


def test_name_and_number_are_those_of_the_card_whatever_was_typed(browser: Browser, towns: None) -> None:
    identify(browser)
    answer = begin(browser, first_name="Quelqu’un", last_name="D’autre", rpps=RPPS)
    confirm(browser, answer.json()["data"]["signup"], last_code())
    person = Person.objects.get()
    assert (person.first_name, person.last_name, person.national_id) == ("Nolwenn", "Guivarc'h", NUMBER)


def test_without_a_card_a_password_is_asked_for(browser: Browser, towns: None) -> None:
    status, code, field = refusal(begin(browser))
    assert (status, code, field) == (400, "required", "password")
    assert not Person.objects.exists()


@pytest.mark.parametrize("later", ["another card", "no card any more"])
def test_the_card_must_still_be_the_same_when_the_code_comes(later: str, browser: Browser, towns: None) -> None:
    identify(browser)
    signup = begin(browser).json()["data"]["signup"]
    if later == "another card":
        identify(browser, "810007654321")
    else:
        browser = Browser()
    assert refusal(confirm(browser, signup, last_code()))[:2] == (400, "begin_again")
    assert not Person.objects.exists()


def test_an_entry_that_somebody_has_taken_meanwhile_makes_no_second_account(
    browser: Browser, towns: None, make_person: MakePerson
) -> None:
    identify(browser)
    signup = begin(browser).json()["data"]["signup"]
    make_person(national_id=NUMBER)
    assert refusal(confirm(browser, signup, last_code()))[:2] == (400, "begin_again")
    assert Person.objects.count() == 1


def test_an_account_without_a_password_adds_one_only_beside_a_second_factor(browser: Browser, towns: None) -> None:
    identify(browser)
    confirm(browser, begin(browser).json()["data"]["signup"], last_code())
    wanted = {"new_password": "une promenade dans la lande"}
    assert browser.send("POST", "account/password/change", wanted).json()["errors"][0]["code"] == (
        "second_factor_required"
    )
    Session.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))
    answer = browser.send("POST", "account/password/change", wanted)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "reauthentication_required")
    assert not Person.objects.get().has_usable_password()
