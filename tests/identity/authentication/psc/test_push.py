"""The e-CPS on a phone, without a journey of the browser's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django import Settings

from identity.accounts.models import Person
from identity.authentication.psc.provider import Exchange
from identity.sessions.models import Session
from server.kernel.authentication import Person as ActingPerson
from tests.identity.authentication.psc.conftest import RPPS, professional
from tests.identity.authentication.psc.journeys import sign_in_by, who
from tests.identity.conftest import Browser, MakePerson
from tests.stand_ins.openid_provider import OpenIdProvider

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db


# The e-CPS on a phone


def push(browser: Browser, **body: str) -> Response:
    return browser.send("POST", "/auth/psc/push", body)


def poll(browser: Browser) -> Response:
    return browser.send("POST", "/auth/psc/push/poll")


@pytest.fixture
def without_level(provider: OpenIdProvider, settings: Settings) -> OpenIdProvider:
    """This provider names no level in what it answers for a phone."""
    settings.RELAIS_PSC = replace(settings.RELAIS_PSC, acr=frozenset({"eidas1", "none"}))
    return provider


@pytest.fixture
def no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider may be asked as often as one likes."""
    monkeypatch.setattr("identity.authentication.psc.push_http.cache.add", lambda *_, **__: True)


def test_somebody_signs_in_by_an_answer_on_their_phone(
    without_level: OpenIdProvider, browser: Browser, make_person: MakePerson, no_interval: None
) -> None:
    person = make_person(national_id=RPPS)
    without_level.insert(professional())
    asked = push(browser, identifier=RPPS[1:])
    assert asked.status_code == 200, asked.content
    code = asked.json()["code"]
    assert without_level.questions()[-1] == code
    assert poll(browser).json()["state"] == "pending"
    without_level.answer(approved=True)
    assert poll(browser).json() == {"state": "signed_in"}
    actor = who(browser)
    assert isinstance(actor, ActingPerson)
    assert actor.person == person.pk
    assert said_json(poll(browser)) == "begin_again"


def said_json(response: Response) -> str:
    reason: str = response.json()["reason"]
    return reason


def test_an_answer_is_for_the_browser_that_asked(
    without_level: OpenIdProvider, browser: Browser, make_person: MakePerson, no_interval: None
) -> None:
    make_person(national_id=RPPS)
    without_level.insert(professional())
    push(browser, identifier=RPPS)
    without_level.answer(approved=True)
    assert said_json(poll(Browser())) == "begin_again"


def test_a_no_on_the_phone_is_a_no(without_level: OpenIdProvider, browser: Browser, no_interval: None) -> None:
    without_level.insert(professional())
    push(browser, identifier=RPPS)
    without_level.answer(approved=False)
    answer = poll(browser)
    assert (answer.status_code, said_json(answer)) == (403, "declined")


def test_without_a_level_in_the_answer_nobody_is_let_in_unless_the_settings_say_so(
    provider: OpenIdProvider, browser: Browser, make_person: MakePerson, no_interval: None
) -> None:
    make_person(national_id=RPPS)
    provider.insert(professional())
    push(browser, identifier=RPPS)
    provider.answer(approved=True)
    assert said_json(poll(browser)) == "level_too_low"


def test_the_provider_is_asked_no_more_often_than_it_says(
    without_level: OpenIdProvider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_level.insert(professional())
    push(browser, identifier=RPPS)
    asked: list[str] = []
    pushed = Exchange.pushed

    def counted(self: Exchange, request: str) -> Any:
        asked.append(request)
        return pushed(self, request)

    monkeypatch.setattr(Exchange, "pushed", counted)
    assert [poll(browser).json()["state"] for _ in range(3)] == ["pending"] * 3
    assert len(asked) == 1


def test_a_sensitive_act_is_confirmed_on_the_phone_of_the_account(
    without_level: OpenIdProvider, browser: Browser, make_person: MakePerson, no_interval: None
) -> None:
    person = make_person(national_id=RPPS)
    sign_in_by(browser, without_level, professional())
    assert push(browser, purpose="confirm").status_code == 200
    without_level.answer(approved=True)
    assert poll(browser).json() == {"state": "confirmed"}
    assert Session.objects.get(person=person).confirmed_at is not None


@pytest.mark.parametrize(
    ("body", "status"),
    [({"identifier": "12"}, 400), ({"purpose": "x"}, 400), ({"purpose": "confirm"}, 401), ({"more": "x"}, 400)],
)
def test_what_cannot_be_asked_is_refused(
    body: dict[str, str], status: int, provider: OpenIdProvider, browser: Browser
) -> None:
    assert push(browser, **body).status_code == status


def test_a_phone_is_not_asked_over_and_over(provider: OpenIdProvider, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "push_to_person": "2/10m/key"}
    provider.insert(professional())
    answers = [push(Browser(), identifier=RPPS) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert said_json(answers[2]) == "rate_limited"


def test_somebody_without_an_e_cps_is_answered_like_a_no(provider: OpenIdProvider, browser: Browser) -> None:
    provider.insert(professional())
    answer = push(browser, identifier="855000000012")
    assert (answer.status_code, said_json(answer)) == (403, "declined")
    assert Person.objects.count() == 0
