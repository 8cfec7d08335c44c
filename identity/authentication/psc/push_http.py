"""The e-CPS without a journey of the browser's (CIBA, poll mode): a question on somebody's phone.

``POST /auth/psc/push {identifier?, purpose}`` asks it, ``POST /auth/psc/push/poll`` looks for the answer. What was
asked is in a signed cookie, so that nobody signs in by somebody else's question. ``code`` stands on both screens:
whoever sees another one on the phone than on the screen in front of them declines.
"""

from __future__ import annotations

import hashlib
import secrets
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from identity import register_numbers
from identity.accounts.models import Person
from identity.authentication import attempts, known_devices
from identity.authentication.psc import sign_in
from identity.authentication.psc.departures import Purpose, purpose_of
from identity.authentication.psc.http import asking, refusing
from identity.authentication.psc.provider import ProviderRefused, PushPending
from identity.authentication.psc.views import PushView
from identity.authentication.refused_sign_in import SignInRefused
from server.kernel.http import Problem, json_body, json_response

SALT = "identity.psc.push"
COOKIE = "__Host-relais-push" if settings.RELAIS_PUBLIC else "relais-push"
LONGEST = 600
REFUSED = {"access_denied": "declined", "expired_token": "begin_again", "invalid_grant": "begin_again"}


class _Question(NamedTuple):
    """What was asked of somebody's phone."""

    request: str
    purpose: Purpose
    interval: int
    code: str


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    identifier: str = ""
    purpose: str = "sign_in"


@refusing("POST")
def push(request: HttpRequest) -> HttpResponse:
    """Asks somebody on their phone whether it is them who wants to come in."""
    try:
        asked = msgspec.json.decode(json_body(request), type=_Asked)
    except (msgspec.DecodeError, UnicodeError):
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid", "Send an identifier and a purpose.", path="$") from None
    purpose = purpose_of(asked.purpose)
    if purpose is None:
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid", "Choose sign_in, confirm or link.", path="$.purpose")
    hint = _hint(request, asked.identifier, purpose)
    attempts.count(request, "push")
    attempts.count(request, "push_to_person", hint)
    code = f"{secrets.randbelow(10_000):04d}"
    with asking() as exchange:
        try:
            sent = exchange.push(hint, code)
        except ProviderRefused as refused:
            # Whoever has no e-CPS is told nothing else than whoever has one and does not answer.
            raise SignInRefused("declined", refused.code) from None
    response = json_response(PushView(state="pending", code=code, interval=sent.interval, expires_in=sent.expires_in))
    response.set_cookie(
        COOKIE,
        signing.dumps(list(_Question(sent.request, purpose, sent.interval, code)), salt=SALT, compress=True),
        max_age=min(sent.expires_in, LONGEST),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@refusing("POST")
def poll(request: HttpRequest) -> HttpResponse:
    """How the question of this browser stands; signs in when it was answered."""
    question = _question(request)
    pending = json_response(PushView(state="pending", code=question.code, interval=question.interval))
    # The provider wants to be asked no more often than it says, however often a browser asks us.
    asked = f"psc-push:{hashlib.sha256(question.request.encode()).hexdigest()}"
    if not cache.add(asked, 1, timeout=question.interval):
        return pending
    with asking() as exchange:
        try:
            given = exchange.pushed(question.request)
        except PushPending as still:
            if still.slow_down:
                cache.set(asked, 1, timeout=question.interval + 5)
            return pending
        except ProviderRefused as refused:
            raise SignInRefused(REFUSED.get(refused.code, "not_proven"), refused.code) from None
        proof, professional = sign_in.identify(exchange, given, nonce=None, fresh=False)
    admitted = sign_in.admit(
        request, question.purpose, professional, sign_in.Proven(sign_in.METHOD, proof.sid, given.id_token)
    )
    view = PushView(state="confirmed" if question.purpose == "confirm" else "signed_in" if admitted else "unknown")
    response = json_response(view)
    response.delete_cookie(COOKIE, samesite="Strict")
    if isinstance(request.user, Person):
        known_devices.remember(request, response, request.user.email)
    return response


def _hint(request: HttpRequest, identifier: str, purpose: Purpose) -> str:
    """Whose phone is asked: that of the account which is open, or of the number that was typed."""
    if purpose == "sign_in":
        typed = "".join(identifier.split()).upper()
        found = f"8{typed}" if len(typed) == 11 else f"0{typed}" if len(typed) == 9 else typed
        if not register_numbers.is_identifier(found):
            raise Problem(
                HTTPStatus.BAD_REQUEST, "invalid", "This is no RPPS or ADELI number: check it.", path="$.identifier"
            )
        return found
    holder = request.user
    if not isinstance(holder, Person):
        raise SignInRefused("not_signed_in")
    if not holder.national_id:
        raise SignInRefused("another_person", "no_number")
    return holder.national_id


def _question(request: HttpRequest) -> _Question:
    try:
        kept: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LONGEST)
        return _Question(*kept)
    except (signing.BadSignature, TypeError, ValueError):
        raise SignInRefused("begin_again") from None
