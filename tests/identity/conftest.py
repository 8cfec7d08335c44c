"""People to sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from identity.accounts.models import Person

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

PASSWORD = "un mot de passe assez long"
ENCODED = make_password(PASSWORD)
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

MakePerson = Callable[..., Person]


@pytest.fixture(autouse=True)
def _no_attempts_counted_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def make_person(db: None) -> MakePerson:
    def make(name: str = "Vauquier", *, verified: bool = True, **fields: object) -> Person:
        return Person.objects.create(
            id=uuid4(),
            email=f"{name.lower()}@relais.example",
            first_name="Hélène",
            last_name=name,
            password=ENCODED,
            created_at=timezone.now(),
            **{"email_confirmed_at": timezone.now()}
            | ({"verified_at": timezone.now(), "verification_method": "command"} if verified else {})
            | fields,
        )

    return make


class Browser:
    """A browser that sends what a page of ours would: its origin and the CSRF token of its cookie."""

    def __init__(self, origin: str = "http://localhost:8000") -> None:
        self.client = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000", "user-agent": AGENT})
        self.origin = origin

    @property
    def key(self) -> str | None:
        cookie = self.client.cookies.get("relais")
        return cookie.value or None if cookie else None

    def send(self, method: str, path: str, body: object = None) -> Response:
        if "csrftoken" not in self.client.cookies:
            self.client.get("/auth/browser/v1/config")
        headers = {"origin": self.origin, "x-csrftoken": self.client.cookies["csrftoken"].value}
        place = path if path.startswith("/") else f"/auth/browser/v1/{path}"
        return self.client.generic(method, place, json_text(body), "application/json", headers=headers)

    def sign_in(self, email: str = "vauquier@relais.example", password: str = PASSWORD) -> Response:
        return self.send("POST", "auth/login", {"email": email, "password": password})


def json_text(body: object) -> str:
    import json

    return "" if body is None else json.dumps(body)


@pytest.fixture
def browser() -> Browser:
    return Browser()
