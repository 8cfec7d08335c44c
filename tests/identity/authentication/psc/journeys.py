"""What a browser does on its way to the provider and back, and what is found afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import msgspec

from identity.authentication.access import authenticate
from server.kernel.authentication import Cookie
from server.kernel.models import AuditLink
from server.kernel.refusals import refusals
from tests.identity.conftest import Browser
from tests.stand_ins.openid_provider import OpenIdProvider

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response


def start(browser: Browser, **query: str) -> Response:
    return browser.client.get(f"/auth/psc/start?{urlencode(query)}")


def come_back(browser: Browser, address: str) -> Response:
    parts = urlsplit(address)
    return browser.client.get(f"{parts.path}?{parts.query}")


def sign_in_by(browser: Browser, provider: OpenIdProvider, card: dict[str, Any] | None, **query: str) -> Response:
    """Goes there with a card in the reader, and comes back."""
    provider.insert(card, "eidas1")
    left = start(browser, **query)
    assert left.status_code == 302, left.content
    return come_back(browser, provider.visit(left["Location"]))


def said(response: Response) -> str:
    """The code of a refusal on its page."""
    assert response["Content-Type"].startswith("text/html")
    page = response.content.decode()
    return page.partition('<p id="')[2].partition('"')[0]


def entered(act: str) -> list[dict[str, Any]]:
    refusals.flush()
    entries = [entry for link in AuditLink.objects.order_by("at") for entry in msgspec.json.decode(link.entries)]
    return [entry for entry in entries if entry["act"] == act]


def who(browser: Browser) -> Any:
    return authenticate(Cookie(browser.key or ""))
