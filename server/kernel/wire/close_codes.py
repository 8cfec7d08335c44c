"""The close codes of protocol 1."""

from __future__ import annotations

from enum import IntEnum


class CloseCode(IntEnum):
    """Why the server closes a socket."""

    TOO_BIG = 1009
    RESTARTING = 1012
    PROTOCOL_ERROR = 4400
    NOT_SIGNED_IN = 4401
    NOT_ALLOWED = 4403
    SILENT = 4408
    CONNECTED_ELSEWHERE = 4409
    WIPED = 4410
    TOO_MANY_REQUESTS = 4429
    TOO_SLOW = 4430
