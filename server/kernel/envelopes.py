"""What processes tell each other over Redis, and what of it this one has delivered already."""

from __future__ import annotations

import time
from collections.abc import Iterable
from uuid import UUID

import msgspec

from server.kernel.announcements import SocketClosure
from server.kernel.outcomes import Outbound

TOLD_FOR = 30.0
"""Seconds for which a process remembers what it has delivered: longer than it looks back while it hears nothing. What
is older is delivered twice when it is met again; its number makes that harmless."""


class EncodedFrame(msgspec.Struct, frozen=True, array_like=True):
    """One frame for its audience, and what those are sent instead who watch its stream."""

    stream: str
    text: str
    persons: list[UUID]
    masked: str | None = None
    watched: bool = False
    """Whether anybody who only watches is sent something."""
    masked_for: list[UUID] = []
    public: str | None = None
    """What those are sent who may not read the stream at all. Each socket numbers it anew."""
    seq: int = 0
    """The number of the event, in all of its forms; 0 for a signal."""


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """One message over the channel layer."""

    origin: UUID
    number: int
    """Numbered from 1 by each origin, so that a lost message is noticed; 0: from a process without a hub."""
    frames: list[EncodedFrame]
    closures: list[SocketClosure]
    devices: list[tuple[UUID, UUID]]
    """Persons, and the devices they have just connected at the origin."""
    skipped: bool = False
    """Since its last message the origin skipped publishing something, because it knew of no peer."""
    parts: list[tuple[list[UUID], int]] = []
    """How many of the frames, in their order, belong to which announcements; to none, when they are signals alone."""


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Envelope).decode


def frames_of(outbound: Outbound) -> list[EncodedFrame]:
    """Events and signals of a transaction, each encoded once."""
    frames = [
        EncodedFrame(
            event.stream,
            event.text,
            list(event.audience),
            event.masked,
            watched=event.masked is not None or event.public is not None,
            masked_for=list(event.masked_for),
            public=event.public,
            seq=event.seq,
        )
        for event in outbound.events
    ]
    frames += [EncodedFrame(one.stream, one.text, list(one.audience)) for one in outbound.signals]
    return frames


class Told:
    """The announcements that this process has delivered to its sockets lately."""

    def __init__(self) -> None:
        self._until: dict[UUID, float] = {}

    def __contains__(self, announcement: UUID) -> bool:
        return announcement in self._until

    def note(self, announcements: Iterable[UUID]) -> bool:
        """Whether any of them is new."""
        known, until = len(self._until), time.monotonic() + TOLD_FOR
        self._until.update(dict.fromkeys(announcements, until))
        return len(self._until) > known

    def new(self, envelope: Envelope) -> list[EncodedFrame]:
        """The frames of a message that were not delivered here before; they are from now on."""
        if not envelope.parts:  # of a process of an earlier version
            return envelope.frames
        frames, first = list[EncodedFrame](), 0
        for announcements, count in envelope.parts:
            if not announcements or self.note(announcements):
                frames += envelope.frames[first : first + count]
            first += count
        return frames

    def forget(self) -> None:
        """Drops what was delivered long ago."""
        now = time.monotonic()
        while self._until and self._until[oldest := next(iter(self._until))] < now:
            del self._until[oldest]
