"""Signing in by card over HTTP.

``GET /auth/cps/start?next=/…&purpose=…`` sends the browser to the host that takes cards; there ``GET /auth/cps/card``
answers nginx, which has spoken TLS with the card; ``GET /auth/cps/callback`` takes the browser back. What nginx says is
believed only with the secret that it and we know: whoever sends such headers from outside says nothing.
"""

from __future__ import annotations

import hmac
import secrets
import time
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlencode

from cryptography import x509
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from identity.accounts.models import Person
from identity.authentication import attempts, known_devices
from identity.authentication.cps import authorities
from identity.authentication.cps.authorities import Authorities, WrongAuthoritiesError
from identity.authentication.cps.certificate import Card, CardRefused, read
from identity.authentication.cps.configuration import Configuration
from identity.authentication.psc import departures, sign_in
from identity.authentication.psc.http import SIGN_UP, refusing
from identity.authentication.psc.userinfo import Exercise, Professional
from identity.authentication.refused_sign_in import SignInRefused

TICKET_SECONDS = 60
LONGEST = 20_000
"""Characters of a certificate in a header."""
SECRET, VERIFIED, CERTIFICATE = "X-Relais-Card-Secret", "X-Relais-Card-Verify", "X-Relais-Card-Certificate"
REFUSED = {
    "revoked": "card_revoked",
    "no_list": "card_unavailable",
    "stale_list": "card_unavailable",
}
"""How a refusal of a certificate is said; every other one is ``card_refused``, and the audit says why."""


@refusing("GET", method="cps")
def start(request: HttpRequest) -> HttpResponse:
    """Sends a browser to the host that takes cards."""
    configuration = _configuration()
    purpose = departures.purpose_of(request.GET.get("purpose", "sign_in"))
    if purpose is None:
        raise SignInRefused("begin_again", "purpose")
    if purpose != "sign_in" and not request.user.is_authenticated:
        raise SignInRefused("not_signed_in")
    attempts.count(request, "psc")
    departure = departures.depart(purpose, departures.local(request.GET.get("next")), time.time())
    response = HttpResponseRedirect(f"{configuration.url}/auth/cps/card?{urlencode({'state': departure.state})}")
    departures.keep(response, departure)
    return response


@refusing("GET", method="cps")
def card(request: HttpRequest) -> HttpResponse:
    """Looks at the card that nginx was shown, and sends the browser back with a ticket for whose it is."""
    configuration = _configuration()
    if not hmac.compare_digest(request.headers.get(SECRET, "").encode(), configuration.secret.encode()):
        raise SignInRefused("not_offered", "not_by_the_proxy")
    said = request.headers.get(VERIFIED, "NONE")
    if said == "NONE":
        raise SignInRefused("no_card")
    if said != "SUCCESS":
        raise SignInRefused("card_revoked" if "revoked" in said else "card_refused", said[:60])
    try:
        found = _looked_at(request.headers.get(CERTIFICATE, ""), configuration)
    except CardRefused as refused:
        raise SignInRefused(REFUSED.get(refused.code, "card_refused"), refused.code) from None
    ticket = secrets.token_urlsafe(32)
    kept = [request.GET.get("state", ""), *_fields(found)]
    cache.set(f"cps-ticket:{ticket}", kept, TICKET_SECONDS)
    return HttpResponseRedirect(f"{settings.RELAIS_URL}/auth/cps/callback?{urlencode({'ticket': ticket})}")


@refusing("GET", method="cps")
def callback(request: HttpRequest) -> HttpResponse:
    """Takes a browser back from the host that takes cards: a ticket serves once, in the browser that set out."""
    _configuration()
    attempts.count(request, "psc")
    name = f"cps-ticket:{request.GET.get('ticket', '')[:100]}"
    kept = cache.get(name)
    departure = departures.returned(request, kept[0]) if kept else None
    if not kept or departure is None or not cache.delete(name):
        raise SignInRefused("begin_again")
    admitted = sign_in.admit(request, departure.purpose, _professional(*kept[1:]), sign_in.Proven("cps"))
    response = HttpResponseRedirect(departure.next if admitted else SIGN_UP)
    departures.forget(response)
    if isinstance(request.user, Person):
        known_devices.remember(request, response, request.user.email)
    return response


def _looked_at(escaped: str, configuration: Configuration) -> Card:
    """The card whose certificate this is, if it holds; ``CardRefused``."""
    try:
        certificate = x509.load_pem_x509_certificate(unquote(escaped[:LONGEST]).encode())
    except ValueError:
        raise CardRefused("malformed") from None
    try:
        believed = _authorities(configuration.authorities, configuration.lists, _state_of(configuration))
    except WrongAuthoritiesError:
        raise CardRefused("no_list") from None
    found = read(certificate)
    if found.is_test and not configuration.sandbox:
        raise CardRefused("test_card")
    believed.check(certificate, datetime.now(UTC))
    return found


@lru_cache(maxsize=2)
def _authorities(certificates: Path, lists: Path, state: tuple[object, ...]) -> Authorities:
    """Read anew when a file has changed: lists are replaced every day."""
    return authorities.read(certificates, lists)


def _state_of(configuration: Configuration) -> tuple[object, ...]:
    files = [configuration.authorities, *sorted(configuration.lists.glob("*.crl"))]
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files if path.exists())


def _fields(found: Card) -> list[str]:
    return [found.national_id, found.first_name, found.last_name, found.profession, str(found.serial)]


def _professional(national_id: str, first_name: str, last_name: str, profession: str, serial: str) -> Professional:
    return Professional(
        national_id=national_id,
        sub=f"cps:{serial}",
        first_name=first_name,
        last_name=last_name,
        exercises=(Exercise(profession=profession),),
    )


def _configuration() -> Configuration:
    if settings.RELAIS_CPS is None:
        raise SignInRefused("not_offered")
    return settings.RELAIS_CPS
