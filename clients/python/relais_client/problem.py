"""Why something was not done, as one closed set of codes: the protocol's reasons and the client's own."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from relais_client import wire

Reason: TypeAlias = (
    wire.Reason
    | Literal[
        "internal",  # A defect of the server's, or an answer that cannot be read.
        "timeout",  # No answer in time: it may have been done.
        "offline",  # Cut off before the answer, or the engine was stopped.
        "unknown",  # A reason that is newer than this client.
    ]
)

REFUSED = -32000
INVALID_PARAMS, INTERNAL_ERROR = -32602, -32603
UNREADABLE = frozenset({-32700, -32600, -32601})
"""JSON-RPC's codes for what is not JSON, not a request, and no known method."""
_KNOWN: dict[str, Reason] = {reason: reason for reason in get_args(wire.Reason)}


@dataclass(frozen=True, slots=True)
class Problem:
    """``message`` is for people who read logs; ``data`` is what the server says beside it."""

    reason: Reason
    message: str = ""
    code: int = REFUSED
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, when the server says so."""
        value = self.data.get("retry_after")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if math.isfinite(value) and value > 0 else None


def problem_of(code: int, message: str, data: dict[str, Any]) -> Problem:
    """The problem in a JSON-RPC error; unknown reasons become ``unknown``, so that a newer server stays usable."""
    return Problem(_reason_of(code, data), message, code, data)


def _reason_of(code: int, data: dict[str, Any]) -> Reason:
    if code == INVALID_PARAMS or code in UNREADABLE:
        return "invalid"
    if code != REFUSED:
        return "internal"
    return _KNOWN.get(str(data.get("reason")), "unknown")
