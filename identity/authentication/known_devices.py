"""The devices on which somebody has signed in before: a stranger's wrong passwords do not lock them out there.

A browser that has signed in keeps a signed cookie: a number of its own, and a mark for each account that has signed in
on it, or whose password was chosen anew on it by a link out of its owner's mailbox. It lets nobody in. It says by which
count the next wrong password goes: that of this device, or that of everybody who does not know the account.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

SALT = "identity.known_device"
ACCOUNTS = 10
"""Accounts that one device remembers: a computer of a ward has many users."""
LASTS = 365 * 24 * 3600
COOKIE = "__Host-relais-device" if settings.RELAIS_PUBLIC else "relais-device"


def of(request: HttpRequest, email: str) -> str:
    """The number of the device, if this account has signed in on it; otherwise empty."""
    device, marks = _read(request)
    return device if _mark(email) in marks else ""


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """This device knows the account from now on."""
    device, marks = _read(request)
    mark = _mark(email)
    marks = [mark, *(one for one in marks if one != mark)][:ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps([device or secrets.token_hex(8), *marks], salt=SALT),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        kept: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
        return str(kept[0]), [str(one) for one in kept[1:]]
    except (signing.BadSignature, LookupError, TypeError, ValueError):
        return "", []


def _mark(email: str) -> str:
    return salted_hmac(SALT, email.strip().lower()).hexdigest()[:20]
