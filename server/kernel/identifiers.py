"""Ids that sort by the time at which they were made: UUID version 7 (RFC 9562). Python 3.11 makes none itself."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from uuid import RFC_4122, UUID


def uuid7(at: datetime | None = None, random: bytes = b"") -> UUID:
    """A new id: 48 bits of milliseconds, then 74 random bits.

    ``at`` and ten bytes ``random`` make the same id again: for things that must have theirs in every run.
    """
    milliseconds = time.time_ns() // 1_000_000 if at is None else int(at.timestamp() * 1000)
    chance = int.from_bytes(random or os.urandom(10), "big") & ((1 << 74) - 1)
    high = (milliseconds << 16) | 0x7000 | (chance >> 62)
    return UUID(int=(high << 64) | (0b10 << 62) | (chance & ((1 << 62) - 1)))


def made_at(id: UUID) -> datetime | None:  # noqa: A002  (it is one)
    """The time that an id of version 7 bears; None for an id of another kind, or one that bears no time of ours."""
    if id.version != 7 or id.variant != RFC_4122:
        return None
    try:
        return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
