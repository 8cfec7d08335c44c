"""Ids chosen by the client: UUID version 7 (RFC 9562), in the order of time."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new id: 48 bits of milliseconds, then 74 random bits."""
    random = int.from_bytes(os.urandom(10)) & ((1 << 74) - 1)
    high = (time.time_ns() // 1_000_000 << 16) | 0x7000 | (random >> 62)
    return UUID(int=(high << 64) | (0b10 << 62) | (random & ((1 << 62) - 1)))
