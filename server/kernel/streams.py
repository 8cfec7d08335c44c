"""Streams: every lasting change is an event with a number, from 1, without gaps.

The number is taken under the row lock of the stream, in the transaction that makes the change: a reader who has
seen number n has, or can get, every number before it. Domain rows are locked first, then all streams of the
transaction at once in the order of their names; ``record`` is therefore called once in a transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from server.kernel import events, vault
from server.kernel.events import Readers, StoredEvent, registry
from server.kernel.models import StreamEvent
from server.kernel.pg_arrays import byte_strings, numbers, texts, uuids
from server.kernel.statements import Statement
from server.kernel.wire import Event, frame, stream_name, stream_parts
from server.kernel.wire.handshake import StreamEventView


class Numbered(NamedTuple):
    """An event that carries its own number: made once the number is known."""

    type: type[Event]
    make: Callable[[int], Event]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has no number yet.

    With a ``subject`` it is kept as a reference to that row and shown as the row is when it is read; otherwise its
    data is kept, sealed. Its type's declaration says which of the two. Without an ``audience`` it goes to whoever may
    read the stream once it is locked; an action that has read who that is, after the lock, names them.
    """

    stream: str
    event: Event | Numbered
    audience: Readers | None = None
    subject: UUID | None = None

    @property
    def type(self) -> type[Event]:
        """The type of its event, known before the event is."""
        return self.event.type if isinstance(self.event, Numbered) else type(self.event)


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """A recorded event as sockets receive it, encoded once; ``masked`` for those who watch the stream masked."""

    stream: str
    seq: int
    text: str
    audience: frozenset[UUID] = field(default=frozenset())
    masked: str | None = None


_LOCK = Statement("SELECT name, head FROM kernel_stream WHERE name = ANY(%b::text[]) ORDER BY name FOR UPDATE")
_LOCK_SHARED = Statement("SELECT name, head FROM kernel_stream WHERE name = ANY(%b::text[]) ORDER BY name FOR SHARE")


def lock(names: Iterable[str], *, shared: bool = False) -> Callable[[], dict[str, int]]:
    """Locks streams until the transaction ends, before any later statement of it begins.

    A shared lock lets others read under it, and keeps out whoever records.

    Returns a function that fetches the heads, without those of streams that have never moved. Calling it is the only
    point that waits when statements are pipelined.
    """
    rows = (_LOCK_SHARED if shared else _LOCK).send(texts(sorted(set(names))))
    return cache(lambda: dict(rows()))


def _lock_or_begin(names: set[str]) -> dict[str, int]:
    """Locks streams, and begins at 0 those that are not there."""
    heads = lock(names)()
    absent = sorted(names - heads.keys())
    if absent:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO kernel_stream (name, head, moved_at) SELECT name, 0, now()"
                " FROM unnest(%b::text[]) AS name ON CONFLICT DO NOTHING",
                (texts(absent),),
            )
        heads = lock(names)()
    return heads


def record(drafts: Sequence[Draft], at: datetime, locked: dict[str, int]) -> list[EncodedEvent]:
    """Numbers the drafts in their order, stores them, and returns what is delivered after the commit.

    ``locked`` are the heads of streams that are locked already: all of them, but for those that begin here.
    """
    for event_type, kind, has_subject in {(one.type, one.stream[:1], one.subject is not None) for one in drafts}:
        registry.require(event_type, kind, has_subject=has_subject)
    names = {draft.stream for draft in drafts}
    heads = {name: locked[name] for name in names} if names <= locked.keys() else _lock_or_begin(names)
    audiences = _audiences(drafts)
    sealing = vault.keys_for_sealing(draft.stream for draft in drafts if draft.subject is None)
    encoded: list[EncodedEvent] = []
    rows: list[tuple[str, int, str, UUID | None, bytes]] = []
    for draft in drafts:
        heads[draft.stream] = seq = heads[draft.stream] + 1
        event = draft.event.make(seq) if isinstance(draft.event, Numbered) else draft.event
        raw = events.encode(event)
        kept = sealing[draft.stream].seal(bytes(raw), str(seq)) if draft.subject is None else b""
        rows.append((draft.stream, seq, event.type, draft.subject, kept))
        readers = audiences.get(draft.stream, {}) if draft.audience is None else draft.audience
        view = StreamEventView(stream=draft.stream, seq=seq, at=at, type=event.type, data=raw)
        masked = _masked(event, view)
        for form, people in registry.shown(event, readers):
            text = frame.event(view if form is event else msgspec.structs.replace(view, data=events.encode(form)))
            encoded.append(EncodedEvent(draft.stream, seq, text, frozenset(people), masked))
            masked = None  # Those who watch the stream are sent it once.
    _store(rows, heads, at)
    return encoded


def _masked(event: Event, view: StreamEventView) -> str | None:
    masked = events.mask(event)
    if masked is None:
        return None
    return frame.event(msgspec.structs.replace(view, data=events.encode(masked), masked=True))


def _audiences(drafts: Sequence[Draft]) -> dict[str, Readers]:
    """Who may read each stream, for drafts that name no audience. The streams are locked: nobody who loses access
    later receives what is recorded now."""
    wanted: dict[str, set[UUID]] = {}
    for draft in drafts:
        if draft.audience is None:
            kind, owner = stream_parts(draft.stream)
            wanted.setdefault(kind, set()).add(owner)
    return {
        stream_name(kind, owner): people
        for kind, owners in wanted.items()
        for owner, people in registry.kinds[kind].audience(owners).items()
    }


_STORE = Statement(
    "WITH stored AS (INSERT INTO kernel_streamevent (stream, seq, type, subject, data, at)"
    " SELECT *, %b::timestamptz FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::uuid[], %b::bytea[]))"
    " UPDATE kernel_stream SET head = moved.head, moved_at = %b::timestamptz"
    " FROM unnest(%b::text[], %b::bigint[]) AS moved (name, head) WHERE kernel_stream.name = moved.name"
)


def _store(rows: list[tuple[str, int, str, UUID | None, bytes]], heads: dict[str, int], at: datetime) -> None:
    streams, seqs, types, subjects, data = zip(*rows, strict=True)
    _STORE.send(
        *(at, texts(streams), numbers(seqs), texts(types), uuids(subjects), byte_strings(data)),
        *(at, texts(heads), numbers(heads.values())),
    )


def since(name: str, after: int, limit: int) -> list[StoredEvent]:
    """Events of a stream after a number, in order, at most ``limit``. What does not open has no data."""
    rows = list(StreamEvent.objects.filter(stream=name, seq__gt=after).order_by("seq")[:limit])
    keys = vault.keys_for_reading([name] if any(row.subject is None for row in rows) else [])
    return [StoredEvent(name, row.seq, row.type, row.at, row.subject, _opened(keys, row)) for row in rows]


def _opened(keys: vault.ReadingKeys, row: StreamEvent) -> msgspec.Raw | None:
    plain = keys.open(row.stream, row.data, str(row.seq)) if row.subject is None else None
    return None if plain is None else msgspec.Raw(plain)


def heads(names: Iterable[str]) -> dict[str, int]:
    """The last number of each stream; 0 for one in which nothing has happened."""
    wanted = list(names)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, head FROM kernel_stream WHERE name = ANY(%b::text[])", (texts(wanted),))
        known: dict[str, int] = dict(cursor.fetchall())
    return defaultdict(int, known)
