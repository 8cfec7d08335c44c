"""From the commit to every process: what a transaction has to tell, and how nothing of it is lost.

The transaction itself stores one ``Announcement``. After the commit the process that made it tells its own
sockets and rings at the others, and marks the announcement told, in bulk, a moment later. If it dies before,
another process finds the announcement untold and tells it. If a process was deaf (no Redis), it reads the
announcements of that time. Both give events that some sockets already have: the numbers make that harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import connection

from server.kernel.identifiers import uuid7
from server.kernel.models import Announcement
from server.kernel.streams import EncodedEvent

GRACE = timedelta(seconds=3)
"""How long the process that committed has to tell before another one does."""
KEPT = timedelta(minutes=5)
"""How long announcements stay: the longest deafness that is made up for without a reconnection."""


class SocketClosure(msgspec.Struct, frozen=True, array_like=True):
    """Sockets to close: those of ended sessions, or all of a person."""

    code: int
    sessions: list[UUID] = msgspec.field(default_factory=list)
    persons: list[UUID] = msgspec.field(default_factory=list)


class Range(msgspec.Struct, frozen=True, array_like=True):
    """Numbers of one stream, both included."""

    stream: str
    first: int
    last: int


class AnnouncementBody(msgspec.Struct, frozen=True, array_like=True):
    """What an announcement keeps: enough to tell it again from the log, with access as it is then."""

    ranges: list[Range]
    endings: list[SocketClosure]


@dataclass(frozen=True, slots=True)
class PendingAnnouncement:
    """An announcement that was taken over."""

    id: UUID
    at: datetime
    news: AnnouncementBody


def announce(told: list[EncodedEvent], endings: list[SocketClosure], at: datetime) -> list[UUID]:
    """Stores, in the open transaction, what is to be told; the id to ``mark_told`` with, if there is anything."""
    if not told and not endings:
        return []
    spans: dict[str, tuple[int, int]] = {}
    for one in told:
        first, _ = spans.get(one.stream, (one.seq, one.seq))
        spans[one.stream] = (first, one.seq)
    news = AnnouncementBody([Range(stream, *span) for stream, span in spans.items()], endings)
    announcement = uuid7()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_announcement (id, at, told, news) VALUES (%s, %s, false, %s)",
            (announcement, at, msgspec.msgpack.encode(news)),
        )
    return [announcement]


def mark_published(ids: list[UUID]) -> None:
    """Notes that these went over the layer."""
    if ids:
        Announcement.objects.filter(pk__in=ids).update(told=True)


def take_over(now: datetime, limit: int = 200) -> list[PendingAnnouncement]:
    """Announcements whose process did not tell them, the oldest first. They are the caller's to tell and to mark:
    whoever does not within ``GRACE`` loses them to the next."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH untold AS (SELECT id, at, news FROM kernel_announcement"
            " WHERE NOT told AND at < %s ORDER BY at LIMIT %s FOR UPDATE SKIP LOCKED)"
            " UPDATE kernel_announcement SET at = %s FROM untold WHERE kernel_announcement.id = untold.id"
            " RETURNING untold.id, untold.at, untold.news",
            (now - GRACE, limit, now),
        )
        return sorted((_pending(row) for row in cursor.fetchall()), key=lambda one: one.at)


def since(moment: datetime) -> list[PendingAnnouncement]:
    """Announcements made from ``moment`` on: what a process that was deaf may have missed."""
    rows = Announcement.objects.filter(at__gte=moment).order_by("at")
    return [_pending((row.pk, row.at, row.news)) for row in rows]


def _pending(row: tuple[UUID, datetime, bytes | memoryview]) -> PendingAnnouncement:
    return PendingAnnouncement(row[0], row[1], msgspec.msgpack.decode(bytes(row[2]), type=AnnouncementBody))


def clear(now: datetime) -> None:
    """Deletes what was told long ago."""
    Announcement.objects.filter(told=True, at__lt=now - KEPT).delete()
