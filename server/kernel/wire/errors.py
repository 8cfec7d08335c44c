"""Every refusal the wire can carry, each with a stable code.

A refusal is an answer, not a fault: it is raised anywhere behind the dispatcher, rolls its request back and reaches
the client as a JSON-RPC error. ``reason`` is stable and is what clients translate; ``message`` is for people
who read logs and says what to do next.
"""

from __future__ import annotations

from math import ceil
from typing import ClassVar

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000


class Refusal(Exception):
    """A request that is not carried out. ``data`` goes to the client beside ``reason``: no patient data in it.

    ``retry_after`` is in whole seconds and never 0, however it was computed: whoever waits for so long is not too
    early, and a client that waits for nothing would ask again and again.
    """

    code: ClassVar[int] = REFUSED
    reason: ClassVar[str]

    def __init__(self, message: str, **data: object) -> None:
        super().__init__(message)
        self.message = message
        wait = data.get("retry_after")
        if isinstance(wait, int | float):
            data["retry_after"] = max(1, ceil(wait))
        self.data: dict[str, object] = data

    def as_data(self) -> dict[str, object]:
        """What stands in the error's ``data`` on the wire."""
        return {"reason": self.reason, **self.data}


class Invalid(Refusal):
    """A field has the wrong shape or an impossible value (-32602); ``path`` names it, as in ``$.patient.phone``."""

    code = INVALID_PARAMS
    reason = "invalid"

    def __init__(self, path: str, message: str, **data: object) -> None:
        super().__init__(message, path=path, **data)


class NotFound(Refusal):
    """There is no such thing, or the caller may not know that there is: both look the same from outside."""

    reason = "not_found"

    def __init__(self, message: str = "There is nothing here under this id.", **data: object) -> None:
        super().__init__(message, **data)


class Forbidden(Refusal):
    """The caller may see the thing, and may not do this with it."""

    reason = "forbidden"


class Conflict(Refusal):
    """Somebody else's change came first: load again, then decide again."""

    reason = "conflict"


class IdTaken(Refusal):
    """The id chosen by the client already stands for something else: choose a new one."""

    reason = "id_taken"

    def __init__(self, message: str = "This id already stands for another request: use a new id.") -> None:
        super().__init__(message)


class InvalidState(Refusal):
    """The thing exists but is past (or before) the state in which this can be done."""

    reason = "invalid_state"


class RateLimited(Refusal):
    """Too many requests; ``retry_after`` is in seconds."""

    reason = "rate_limited"

    def __init__(self, retry_after: float) -> None:
        super().__init__("Too many requests: wait and send it again.", retry_after=retry_after)


class TooLarge(Refusal):
    """More than the limit that ``data.limit`` names."""

    reason = "too_large"


class Unavailable(Refusal):
    """Temporary: the same request, with the same id, may be sent again, after ``retry_after`` seconds if it says so."""

    reason = "unavailable"

    def __init__(
        self,
        message: str = "Temporarily unavailable: send the same request again.",
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, **({} if retry_after is None else {"retry_after": retry_after}))


REFUSALS: tuple[type[Refusal], ...] = (
    NotFound,
    Forbidden,
    Conflict,
    IdTaken,
    InvalidState,
    RateLimited,
    TooLarge,
    Unavailable,
)
"""The reasons that any room may give. Rooms declare further ones; the composition knows them all."""
