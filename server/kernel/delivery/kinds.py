"""What the rooms declare about their deliveries: how they are resolved, and what follows from the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft


@dataclass(frozen=True, slots=True)
class Claimed:
    """A due row that this worker may hand over until ``until``."""

    id: int
    key: str
    channel: str
    kind: str
    subject: UUID
    attempts: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Envelope:
    """Words and address of one message: ``to`` in international form or as an e-mail address."""

    to: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nothing is sent: it is no longer so, or there is nobody to tell.

    ``reason`` is a code of at most 40 characters.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """It still holds, but this is no time to send it."""

    not_before: datetime


Resolution: TypeAlias = Envelope | Dropped | Later


@dataclass(frozen=True, slots=True)
class Settled:
    """A row that was settled in this transaction; ``outcome`` is one of ``Delivery.Outcome``."""

    key: str
    channel: str
    kind: str
    subject: UUID
    outcome: str
    error: str


Resolve: TypeAlias = Callable[[Sequence[Claimed], datetime], Mapping[str, Resolution]]
"""Resolutions by key, in a number of statements that does not grow with the rows. Called outside any transaction; a
row that is missing from the answer, or for which it raises, has failed this once."""

Follow: TypeAlias = Callable[[Sequence[Settled], Transaction], Sequence[Draft]]
"""What follows in the transaction that settles them; returns what is to be told, which is recorded with the events of
the other kinds."""


def _nothing_follows(settled: Sequence[Settled], tx: Transaction) -> Sequence[Draft]:
    """For kinds whose room needs not know."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of delivery of a room."""

    name: str
    resolve: Resolve
    follow: Follow = _nothing_follows
    bounded: bool = False
    """Whether an address receives only so many of these an hour (``message_bounds``): what colleagues cause is; what
    one needs to sign in is not, and is not counted with it."""


_kinds: dict[str, Kind] = {}


def install(kinds: Iterable[Kind]) -> None:
    """Takes the kinds of all rooms, in place of those from before. Called once, by the registry."""
    _kinds.clear()
    _kinds.update({kind.name: kind for kind in kinds})


def find(name: str) -> Kind | None:
    """The kind of that name; None for one that this version does not know."""
    return _kinds.get(name)
