"""What stands before allauth's views of second factors: bounds, and who must first prove again that it is them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.internal.stagekit import get_pending_stage
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from identity.accounts.models import Person
from identity.authentication import attempts, second_factor, sign_in_audit
from identity.authentication.access import CONFIRMED_FOR
from identity.sessions.store import SessionStore
from server.kernel import clock
from server.kernel.wire.errors import RateLimited

View = Callable[..., HttpResponse]
CARDS = {"psc", "cps"}


def bounded(view: View) -> View:
    """The view of a proof, which somebody may try a few times: a right one takes its count back, a wrong one is
    entered."""

    @wraps(view)
    def counted(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        person = _who(request)
        if person is None or request.method != "POST":
            return view(request, *arguments, **named)
        usage = ratelimit.consume(request, app=attempts.APP, action="second_factor", key=str(person.pk))
        if usage is None:
            raise RateLimited(attempts.wait(request, "second_factor", str(person.pk)))
        response = view(request, *arguments, **named)
        if response.status_code == HTTPStatus.BAD_REQUEST:
            sign_in_audit.refused_factor(person.pk, get_adapter(request).get_client_ip(request))
        else:
            usage.rollback()
        return response

    return counted


def confirming(view: View) -> View:
    """The view of a proof by somebody who is signed in: what is sensitive is open to them for minutes."""

    @wraps(view)
    def noting(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        response = view(request, *arguments, **named)
        if request.method == "POST" and response.status_code == HTTPStatus.OK and isinstance(request.user, Person):
            SessionStore.of(request).note_confirmed()
            sign_in_audit.confirmed(request, request.user, "password_or_factor")
        return response

    return bounded(noting)


def confirmed(view: View) -> View:
    """The view of somebody's factors. Who changes them, or reads what they consist of, has just proved that it is them;
    who is known here by a card alone does it in a session that the card opened."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        person = request.user
        if isinstance(person, Person):
            if not _is_confirmed(request):
                return _confirm_first(person)
            is_weak = not SessionStore.of(request).is_strong and person.verification_method in CARDS
            if is_weak and not second_factor.has_factor(person):
                return _answer("confirm_by_card", "Open a session by the card first: it is what knows you here.")
        return view(request, *arguments, **named)

    return guarded


def _who(request: HttpRequest) -> Person | None:
    """Who is trying to prove who they are: signed in, or half-way."""
    if isinstance(request.user, Person):
        return request.user
    stage = get_pending_stage(request)
    return stage.login.user if stage is not None else None


def first_password(view: View) -> View:
    """The view that changes a password. An account that a card opened has none: it may add one beside a second factor,
    by who has just proved that it is them."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        person = request.user
        if isinstance(person, Person) and not person.has_usable_password():
            if not _is_confirmed(request):
                return _confirm_first(person)
            if not second_factor.has_factor(person):
                return _answer("second_factor_required", "Add a second factor first: a password alone opens nothing.")
        return view(request, *arguments, **named)

    return guarded


def _is_confirmed(request: HttpRequest) -> bool:
    at = SessionStore.of(request).confirmed_at
    return at is not None and clock.now() - at <= CONFIRMED_FOR


def ways(request: HttpRequest) -> HttpResponse:
    """How the caller can prove again that it is them: what a client asks that was refused something sensitive."""
    if request.method != "GET" or not isinstance(request.user, Person):
        return _answer("not_signed_in", "Sign in first.")
    return JsonResponse({"status": HTTPStatus.OK, "data": {"flows": _flows(request.user)}})


def _flows(person: Person) -> list[dict[str, Any]]:
    """allauth's ways, and the card's where the register's number of the account is known."""
    flows: list[dict[str, Any]] = get_reauthentication_flows(person)
    if settings.RELAIS_PSC is not None and person.national_id:
        flows += [{"id": "psc"}, {"id": "psc_push"}]
    return flows


def _confirm_first(person: Person) -> HttpResponse:
    """In the shape of allauth's own answer, with the card beside its ways."""
    flows = _flows(person)
    body = {
        "status": HTTPStatus.UNAUTHORIZED,
        "data": {"flows": flows},
        "meta": {"is_authenticated": True},
        "errors": [{"code": "reauthentication_required", "message": "Confirm that it is you first."}],
    }
    return JsonResponse(body, status=HTTPStatus.UNAUTHORIZED)


def _answer(code: str, message: str) -> HttpResponse:
    status = HTTPStatus.FORBIDDEN
    return JsonResponse({"status": status, "errors": [{"code": code, "message": message}]}, status=status)
