"""Why a patient is not written down, beyond what is wrong with their details."""

from __future__ import annotations

from server.kernel.wire.errors import Refusal


class TooManyPatients(Refusal):
    """The caller has written down as many patients as one person may in 24 hours (``data.limit``), those of their
    bookings counted. ``data.retry_after`` seconds later the next one may be.
    """

    reason = "too_many_patients"

    def __init__(self, limit: int, retry_after: float) -> None:
        message = f"One person may write down {limit} patients in 24 hours: search for the one you need, or wait."
        super().__init__(message, limit=limit, retry_after=retry_after)
