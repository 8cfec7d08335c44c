"""Signing up over HTTP, beside allauth's views and in the shape of their answers.

``POST`` ``signup``, ``signup/confirm``, ``signup/resend`` and ``signup/address``; ``GET signup/documents`` says
what there is to agree to, ``signup/specialities`` and ``signup/towns`` fill the form's lists. A browser sends the CSRF
token, and is signed in by its cookie once the code is right; a program gets a bearer token.

Whether an address has an account changes neither the answer nor the work behind it: the password is hashed, a row and
a mail are written, the counts are the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from identity import fields
from identity.accounts.consents import VERSIONS, agreed
from identity.accounts.models import Person
from identity.authentication.credentials import issue_token
from identity.authentication.http import json_object
from identity.authentication.psc import sign_in as psc
from identity.authentication.refused_sign_in import SignInRefused
from identity.directory import lookups
from identity.directory.communes import spoken_name
from identity.directory.nomenclature import FIELDS
from identity.onboarding import codes, declaration, internal_commands
from identity.onboarding.forms import (
    ActivateAccount,
    ChangeAddress,
    ConfirmSignUp,
    OpenInvitation,
    ResendCode,
    SignUp,
    SignUpStarted,
)
from identity.onboarding.internal_commands import SignUpStep
from identity.sessions.store import digest
from server.kernel import clock
from server.kernel.authentication import SYSTEM, is_own_origin
from server.kernel.dispatch import dispatch
from server.kernel.http import problem
from server.kernel.identifiers import uuid7
from server.kernel.wire import Command
from server.kernel.wire.errors import Invalid, RateLimited, Refusal
from server.kernel.wire.frame import Commands, FrameError, Request

RATES = {
    "from_address": "30/h/ip",
    "invited_from_address": "300/h/ip",
    "for_email": "5/h/key",
    "lookup": "120/m/ip",
    "secret": "60/m/ip",
}
"""From one network address: sign-ups, mails to one person's address, and lists. The staff of a hospital have one
address together: whoever holds an invitation that is open is counted among the invited."""
TOWNS = 20
FORMS: list[type[Command[Any]]] = [SignUp, ConfirmSignUp, ResendCode, ChangeAddress, OpenInvitation, ActivateAccount]
_decoder = Commands(FORMS)
Answer = Callable[[HttpRequest, Any, str], Mapping[str, object]]


def form_view(form: type[Command[Any]], answer: Answer, client: str) -> Callable[..., HttpResponse]:
    """The view that takes one form by POST, for browsers or for programs."""

    @json_object
    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return _errors(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "Send the form by POST.")
        if not is_own_origin(request.headers.get("Origin")):
            return _errors(HTTPStatus.FORBIDDEN, "foreign_origin", "This page is not one of this Relais.")
        try:
            filled = _decoder.decode(Request("2.0", 0, form.method, msgspec.Raw(request.body or b"{}")))
            return _data(answer(request, filled, client))
        except FrameError as refused:
            return _errors(HTTPStatus.BAD_REQUEST, **_field(refused.message, refused.data))
        except ValidationError as refused:
            return _password_refused(refused)
        except Refusal as refused:
            found = problem(refused)
            answered = _errors(found.status, **_field(refused.message, refused.as_data()))
            if "retry_after" in refused.data:
                answered["Retry-After"] = found.response()["Retry-After"]
            return answered

    # A browser adds its cookie to whatever a page makes it send; a program has none, and its token is in no header yet.
    return view if client == "browser" else csrf_exempt(view)


def documents(request: HttpRequest) -> HttpResponse:
    """What everybody agrees to, in its present version."""
    listed = [{"document": name, "version": version} for name, version in VERSIONS.items()]
    return _data({"documents": listed, "code_digits": codes.DIGITS})


def specialities(request: HttpRequest) -> HttpResponse:
    """The register's professions and specialities, by label: what ``speciality`` may be, and by which codes of the
    register Pro Santé Connect names it."""
    listed = sorted(
        (
            {"key": key, "label": field.label, "profession": field.profession, "codes": list(field.codes)}
            for key, field in FIELDS.items()
        ),
        key=lambda one: str(one["label"]).casefold(),
    )
    answer = _data({"specialities": listed})
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


def towns(request: HttpRequest) -> HttpResponse:
    """At most 20 towns with a postal code (``?postal_code=``) or whose name begins so (``?name=``), largest first."""
    if not ratelimit.consume(request, app="relais.signup", action="lookup", config=RATES, limit_get=True):
        return _too_many(RateLimited(60))
    postal_code, name = (request.GET.get(word, "")[: fields.TEXT_LIMIT] for word in ("postal_code", "name"))
    if postal_code.strip():
        found = lookups.towns([], [postal_code.strip()])
    else:
        spoken = spoken_name(name)
        found = lookups.towns_like(spoken) if len(spoken) > 1 else []
    found = sorted(found, key=lambda one: -one.population)[:TOWNS]
    return _data({"towns": [{"name": one.name, "postal_codes": list(one.postal_codes)} for one in found]})


def sign_up(request: HttpRequest, form: SignUp, client: str) -> Mapping[str, object]:
    declared = _declared(form)
    if form.password is not None:
        validate_password(
            form.password, Person(email=declared.email, first_name=declared.first_name, last_name=declared.last_name)
        )
    else:
        declared = _as_identified(request, declared)
    _count(request, declared.email, "invited_from_address" if _is_invited(form.invitation) else "from_address")
    key = secrets.token_urlsafe(32)
    step = dispatch(
        SYSTEM,
        internal_commands.BeginSignUp(
            id=uuid7(),
            key_digest=digest(key),
            declared=declared,
            password=make_password(form.password),
            invitation=form.invitation or "",
        ),
    )
    return _started(key, declared.email, step)


def resend(request: HttpRequest, form: ResendCode, client: str) -> Mapping[str, object]:
    step = dispatch(SYSTEM, internal_commands.SendCodeAgain(key_digest=digest(form.signup)))
    return _started(form.signup, "", step)


def change_address(request: HttpRequest, form: ChangeAddress, client: str) -> Mapping[str, object]:
    address = declaration.email(form.email)
    _count(request, address)
    step = dispatch(SYSTEM, internal_commands.SendCodeAgain(key_digest=digest(form.signup), email=address))
    return _started(form.signup, address, step)


def confirm(request: HttpRequest, form: ConfirmSignUp, client: str) -> Mapping[str, object]:
    """The account, and its owner signed in: by the browser's cookie, or by a token for a program."""
    found = psc.identified(request) if client == "browser" else None
    proof = None if found is None else psc.proof_for(uuid7(), found.professional, found.by)
    step = dispatch(
        SYSTEM, internal_commands.ConfirmSignUp(key_digest=digest(form.signup), code=form.code, proof=proof)
    )
    if step.person is None:
        raise Invalid("$.code", CODE_REFUSED[step.state], why=step.state, attempts_left=step.attempts_left)
    person = Person.objects.get(pk=step.person)
    if found is not None and not person.has_usable_password():
        psc.enter(request, person, found)
        return _known(person)
    return _identified(request, person.pk) or _signed_in(request, person, client)


