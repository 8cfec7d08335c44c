"""Signing in by Pro Santé Connect over HTTP.

``GET /auth/psc/start?next=/…&purpose=sign_in|confirm|link`` sends a browser there, ``GET /auth/psc/callback`` takes it
back. ``POST /auth/psc/logout`` signs out here and says where to sign out there; ``GET /auth/psc/signed-out`` is where
that ends. ``POST /auth/psc/backchannel-logout`` is for the provider. ``GET /auth/psc/identity`` and
``POST /auth/psc/activity`` are about whom it has identified. The e-CPS without a browser's journey is in ``push_http``.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

import msgspec
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import logout as forget_session
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt

from identity.accounts.models import Person
from identity.authentication import attempts, known_devices, sign_in_audit
from identity.authentication.psc import departures, sign_in
from identity.authentication.psc.provider import Exchange, ProviderRefused, ProviderUnavailable, provider
from identity.authentication.psc.tokens import LOGOUT_OLDEST, TokenRefused
from identity.authentication.psc.views import IdentityView, LogoutView, MethodsView, identity_view
from identity.authentication.refused_sign_in import SignInRefused, answer
from identity.sessions.internal_commands import EndProviderSessions
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.http import Problem, json_body, json_response
from server.kernel.wire.errors import RateLimited

log = logging.getLogger("identity.psc")

SIGN_UP = "/inscription?par=psc"
"""Where somebody goes who has no account yet."""
SIGNED_OUT = "/connexion"

View = Callable[[HttpRequest], HttpResponse]


def refusing(*methods: str, method: str = sign_in.METHOD) -> Callable[[View], View]:
    """A view for these methods of HTTP that answers a refusal in words, and notes it in the audit."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answering(request: HttpRequest) -> HttpResponse:
            if request.method not in methods:
                allowed = {"Allow": ", ".join(methods)}
                return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers=allowed)
            try:
                return view(request)
            except SignInRefused as refused:
                address = get_adapter(request).get_client_ip(request)
                sign_in_audit.refused_proof(method, refused.code, address, refused.detail)
                return answer(request, refused)
            except RateLimited as limited:
                wait = int(str(limited.data["retry_after"]))
                return answer(request, SignInRefused("rate_limited", retry_after=wait))
            except Problem as problem:
                return problem.response()

        return answering

    return decorate


@refusing("GET")
def start(request: HttpRequest) -> HttpResponse:
    """Sends a browser to the provider."""
    purpose = departures.purpose_of(request.GET.get("purpose", "sign_in"))
    if purpose is None:
        raise SignInRefused("begin_again", "purpose")
    if purpose != "sign_in" and not request.user.is_authenticated:
        raise SignInRefused("not_signed_in")
    attempts.count(request, "psc")
    departure = departures.depart(purpose, departures.local(request.GET.get("next")), time.time())
    # Asked for a proof that is new, the provider does not take the session that is open there.
    anew = {"prompt": "login", "max_age": "0"} if purpose == "confirm" else {}
    with asking() as exchange:
        address = exchange.authorization_url(
            state=departure.state,
            nonce=departure.nonce,
            code_challenge=departure.challenge,
            code_challenge_method="S256",
            **anew,
        )
    response = HttpResponseRedirect(address)
    departures.keep(response, departure)
    return response


@refusing("GET")
def callback(request: HttpRequest) -> HttpResponse:
    """Takes a browser back from the provider."""
    attempts.count(request, "psc")
    departure = departures.returned(request, request.GET.get("state", ""))
    if departure is None:
        raise SignInRefused("begin_again")
    if error := request.GET.get("error"):
        raise SignInRefused("declined" if error == "access_denied" else "not_proven", error[:60])
    if request.GET.get("iss", settings.RELAIS_PSC.issuer if settings.RELAIS_PSC else "") != _issuer():
        raise SignInRefused("not_proven", "another_issuer")
    with asking() as exchange:
        try:
            given = exchange.redeem(request.GET.get("code", ""), departure.verifier)
        except ProviderRefused as refused:
            raise SignInRefused("begin_again", refused.code) from None
        fresh = departure.purpose == "confirm"
        linking = request.user if departure.purpose == "link" and isinstance(request.user, Person) else None
        proof, professional = sign_in.identify(exchange, given, nonce=departure.nonce, fresh=fresh, linking=linking)
    admitted = sign_in.admit(
        request, departure.purpose, professional, sign_in.Proven(sign_in.METHOD, proof.sid, given.id_token)
    )
    response = HttpResponseRedirect(departure.next if admitted else SIGN_UP)
    departures.forget(response)
    if isinstance(request.user, Person):
        known_devices.remember(request, response, request.user.email)
    return response


