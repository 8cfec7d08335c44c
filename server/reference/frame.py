"""What protocol 1 fixes for every method: error codes and close codes, with what a client does about them."""

from __future__ import annotations

from typing import NamedTuple

from server import errors


class Code(NamedTuple):
    number: int
    name: str
    meaning: str


CLOSE_CODES = (
    Code(1009, "too_big", "A frame of more than 64 KiB."),
    Code(1012, "restarting", "The server restarts: connect again, with jitter."),
    Code(4400, "protocol_error", "Not JSON-RPC over text frames, or `hello` was not the first request."),
    Code(4401, "signed_out", "Not signed in, or the session has ended: sign in again."),
    Code(4403, "not_allowed", "Signed in and not allowed to open a socket."),
    Code(4408, "timed_out", "No `hello` within 10 seconds, or no pong."),
    Code(4409, "replaced", "This device connected again elsewhere: do not connect by yourself."),
    Code(4429, "too_many", "Too many requests after `rate_limited` was answered: wait, then connect again."),
    Code(4430, "too_slow", "The client reads too slowly: connect again and `sync`."),
)

ERROR_CODES = (
    Code(errors.PARSE_ERROR, "parse_error", "The frame is not JSON."),
    Code(errors.INVALID_REQUEST, "invalid_request", "Not a request of JSON-RPC 2.0, or a batch."),
    Code(errors.METHOD_NOT_FOUND, "method_not_found", "There is no such method."),
    Code(errors.INVALID_PARAMS, "invalid_params", "A parameter is wrong: `data.path` names it."),
    Code(errors.INTERNAL_ERROR, "internal_error", "A defect of ours: `data.incident` is what to tell us."),
    Code(errors.REFUSED, "refused", "A refusal of the domain: `data.reason` says which."),
)

REASONS = (
    *(refusal.reason for refusal in errors.REFUSALS),
    errors.Invalid.reason,
    *(code.name for code in ERROR_CODES if code.number not in {errors.INVALID_PARAMS, errors.REFUSED}),
)
"""Everything ``data.reason`` can say."""