def _as_identified(request: HttpRequest, declared: declaration.Declared) -> declaration.Declared:
    """The declaration of whom a card has identified in this browser: name and number are the card's."""
    found = psc.identified(request)
    if found is None:
        raise Invalid("$.password", "Choose a password.", why="required")
    who = found.professional
    return msgspec.structs.replace(
        declared, first_name=who.first_name, last_name=who.last_name, claimed_id=who.national_id
    )


def _identified(request: HttpRequest, made: UUID) -> Mapping[str, object] | None:
    """Verified and signed in at once, if Pro Santé Connect or a card has identified them in this browser; None where
    nobody was, or what was proven does not fit the account: then the verification goes on as for anybody."""
    try:
        psc.complete(request, Person.objects.get(pk=made))
    except SignInRefused:
        return None
    return _known(Person.objects.get(pk=made))


def _known(person: Person) -> Mapping[str, object]:
    return {"user": {"id": str(person.pk), "display": person.name, "email": person.email, "verified": True}}


def _signed_in(request: HttpRequest, person: Person, client: str) -> Mapping[str, object]:
    """Whose account was just made, with a token for a program."""
    user = {"id": str(person.pk), "display": person.name, "email": person.email, "verified": False}
    if client == "app":
        return {"user": user, "token": issue_token(person.email, "relais app")}
    get_adapter(request).login(request, person)
    return {"user": user}


def open_invitation(request: HttpRequest, form: OpenInvitation, client: str) -> Mapping[str, object]:
    """What an invitation says to whoever holds its link."""
    _count_secret(request)
    seen = dispatch(SYSTEM, internal_commands.LookAtInvitation(token=form.token))
    found: dict[str, object] = msgspec.to_builtins(seen)
    return found


