"""``hello`` and ``sync``: how a device begins, how it catches up, and what is delivered again.

Nothing here knows what the streams are about: the composition says who shows a person, and which streams there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from server.kernel import events, paging, streams
from server.kernel.announcements import PendingAnnouncement, Range
from server.kernel.authentication import Actor, Person
from server.kernel.dispatch import Call, Transaction
from server.kernel.events import Audience, Reading, Rows, StoredEvent, StreamKind, registry
from server.kernel.outcomes import Outbound
from server.kernel.streams import EncodedEvent, StoredPage
from server.kernel.wire import Scope, View, stream_name, stream_parts
from server.kernel.wire.errors import NotFound, Refusal
from server.kernel.wire.handshake import (
    HELLO_BYTES,
    HELLO_STREAMS,
    HELLO_SUMMARIES,
    HELLO_SUMMARY_BYTES,
    Hello,
    Limits,
    StreamEventView,
    StreamState,
    Sync,
    Synced,
    Welcome,
)

_encode = msgspec.json.Encoder().encode

AT_ONCE = 500
"""Events of one stream that are rendered at once when they are delivered again."""


def _inbox_readings(asked: Sequence[tuple[Actor, UUID]]) -> list[Reading | Refusal]:
    return [Reading("full") if actor.person == owner else NotFound() for actor, owner in asked]


def _inbox_audience(people: Collection[UUID]) -> Mapping[UUID, Audience]:
    return {person: Audience({person: 1}) for person in people}


INBOX = StreamKind("i", _inbox_readings, _inbox_audience)
"""A person's own stream: nobody else reads it."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who says ``hello``, and how far each stream is known on their device."""

    actor: Actor
    cursors: Mapping[str, int]


class StreamList(NamedTuple):
    """Streams of one asker that differ from their cursors, in the order in which they are shown."""

    states: list[StreamState]
    """All of them, without a view of what they belong to."""
    views: Iterable[object] = ()
    """The views of the first of them, made as they are taken: what does not fit is not opened."""
    unread: int = 0


def inbox_states(askers: Sequence[Asker]) -> Callable[[], list[StreamList]]:
    """The inbox of each asker, as ``hello`` shows it. One statement; the function returned waits for it."""
    names = [stream_name(INBOX.kind, asker.actor.person) for asker in askers]
    fetch = streams.ask_heads(names)

    def listed() -> list[StreamList]:
        heads = fetch()
        return [
            StreamList([StreamState(stream=name, head=heads[name])] if asker.cursors.get(name) != heads[name] else [])
            for asker, name in zip(askers, names, strict=True)
        ]

    return listed


Me: TypeAlias = Callable[[Sequence[Actor]], Callable[[Sequence[tuple[Actor, UUID | None]]], Sequence[View | Refusal]]]


Answer: TypeAlias = Callable[[Sequence[Call[Hello]], Transaction], Callable[[], list[Welcome | Refusal]]]


def _asked_by(call: Call[Hello]) -> tuple[UUID, int]:
    """What tells one call of a batch from the others, whatever has become of its actor meanwhile."""
    return call.actor.person, id(call.command)


