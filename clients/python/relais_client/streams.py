"""How far each stream is known here. Numbers have no gaps, so a gap is something missing, to be asked for.

A conversation without a known position has no gap: ``conversation.get`` says where it stands, and it is followed from
there. Numbers below a stream's ``from`` are hidden from this person and never asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from relais_client import wire
from relais_client.backoff import retry_delay
from relais_client.frames import Page, RawEvent


@dataclass(frozen=True, slots=True)
class Question:
    """What the engine asks of the server for one stream."""

    stream: str
    command: wire.Sync | wire.GetConversation


class State(Protocol):
    """Where a stream stands, as ``hello`` says."""

    @property
    def stream(self) -> str: ...
    @property
    def head(self) -> int: ...
    @property
    def from_(self) -> int: ...
    @property
    def conversation(self) -> object | None: ...


@dataclass(slots=True)
class Position:
    head: int
    """The highest number heard of."""
    at: int | None = None
    """Everything up to here has been delivered; ``None`` until the server has said where the stream stands."""
    stale: bool = False
    """``hello`` did not say where it stands, so more may have happened than is known."""
    live: bool = False
    """Events are delivered as they come: a number that is left out is no gap, and none can be asked for."""
    describe: bool = False
    """``conversation.get`` is to be asked."""
    asked: int | None = None
    """The head when the question under way was asked; ``None`` while there is none."""
    tries: int = 0
    """How often a question brought nothing, since one did."""
    not_before: float = 0.0

    @property
    def is_missing(self) -> bool:
        return self.describe or (self.at is not None and self.head > self.at)

    def settle(self) -> None:
        """Nothing is asked, and nothing has failed."""
        self.asked, self.tries, self.not_before = None, 0, 0.0


class Streams:
    def __init__(self, cursors: Mapping[str, int]) -> None:
        self._positions = {stream: Position(at, at) for stream, at in cursors.items()}
        self._missing: dict[str, None] = {}
        """Streams of which something is missing here, in the order in which they were found out."""

    @property
    def behind(self) -> int:
        """Of how many streams something is missing here."""
        return len(self._missing)

    def at(self, stream: str) -> int | None:
        position = self._positions.get(stream)
        return None if position is None else position.at

    def is_stale(self, stream: str) -> bool:
        position = self._positions.get(stream)
        return position is not None and position.stale

    def names(self) -> list[str]:
        return list(self._positions)

    def cursors(self, first: str | None = None, most: int | None = None) -> dict[str, int]:
        """Where streams stand, for ``hello``: ``first`` and then others, at most ``most``. Agendas are watched anew."""
        known = [(name, found.at) for name, found in self._positions.items() if found.at is not None]
        kept = sorted((pair for pair in known if not is_kind("a", pair[0])), key=lambda pair: pair[0] != first)
        return dict(kept[:most])

    def forget(self, stream: str) -> None:
        self._positions.pop(stream, None)
        self._missing.pop(stream, None)

    def clear(self) -> None:
        self._positions.clear()
        self._missing.clear()

    def welcome(
        self, streams: Iterable[State], more: bool, cursors: Mapping[str, int], limit: float
    ) -> tuple[list[str], list[str], list[str]]:
        """What ``hello`` said, asked with ``cursors``: the streams that are lost, those that begin anew, and those that
        are unchanged.

        A stream of a cursor that is not listed has not moved and holds nothing unread, or is stale when there are
        ``more``; without a cursor and with no more, it is no longer this person's.
        """
        listed = {state.stream: state for state in streams}
        lost, unchanged = [], []
        for name, position in list(self._positions.items()):
            position.settle()
            if name in listed:
                position.describe = position.describe and listed[name].conversation is None
            elif (not more) if position.at is None else is_kind("a", name):
                self.forget(name)
            elif more:
                position.stale = True
            elif name in cursors:
                unchanged.append(name)
            else:
                lost.append(name)
        for name in lost:
            self.forget(name)
        reset = [name for name, state in listed.items() if self._place(name, state.head, state.from_, limit)]
        return lost, reset, unchanged

    def follow(self, stream: str, head: int, from_: int, limit: float) -> bool:
        """From now on events after ``head`` are delivered. A stream that is followed already keeps its place."""
        position = self._positions.get(stream)
        if position is not None and position.at is not None and not position.stale:
            return False
        return self._place(stream, head, from_, limit)

    def follow_live(self, stream: str) -> None:
        """From now on events are delivered as they come: the server does not say where the stream stands."""
        known = self._positions.get(stream)
        self._put(stream, Position(known.head if known else 0, live=True))

    def describe(self, conversation: UUID) -> None:
        """``conversation.get`` will be asked, whatever is known of it."""
        stream = stream_of(conversation)
        position = self._positions.get(stream) or Position(0)
        position.describe = True
        self._put(stream, position)

    def accept(self, event: RawEvent) -> bool:
        """Whether to deliver it: it is the next of its stream. Known numbers are not; a later one leaves a gap."""
        stream, seq = event.stream, event.seq
        position = self._positions.get(stream) or Position(seq)
        is_new = position.live and seq > position.head
        position.head = max(position.head, seq)
        position.stale = False
        is_next = position.at is not None and seq == position.at + 1
        if is_next:
            position.at = seq
        # An agenda's is heard of a moment before the answer that says where it stands.
        if position.at is None and conversation_of(stream) is not None:
            position.describe = True
        self._put(stream, position)
        return is_next or is_new

    def questions(self, limit: int, room: int, now: float) -> list[Question]:
        """At most ``room`` questions that are due; they count as asked from here."""
        questions: list[Question] = []
        for stream in self._missing:
            position = self._positions[stream]
            if len(questions) >= room:
                break
            if position.asked is not None or position.not_before > now:
                continue
            position.asked = position.head
            conversation = conversation_of(stream)
            if position.describe and conversation is not None:
                questions.append(Question(stream, wire.GetConversation(conversation=conversation)))
            else:
                questions.append(Question(stream, wire.Sync(stream=stream, after=position.at or 0, limit=limit)))
        return questions

    def page(self, stream: str, page: Page, random: float, now: float) -> list[RawEvent]:
        """A page of ``sync``: the events to deliver, in order. After a page that brings nothing the stream waits."""
        position = self._positions.get(stream)
        if position is None or position.at is None:
            return []
        heard_since = position.asked is not None and position.head > position.asked
        before = position.at
        position.asked = None
        position.head = max(position.head, page.head)
        self._put(stream, position)
        named = [RawEvent(stream, event.seq, event.at, event.type, event.data) for event in page.events]
        events = [event for event in named if self.accept(event)]
        if position.at > before or not position.is_missing:
            position.settle()
        elif not heard_since or page.head > before:
            self.failed(stream, 0.0, random, now)
        return events

    def described(self, conversation: wire.ConversationView, limit: float) -> tuple[bool, bool]:
        """The answer to ``conversation.get``: whether it is still asked for, and whether the stream begins anew."""
        stream = f"c:{conversation.id}"
        position = self._positions.get(stream)
        if position is None or not position.describe:
            return False, False
        position.describe = False
        position.settle()
        self._put(stream, position)
        return True, self.follow(stream, conversation.head, conversation.from_, limit)

    def failed(self, stream: str, least: float, random: float, now: float) -> None:
        """A question failed for a reason that may pass: this stream waits, longer each time, ``least`` at least."""
        position = self._positions.get(stream)
        if position is None:
            return
        position.asked = None
        position.not_before = now + max(least, retry_delay(position.tries, random))
        position.tries += 1

    def due(self) -> float | None:
        """When the next question is due; ``None`` when nothing is missing."""
        behind = (self._positions[stream] for stream in self._missing)
        at = min((position.not_before for position in behind if position.asked is None), default=math.inf)
        return None if at == math.inf else at

    def _place(self, stream: str, head: int, from_: int, limit: float) -> bool:
        """The server says where the stream stands.

        True when it now begins anew there: it is further behind than one answer to ``sync`` holds, its numbers went
        back, or what is held lies before the first number this person may see.
        """
        known = self._positions.get(stream) or Position(head)
        # An inbox is read from end to end: it says which conversations are lost.
        is_far = known.at is not None and head - known.at > limit and not is_kind("i", stream)
        reset = known.at is not None and (is_far or head < known.at or known.at < from_ - 1)
        at = head if known.at is None or reset else known.at
        heard = head if reset else max(known.head, head)
        self._put(stream, Position(heard, at, describe=known.describe))
        return reset

    def _put(self, stream: str, position: Position) -> None:
        self._positions[stream] = position
        if not position.is_missing:
            self._missing.pop(stream, None)
        elif stream not in self._missing:
            self._missing[stream] = None


def stream_of(conversation: UUID) -> str:
    """The name of a conversation's stream."""
    return f"c:{conversation}"


def conversation_of(stream: str) -> UUID | None:
    """The conversation whose stream it is; ``None`` for a stream of another kind."""
    try:
        return UUID(stream[2:]) if is_kind("c", stream) else None
    except ValueError:
        return None


def is_kind(kind: str, stream: str) -> bool:
    """Whether it is the stream of a conversation (``c``), an agenda (``a``) or an inbox (``i``)."""
    return stream.startswith(f"{kind}:")
