"""Commands that only Celery tasks dispatch. No socket can."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from server.kernel.wire import Done, InternalCommand


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one claimed row. It counts only while the claim that ends at ``claimed_until`` still stands."""

    id: int
    claimed_until: datetime
    attempts: int
    outcome: Literal["", "sent", "dropped", "failed"]
    """Empty when it is to be tried again."""
    error: str = ""
    not_before: datetime | None = None
    """When it is due again."""


class RecordDeliveries(InternalCommand[Done]):
    """Records what became of claimed rows, and what follows from it in their rooms."""

    method = "kernel.record_deliveries"

    results: list[Result]