ENVELOPE_BYTES = 1024
"""Of the frame around an answer, the id that the client chose included."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What ``hello`` is put together from."""

    me: Me
    """Asks about callers as they stood when they came. The function returned waits, and says of those who are admitted
    who they are and what they may do, acting for the organisation they ask for or chose before."""
    listeners: Scope
    """What the caller must hold to have streams at all, and to be sent their events."""
    states: Sequence[Callable[[Sequence[Asker]], Callable[[], list[StreamList]]]]
    """Each gives streams of the askers: those that must be listed in any case first.

    Like ``me`` they ask first, and return a function that waits: all questions travel together. What they ask for
    after that, to make the views, is not waited for before the views are made: it comes with the commit.
    """
    limits: Limits

    def hello(self, calls: Sequence[Call[Hello]], tx: Transaction) -> Callable[[], list[Welcome | Refusal]]:
        """What a device needs to begin: who it speaks for, and the current head of their streams, within 64 KiB.

        After a restart everybody asks at once: the statements are the same for one call and for many.
        """
        return self.ask(calls, tx)(calls, tx)

    def ask(self, calls: Sequence[Call[Hello]], _: Transaction) -> Answer:
        """``hello``, asked for callers as they stood when they came. What it returns answers those who are admitted; if
        anybody is verified by now who was not, it asks again."""
        me = self.me([call.actor for call in calls if isinstance(call.actor, Person)])
        listening = [call for call in calls if self.listeners in call.actor.scopes]
        numbers = {_asked_by(call): number for number, call in enumerate(listening)}
        askers = [Asker(call.actor, call.command.cursors or {}) for call in listening]
        parts = [part(askers) for part in self.states] if askers else []

        def answer(admitted: Sequence[Call[Hello]], tx: Transaction) -> Callable[[], list[Welcome | Refusal]]:
            now_listening = [call for call in admitted if self.listeners in call.actor.scopes]
            if any(_asked_by(call) not in numbers for call in now_listening):
                return self.hello(admitted, tx)
            mes = me([(call.actor, call.command.acting_for) for call in admitted])
            lists = list(zip(*(part() for part in parts), strict=True))
            for call in now_listening:
                tx.listen(call.actor)
            theirs = {_asked_by(call): lists[numbers[_asked_by(call)]] for call in now_listening}
            return lambda: [
                one if isinstance(one, Refusal) else self._welcome(one, theirs.get(_asked_by(call), ()), tx)
                for one, call in zip(mes, admitted, strict=True)
            ]

        return answer

    def _welcome(self, me: View, lists: Sequence[StreamList], tx: Transaction) -> Welcome:
        bare = Welcome(
            me=me,
            limits=self.limits,
            server_time=tx.now,
            streams=[],
            more=True,
            unread=sum(one.unread for one in lists),
        )
        states, more = _fitting(lists, HELLO_BYTES - ENVELOPE_BYTES - len(_encode(bare)))
        return msgspec.structs.replace(bare, streams=states, more=more)


def _fitting(lists: Sequence[StreamList], left: int) -> tuple[list[StreamState], bool]:
    """As many streams as fit into so many bytes, and whether there are more: first those with a view, as many as may
    be, then all others without one."""
    summaries = (
        # Encoded once: the answer takes it as it is.
        msgspec.structs.replace(state, conversation=msgspec.Raw(_encode(view)))
        for one in lists
        for state, view in zip(one.states, one.views, strict=False)
    )
    most = min(HELLO_SUMMARY_BYTES, left)
    room = paging.Room(most)
    shown = room.take(islice(summaries, HELLO_SUMMARIES))
    names = {state.stream for state in shown}
    rest = [state for one in lists for state in one.states if state.stream not in names]
    listed = paging.Room(left - (most - room.left)).take(rest[:HELLO_STREAMS])
    return [*shown, *listed], len(listed) < len(rest)


CHUNK = 50
"""Events of one stream that are rendered at once while a page is filled: the longest messages are not all opened for
a page that holds few of them."""


def sync(calls: Sequence[Call[Sync]], tx: Transaction) -> list[Synced | Refusal]:
    """Events after a number, as each caller may see them now, and none from before they may see any."""
    readings = _readings(calls)
    wanted = [
        (call.command.stream, max(call.command.after, reading.visible_from - 1), call.command.limit)
        for call, reading in zip(calls, readings, strict=True)
        if isinstance(reading, Reading)
    ]
    pages = streams.pages(wanted)
    # Most pages are one chunk long: what they refer to is read at once for all calls.
    levels = [reading.level for reading in readings if isinstance(reading, Reading)]
    rows = {
        level: events.load(
            [event for one, of in zip(pages, levels, strict=True) if of == level for event in one.events[:CHUNK]], level
        )
        for level in set(levels)
    }
    found = iter(pages)
    return [
        reading if isinstance(reading, Refusal) else _page(call, reading, next(found), rows[reading.level], tx)
        for call, reading in zip(calls, readings, strict=True)
    ]


