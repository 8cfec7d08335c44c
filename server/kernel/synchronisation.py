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
from server.kernel.events import Level, StreamKind, registry
from server.kernel.streams import EncodedEvent
from server.kernel.wire import View, frame, stream_name, stream_parts
from server.kernel.wire.errors import NotFound
from server.kernel.wire.handshake import Hello, Limits, StreamState, Sync, Synced, Welcome

AT_ONCE = 500
"""Events of one stream that are rendered at once when they are delivered again."""


def _inbox_level(actor: Actor, owner: UUID) -> Level:
    if actor.person != owner:
        raise NotFound
    return "full"


def _inbox_audience(people: Collection[UUID]) -> Mapping[UUID, Collection[UUID]]:
    return {person: (person,) for person in people}


INBOX = StreamKind("i", _inbox_level, _inbox_audience)
"""A person's own stream: nobody else reads it."""


def inbox_state(actor: Actor) -> list[StreamState]:
    """The caller's inbox, as ``hello`` shows it."""
    if actor.person is None:
        return []
    name = stream_name(INBOX.kind, actor.person)
    return [StreamState(stream=name, head=streams.heads([name])[name])]


@dataclass(frozen=True, slots=True)
class Greeting:
    """What ``hello`` is put together from."""

    me: Callable[[Actor], View]
    """The caller, and what they may do."""
    states: Sequence[Callable[[Actor], list[StreamState]]]
    """Each gives streams of the caller, in the order in which they are shown."""
    limits: Limits

    def hello(self, actor: Actor, command: Hello, tx: Transaction) -> Welcome:
        """What a device needs to begin: who it speaks for, and the current head of each of their streams."""
        me = self.me(actor)
        states = [state for part in self.states for state in part(actor)]
        return Welcome(me=me, limits=self.limits, server_time=tx.now, streams=states)


def sync(actor: Actor, command: Sync, tx: Transaction) -> Synced:
    """Events after a number, as the caller may see them now."""
    kind, owner = stream_parts(command.stream)
    found = registry.kinds.get(kind)
    if found is None:
        raise NotFound
    level = found.level(actor, owner)
    head = streams.heads([command.stream])[command.stream]
    views = events.render(streams.since(command.stream, command.after, command.limit), level)
    last = views[-1].seq if views else command.after
    return Synced(events=views, head=max(head, last), more=last < head)


def redeliver(pending: Sequence[PendingAnnouncement]) -> Outbound:
    """What announcements stand for, from the log, for those who may have it now."""
    news = Outbound()
    for one in pending:
        news.endings += one.news.endings
        for span in one.news.ranges:
            news.events += _events_again(span)
    return news


def _events_again(span: Range) -> list[EncodedEvent]:
    kind, owner = stream_parts(span.stream)
    found = registry.kinds.get(kind)
    if found is None:
        return []
    audience = frozenset(found.audience([owner]).get(owner, ()))
    again: list[EncodedEvent] = []
    for first in range(span.first, span.last + 1, AT_ONCE):
        stored = streams.since(span.stream, first - 1, min(AT_ONCE, span.last + 1 - first))
        has_masks = any(registry.has_mask(event.type) for event in stored)
        masks = events.render(stored, "masked") if has_masks else []
        texts = {mask.seq: frame.event(mask) for mask in masks if registry.has_mask(mask.type)}
        again += [
            EncodedEvent(span.stream, full.seq, frame.event(full), audience, texts.get(full.seq))
            for full in events.render(stored, "full")
        ]
    return again
