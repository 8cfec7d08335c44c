"""Before anything else: PostgreSQL answers, and what stands before it keeps what Relais asks it to keep."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from server.ops.processes import StartError
from server.ops.supervisor import log

PAUSE = 0.5
SAID_EVERY = 10.0
ROUNDS = 4
LOST = (psycopg.errors.DuplicatePreparedStatement, psycopg.errors.InvalidSqlStatementName)
LOSES_PREPARED_STATEMENTS = (
    "The pooler in DATABASE_URL loses prepared statements between transactions, as PgBouncer before 1.21 does: use a"
    " newer one, or its session mode, or set RELAIS_PREPARED_STATEMENTS=0, which costs some speed."
)


def wait_for_postgres(alias: str, seconds: float) -> None:
    """Returns when PostgreSQL takes connections; says meanwhile why it does not, and raises when the time is over."""
    connection = connections[alias]
    deadline, say_at = time.monotonic() + seconds, 0.0
    while True:
        try:
            connection.ensure_connection()
            return
        except DatabaseError as error:
            reason = why(error)
        now = time.monotonic()
        if now > deadline:
            raise StartError(f"{_place(connection)} did not answer within {seconds:g} s. The last it said: {reason}")
        if now >= say_at:
            log(f"waiting for {_place(connection)}: {reason}")
            say_at = now + SAID_EVERY
        time.sleep(PAUSE)


def why(error: BaseException) -> str:
    """What a failed connection says, in one line. libpq puts advice below it; of several hosts or addresses each has a
    line of its own."""
    said = [line for line in str(error).splitlines() if line.strip() and not line[0].isspace()]
    attempts = [line.removeprefix("- ").strip() for line in said if line.startswith("- ")]
    found = attempts or [line.strip() for line in said if not line.startswith("Multiple connection attempts failed")]
    return "; ".join(dict.fromkeys(found)) or type(error).__name__


def _place(connection: BaseDatabaseWrapper) -> str:
    host = connection.settings_dict["HOST"] or "this machine"
    port = connection.settings_dict["PORT"]
    return f"PostgreSQL at {host}{f':{port}' if port else ''}, database {connection.settings_dict['NAME']},"


def loses_prepared_statements() -> bool:
    """Whether a pooler mixes up what two connections have prepared: tried, for no version says so.

    Without prepared statements there is nothing to lose.
    """
    params = connections["default"].get_connection_params()
    if params["prepare_threshold"] is None:
        return False
    with contextlib.ExitStack() as stack:
        one, other = (stack.enter_context(_connected(params)) for _ in range(2))
        for number in range(ROUNDS):
            try:
                # In turn, so that one gets the server's connection on which the other has just prepared.
                for connection, statement in ((one, "SELECT 1 + %s::int"), (other, "SELECT 2 * %s::int")):
                    with connection.pipeline(), connection.cursor() as cursor:
                        cursor.execute(statement, (number,), prepare=True)
                        connection.commit()
            except LOST:
                return True
    return False


@contextlib.contextmanager
def _connected(params: dict[str, Any]) -> Iterator[psycopg.Connection[Any]]:
    connection = psycopg.connect(**params)
    try:
        yield connection
    finally:
        connection.close()


def require_prepared_statements() -> None:
    """Raises when the pooler loses them: everything would fail later, and say less."""
    if settings.DATABASES["default"]["OPTIONS"]["prepare_threshold"] is not None and loses_prepared_statements():
        raise StartError(LOSES_PREPARED_STATEMENTS)