def _readings(calls: Sequence[Call[Sync]]) -> list[Reading | Refusal]:
    """How each caller may read the stream that they ask for. What a kind asks is asked once for all of them."""
    found: list[Reading | Refusal] = [NotFound() for _ in calls]
    by_kind: dict[str, list[tuple[int, tuple[Actor, UUID]]]] = {}
    for number, call in enumerate(calls):
        try:
            kind, owner = stream_parts(call.command.stream)
        except Refusal as refused:
            found[number] = refused
            continue
        if kind in registry.kinds:
            by_kind.setdefault(kind, []).append((number, (call.actor, owner)))
    for kind, asked in by_kind.items():
        readings = registry.kinds[kind].readings([one for _, one in asked])
        for (number, _), reading in zip(asked, readings, strict=True):
            found[number] = reading
    return found


def _page(call: Call[Sync], reading: Reading, page: StoredPage, rows: Rows, tx: Transaction) -> Synced:
    """As many events as fit into one page; what the audit is told is what is shown. ``rows`` are those of its first
    chunk."""
    room, views = paging.Room(paging.PAGE_BYTES), list[StreamEventView]()
    for first in range(0, len(page.events), CHUNK):
        chunk = events.render(page.events[first : first + CHUNK], reading, None if first else rows)
        taken = room.take(chunk, at_least=0 if views else 1)
        views += taken
        if len(taken) < len(chunk):
            break
    kind, _ = stream_parts(call.command.stream)
    discloses = registry.kinds[kind].discloses
    if reading.level == "full" and discloses is not None:
        shown = discloses(page.events[: len(views)])
        if shown.about:
            tx.audit(call.actor, shown.act, call.command.stream, shown.about, by="sync")
    last = views[-1].seq if views else call.command.after
    return Synced(events=views, head=max(page.head, last), more=last < page.head)


def redeliver(pending: Sequence[PendingAnnouncement]) -> Outbound:
    """What announcements stand for, from the log, for those who may have it now."""
    outbound = Outbound()
    for one in pending:
        outbound.closures += one.body.closures
        for span in one.body.ranges:
            outbound.events += _events_again(span)
    return outbound


def _events_again(span: Range) -> list[EncodedEvent]:
    """Events for those who are sent them now: in full as ``sync`` would show it to each, else as live."""
    kind, owner = stream_parts(span.stream)
    found = registry.kinds.get(kind)
    if found is None:
        return []
    audience = found.audience([owner]).get(owner, Audience({}))
    groups: dict[int, set[UUID]] = {1: set()}
    for person, visible_from in audience.full.items():
        groups.setdefault(visible_from, set()).add(person)
    again: list[EncodedEvent] = []
    for first in range(span.first, span.last + 1, AT_ONCE):
        stored = streams.since(span.stream, first - 1, min(AT_ONCE, span.last + 1 - first))
        masks = _masks(stored) if audience.masked or audience.public else {}
        for visible_from, people in sorted(groups.items()):
            visible = [event for event in stored if event.seq >= visible_from]
            for full in events.render(visible, Reading("full", visible_from)):
                masked = masks.get(full.seq) if visible_from == 1 else None
                again += streams.encode([(full, people)], masked, audience)
    return again


def _masks(stored: Sequence[StoredEvent]) -> dict[int, StreamEventView]:
    """The masked forms of those events that have one, by their numbers."""
    if not any(registry.has_mask(event.type) for event in stored):
        return {}
    return {mask.seq: mask for mask in events.render(stored, Reading("masked")) if registry.has_mask(mask.type)}
