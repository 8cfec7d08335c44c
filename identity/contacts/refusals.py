"""Why somebody is not written to."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from server.kernel.wire.errors import Refusal


class AsksFirst(Refusal):
    """These people want to be asked before somebody of another organisation writes to them; ``people`` says who."""

    reason = "asks_first"

    def __init__(self, people: Iterable[UUID]) -> None:
        super().__init__(
            "This person wants to be asked first: send a request, and write when they have accepted.",
            people=sorted(str(one) for one in people),
        )


class Blocked(Refusal):
    """The caller blocks this person themselves."""

    reason = "blocked"

    def __init__(self) -> None:
        super().__init__("You have blocked this person: unblock them first.")


class Unreachable(Refusal):
    """The other person of a conversation of two can no longer be reached: who has no access any more and who blocks the
    caller are one answer."""

    reason = "unreachable"

    def __init__(self) -> None:
        super().__init__(
            "This person cannot be reached on Relais. The message was not sent: reach them in another way."
        )


class TooManyContacts(Refusal):
    """More blocks or requests than one person may have; ``limit`` says how many."""

    reason = "too_many_contacts"

    def __init__(self, limit: int) -> None:
        super().__init__("There are as many of these as one person may have: wait, or remove one.", limit=limit)
