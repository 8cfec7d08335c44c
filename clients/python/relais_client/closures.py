"""What each close code asks of a client. The web client's ``closures.ts`` is the same table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from relais_client import wire

StopReason: TypeAlias = Literal["signed-out", "not-allowed", "elsewhere", "wiped"]
"""Why the engine has stopped by itself; only ``start`` begins again."""

ABNORMAL = 1006
"""What a WebSocket says when it ended without a close frame, or was never opened."""


@dataclass(frozen=True, slots=True)
class Stop:
    why: StopReason


@dataclass(frozen=True, slots=True)
class Reconnect:
    wait: Literal["normal", "spread", "long"] = "normal"
    """``long`` gives the server time to recover, ``spread`` keeps everybody from coming back at once."""
    blame: Literal["invalid", "too_large"] | None = None
    """What a request that was in flight is refused with, when it is what the socket was closed for."""


CUT = Reconnect()
"""What follows when the network cuts a connection, or when we give it up."""

CLOSURES: dict[int, Stop | Reconnect] = {
    wire.TOO_BIG: Reconnect(blame="too_large"),
    wire.RESTARTING: Reconnect(wait="spread"),
    wire.PROTOCOL_ERROR: Reconnect(blame="invalid"),
    wire.NOT_SIGNED_IN: Stop("signed-out"),
    wire.NOT_ALLOWED: Stop("not-allowed"),
    wire.SILENT: CUT,
    wire.CONNECTED_ELSEWHERE: Stop("elsewhere"),
    wire.WIPED: Stop("wiped"),
    wire.TOO_MANY_REQUESTS: Reconnect(wait="long"),
    wire.TOO_SLOW: CUT,
}


def closure_of(code: int) -> Stop | Reconnect:
    """A code that is not listed, from the network or from a newer server, is a cut like any other."""
    return CLOSURES.get(code, CUT)
