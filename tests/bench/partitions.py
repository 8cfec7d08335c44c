"""What a table of stream events costs as it grows: as it is, in hash partitions by stream, and in ranges by month.

    python -m tests.bench.partitions --rows 1000000 10000000

A PostgreSQL of its own with its usual durability. Each layout is filled to each size, vacuumed, and then asked as
`sync` asks (the next fifty numbers of a stream) and written to as a batch writes (fifty events of fifty streams in one
committed transaction). Not part of ``make bench``: ten million rows take minutes and several GB.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from server.ops import datadir, embedded

Figures = dict[str, Any]
EVENTS_OF_A_STREAM = 250
MONTHS = 12
PARTS = 16
TIMES = 300
COLUMNS: LiteralString = (
    "stream varchar(38) NOT NULL, seq bigint NOT NULL, type varchar(40) NOT NULL, at timestamptz NOT NULL,"
    " subject uuid, data bytea NOT NULL"
)
FILL: LiteralString = (
    "INSERT INTO events SELECT 'c:' || md5(stream::text)::uuid, seq, 'message.sent',"
    " timestamptz '2026-01-01' + interval '365 days' * ((seq - 1.0) / %(each)s), gen_random_uuid(), ''"
    " FROM generate_series(1, %(each)s) seq, generate_series(1, %(streams)s) stream"
)
KEYS: dict[str, LiteralString] = {"plain": "stream, seq", "hash": "stream, seq", "month": "stream, seq, at"}


def measure(sizes: list[int], layouts: list[str]) -> Figures:
    """Bytes a row, and milliseconds of a page and of a batch, for each layout and size."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as directory:
        data = datadir.open_directory(Path(directory) / "data")
        with (
            embedded.running(data, max_wal_size="8GB", maintenance_work_mem="1GB") as servers,
            psycopg.connect(servers.owner_url, autocommit=True) as connection,
        ):
            for rows in sizes:
                for layout in layouts:
                    figures[f"{layout} {rows}"] = found = _layout(connection, layout, rows)
                    print(layout, rows, json.dumps(found), file=sys.stderr, flush=True)
    return figures


def _layout(connection: psycopg.Connection, layout: str, rows: int) -> Figures:
    streams = rows // EVENTS_OF_A_STREAM
    _create(connection, layout)
    connection.execute(FILL % {"each": EVENTS_OF_A_STREAM, "streams": streams})
    connection.execute(f"ALTER TABLE events ADD PRIMARY KEY ({KEYS[layout]})")
    connection.execute("CREATE INDEX ON events USING brin (at) WITH (pages_per_range=32)")
    connection.execute("VACUUM ANALYZE events")
    chosen = random.Random(rows)
    read, blocks = _reads(connection, chosen, streams)
    return {
        "heap_bytes_per_row": round(_size(connection, "pg_table_size") / rows, 1),
        "index_bytes_per_row": round(_size(connection, "pg_indexes_size") / rows, 1),
        "page_of_50": read,
        "blocks_a_page": blocks,
        "batch_of_50": _writes(connection, chosen, streams),
    }


def _create(connection: psycopg.Connection, layout: str) -> None:
    connection.execute("DROP TABLE IF EXISTS events")
    how: LiteralString = ""
    if layout == "hash":
        how = " PARTITION BY HASH (stream)"
    elif layout == "month":
        how = " PARTITION BY RANGE (at)"
    connection.execute("CREATE TABLE events (" + COLUMNS + ")" + how)
    if layout == "hash":
        for part in range(PARTS):
            connection.execute(
                f"CREATE TABLE events_{part} PARTITION OF events FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
            )
    elif layout == "month":
        for month in range(1, MONTHS + 1):
            until = f"2026-{month + 1:02d}-01" if month < MONTHS else "2028-01-01"
            between = f"FROM ('2026-{month:02d}-01') TO ('{until}')"
            connection.execute(f"CREATE TABLE events_{month} PARTITION OF events FOR VALUES {between}")


def _size(connection: psycopg.Connection, function: LiteralString) -> int:
    found = connection.execute(
        "SELECT sum(" + function + "(part)) FROM (SELECT 'events'::regclass UNION"
        " SELECT inhrelid FROM pg_inherits WHERE inhparent = 'events'::regclass) AS found (part)"
    ).fetchone()
    assert found is not None
    return int(found[0])


PAGE: LiteralString = (
    "SELECT stream, seq, type, at, subject, data FROM events WHERE stream = 'c:' || md5(%s::text)::uuid AND seq > %s"
    " ORDER BY seq LIMIT 50"
)


def _reads(connection: psycopg.Connection, chosen: random.Random, streams: int) -> tuple[Figures, float]:
    """Pages of streams that nobody has asked for yet, and how many blocks of 8 KiB such a page touches."""

    def one() -> tuple[int, int]:
        return chosen.randrange(1, streams + 1), chosen.randrange(0, EVENTS_OF_A_STREAM - 50)

    touched = []
    for _ in range(30):
        plan = connection.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + PAGE, one()).fetchone()
        assert plan is not None
        top = plan[0][0]["Plan"]
        touched.append(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
    timed = _timed(lambda: connection.execute(PAGE, one(), prepare=True).fetchall())
    return timed, statistics.median(touched)


def _writes(connection: psycopg.Connection, chosen: random.Random, streams: int) -> Figures:
    """Batches as the executor makes them, at the end of fifty streams each."""
    number = EVENTS_OF_A_STREAM

    def one() -> None:
        nonlocal number
        number += 1
        connection.execute(
            "INSERT INTO events SELECT 'c:' || md5(stream::text)::uuid, %s, 'message.sent',"
            " timestamptz '2026-12-31' + interval '1 second' * %s, gen_random_uuid(), ''"
            " FROM unnest(%s::int[]) AS stream",
            (number, number, chosen.sample(range(1, streams + 1), 50)),
            prepare=True,
        )

    before = _wal(connection)
    timed = _timed(one)
    return {**timed, "wal_bytes_per_row": round((_wal(connection) - before) / TIMES / 50, 1)}


def _wal(connection: psycopg.Connection) -> int:
    found = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
    assert found is not None
    return int(found[0])


def _timed(work: Callable[[], object]) -> Figures:
    samples = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        samples.append((time.perf_counter() - began) * 1000)
    samples.sort()
    return {"p50_ms": round(statistics.median(samples), 2), "p99_ms": round(samples[int(TIMES * 0.99)], 2)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.partitions", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--layouts", nargs="+", choices=KEYS, default=list(KEYS))
    options = parser.parse_args()
    print(json.dumps(measure(options.rows, options.layouts)))


if __name__ == "__main__":
    main()
