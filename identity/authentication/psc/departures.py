"""What a browser keeps while it is at the provider's: a signed cookie, so that nothing is stored for whoever never
comes back, and nobody can finish in another browser what was begun in this one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, Literal, NamedTuple, TypeAlias

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

SALT = "identity.psc.departure"
LASTS = 600
COOKIE = "__Host-relais-psc" if settings.RELAIS_PUBLIC else "relais-psc"

Purpose: TypeAlias = Literal["sign_in", "confirm", "link"]
"""Why somebody goes there: to sign in, to prove again that it is them, to prove who an account's holder is."""
PURPOSES: tuple[Purpose, ...] = ("sign_in", "confirm", "link")


class Departure(NamedTuple):
    """A journey to the provider."""

    state: str
    nonce: str
    verifier: str
    purpose: Purpose
    next: str
    at: float

    @property
    def challenge(self) -> str:
        """The verifier's digest, as RFC 7636 writes it (S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def depart(purpose: Purpose, then: str, at: float) -> Departure:
    """A new journey."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Departure(state, nonce, verifier, purpose, then, at)


def keep(response: HttpResponse, departure: Departure) -> None:
    """Gives the browser what it brings back."""
    response.set_cookie(
        COOKIE,
        signing.dumps(list(departure), salt=SALT, compress=True),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def returned(request: HttpRequest, state: str) -> Departure | None:
    """The journey that this browser comes back from; None when it began none of this ``state``, or too long ago."""
    try:
        kept: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
        found = Departure(*kept)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return found if hmac.compare_digest(found.state.encode(), state.encode()) else None


def forget(response: HttpResponse) -> None:
    """A journey ends once."""
    response.delete_cookie(COOKIE, samesite="Lax")


def purpose_of(text: str | None) -> Purpose | None:
    """A purpose by its name."""
    return next((one for one in PURPOSES if one == text), None)


def local(path: str | None) -> str:
    """A path of our own pages; the first page for everything else, whatever other site it would lead to."""
    said = path or "/"
    sound = said.startswith("/") and len(said) <= 500 and said.isprintable() and said.isascii()
    return said if sound and url_has_allowed_host_and_scheme(said, allowed_hosts=None) else "/"
