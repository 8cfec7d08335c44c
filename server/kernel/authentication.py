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
    organisation: UUID | None = None
    """For which organisation they act."""
    on_behalf_of: UUID | None = None
    """For which person they act, when it is not themselves."""


SYSTEM = Actor(None, verified=True, name="relais")
