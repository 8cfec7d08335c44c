"""Which ways of proving who one is the page of signing in can offer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("psc", "cps", "expected"), [(None, None, []), (object(), None, ["psc"]), (object(), object(), ["psc", "cps"])]
)
def test_the_configuration_says_which_ways_there_are(
    settings: Any, client: Client, psc: object, cps: object, expected: list[str]
) -> None:
    settings.RELAIS_PSC, settings.RELAIS_CPS = psc, cps
    data = client.get("/auth/browser/v1/config").json()["data"]
    assert data["ways"] == expected
    assert "account" in data
