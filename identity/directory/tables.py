"""New tables beside those in use, and the moment at which they take their place.

All of it happens in one transaction: whoever searches sees the tables of before until the very end, and an import that
fails or is killed leaves nothing behind. The indexes and keys of the new tables are those that the old ones have now.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from identity.directory.extract import Unreadable

TABLES = ("register_word", "register_organisation", "register_place", "register_entry")
"""In the order in which a search touches them, so that a swap never waits for one while it holds another."""
NEXT = "_next"
IMPORTS = 7_214_893_001
"""The advisory lock of whoever replaces or declares entries."""
SWAP_WAIT = "100ms"
SWAP_TRIES = 600
LOCK_NOT_AVAILABLE = "55P03"


def create_next(cursor: CursorWrapper) -> None:
    """Empty tables like those in use, without indexes."""
    for table in TABLES:
        cursor.execute(f"CREATE TABLE {table}{NEXT} (LIKE {table} INCLUDING DEFAULTS INCLUDING STORAGE)")


def index_next(cursor: CursorWrapper) -> Iterator[str]:
    """Builds the indexes and keys of the new tables one by one; yields the name of each before it is built."""
    for table in TABLES:
        for name, definition in indexes_of(cursor, table):
            yield name
            cursor.execute(definition)
        cursor.execute(f"ANALYZE {table}{NEXT}")


def indexes_of(cursor: CursorWrapper, table: str) -> list[tuple[str, str]]:
    """Name and statement of each index and key of ``table``, written for its successor."""
    cursor.execute(
        """
        SELECT i.relname, pg_get_indexdef(i.oid), pg_get_constraintdef(c.oid)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_constraint c ON c.conindid = i.oid
        WHERE x.indrelid = %s::regclass ORDER BY c.oid IS NULL, i.relname
        """,
        [table],
    )
    statements = []
    for name, index, constraint in cursor.fetchall():
        if constraint:
            statement = f'ALTER TABLE {table}{NEXT} ADD CONSTRAINT "{name}{NEXT}" {constraint}'
        else:
            statement = re.sub(
                rf'INDEX "?{name}"? ON (ONLY )?\S*{table} ',
                f'INDEX "{name}{NEXT}" ON {table}{NEXT} ',
                str(index),
                count=1,
            )
        statements.append((str(name), statement))
    return statements


def swap(cursor: CursorWrapper, complete: Callable[[], None]) -> None:
    """Puts the new tables in the place of the old, after ``complete`` has added what was declared meanwhile.

    Searches wait for at most ``SWAP_WAIT`` at a time: when somebody has been reading for longer (a backup, say), the
    swap lets go and tries again for a minute or two, then gives up with nothing changed.
    """
    _write_through()
    _lock(cursor)
    complete()
    for table in TABLES:
        names = [name for name, _ in indexes_of(cursor, table)]
        cursor.execute(f"DROP TABLE {table}")
        cursor.execute(f"ALTER TABLE {table}{NEXT} RENAME TO {table}")
        for name in names:
            cursor.execute(f'ALTER INDEX "{name}{NEXT}" RENAME TO "{name}"')


def _write_through() -> None:
    """Has what was written so far on the disk before searches wait for the rest: a commit elsewhere does it."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_logical_emit_message(true, 'relais', '')")
    finally:
        other.close()


def _lock(cursor: CursorWrapper) -> None:
    cursor.execute(f"SET LOCAL lock_timeout = '{SWAP_WAIT}'")
    for _ in range(SWAP_TRIES):
        try:
            with transaction.atomic():
                cursor.execute(f"LOCK TABLE {', '.join(TABLES)} IN ACCESS EXCLUSIVE MODE")
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            time.sleep(0.1)
        else:
            cursor.execute("SET LOCAL lock_timeout = 0")
            return
    raise Unreadable("busy", "Somebody has been reading the directory for minutes (a backup?): import again later.")


def only_importer(cursor: CursorWrapper, wait: bool = False) -> bool:
    """Takes the right to change the directory until the transaction ends; False when another holds it."""
    if wait:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTS])
        return True
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [IMPORTS])
    return bool(cursor.fetchone()[0])


def tidy() -> None:
    """Lets PostgreSQL know that every new row is seen by all; searches go on meanwhile."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM {table}")
