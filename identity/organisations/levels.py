"""Levels of access to a resource: which there are for each kind, and what each includes.

The rule is said here once. Rooms that own a kind of resource ask it before they act, and filter by it in queries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from identity.organisations.wire import AgendaLevel, ProfileLevel, ResourceKind

MANAGE: Final = "manage"
BUSY: Final = "busy"

LEVELS: Final[Mapping[ResourceKind, tuple[str, ...]]] = {
    "agenda": get_args(AgendaLevel),
    "profile": get_args(ProfileLevel),
    "room": (MANAGE,),
    "device": (MANAGE,),
}
"""From the least to the most; each includes those before it."""

EVERY_LEVEL: Final = tuple(dict.fromkeys(level for levels in LEVELS.values() for level in levels))

MANAGED_BY_OWNERS: Final[frozenset[ResourceKind]] = frozenset({"agenda", "room", "device"})
"""What an owner of the organisation manages without having been given a level. A profile is not among them: nobody
reads a colleague's messages because the practice is theirs.
"""


def allows(kind: ResourceKind, level: str | None, need: str) -> bool:
    """Whether ``level`` (None: no level at all) includes ``need``."""
    return level in at_least(kind, need)


def at_least(kind: ResourceKind, need: str) -> tuple[str, ...]:
    """The levels that include ``need``, for a condition in a query; ``need`` is a level of that kind."""
    levels = LEVELS[kind]
    return levels[levels.index(need) :]
