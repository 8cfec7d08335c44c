"""Streams: every lasting change is an event with a number, from 1, without gaps.

The number is taken under the row lock of the stream, in the transaction that makes the change: a reader who has
seen number n has, or can get, every number before it. Domain rows are locked first, then all streams of the
transaction at once in the order of their names; ``record`` is therefore called once in a transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from server.kernel import events, vault
from server.kernel.events import Audience, Readers, StoredEvent, registry
from server.kernel.pg_arrays import byte_strings, numbers, texts, uuids
from server.kernel.statements import Statement
from server.kernel.wire import Event, frame, stream_name, stream_parts
from server.kernel.wire.handshake import StreamEventView


class Numbered(NamedTuple):
    """An event that carries its own number: made once the number is known."""

    type: type[Event]
    make: Callable[[int], Event]


class Draft(msgspec.Struct, frozen=True):
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


class EncodedEvent(msgspec.Struct, frozen=True):
    """A recorded event as sockets receive it, encoded once.

    ``text`` goes to ``audience``. On sockets that watch the stream, ``masked`` goes to those in ``masked_for`` and
    ``public`` to everybody else; None: they are sent nothing.
    """

    stream: str
    seq: int
    text: str
    audience: frozenset[UUID] = frozenset()
    masked: str | None = None
    masked_for: frozenset[UUID] = frozenset()
    public: str | None = None


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
        audience = audiences.get(draft.stream, _NOBODY) if draft.audience is None else Audience(draft.audience)
        view = StreamEventView(stream=draft.stream, seq=seq, at=at, type=event.type, data=raw)
        forms = [
            (view if form is event else msgspec.structs.replace(view, data=events.encode(form)), people)
            for form, people in registry.shown(event, audience.full)
        ]
        masked = events.mask(event) if audience.masked or audience.public else None
        shown = None if masked is None else msgspec.structs.replace(view, data=events.encode(masked), masked=True)
        encoded += encode(forms, shown, audience)
    _store(rows, heads, at)
    return encoded


_NOBODY = Audience({})


def encode(
    forms: Iterable[tuple[StreamEventView, Iterable[UUID]]], masked: StreamEventView | None, audience: Audience
) -> list[EncodedEvent]:
    """One event as sockets receive it: in each of the forms for who may read it in full, and once for who watches."""
    encoded = [EncodedEvent(view.stream, view.seq, frame.event(view), frozenset(people)) for view, people in forms]
    if masked is None or not encoded:
        return encoded
    public = events.public_form(masked) if audience.public else None
    text = frame.event(masked) if audience.masked or public is masked else None
    encoded[0] = msgspec.structs.replace(
        encoded[0],
        masked=text if audience.masked else None,
        masked_for=audience.masked,
        public=text if public is masked else None if public is None else frame.event(public),
    )
    return encoded


def _audiences(drafts: Sequence[Draft]) -> dict[str, Audience]:
    """Who is sent what happens in each stream, for drafts that name no audience. The streams are locked: nobody who
    loses access later receives what is recorded now."""
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
    " UPDATE kernel_stream SET moved_at = %b::timestamptz,"
    " head = (%b::bigint[])[array_position(%b::text[], name::text)] WHERE name = ANY(%b::text[])"
)
"""Heads are found by their place in the array and not by a join, which is a scan of the table where it seems small."""


def _store(rows: list[tuple[str, int, str, UUID | None, bytes]], heads: dict[str, int], at: datetime) -> None:
    streams, seqs, types, subjects, data = zip(*rows, strict=True)
    moved = texts(heads)
    _STORE.send(
        *(at, texts(streams), numbers(seqs), texts(types), uuids(subjects), byte_strings(data)),
        *(at, numbers(heads.values()), moved, moved),
    )


class StoredPage(NamedTuple):
    """Part of a stream, and its last number."""

    head: int
    events: list[StoredEvent]


_PAGES = Statement(
    "SELECT asked.nth, stream.head, event.seq, event.type, event.at, event.subject, event.data"
    " FROM unnest(%b::text[], %b::bigint[], %b::bigint[]) WITH ORDINALITY AS asked (name, after, most, nth)"
    " LEFT JOIN kernel_stream stream ON stream.name = asked.name"
    " LEFT JOIN LATERAL (SELECT * FROM kernel_streamevent event WHERE event.stream = asked.name"
    " AND event.seq > asked.after ORDER BY event.seq LIMIT asked.most) event ON true ORDER BY asked.nth, event.seq"
)


def pages(wanted: Sequence[tuple[str, int, int]]) -> list[StoredPage]:
    """For each stream, number and limit the events after the number, in order. What does not open has no data. One
    statement, written out, and one for keys that are not at hand.

    Those that are kept no longer (``retention``) are there as ``EXPIRED``, and take their numbers: a device that was
    away for that long finds no gap.
    """
    if not wanted:
        return []
    names, afters, limits = zip(*wanted, strict=True)
    rows = _PAGES.send(texts(names), numbers(afters), numbers(limits))()
    keys = vault.keys_for_reading({names[row[0] - 1] for row in rows if row[2] is not None and row[5] is None})
    found = [StoredPage(0, []) for _ in wanted]
    for nth, head, seq, kind, at, subject, data in rows:
        name, page = names[nth - 1], found[nth - 1]
        if not page.events:
            page = found[nth - 1] = StoredPage(head or 0, page.events)
        if seq is not None:
            plain = keys.open(name, data, str(seq)) if subject is None else None
            page.events.append(StoredEvent(name, seq, kind, at, subject, None if plain is None else msgspec.Raw(plain)))
    for (name, after, limit), page in zip(wanted, found, strict=True):
        if page.events and page.events[0].seq > after + 1:
            page.events[:] = [*_expired(name, after, limit, page.events[0]), *page.events][:limit]
    return found


def since(name: str, after: int, limit: int) -> list[StoredEvent]:
    """Events of a stream after a number, in order, at most ``limit``. What does not open has no data."""
    return pages([(name, after, limit)])[0].events


def _expired(name: str, after: int, limit: int, first: StoredEvent) -> list[StoredEvent]:
    """The events between a number and the first that is kept."""
    gone = range(after + 1, min(first.seq, after + 1 + limit))
    return [StoredEvent(name, seq, events.EXPIRED, first.at, None, None) for seq in gone]


def heads(names: Iterable[str]) -> dict[str, int]:
    """The last number of each stream; 0 for one in which nothing has happened."""
    return ask_heads(names)()


_HEADS = Statement("SELECT name, head FROM kernel_stream WHERE name = ANY(%b::text[])")


def ask_heads(names: Iterable[str]) -> Callable[[], dict[str, int]]:
    """Asks for the last number of each stream; the function returned waits for the answer."""
    rows = _HEADS.send(texts(names))
    return lambda: defaultdict(int, rows())
