"""What every sub-command of `relais` needs on this machine: the data directory's servers, and the settings."""

import base64
import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from server.ops.datadir import BusyError, DataDirectory, open_directory
from server.ops.embedded import Servers, running
from server.ops.environment import is_given
from server.ops.processes import StartError

SECONDS_TO_WAIT = 120.0
SECONDS_FOR_THE_DATABASE = 60.0
"""How long a command waits for a PostgreSQL that may still be starting (`--wait`)."""
LONGEST_STATEMENT = 6 * 3600
REFUSED = {
    "42501": "These tables belong to another role: run `relais migrate` with DATABASE_OWNER_URL.",
    "25006": "PostgreSQL takes no writes: it is a standby, or read-only. Name the primary in DATABASE_URL.",
    "53100": "The disk of PostgreSQL is full: make room on it.",
}
"""What to do when PostgreSQL refuses to make tables, by its code."""


def uses_external_services() -> bool:
    """Whether somebody else's PostgreSQL and Redis are used."""
    return is_given("DATABASE_URL") and is_given("REDIS_URL")


def is_fully_configured() -> bool:
    """Whether the environment says everything, and there is no data directory at all."""
    secrets_are_there = is_given("RELAIS_SECRET_KEY") and is_given("RELAIS_MASTER_KEY")
    return uses_external_services() and secrets_are_there and "RELAIS_ORIGINS" in os.environ


def configure(data: DataDirectory, port: int | None = None) -> None:
    """Fill in what the environment does not say: the data directory's servers and secrets, and this machine's name.

    Without `port` the address is the one that the last `relais up` of this directory had.
    """
    servers = Servers(data)
    note = data.path / "origins"
    if port is not None:
        note.write_text(f"http://localhost:{port},http://127.0.0.1:{port}")
    origins = note.read_text() if note.exists() else "http://localhost:8000,http://127.0.0.1:8000"
    if "RELAIS_ORIGINS" not in os.environ:
        os.environ.setdefault("RELAIS_FAKE_DELIVERY", "1")
    if not is_given("DATABASE_URL"):
        os.environ["DATABASE_URL"] = servers.database_url
        os.environ["DATABASE_OWNER_URL"] = servers.owner_url
    if not is_given("REDIS_URL"):
        os.environ["REDIS_URL"] = servers.redis_url
    for name, value in {
        "DJANGO_SETTINGS_MODULE": "server.settings",
        "RELAIS_AUDIT_ANCHORS": str(data.path / "audit-anchors"),
        "RELAIS_DATA": str(data.path),
        "RELAIS_FILES": str(data.path / "files"),
        "RELAIS_ORIGINS": origins,
    }.items():
        os.environ.setdefault(name, value)
    if not is_given("RELAIS_SECRET_KEY"):
        os.environ["RELAIS_SECRET_KEY_FILE"] = str(data.secret("secret-key", 48))
    if not is_given("RELAIS_MASTER_KEY"):
        os.environ["RELAIS_MASTER_KEY_FILE"] = str(data.secret("master-key", 32))


def django_only() -> None:
    """Django knows the declarations, and nothing else: for what needs no data and must leave none behind."""
    import django

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "server.settings",
        "DATABASE_URL": "postgresql:///none",
        "REDIS_URL": "unix:///none",
        "RELAIS_ORIGINS": "http://localhost",
        "RELAIS_SECRET_KEY": secrets.token_hex(32),
        "RELAIS_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    django.setup()


@contextlib.contextmanager
def django_with_services(path: Path, *, as_owner: bool = False, grant: bool = False) -> Iterator[None]:
    """The servers of the data directory answer, and Django knows them; the tables are those of this version.

    With `as_owner` everything is done as the role that owns the tables, where one is named: for what replaces tables.
    With `grant` the running role is given its rights anew even if no table has changed. The servers are those of a
    running `relais up`; when nobody runs it, they are started for the length of the `with`.
    """
    import django

    with contextlib.ExitStack() as stack:
        if not is_fully_configured():
            data = open_directory(path)
            if not uses_external_services():
                stack.enter_context(_served(data))
            configure(data)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
        if as_owner:
            _become_owner()
        # An import or a migration takes its time; whoever waits for it can interrupt it.
        os.environ.setdefault("RELAIS_STATEMENT_SECONDS", str(LONGEST_STATEMENT))
        django.setup()
        _require_database()
        migrate(grant=grant)
        yield


def _require_database() -> None:
    from django.db import DEFAULT_DB_ALIAS, connections

    from server.ops import reachable

    seconds = float(os.environ.get("RELAIS_WAIT_SECONDS") or SECONDS_FOR_THE_DATABASE)
    for alias in {"owner", DEFAULT_DB_ALIAS} & set(connections):
        reachable.wait_for_postgres(alias, seconds)
    if uses_external_services():
        reachable.require_prepared_statements()


def _become_owner() -> None:
    """This process connects as the owner from now on."""
    if is_given("DATABASE_OWNER_URL"):
        for suffix in ("", "_FILE"):
            os.environ.pop(f"DATABASE_URL{suffix}", None)
            if value := os.environ.get(f"DATABASE_OWNER_URL{suffix}"):
                os.environ[f"DATABASE_URL{suffix}"] = value


@contextlib.contextmanager
def _served(data: DataDirectory) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(data.held("once", wait=SECONDS_TO_WAIT))
            stack.enter_context(running(data))
        except BusyError as busy:
            if busy.purpose != "up":
                raise
            _wait_for(Servers(data))
        yield


def _wait_for(servers: Servers) -> None:
    """Return when the servers of a `relais up` that may still be starting answer."""
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while not (
        (is_given("DATABASE_URL") or servers.database_ready()) and (is_given("REDIS_URL") or servers.redis_ready())
    ):
        if time.monotonic() > deadline:
            raise StartError(f"The servers of {servers.data.path} do not answer.")
        time.sleep(0.1)


def migrate(*, grant: bool = False) -> None:
    """The database has the tables this version needs, and the running role its rights on them.

    Many may call it at once: one does it, the others wait. It acts as the owner, where one is named.
    """
    from django.core.management import call_command
    from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
    from django.db.migrations.executor import MigrationExecutor

    from server.ops import roles

    alias = "owner" if "owner" in connections else DEFAULT_DB_ALIAS
    lock = connections[alias].copy()
    try:
        # In a transaction of its own: that is held through a pooler too, and let go of when we die.
        lock.set_autocommit(False)
        with lock.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('relais migrate'))")
        executor = MigrationExecutor(connections[alias])
        is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if is_behind:
            call_command("migrate", interactive=False, verbosity=0, database=alias)
        if alias == "owner" and (is_behind or grant):
            roles.grant(connections[alias], _running_role())
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT kernel_audit_partitions()")
    except DatabaseError as error:
        why = REFUSED.get(_sqlstate(error))
        if why is None:
            raise
        raise StartError(why) from error
    finally:
        lock.close()
        if alias == "owner":
            connections[alias].close()


def _sqlstate(error: BaseException | None) -> str:
    """The code that PostgreSQL gave, however often its error was wrapped."""
    while error is not None and not getattr(error, "sqlstate", None):
        error = error.__cause__ or error.__context__
    return str(getattr(error, "sqlstate", ""))


def _running_role() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role: str = cursor.fetchone()[0]
    return role
