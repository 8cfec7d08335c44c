"""What stands before allauth's views, which take any JSON for what they expect."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers

from identity.authentication import known_devices, words
from identity.authentication.attempts import TooManyOnAccount
from server.kernel.http import Problem, json_body, problem
from server.kernel.wire.errors import RateLimited, Refusal

DEPTH = 16
"""How deep a body may be nested: more than any of the views reads."""

KNOWN_HERE = "relais.known_here"
"""In the request's ``META``: the e-mail whose holder has just signed in, or proved to have its mailbox."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode

View = Callable[..., HttpResponse]


def json_object(view: View) -> View:
    """The view, given only bodies that are a JSON object of sound text and ordinary numbers.

    What is not is answered with 400, 413 or 415, in the shape of allauth's own errors. Python's parser lets through
    halves of surrogate pairs, which no password can be hashed with, and fails on deep nesting and on numbers of
    thousands of digits: all of these would be a 500.
    """

    @wraps(view)
    def checked(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        with words.spoken_to(request):
            response = answered(request, *arguments, **named)
        patch_vary_headers(response, ["Accept-Language"])
        return response

    def answered(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if request.method != "GET":  # The views read a body with any other method, safe ones included.
            try:
                body = json_body(request)
                if body:
                    _check(body)
            except Problem as refused:
                return _answer(refused.status, str(refused.body["reason"]), str(refused.body["message"]))
        try:
            response = view(request, *arguments, **named)
        except Refusal as refused:
            return _refused(refused)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and "Retry-After" not in response:
            return _refused(RateLimited(60))  # allauth's own limits do not say how long to wait
        if email := request.META.get(KNOWN_HERE):
            known_devices.remember(request, response, email)
        return response

    return checked


def _refused(refused: Refusal) -> HttpResponse:
    """A refusal of the kernel's, raised where allauth knows no answer."""
    found = problem(refused)
    code = "too_many_login_attempts" if isinstance(refused, RateLimited) else refused.reason
    if isinstance(refused, TooManyOnAccount):
        code = "new_device_waits"
    answer = _answer(found.status, code, refused.message)
    if "retry_after" in refused.data:
        answer["Retry-After"] = found.response()["Retry-After"]
    return answer


def _check(body: bytes) -> None:
    try:
        _check_values(_decode(body), DEPTH)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "not_json", "Send a JSON object of text and numbers.") from None


def _check_values(value: object, depth: int) -> None:
    if isinstance(value, dict | list):
        if not depth:
            raise Problem(HTTPStatus.BAD_REQUEST, "not_json", "The body is nested too deep.")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_values(inner, depth - 1)
    elif isinstance(value, str) and "\0" in value:
        raise Problem(HTTPStatus.BAD_REQUEST, "not_json", "Text cannot hold the character NUL.")


def _answer(status: int, code: str, message: str) -> HttpResponse:
    error = {"code": code, "message": words.said(code, message)}
    return JsonResponse({"status": status, "errors": [error]}, status=status)
