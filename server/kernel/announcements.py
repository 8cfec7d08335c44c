"""The transactional outbox: how what a transaction has to tell reaches every process, and nothing of it is lost.

The transaction itself stores one ``Announcement``. After the commit its process delivers to its own sockets and
publishes to the other processes; a moment later it marks announcements as published, in bulk. If it dies before,
another process finds the announcement unpublished and takes it over. A process that missed notifications (Redis was
away) reads the announcements of that time. Both deliver events that some sockets have already: their numbers make
that harmless.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import connection

from server.kernel.identifiers import uuid7
from server.kernel.models import Announcement
from server.kernel.statements import Statement
from server.kernel.streams import EncodedEvent

log = logging.getLogger("kernel.announcements")

GRACE = timedelta(seconds=3)
"""How long the process that committed has to publish before another one takes over."""
KEPT = timedelta(minutes=5)
"""How long announcements are kept: the longest time of missed notifications that needs no reconnection."""


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
    """What an announcement keeps: enough to deliver it again from the log, with access as it is then."""

    ranges: list[Range]
    closures: list[SocketClosure]


@dataclass(frozen=True, slots=True)
class PendingAnnouncement:
    """An announcement that was taken over."""

    id: UUID
    at: datetime
    body: AnnouncementBody


_ANNOUNCE = Statement("INSERT INTO kernel_announcement (id, at, published, body) VALUES (%b, %b, false, %b)")


def announce(events: list[EncodedEvent], closures: list[SocketClosure], at: datetime) -> list[UUID]:
    """Stores, in the open transaction, what is to be published; the id for ``mark_published``, if there is any."""
    if not events and not closures:
        return []
    spans: dict[str, tuple[int, int]] = {}
    for one in events:
        first, _ = spans.get(one.stream, (one.seq, one.seq))
        spans[one.stream] = (first, one.seq)
    body = AnnouncementBody([Range(stream, *span) for stream, span in spans.items()], closures)
    announcement = uuid7()
    _ANNOUNCE.send(announcement, at, msgspec.msgpack.encode(body))
    return [announcement]


def mark_published(ids: list[UUID]) -> None:
    """Marks these as published to the other processes."""
    if ids:
        Announcement.objects.filter(pk__in=ids).update(published=True)


def take_over(now: datetime, limit: int = 200) -> list[PendingAnnouncement]:
    """Announcements that their process did not publish, the oldest first. The caller now has to deliver and to mark
    them: after ``GRACE`` the next process takes them over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH pending AS (SELECT id, at, body FROM kernel_announcement"
            " WHERE NOT published AND at < %s ORDER BY at LIMIT %s FOR UPDATE SKIP LOCKED)"
            " UPDATE kernel_announcement SET at = %s FROM pending WHERE kernel_announcement.id = pending.id"
            " RETURNING pending.id, pending.at, pending.body",
            (now - GRACE, limit, now),
        )
        return sorted(_pending(cursor.fetchall()), key=lambda one: one.at)


def since(moment: datetime) -> list[PendingAnnouncement]:
    """Announcements made from ``moment`` on, published or not: what a process may have missed."""
    rows = Announcement.objects.filter(at__gte=moment).order_by("at")
    return list(_pending([(row.pk, row.at, row.body) for row in rows]))


def _pending(rows: Sequence[tuple[UUID, datetime, bytes | memoryview]]) -> Iterator[PendingAnnouncement]:
    """The announcements in these rows. One that does not decode is logged, marked, and harms no other."""
    for announcement, at, body in rows:
        try:
            yield PendingAnnouncement(announcement, at, msgspec.msgpack.decode(bytes(body), type=AnnouncementBody))
        except msgspec.MsgspecError:
            log.error("announcement does not decode", extra={"fields": {"announcement": str(announcement)}})
            mark_published([announcement])


def clear(now: datetime) -> None:
    """Deletes what is older than ``KEPT``, published or not: whoever missed it reconnects and syncs."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_announcement WHERE at < %s", (now - KEPT,))
