"""A database as an earlier version left it: the demo world, captured table by table.

``baseline.zip`` holds one ``COPY`` text per table, and the migrations that had been applied. Capture it anew only when
a release no longer upgrades from it:

    .venv/bin/python -m tests.upgrade.baseline
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import django
import psycopg
from django.core.management import call_command
from psycopg import sql

from tests.asgi_server import database
from tests.services_plugin import ENVIRONMENT, temporary_servers

ARCHIVE = Path(__file__).parent / "baseline.zip"
APPS = ("kernel", "identity", "team", "referral")
MIGRATIONS = "migrations.json"
LEFT_OUT = ("django_", "auth_", "register_commune")
"""Django's own bookkeeping, which migrating writes; and the towns, which are many and are imported again."""


def capture(connection: psycopg.Connection) -> None:
    """Writes the archive from a database."""
    with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(MIGRATIONS), json.dumps(_last_migrations(connection), indent=1))
        for table in _tables(connection):
            statement = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(table))
            with connection.cursor().copy(statement) as rows:
                content = b"".join(bytes(row) for row in rows)
            if content:
                archive.writestr(_entry(f"{table} {' '.join(_columns(connection, table))}"), content)


def last_migrations() -> dict[str, str]:
    """The last migration of each app that the archive was captured with."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        found: dict[str, str] = json.loads(archive.read(MIGRATIONS))
    return found


def restore(connection: psycopg.Connection) -> None:
    """Fills a database that has been migrated as far as ``last_migrations`` says, in one transaction."""
    with zipfile.ZipFile(ARCHIVE) as archive, connection.transaction():
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        for name in archive.namelist():
            if name == MIGRATIONS:
                continue
            table, *columns = name.split(" ")
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with connection.cursor().copy(statement) as rows:
                rows.write(archive.read(name))
        for table, column in _sequences(connection):
            connection.execute(
                sql.SQL(
                    "SELECT setval(pg_get_serial_sequence({name}, {column_name}),"
                    " coalesce((SELECT max({column}) FROM {table}), 0) + 1, false)"
                ).format(
                    name=sql.Literal(table),
                    column_name=sql.Literal(column),
                    column=sql.Identifier(column),
                    table=sql.Identifier(table),
                )
            )


def _entry(name: str) -> zipfile.ZipInfo:
    """Always with the same date: the same database gives the same archive."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
    )
    return [name for (name,) in rows if not name.startswith(LEFT_OUT)]


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        (table,),
    )
    return [name for (name,) in rows]


def _sequences(connection: psycopg.Connection) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND is_identity = 'YES'"
    ).fetchall()


def _last_migrations(connection: psycopg.Connection) -> dict[str, str]:
    rows = connection.execute(
        "SELECT app, max(name) FROM django_migrations WHERE app = ANY(%s) GROUP BY app ORDER BY app", (list(APPS),)
    )
    return dict(rows.fetchall())


def main() -> None:
    with temporary_servers() as servers, database(servers["DATABASE_URL"], empty=True) as address:
        os.environ.update(
            ENVIRONMENT | servers | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "server.settings"}
        )
        django.setup()
        call_command("migrate", verbosity=0)
        from server.demo import make_world

        make_world()
        from django.db import connections

        connections.close_all()
        with psycopg.connect(address, autocommit=True) as connection:
            capture(connection)
    print(f"{ARCHIVE.name}: {ARCHIVE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