@refusing("GET")
def methods(request: HttpRequest) -> HttpResponse:
    """Which ways of signing in there are, for the page that offers them."""
    psc, cps = settings.RELAIS_PSC, settings.RELAIS_CPS
    return json_response(MethodsView(psc=psc is not None, cps=cps is not None, sandbox=bool(psc and psc.sandbox)))


@refusing("GET")
def identity(request: HttpRequest) -> HttpResponse:
    """Whom the provider has identified in this browser; 404 when nobody."""
    return json_response(_view(sign_in.identified(request)))


@refusing("POST")
def activity(request: HttpRequest) -> HttpResponse:
    """Chooses for which of their activities somebody comes."""
    try:
        chosen = msgspec.json.decode(json_body(request), type=dict[str, int])["activity"]
    except (msgspec.DecodeError, KeyError):
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid", "Send the place of an activity.", path="$.activity") from None
    return json_response(_view(sign_in.choose_activity(request, chosen)))


@refusing("POST")
def logout(request: HttpRequest) -> HttpResponse:
    """Ends the session here, and says where the browser goes to end the provider's; empty when that is not needed, or
    the provider does not answer: here nobody is signed in any more either way."""
    token = str(request.session.get(sign_in.ID_TOKEN, ""))
    forget_session(request)
    address = ""
    if token:
        try:
            with asking() as exchange:
                address = exchange.end_session_url(token, secrets.token_urlsafe(16))
        except SignInRefused as refused:
            log.warning("signed out here only", extra={"fields": {"reason": refused.detail}})
    return json_response(LogoutView(url=address or None))


@refusing("GET")
def signed_out(request: HttpRequest) -> HttpResponse:
    """Where the provider sends a browser that it has signed out; with a ``state`` or without one."""
    return HttpResponseRedirect(SIGNED_OUT)


@csrf_exempt  # The provider's signature is what proves it.
def backchannel_logout(request: HttpRequest) -> HttpResponse:
    """The provider has ended a session of its: what it opened here ends too, sockets included."""
    if request.method != "POST":
        return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
    try:
        attempts.count(request, "psc_logout")
        with asking() as exchange:
            found = exchange.logout_token(request.POST.get("logout_token", ""))
    except TokenRefused as refused:
        address = get_adapter(request).get_client_ip(request)
        sign_in_audit.refused_proof(sign_in.METHOD, "logout_token", address, refused.code)
        return _oauth_error(HTTPStatus.BAD_REQUEST, "invalid_request")
    except SignInRefused:
        return _oauth_error(HTTPStatus.SERVICE_UNAVAILABLE, "temporarily_unavailable")
    except RateLimited:
        return _oauth_error(HTTPStatus.TOO_MANY_REQUESTS, "temporarily_unavailable")
    if cache.add(f"psc-logout:{found.jti}", 1, timeout=2 * LOGOUT_OLDEST):
        dispatch(SYSTEM, EndProviderSessions(subject=found.sub, provider_session=found.sid))
    return HttpResponse()


class asking:  # noqa: N801  (a context manager, used as a function)
    """An exchange with the provider; what keeps it from happening is a ``SignInRefused``."""

    def __enter__(self) -> Exchange:
        found = provider()
        if found is None:
            raise SignInRefused("not_offered")
        self._exchange = found.exchange()
        try:
            return self._exchange.__enter__()
        except ProviderUnavailable as unavailable:
            raise SignInRefused("provider_unavailable", unavailable.code) from None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._exchange.__exit__(None, None, None)
        if isinstance(error, ProviderUnavailable):
            log.warning("provider unavailable", extra={"fields": {"reason": error.code}})
            raise SignInRefused("provider_unavailable", error.code) from None


def _issuer() -> str:
    return settings.RELAIS_PSC.issuer if settings.RELAIS_PSC else ""


def _view(found: sign_in.Identified | None) -> IdentityView:
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", "Nobody is identified here: sign in by Pro Santé Connect.")
    return identity_view(found)


def _oauth_error(status: HTTPStatus, code: str) -> HttpResponse:
    return json_response({"error": code}, status)
