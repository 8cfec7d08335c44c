"""What protocol 1 fixes for every method: error codes and close codes, with what a client does about them."""

from __future__ import annotations

from typing import NamedTuple

from server.kernel.wire import errors
from server.kernel.wire.close_codes import CloseCode
from server.registry import REFUSALS


class Code(NamedTuple):
    number: int
    name: str
    meaning: str


_CLOSED = {
    CloseCode.TOO_BIG: "A frame of more than 64 KiB.",
    CloseCode.RESTARTING: "Connect again, with jitter: the server restarts, or what this person may do has changed.",
    CloseCode.PROTOCOL_ERROR: "Frames that are not text, or again and again not JSON-RPC.",
    CloseCode.NOT_SIGNED_IN: "Not signed in, or the session has ended: sign in again.",
    CloseCode.NOT_ALLOWED: "Known and not allowed in: suspended, or the page of another site.",
    CloseCode.SILENT: "No `hello` within 10 seconds, or no pong: connect again.",
    CloseCode.CONNECTED_ELSEWHERE: "This device connected again elsewhere: leave it there.",
    CloseCode.WIPED: "Declared lost: destroy what the device keeps, then `POST /auth/browser/v1/auth/wiped`.",
    CloseCode.TOO_MANY_REQUESTS: "`rate_limited` was answered and not heeded: wait, then connect again.",
    CloseCode.TOO_SLOW: "The client reads too slowly: connect again and `sync`.",
}
CLOSE_CODES = tuple(Code(code.value, code.name.lower(), _CLOSED[code]) for code in CloseCode)

ERROR_CODES = (
    Code(errors.PARSE_ERROR, "parse_error", "The frame is not JSON."),
    Code(errors.INVALID_REQUEST, "invalid_request", "Not a request of JSON-RPC 2.0, or a batch."),
    Code(errors.METHOD_NOT_FOUND, "method_not_found", "There is no such method."),
    Code(
        errors.INVALID_PARAMS,
        "invalid_params",
        "A parameter is wrong: `data.path` names it, and `data.why`, where there is one, says how.",
    ),
    Code(errors.INTERNAL_ERROR, "internal_error", "A defect of ours: `data.incident` is what to tell us."),
    Code(errors.REFUSED, "refused", "A refusal of the domain: `data.reason` says which."),
)

_OF_THE_FRAME = {errors.PARSE_ERROR, errors.INVALID_REQUEST, errors.METHOD_NOT_FOUND}
REASONS = (
    *(refusal.reason for refusal in REFUSALS),
    errors.Invalid.reason,
    *(code.name for code in ERROR_CODES if code.number in _OF_THE_FRAME),
)
"""Everything ``data.reason`` can say."""
