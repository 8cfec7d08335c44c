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
from server.ops.processes import StartError

SECONDS_TO_WAIT = 120.0


def uses_external_services() -> bool:
    """Whether somebody else's PostgreSQL and Redis are used."""
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def is_fully_configured() -> bool:
    """Whether the environment says everything, and there is no data directory at all."""
    secrets_are_there = all(
        os.environ.get(name) or os.environ.get(f"{name}_FILE") for name in ("RELAIS_SECRET_KEY", "RELAIS_MASTER_KEY")
    )
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
    for name, value in {
        "DJANGO_SETTINGS_MODULE": "server.settings",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "RELAIS_DATA": str(data.path),
        "RELAIS_ORIGINS": origins,
    }.items():
        os.environ.setdefault(name, value)
    if not os.environ.get("RELAIS_SECRET_KEY"):
        os.environ.setdefault("RELAIS_SECRET_KEY_FILE", str(data.secret("secret-key", 48)))
    if not os.environ.get("RELAIS_MASTER_KEY"):
        os.environ.setdefault("RELAIS_MASTER_KEY_FILE", str(data.secret("master-key", 32)))


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
def django_with_services(path: Path) -> Iterator[None]:
    """The servers of the data directory answer, and Django knows them.

    They are those of a running `relais up`; when nobody runs it, they are started for the length of the `with`.
    """
    import django

    with contextlib.ExitStack() as stack:
        if not is_fully_configured():
            data = open_directory(path)
            if not uses_external_services():
                stack.enter_context(_served(data))
            configure(data)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
        django.setup()
        migrate()
        yield


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
        (os.environ.get("DATABASE_URL") or servers.database_ready())
        and (os.environ.get("REDIS_URL") or servers.redis_ready())
    ):
        if time.monotonic() > deadline:
            raise StartError(f"The servers of {servers.data.path} do not answer.")
        time.sleep(0.1)


def migrate() -> None:
    """The database has the tables this version needs. Many may call it at once: one does it, the others wait."""
    import psycopg
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with psycopg.connect(os.environ["DATABASE_URL"]) as lock:
        # In a transaction of its own: that is held through a pooler too, and let go of when we die.
        lock.execute("SELECT pg_advisory_xact_lock(hashtext('relais migrate'))")
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
