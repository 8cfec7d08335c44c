"""How often somebody may do something: token buckets, without a clock of their own."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

REMEMBERED = 10_000
"""How many owners' buckets are kept, at least, before those that are full again are forgotten."""

SLACK = 1e-6
"""Tokens that may be missing: whoever waited as long as they were told is not refused for a rounding error."""


@dataclass(slots=True)
class Bucket:
    """``level`` refills with time up to ``capacity``."""

    capacity: float
    per_second: float
    level: float
    at: float

    def take(self, now: float, amount: float = 1.0) -> float:
        """Take so many tokens: 0.0 on success, otherwise the seconds until there are as many."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.per_second)
        self.at = now
        if self.level >= amount - SLACK:
            self.level -= amount
            return 0.0
        return (amount - self.level) / self.per_second

    def is_full(self, now: float) -> bool:
        """Whether it is as good as a new one."""
        return self.level + (now - self.at) * self.per_second >= self.capacity


class Rates:
    """A bucket for each owner."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: dict[Hashable, Bucket] = {}
        self._forget_at = REMEMBERED

    def take(self, owner: Hashable, now: float, amount: float = 1.0) -> float:
        """Take so many tokens of an owner: 0.0 on success, otherwise the seconds until there are as many."""
        bucket = self._buckets.get(owner)
        if bucket is None:
            if len(self._buckets) >= self._forget_at:
                self._buckets = {one: kept for one, kept in self._buckets.items() if not kept.is_full(now)}
                self._forget_at = max(REMEMBERED, 2 * len(self._buckets))
            bucket = self._buckets[owner] = Bucket(self._burst, self._per_second, self._burst, now)
        return bucket.take(now, amount)
