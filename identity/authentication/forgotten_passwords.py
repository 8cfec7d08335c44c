"""A forgotten password over HTTP: ``POST auth/password/request {email}``, ``POST auth/password/reset {key, password}``.

The first says nothing of whether somebody has the address: same answer, same counts, and the mail is a due row. Whoever
asks too often is answered the same and sent nothing: a stranger who asks for somebody takes nothing from them, since a
link of the last half hour lies in their mailbox and is good for as long again.

The key is that behind the ``#`` of the mail's link; it is good for an hour, and once: it is a digest over the password
that it replaces. Setting a password signs nobody in, ends every session, and takes no second factor away. The browser
in which that was done is a device that the account knows: whoever keeps new devices out by trying passwords does not
keep out the owner of the mailbox.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from allauth.account.adapter import get_adapter
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from identity.accounts.models import Person
from identity.authentication import attempts, sign_in_audit
from identity.authentication.http import KNOWN_HERE
from identity.authentication.internal_commands import RequestNewPassword
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.wire.errors import RateLimited

LONGEST = 4096
"""Characters of a password that is looked at."""


class _Requested(msgspec.Struct):
    email: str


class _Chosen(msgspec.Struct):
    key: str
    password: str


@require_POST
def request_link(request: HttpRequest) -> HttpResponse:
    """Sends the link to the address, if somebody has it and was not sent several in the last half hour."""
    try:
        email = msgspec.json.decode(request.body, type=_Requested).email.strip().lower()
    except msgspec.DecodeError:
        return _refused("invalid", "Send the e-mail of the account.", "email")
    attempts.count(request, "new_password_from_address")
    with suppress(RateLimited):
        attempts.count(request, "new_password", email)
        address = get_adapter(request).get_client_ip(request)
        dispatch(SYSTEM, RequestNewPassword(email=email, once=timezone.now().isoformat(), address=address))
    return JsonResponse({"status": HTTPStatus.OK})


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Sets the password that the holder of a link has chosen."""
    try:
        chosen = msgspec.json.decode(request.body, type=_Chosen)
    except msgspec.DecodeError:
        return _refused("invalid", "Send the key of the link and the new password.", "key")
    attempts.count(request, "new_password_key")
    person = _holder(chosen.key)
    if person is None:
        sign_in_audit.refused_proof("new_password", "link", get_adapter(request).get_client_ip(request))
        return _refused("invalid_key", "Ce lien ne sert plus : demandez-en un autre.", "key")
    try:
        validate_password(chosen.password[:LONGEST], person)
    except ValidationError as refused:
        code = getattr(refused.error_list[0], "code", None) or "invalid"
        return _refused(str(code), str(refused.messages[0]), "password")
    get_adapter(request).set_password(person, chosen.password)
    request.META[KNOWN_HERE] = person.email
    return JsonResponse({"status": HTTPStatus.OK})


def _holder(key: str) -> Person | None:
    """Whose link it is, as long as it serves."""
    number, _, token = key.partition(".")
    try:
        person = Person.objects.filter(pk=UUID(number), is_active=True, suspended_at=None).first()
    except ValueError:
        return None
    return person if person is not None and default_token_generator.check_token(person, token) else None


def _refused(code: str, message: str, param: str) -> HttpResponse:
    body: dict[str, Any] = {
        "status": HTTPStatus.BAD_REQUEST,
        "errors": [{"code": code, "message": message, "param": param}],
    }
    return JsonResponse(body, status=HTTPStatus.BAD_REQUEST)
