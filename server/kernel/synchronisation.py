"""``hello`` and ``sync``: how a device begins, how it catches up, and what is delivered again.

Nothing here knows what the streams are about: the composition says who shows a person, and which streams there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.kernel import events, streams
from server.kernel.announcements import PendingAnnouncement, Range
from server.kernel.authentication import Actor
from server.kernel.dispatch import Outbound, Transaction
from server.kernel.events import Audience, Reading, StoredEvent, StreamKind, registry
from server.kernel.streams import EncodedEvent
from server.kernel.wire import Scope, View, stream_name, stream_parts
from server.kernel.wire.errors import NotFound
from server.kernel.wire.handshake import Hello, Limits, StreamEventView, StreamState, Sync, Synced, Welcome

AT_ONCE = 500
"""Events of one stream that are rendered at once when they are delivered again."""


def _inbox_reading(actor: Actor, owner: UUID) -> Reading:
    if actor.person != owner:
        raise NotFound
    return Reading("full")


def _inbox_audience(people: Collection[UUID]) -> Mapping[UUID, Audience]:
    return {person: Audience({person: 1}) for person in people}


INBOX = StreamKind("i", _inbox_reading, _inbox_audience)
"""A person's own stream: nobody else reads it."""


def inbox_state(actor: Actor) -> list[StreamState]:
    """The caller's inbox, as ``hello`` shows it."""
    name = stream_name(INBOX.kind, actor.person)
    return [StreamState(stream=name, head=streams.heads([name])[name])]


@dataclass(frozen=True, slots=True)
class Greeting:
    """What ``hello`` is put together from."""

    me: Callable[[Actor, UUID | None], View]
    """The caller and what they may do, acting for the organisation they ask for or chose before."""
    listeners: Scope
    """What the caller must hold to have streams at all, and to be sent their events."""
    states: Sequence[Callable[[Actor], list[StreamState]]]
    """Each gives streams of the caller, in the order in which they are shown."""
    limits: Limits

    def hello(self, actor: Actor, command: Hello, tx: Transaction) -> Welcome:
        """What a device needs to begin: who it speaks for, and the current head of each of their streams."""
        me = self.me(actor, command.acting_for)
        states: list[StreamState] = []
        if self.listeners in actor.scopes:
            states = [state for part in self.states for state in part(actor)]
            tx.listen()
        return Welcome(me=me, limits=self.limits, server_time=tx.now, streams=states)


def sync(actor: Actor, command: Sync, tx: Transaction) -> Synced:
    """Events after a number, as the caller may see them now, and none from before they may see any."""
    kind, owner = stream_parts(command.stream)
    found = registry.kinds.get(kind)
    if found is None:
        raise NotFound
    reading = found.reading(actor, owner)
    head = streams.heads([command.stream])[command.stream]
    after = max(command.after, reading.visible_from - 1)
    stored = streams.since(command.stream, after, command.limit)
    if reading.level == "full" and found.discloses is not None and (shown := found.discloses(stored)).about:
        tx.audit(actor, shown.act, command.stream, shown.about, by="sync")
    views = events.render(stored, reading)
    last = views[-1].seq if views else command.after
    return Synced(events=views, head=max(head, last), more=last < head)


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
