"""Why a group is not opened, nobody is added to it, or a case stays as it is."""

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


class LastResponsible(Refusal):
    """Somebody always looks after a group."""

    reason = "last_responsible"

    def __init__(self) -> None:
        super().__init__("Nobody else looks after this group: let another member do so first.")


class CaseClosed(Refusal):
    """The case is closed."""

    reason = "case_closed"

    def __init__(self) -> None:
        super().__init__("This case is closed: reopen it first.")


class AsksHere(Refusal):
    """Whoever asks in an open case stays until somebody else does."""

    reason = "asks_here"

    def __init__(self) -> None:
        super().__init__("This case is yours and still open: close it, or hand it over, then leave.")
