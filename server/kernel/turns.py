"""Whose turn it is: what waits is taken from each owner in rotation, and no owner has more than a share under way.

Pure and without a clock. An owner is whoever must not hold the others up: a person, an address. What one owner has
waiting keeps its order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """What waits for ``places`` places, of which one owner takes at most ``share`` at a time."""

    __slots__ = ("_places", "_rotation", "_running", "_share", "_taken", "_waiting", "_waits")

    def __init__(self, places: int, share: int) -> None:
        self._places = places
        self._share = share
        self._taken = 0
        self._running: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[T]] = {}
        self._waits = 0
        # Owners that have something waiting and are below their share, the one whose turn it is first.
        self._rotation: deque[Hashable] = deque()

    def __len__(self) -> int:
        """How much waits, of all owners."""
        return self._waits

    def waiting(self, owner: Hashable) -> int:
        """How much of one owner waits."""
        return len(self._waiting.get(owner, ()))

    def add(self, owner: Hashable, one: T) -> None:
        """Puts something behind what its owner has waiting."""
        queue = self._waiting.get(owner)
        if queue is None:
            queue = self._waiting[owner] = deque()
            if self._running.get(owner, 0) < self._share:
                self._rotation.append(owner)
        queue.append(one)
        self._waits += 1

    def take(self) -> tuple[Hashable, T] | None:
        """The next one and its owner, who has one place more until ``done``; None when no place is free, or nobody may
        take one."""
        if self._taken >= self._places or not self._rotation:
            return None
        owner = self._rotation.popleft()
        queue = self._waiting[owner]
        one = queue.popleft()
        self._waits -= 1
        self._taken += 1
        running = self._running[owner] = self._running.get(owner, 0) + 1
        if not queue:
            del self._waiting[owner]
        elif running < self._share:
            self._rotation.append(owner)
        return owner, one

    def done(self, owner: Hashable) -> None:
        """Gives back one place of an owner."""
        self._taken -= 1
        running = self._running[owner] - 1
        if running:
            self._running[owner] = running
        else:
            del self._running[owner]
        if running == self._share - 1 and owner in self._waiting:
            self._rotation.append(owner)

    def owners(self) -> list[Hashable]:
        """Everybody who has something waiting."""
        return list(self._waiting)

    def head(self, owner: Hashable) -> T | None:
        """What has waited longest of an owner; None when nothing waits."""
        queue = self._waiting.get(owner)
        return queue[0] if queue else None

    def drop(self, owner: Hashable) -> None:
        """Takes away what ``head`` returns."""
        queue = self._waiting[owner]
        queue.popleft()
        self._waits -= 1
        if not queue:
            del self._waiting[owner]
            if self._running.get(owner, 0) < self._share:
                self._rotation.remove(owner)
