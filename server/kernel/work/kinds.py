"""What the rooms declare about what waits: what it is called for those who may see it, and what they may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from server.kernel.authentication import Actor
from server.kernel.models import WorkItem


@dataclass(frozen=True, slots=True)
class Description:
    """How one item appears to one person: the code of a text that clients have, its data, the person's abilities."""

    title: str
    data: Mapping[str, object] = field(default_factory=dict)
    abilities: Sequence[str] = ()


Describe: TypeAlias = Callable[[Actor, Sequence[WorkItem]], Mapping[UUID, Description]]
"""Descriptions by subject, for the items that the actor may see. Those that are missing are not shown."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work of a room."""

    name: str
    describe: Describe


_kinds: dict[str, Kind] = {}


def install(kinds: Iterable[Kind]) -> None:
    """Takes the kinds of all rooms, in place of those from before. Called once, by the registry."""
    _kinds.clear()
    _kinds.update({kind.name: kind for kind in kinds})


def get(name: str) -> Kind:
    """The kind of that name, which must have been declared."""
    return _kinds[name]


def names() -> list[str]:
    """Every kind that is declared."""
    return sorted(_kinds)
