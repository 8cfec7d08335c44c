"""How long what a person asks for may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from server.kernel.statements import Statement
from server.kernel.wire.errors import Unavailable

RETRY_AFTER = 2.0
"""Seconds after which to send again what took too long."""

_LIMIT = Statement(
    "SELECT set_config('statement_timeout', %b::text, true), set_config('lock_timeout', %b::text, true),"
    " set_config('plan_cache_mode', %b::text, true)"
)


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long calls may take. PostgreSQL ends a statement that exceeds it, and a wait for another one's lock sooner:
    whatever holds a lock for so long must not hold up everybody whose calls share the transaction."""

    until: float
    """By the monotonic clock."""
    lock_seconds: float

    @classmethod
    def of(cls, seconds: float) -> TimeLimit:
        return cls(time.monotonic() + seconds, seconds / 5)

    def alone(self) -> TimeLimit:
        """For each call of a batch that failed as a whole, within the same time."""
        return replace(self, lock_seconds=self.lock_seconds / 4)

    def left(self) -> float:
        """Seconds; raises ``Unavailable`` when there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise Unavailable(retry_after=RETRY_AFTER)
        return left

    def apply(self, *, plans_once: bool = False) -> None:
        """Sets the limits of the open transaction. One statement.

        ``plans_once``: what it carries out are written statements whose parameters are arrays. PostgreSQL takes the
        plan it has made of each, and makes no better one for the length of these: that costs more than it saves.
        """
        planning = "force_generic_plan" if plans_once else "auto"
        _LIMIT.send(f"{self.left() * 1000:.0f}ms", f"{self.lock_seconds * 1000:.0f}ms", planning)

    def before_each(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """Django's wrapper of statements: many short ones may not take longer than one."""
        self.left()
        return execute(*statement)
