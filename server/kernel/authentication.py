"""Who asks: the actor of a command, whatever the transport."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose behalf something is done. Without a person it is Relais itself: a task, the command line."""

    person: UUID | None
    session: UUID | None = None
    verified: bool = False
    name: str = ""


SYSTEM = Actor(None, verified=True, name="relais")
