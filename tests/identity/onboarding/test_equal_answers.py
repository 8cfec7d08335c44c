"""No answer tells whether an address has an account: neither body, headers and cookies, nor the work done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from identity.authentication.access import NOT_SIGNED_IN, authenticate
from identity.sessions.models import Session
from server.kernel.authentication import Cookie
from server.kernel.authentication import Person as ActingPerson
from tests.identity.conftest import Browser, MakePerson
from tests.identity.onboarding.conftest import FORM

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db

KNOWN, UNKNOWN = "vauquier@relais.example", "personne@relais.example"
Ask = Callable[[Browser, str], "Response"]


def sign_in(browser: Browser, email: str) -> Response:
    return browser.sign_in(email, "certainly not this one")


def sign_up(browser: Browser, email: str) -> Response:
    return browser.send("POST", "auth/signup", {**FORM, "email": email})


def forgotten(browser: Browser, email: str) -> Response:
    return browser.send("POST", "auth/password/request", {"email": email})


ALL = [sign_in, sign_up, forgotten]


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was hashed, in a list that grows: the work that takes long enough to be measured from outside."""
    done: list[str] = []
    encode = Argon2PasswordHasher.encode

    def counted(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        done.append(password)
        return str(encode(self, password, salt))

    verify = Argon2PasswordHasher.verify

    def compared(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        done.append(password)
        return bool(verify(self, password, encoded))

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counted)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", compared)
    return done


def shape(answer: Response) -> tuple[int, dict[str, str], dict[str, dict[str, str]], int]:
    """Status, headers, cookies without their random values, and the length of the body."""
    cookies = {
        name: {key: str(value) for key, value in morsel.items() if key != "expires"}
        for name, morsel in answer.cookies.items()
    }
    headers = {name: value for name, value in answer.headers.items() if name not in {"Date", "X-Request-Id"}}
    return answer.status_code, headers, cookies, len(answer.content)


@pytest.mark.parametrize("ask", ALL)
def test_status_headers_cookies_and_length_are_those_of_an_address_without_an_account(
    ask: Ask, make_person: MakePerson, towns: None
) -> None:
    make_person()
    known, unknown = (shape(ask(Browser(), email)) for email in (KNOWN, UNKNOWN))
    assert known == unknown
    assert known[0] in {200, 400}


@pytest.mark.parametrize(("ask", "expected"), [(sign_in, 1), (sign_up, 1), (forgotten, 0)])
def test_the_same_number_of_passwords_is_hashed(
    ask: Ask, expected: int, make_person: MakePerson, towns: None, hashes: list[str]
) -> None:
    make_person()
    counts = []
    for email in (KNOWN, UNKNOWN):
        hashes.clear()
        ask(Browser(), email)
        counts.append(len(hashes))
    assert counts == [expected, expected]


def test_a_session_that_somebody_planted_is_not_the_one_that_signing_in_opens(make_person: MakePerson) -> None:
    make_person()
    browser = Browser()
    browser.client.cookies["relais"] = planted = "planted" + "x" * 25
    assert browser.sign_in().status_code == 200
    assert browser.key not in {None, planted}
    assert authenticate(Cookie(planted)) is NOT_SIGNED_IN
    assert isinstance(authenticate(Cookie(browser.key or "")), ActingPerson)


def test_a_cookie_stolen_before_signing_out_opens_nothing_afterwards(make_person: MakePerson) -> None:
    make_person()
    browser, thief = Browser(), Browser()
    browser.sign_in()
    stolen = browser.key or ""
    browser.send("DELETE", "auth/session")
    thief.client.cookies["relais"] = stolen
    assert thief.send("GET", "auth/session").status_code == 401
    assert thief.send("POST", "/api/session.list", {}).status_code == 401
    assert Session.objects.filter(ended_at=None, person__isnull=False).count() == 0


@pytest.mark.parametrize("name", ["token", "access_token", "session", "relais"])
def test_a_token_in_an_address_signs_nobody_in(name: str, make_person: MakePerson) -> None:
    make_person()
    browser = Browser()
    browser.sign_in()
    answer = Browser().send("POST", f"/api/session.list?{name}={browser.key}", {})
    assert answer.status_code == 401
