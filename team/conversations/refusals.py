"""Why a group is not opened, or nobody is added to it."""

from __future__ import annotations

from server.kernel.wire.errors import Refusal


class Declined(Refusal):
    """Somebody left a group and does not want to be added by the caller again: they have to write first."""

    reason = "declined"

    def __init__(self) -> None:
        super().__init__("One of these people does not want to be added to groups by you: write to them directly.")


class TooManyGroups(Refusal):
    """The caller has opened as many groups as one person may in a day; ``limit`` says how many, ``retry_at`` when the
    next one can be opened."""

    reason = "too_many_groups"

    def __init__(self, limit: int, retry_at: str) -> None:
        super().__init__(
            f"One person may open {limit} groups in 24 hours: write in a group that exists, or wait.",
            limit=limit,
            retry_at=retry_at,
        )
