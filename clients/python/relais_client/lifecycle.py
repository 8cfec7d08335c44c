"""Whether a connection is wanted, sought or there, and when the next attempt is due. Times in seconds."""

from __future__ import annotations

from enum import Enum
from typing import Literal, TypeAlias

from relais_client.backoff import reconnect_delay
from relais_client.closures import Reconnect

CONNECT_WITHIN = 15.0
"""Seconds for a socket to open, and again for ``hello`` to be answered."""
STABLE_AFTER = 10.0
"""A connection that has lasted so long was a good one: the next back-off begins anew."""

ConnectionState: TypeAlias = Literal["up-to-date", "catching-up", "connecting", "offline", "stopped"]
"""What people may be told about the connection."""


class Phase(Enum):
    STOPPED = "stopped"
    WAITING = "waiting"
    CONNECTING = "connecting"
    GREETING = "greeting"
    OPEN = "open"


class Lifecycle:
    def __init__(self) -> None:
        self.phase = Phase.STOPPED
        self._until = 0.0
        """When the phase ends by itself; of an open connection, when it began."""
        self._attempt = 0

    @property
    def has_socket(self) -> bool:
        return self.phase not in {Phase.STOPPED, Phase.WAITING}

    @property
    def due(self) -> float | None:
        """When the phase ends by itself; ``None`` for one that does not."""
        return None if self.phase in {Phase.STOPPED, Phase.OPEN} else self._until

    def connect(self, now: float) -> None:
        self.phase, self._until = Phase.CONNECTING, now + CONNECT_WITHIN

    def greet(self, now: float) -> None:
        self.phase, self._until = Phase.GREETING, now + CONNECT_WITHIN

    def open(self, now: float) -> None:
        self.phase, self._until = Phase.OPEN, now

    def wait(self, closure: Reconnect, least: float, random: float, now: float) -> None:
        """Until the next attempt: as long as the closure asks for, and ``least`` at least."""
        if self.phase is Phase.OPEN and now - self._until >= STABLE_AFTER:
            self._attempt = 0
        wait = max(least, reconnect_delay(self._attempt, closure, random))
        self.phase, self._until = Phase.WAITING, now + wait
        self._attempt += 1

    def stop(self) -> None:
        self.phase, self._attempt = Phase.STOPPED, 0

    def state(self, behind: int) -> ConnectionState:
        """With so many streams of which something is missing."""
        if self.phase is Phase.STOPPED:
            return "stopped"
        if self.phase is Phase.OPEN:
            return "catching-up" if behind else "up-to-date"
        return "connecting" if self.phase is Phase.GREETING or self._attempt < 2 else "offline"
