"""Whether PostgreSQL and Redis take a write: both answer questions when their disk is full, or when they are a standby.

What is written harms nobody: an announcement of nothing, which is deleted after five minutes like any other, and a key
that expires.
"""

from __future__ import annotations

import msgspec
import redis
from django.db import connection, transaction

from server.kernel import clock, outages
from server.kernel.announcements import AnnouncementBody
from server.kernel.identifiers import uuid7

# Sorted beyond its memory, so that PostgreSQL writes half a megabyte to its disk and removes it: a small row may still
# find room in a table when there is none left for anything else.
_SPILL = (
    "SELECT count(*) FROM"
    " (SELECT n, repeat(md5(n::text), 32) AS text FROM generate_series(1, 500) n ORDER BY text, n OFFSET 0) spilled"
)
_WRITE = "INSERT INTO kernel_announcement (id, at, published, body) VALUES (%s, %s, true, %s)"
_NOTHING = msgspec.msgpack.encode(AnnouncementBody([], []))
KEY = "relais:written"


def to_postgres() -> None:
    """Writes and commits. Raises what a command would meet: a full disk, a standby."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute(_SPILL)
        cursor.execute(_WRITE, (uuid7(), clock.now(), _NOTHING))
    outages.answered("PostgreSQL's disk")


def to_redis(client: redis.Redis) -> None:
    """Raises when Redis is away, full, a replica, or cannot save what it is told to."""
    client.set(KEY, 1, ex=10)
