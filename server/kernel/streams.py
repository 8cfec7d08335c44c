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
from uuid import UUID

import msgspec
from django.db import connection

from server.kernel import vault
from server.kernel.models import StreamEvent
from server.kernel.pg_arrays import byte_strings, numbers, texts, uuids
from server.kernel.wire import Event, frame

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Variant:
    """An event as some people see it who may not see all that it refers to, and who they are."""

    event: Callable[[int], Event]
    audience: Iterable[UUID]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has no number yet.

    ``event`` may be a function of the number, for views that carry it. With a ``subject`` the event is kept as a
    reference to that row and shown as the row is when it is read; otherwise its data is kept, sealed.
    ``audience`` are the persons who may see it as it is now; ``masked`` is what watchers with times alone get, and
    ``variant`` what other persons are sent in its place.
    """

    stream: str
    event: Event | Callable[[int], Event]
    audience: Iterable[UUID] = ()
    subject: UUID | None = None
    masked: Event | None = None
    variant: Variant | None = None


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """A recorded event as sockets receive it, encoded once."""

    stream: str
    seq: int
    text: str
    audience: frozenset[UUID] = field(default=frozenset())
    masked: str | None = None


_LOCK = "SELECT name, head FROM kernel_stream WHERE name = ANY(%b::text[]) ORDER BY name FOR UPDATE"
_LOCK_SHARED = "SELECT name, head FROM kernel_stream WHERE name = ANY(%b::text[]) ORDER BY name FOR SHARE"


def lock(names: Iterable[str], *, shared: bool = False) -> Callable[[], dict[str, int]]:
    """Locks streams until the transaction ends, before any later statement of it begins.

    A shared lock lets others read under it and keeps writers out. Returns a function that fetches the heads of the
    streams that have moved; calling it is the only point that waits when pipelining.
    """
    cursor = connection.cursor()
    cursor.execute(_LOCK_SHARED if shared else _LOCK, (texts(sorted(set(names))),))

    @cache
    def heads() -> dict[str, int]:
        with cursor:
            return dict(cursor.fetchall())

    return heads


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
    """Numbers the drafts in their order, stores them, and returns what is to be delivered after the commit.

    ``locked`` are the heads of streams that are locked already: all of them, but for those that begin here.
    """
    names = {draft.stream for draft in drafts}
    heads = {name: locked[name] for name in names} if names <= locked.keys() else _lock_or_begin(names)
    sealing = vault.keys(draft.stream for draft in drafts if draft.subject is None)
    told: list[EncodedEvent] = []
    rows: list[tuple[str, int, str, UUID | None, bytes]] = []
    for draft in drafts:
        heads[draft.stream] = seq = heads[draft.stream] + 1
        event = draft.event if isinstance(draft.event, Event) else draft.event(seq)
        raw = msgspec.Raw(_encoder.encode(event))
        kept = sealing[draft.stream].seal(bytes(raw), str(seq)) if draft.subject is None else b""
        rows.append((draft.stream, seq, event.type, draft.subject, kept))
        masked = frame.event(draft.stream, seq, at, event.type, draft.masked) if draft.masked else None
        text = frame.event(draft.stream, seq, at, event.type, raw)
        told.append(EncodedEvent(draft.stream, seq, text, frozenset(draft.audience), masked))
        if draft.variant is not None:
            text = frame.event(draft.stream, seq, at, event.type, draft.variant.event(seq))
            told.append(EncodedEvent(draft.stream, seq, text, frozenset(draft.variant.audience)))
    _store(rows, heads, at)
    return told


def _store(rows: list[tuple[str, int, str, UUID | None, bytes]], heads: dict[str, int], at: datetime) -> None:
    streams, seqs, types, subjects, data = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH stored AS (INSERT INTO kernel_streamevent (stream, seq, type, subject, data, at)"
            " SELECT *, %s FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::uuid[], %b::bytea[]))"
            " UPDATE kernel_stream SET head = moved.head, moved_at = %s"
            " FROM unnest(%b::text[], %b::bigint[]) AS moved (name, head) WHERE kernel_stream.name = moved.name",
            (
                *(at, texts(streams), numbers(seqs), texts(types), uuids(subjects), byte_strings(data)),
                *(at, texts(heads), numbers(heads.values())),
            ),
        )


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is kept; ``data`` is opened, and empty when the event refers to ``subject``."""

    stream: str
    seq: int
    type: str
    at: datetime
    subject: UUID | None
    data: msgspec.Raw


def since(name: str, after: int, limit: int) -> list[StoredEvent]:
    """Events of a stream after a number, in order, at most ``limit``."""
    rows = list(StreamEvent.objects.filter(stream=name, seq__gt=after).order_by("seq")[:limit])
    if not rows:
        return []
    key = vault.key(name)
    return [
        StoredEvent(
            name,
            row.seq,
            row.type,
            row.at,
            row.subject,
            msgspec.Raw(key.open(row.data, str(row.seq)) if row.subject is None else b""),
        )
        for row in rows
    ]


def heads(names: Iterable[str]) -> dict[str, int]:
    """The last number of each stream; 0 for one in which nothing has happened."""
    wanted = list(names)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, head FROM kernel_stream WHERE name = ANY(%b::text[])", (texts(wanted),))
        known: dict[str, int] = dict(cursor.fetchall())
    return defaultdict(int, known)