def activate(request: HttpRequest, form: ActivateAccount, client: str) -> Mapping[str, object]:
    """The account that was prepared, and its owner signed in."""
    _count_secret(request)
    seen = dispatch(SYSTEM, internal_commands.LookAtInvitation(token=form.token))
    validate_password(form.password, Person(email=seen.email or "", first_name=seen.first_name or ""))
    person = uuid7()
    dispatch(
        SYSTEM,
        internal_commands.ActivateAccount(
            id=person,
            token=form.token,
            password=make_password(form.password),
            terms=form.terms,
            data_agreement=form.data_agreement,
        ),
    )
    return _signed_in(request, Person.objects.get(pk=person), client)


def _is_invited(token: str | None) -> bool:
    """Whether this is the secret of an invitation that can be taken up."""
    if not token:
        return False
    try:
        return dispatch(SYSTEM, internal_commands.LookAtInvitation(token=token)).state == "open"
    except Refusal:
        return False


def _count_secret(request: HttpRequest) -> None:
    """Counts a link that is tried: a secret has 256 bits, and is not to be guessed at all the same."""
    if not ratelimit.consume(request, app="relais.signup", action="secret", config=RATES):
        raise RateLimited(60)


CODE_REFUSED = {
    "wrong_code": "This is not the code of the last mail.",
    "expired": "This code is too old: have another one sent.",
    "begin_again": "The card was shown too long ago, or is no longer this one: begin again with it.",
    "too_many_attempts": "Too many wrong codes: have another one sent.",
}


def _declared(form: SignUp) -> declaration.Declared:
    postal_code, city = declaration.town(form.postal_code, form.city)
    return declaration.Declared(
        email=declaration.email(form.email),
        first_name=fields.person_name(form.first_name, "$.first_name"),
        last_name=fields.person_name(form.last_name, "$.last_name"),
        postal_code=postal_code,
        city=city,
        speciality=declaration.speciality(form.speciality),
        practice_mode=declaration.practice_mode(form.practice_mode),
        consents=agreed(form.terms, form.data_agreement),
        address=fields.text(form.address, "$.address"),
        claimed_id=declaration.claimed_id(form.rpps, form.adeli),
        language=form.language,
    )


def _count(request: HttpRequest, email: str, among: str = "from_address") -> None:
    """Counts a mail to an address of whoever asks, ``among`` what comes from their network address; ``RateLimited``,
    whether or not the address has an account. Only their own attempts at that address count: nobody keeps its owner
    from signing up by asking for codes in their place."""
    for action, key in ((among, None), ("for_email", f"{ratelimit.get_ip(request)}:{email}")):
        if not ratelimit.consume(request, app="relais.signup", action=action, config=RATES, key=key):
            raise RateLimited(3600)


def _started(key: str, email: str, step: SignUpStep) -> Mapping[str, object]:
    now = clock.now()
    view = SignUpStarted(
        signup=key,
        email=email,
        expires_at=now + codes.LASTS,
        resend_at=now + codes.RESEND_AFTER,
        attempts_left=step.attempts_left,
    )
    found: dict[str, object] = msgspec.to_builtins(view)
    return found


def _data(data: Mapping[str, object]) -> HttpResponse:
    return JsonResponse({"status": 200, "data": data})


def _errors(status: int, code: str, message: str, **data: object) -> HttpResponse:
    """As allauth says it: ``param`` is the field."""
    return JsonResponse(
        {"status": int(status), "errors": [{"code": code, "message": message, **data}]}, status=int(status)
    )


def _too_many(refused: RateLimited) -> HttpResponse:
    answer = _errors(HTTPStatus.TOO_MANY_REQUESTS, refused.reason, refused.message)
    answer["Retry-After"] = str(refused.data["retry_after"])
    return answer


def _field(message: str, data: Mapping[str, object]) -> dict[str, Any]:
    """A refusal as one of allauth's errors: its ``why`` is the code, its path the field."""
    rest = {name: value for name, value in data.items() if name not in {"reason", "why", "path", "message"}}
    path = str(data.get("path", "")).removeprefix("$.params.").removeprefix("$.")
    named = {"param": path} if path else {}
    return {"code": data.get("why") or data.get("reason"), "message": message, **named, **rest}


def _password_refused(refused: ValidationError) -> HttpResponse:
    """Every reason for which a password is not taken."""
    errors = [{"code": one.code, "message": " ".join(one.messages), "param": "password"} for one in refused.error_list]
    return JsonResponse({"status": 400, "errors": errors}, status=400)
