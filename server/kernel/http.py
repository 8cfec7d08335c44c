"""Commands over HTTP: the same actors, the same dispatcher and the same refusals as on the socket.

``command_view`` is the view of ``POST /api/<method>``. What comes after it over HTTP (uploads, other software) uses
its parts: ``actor_of`` says who asks, ``json_body`` reads what they sent, ``problem`` answers a refusal. Each of them
raises ``Problem`` for what it does not accept, which says how to answer.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from server.kernel import outages
from server.kernel.authentication import (
    FOREIGN_ORIGIN,
    Actor,
    Authenticate,
    Cookie,
    Refused,
    is_own_origin,
    read_credential,
)
from server.kernel.executor import carry_out
from server.kernel.outcomes import InternalError
from server.kernel.time_limits import RETRY_AFTER
from server.kernel.wire.errors import (
    METHOD_NOT_FOUND,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Refusal,
    TooLarge,
    Unavailable,
)
from server.kernel.wire.frame import Commands, FrameError, Request

BODY_BYTES = 64 * 1024
"""The largest JSON body, as large as a frame of the socket."""

STATUS: dict[type[Refusal], HTTPStatus] = {
    Invalid: HTTPStatus.BAD_REQUEST,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of a refusal of each kind; every other one is a conflict with how things are (409)."""

CSRF = Refused("csrf_failed", "Send the token of the CSRF cookie in X-CSRFToken.", known=True)
_encode = msgspec.json.Encoder().encode


class Problem(Exception):
    """Why a request gets no result, as the JSON body of its answer."""

    def __init__(self, status: int, reason: str, message: str, **data: object) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, object] = {"reason": reason, "message": message, **data}

    def response(self) -> HttpResponse:
        answer = json_response(self.body, self.status)
        if self.status == HTTPStatus.UNAUTHORIZED:
            answer["WWW-Authenticate"] = "Bearer"
        if "retry_after" in self.body:
            answer["Retry-After"] = str(math.ceil(float(str(self.body["retry_after"]))))
        return answer


def command_view(commands: Commands, authenticate: Authenticate) -> Callable[[HttpRequest, str], HttpResponse]:
    """The view that carries out one command: its parameters are the body, and its result is the answer.

    It waits for its turn among the commands of the sockets, within the same bounds for each person.
    """

    @csrf_exempt  # Checked by ``actor_of``, for cookies alone.
    def view(request: HttpRequest, method: str) -> HttpResponse:
        try:
            actor = actor_of(request, authenticate)
            if request.method != "POST":
                raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "A command is sent by POST.")
            params = json_body(request)
            command = commands.decode(Request("2.0", 0, method, msgspec.Raw(params or b"{}")))
            return json_response(carry_out(actor, command, len(params)))
        except Problem as refused:
            return refused.response()
        except FrameError as refused:
            return _wrong_request(refused).response()
        except Refusal as refused:
            return problem(refused).response()

    return view


def actor_of(request: HttpRequest, authenticate: Authenticate) -> Actor:
    """Who asks, by bearer token or session cookie. ``Problem``: 401 for nobody, 403 for who may not come in, for a
    page of another site, and for a cookie without the CSRF token where something could be changed."""
    credential = read_credential(request.headers.get("Authorization"), request.COOKIES)
    if not is_own_origin(request.headers.get("Origin")):
        raise _unauthenticated(FOREIGN_ORIGIN)
    # A browser adds its cookie to whatever a page makes it send: the token proves that the page is ours.
    if isinstance(credential, Cookie) and CsrfViewMiddleware(_no_response).process_view(request, _no_response, (), {}):
        raise _unauthenticated(CSRF)
    found = authenticate(credential)
    if isinstance(found, Refused):
        raise _unauthenticated(found)
    return found


def json_body(request: HttpRequest, limit: int = BODY_BYTES) -> bytes:
    """The body, empty or of the type JSON. ``Problem``: 413 when it is larger than ``limit``, 415 for another type.

    One that announces a larger length is not looked at.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    too_large = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"A body has at most {limit} bytes.")
    if not (length.isascii() and length.isdigit()) or int(length) > limit:
        raise too_large
    if request.content_type not in {"", "application/json"}:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", "Send the body as application/json.")
    if len(request.body) > limit:  # Sent in pieces, it announces no length.
        raise too_large
    return request.body


def problem(refused: Refusal) -> Problem:
    """A refusal of the dispatcher, as HTTP says it; paths begin at the body."""
    status = next((code for kind, code in STATUS.items() if isinstance(refused, kind)), HTTPStatus.CONFLICT)
    return Problem(status, refused.reason, refused.message, **_at_the_body(refused.data))


def json_response(view: object, status: int = HTTPStatus.OK) -> HttpResponse:
    """A view or a problem, encoded as on the socket."""
    return HttpResponse(_encode(view), content_type="application/json", status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer when a view raised: 503 while PostgreSQL or Redis cannot be used, else 500; Django has logged it."""
    error = sys.exc_info()[1]
    if error is not None and outages.noted(error):
        return problem(Unavailable(retry_after=RETRY_AFTER)).response()
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.").response()


def _unauthenticated(refused: Refused) -> Problem:
    return Problem(HTTPStatus.FORBIDDEN if refused.known else HTTPStatus.UNAUTHORIZED, refused.reason, refused.message)


def _wrong_request(error: FrameError) -> Problem:
    status = HTTPStatus.NOT_FOUND if error.code == METHOD_NOT_FOUND else HTTPStatus.BAD_REQUEST
    data = _at_the_body(error.data)
    reason = str(data.pop("reason"))
    message = "The body is not JSON." if reason == "parse_error" else error.message
    return Problem(status, reason, message, **data)


def _at_the_body(data: dict[str, Any]) -> dict[str, Any]:
    """``$.params.session`` of a frame is ``$.session`` of a body."""
    path = data.get("path")
    return {**data, "path": path.replace("$.params", "$", 1)} if isinstance(path, str) else dict(data)


def _no_response(*_: object, **__: object) -> HttpResponse:
    return HttpResponse()
