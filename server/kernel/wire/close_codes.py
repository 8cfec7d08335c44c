"""One socket without I/O: text and time in, effects out.

The shell (``socket.py``) feeds ``opened``, ``received``, ``finished`` and ``tick`` and does what the returned effects
say, in their order. The engine holds the rules of protocol 1 that concern one socket: ``hello`` first and in time,
what is malformed, how many requests may be in flight, how fast they may come, and that requests to one
conversation are carried out in the order sent. It reads no clock.
"""

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
    TOO_MANY_REQUESTS = 4429
    TOO_SLOW = 4430
