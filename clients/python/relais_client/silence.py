"""How long nothing was heard of the server.

A probe is a question that any living server answers: it is due after half a minute, and a minute after the last word
the connection is given up. Times in seconds.
"""

from __future__ import annotations

import math

PROBE_AFTER, SILENT_AFTER = 30.0, 60.0
PROBE_WITHIN = 5.0
"""How long the answer to a probe may take when the socket may be dead without knowing."""


class Silence:
    def __init__(self) -> None:
        self._heard_at = 0.0
        self._over_at: float | None = None
        """A probe is under way, and this is when it has taken too long."""

    def heard(self, now: float) -> None:
        """The server said something: any frame will do."""
        self._heard_at = now
        self._over_at = None

    def is_suspicious(self, at: float) -> bool:
        """Whether nothing was heard since something was sent at ``at``, and no probe is under way to find out why."""
        return self._over_at is None and self._heard_at <= at

    def is_over(self, now: float) -> bool:
        """Whether the connection is to be given up."""
        return self._over_at is not None and now >= self._over_at

    def probe_due(self, paused_until: float, now: float) -> float | None:
        """Seconds within which a probe must be answered, when one is due. Until ``paused_until`` nobody may speak."""
        since = max(self._heard_at, paused_until)
        if self._over_at is not None or now < since + PROBE_AFTER:
            return None
        # A program that was asleep looks late: the answer has its time all the same.
        return max(PROBE_WITHIN, since + SILENT_AFTER - now)

    def begin(self, within: float, now: float) -> bool:
        """Something must be heard within this time. True when a probe has to be sent for it: none is under way."""
        is_first = self._over_at is None
        self._over_at = min(math.inf if self._over_at is None else self._over_at, now + within)
        return is_first

    def due(self, paused_until: float) -> float:
        """When ``is_over`` or ``probe_due`` may next say something else."""
        return max(self._heard_at, paused_until) + PROBE_AFTER if self._over_at is None else self._over_at
