"""Ids that sort by the time at which they were made: UUID version 7 (RFC 9562). Python 3.11 makes none itself."""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


def uuid7(at: datetime | None = None, random: bytes = b"") -> UUID:
    """A new id: 48 bits of milliseconds, then 74 random bits.

    ``at`` and ten bytes ``random`` make the same id again: for things that must have theirs in every run.
    """
    milliseconds = time.time_ns() // 1_000_000 if at is None else int(at.timestamp() * 1000)
    chance = int.from_bytes(random or os.urandom(10), "big") & ((1 << 74) - 1)
    high = (milliseconds << 16) | 0x7000 | (chance >> 62)
    return UUID(int=(high << 64) | (0b10 << 62) | (chance & ((1 << 62) - 1)))


def text(wanted: UUID | str) -> str:
    """An id as it is written everywhere: ``str`` of a UUID, at a ninth of the time. A text is left as it is."""
    written: Any = msgspec.to_builtins(wanted)
    return str(written)


def made_at(wanted: UUID) -> float | None:
    """The time that an id of version 7 bears, in seconds since 1970; None for an id of another kind."""
    number = wanted.int
    if (number >> 76) & 0xF != 7 or (number >> 62) & 0b11 != 0b10:
        return None
    return (number >> 80) / 1000
