"""What may hold a file, and who may read what holds it: each room answers for its own kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from server.kernel.authentication import Actor

Readable = Callable[[Actor, Collection[UUID]], set[UUID]]


@dataclass(frozen=True, slots=True)
class HolderKind:
    """One kind of holder. ``readable`` returns those of these holders that the caller may read now."""

    kind: str
    readable: Readable


_kinds: dict[str, Readable] = {}


def install(kinds: Iterable[HolderKind]) -> None:
    """Takes the kinds of this server, declared by its rooms."""
    _kinds.update((one.kind, one.readable) for one in kinds)


def readable(actor: Actor, holders: Iterable[tuple[str, UUID]]) -> bool:
    """Whether the caller may read at least one of these holders now."""
    by_kind: dict[str, set[UUID]] = {}
    for kind, subject in holders:
        by_kind.setdefault(kind, set()).add(subject)
    return any(kind in _kinds and _kinds[kind](actor, subjects) for kind, subjects in by_kind.items())
