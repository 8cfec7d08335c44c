"""Refusals that say something about a slot."""

from __future__ import annotations

from typing import Literal

from server.kernel.wire.errors import Refusal


class SlotTaken(Refusal):
    """The slot is booked or held: choose another. When the caller holds it themselves, ``data.hold`` names that hold:
    go on with it.
    """

    reason = "slot_taken"

    def __init__(self, message: str = "This slot has just been taken: choose another.", **data: object) -> None:
        super().__init__(message, **data)


class HoldExpired(Refusal):
    """The fifteen minutes are over: hold the slot again."""

    reason = "hold_expired"

    def __init__(self, message: str = "The hold on this slot has expired: choose the slot again.") -> None:
        super().__init__(message)


class TooManyHolds(Refusal):
    """The caller holds as many slots as one may, of which ``data.limit`` says how many: in all, or in this agenda
    (``data.of`` is ``person`` or ``agenda``). Book one or give it back.
    """

    reason = "too_many_holds"

    def __init__(self, limit: int, of: Literal["person", "agenda"]) -> None:
        where = " in this agenda" if of == "agenda" else ""
        super().__init__(f"You hold {limit} slots{where} already: book one or give it back first.", limit=limit, of=of)


class TooManyBookings(Refusal):
    """The caller has as many appointments in this agenda as one may without the level ``book`` on it: ahead
    (``data.of`` is ``ahead``), or made within a day (``day``). ``data.limit`` says how many, with those held.
    """

    reason = "too_many_bookings"

    def __init__(self, limit: int, of: Literal["ahead", "day"]) -> None:
        what = "ahead" if of == "ahead" else "made within a day"
        message = f"You have {limit} appointments {what} in this agenda: ask its practice to book further ones."
        super().__init__(message, limit=limit, of=of)


class HoldPaused(Refusal):
    """The caller has held this time for as long as one may: it is free to others, and to the caller again after
    ``data.retry_after`` seconds. Choose another slot.
    """

    reason = "hold_paused"

    def __init__(self, retry_after: float) -> None:
        message = "You have held this slot for a quarter of an hour: others may take it first. Choose another slot."
        super().__init__(message, retry_after=retry_after)
