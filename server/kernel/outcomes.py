"""What becomes of calls: an outcome for each, and what all of them together have to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from server.kernel.announcements import SocketClosure
from server.kernel.streams import EncodedEvent
from server.kernel.wire.errors import INTERNAL_ERROR, Refusal

R = TypeVar("R")


class InternalError(Refusal):
    """A defect of ours (-32603): the client learns an incident id and nothing else; the log has the rest."""

    code = INTERNAL_ERROR
    reason = "internal"

    def __init__(self, incident: UUID) -> None:
        super().__init__("Something went wrong on our side.", incident=str(incident))

    def as_data(self) -> dict[str, object]:
        return dict(self.data)


@dataclass(slots=True)
class OutboundSignal:
    """A signal for some persons, encoded once."""

    text: str
    audience: frozenset[UUID]
    stream: str


@dataclass(slots=True)
class Outbound:
    """What a committed transaction has to tell, for the hub."""

    events: list[EncodedEvent] = field(default_factory=list)
    signals: list[OutboundSignal] = field(default_factory=list)
    closures: list[SocketClosure] = field(default_factory=list)
    announcements: list[UUID] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.events or self.signals or self.closures)

    def add(self, more: Outbound) -> None:
        """Tells what another transaction has to tell along with it."""
        self.events += more.events
        self.signals += more.signals
        self.closures += more.closures
        self.announcements += more.announcements


@dataclass(slots=True)
class Outcome(Generic[R]):
    """What became of one call: the result, or the refusal; ``watch`` is what its socket watches from now on, each
    stream with the number that its caller knows it at (None: no longer)."""

    result: R | None = None
    refused: Refusal | None = None
    listening: bool = False
    """Its socket receives what concerns the caller from now on."""
    watch: dict[str, int | None] = field(default_factory=dict)
