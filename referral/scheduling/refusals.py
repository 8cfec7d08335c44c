"""Refusals that say something about a slot."""

from __future__ import annotations

from server.kernel.wire.errors import Refusal


class SlotTaken(Refusal):
    """The slot is booked or held by somebody else: choose another."""

    reason = "slot_taken"

    def __init__(self, message: str = "This slot has just been taken: choose another.", **data: object) -> None:
        super().__init__(message, **data)


class HoldExpired(Refusal):
    """The fifteen minutes are over: hold the slot again."""

    reason = "hold_expired"

    def __init__(self, message: str = "The hold on this slot has expired: choose the slot again.") -> None:
        super().__init__(message)
