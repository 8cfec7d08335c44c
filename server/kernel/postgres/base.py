"""Django's backend for PostgreSQL, with an end to every wait and a look at a kept connection before it is used.

Four limits, because each sees what the others do not:

- ``connect_timeout`` of libpq: PostgreSQL takes the connection and says nothing.
- ``tcp_user_timeout`` and keepalives: packets vanish. The kernel closes the connection, in the middle of a statement
  or of an idle hour.
- ``liveness``: nothing has come for a fifth of ``statement_seconds``, and a new connection finds that PostgreSQL says
  nothing to anybody. Nobody waits for it then until it answers again.
- ``statement_seconds``: whatever happens to a statement, its thread is free again after that time. PostgreSQL is asked
  to cancel it, and the connection is closed.
"""

from __future__ import annotations

import contextlib
import select
import time
from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg import IsolationLevel
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout, _WaitTimeout
from psycopg.pq import TransactionStatus

from server.kernel.postgres import liveness

T = TypeVar("T")

CANCEL_SECONDS = 1.0
"""How long PostgreSQL has to take the request to cancel a statement."""
PATIENCE = 0.2
"""Part of ``statement_seconds`` after which it is asked whether PostgreSQL says anything at all."""

_SERVER_LIMITS = """
SET idle_in_transaction_session_timeout = {milliseconds};
SET client_connection_check_interval = 5000;
SET jit = off;
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 3; SET tcp_keepalives_count = 3;
SET tcp_user_timeout = 8000
"""
"""Not as parameters of the connection's start: poolers refuse those. Statements here last milliseconds: to compile one
takes longer, and what they cost is estimated high as long as a table's statistics are old."""

_suspected_at = 0.0
"""Connections of this process that were made before are not trusted: on one of them PostgreSQL fell silent."""


class StatementTimeout(psycopg.OperationalError):
    """PostgreSQL did not answer a statement in time. Whether it was carried out is not known."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that gives up a statement after ``statement_seconds``, and closes itself then."""

    statement_seconds: float | None = None
    server: liveness.Server | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.made_at = time.monotonic()

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        server, seconds = self.server, self.statement_seconds
        try:
            if server is None or seconds is None:
                return super().wait(gen, interval, seconds if timeout is None else timeout)
            found = super().wait(_attentive(gen, server, interval, seconds * PATIENCE), interval, timeout or seconds)
            server.heard()
            return found
        except liveness.SilentServerError:
            self._give_up()
            raise
        except _WaitTimeout:
            if timeout is not None:
                raise
        with contextlib.suppress(psycopg.Error):
            self.cancel_safe(timeout=CANCEL_SECONDS)
        self._give_up()
        raise StatementTimeout(f"PostgreSQL did not answer within {self.statement_seconds:g} s.")

    def _give_up(self) -> None:
        global _suspected_at
        _suspected_at = time.monotonic()
        self.pgconn.finish()


def _attentive(gen: PQGen[T], server: liveness.Server, interval: float, patience: float) -> PQGen[T]:
    """The generator that psycopg waits for. It is told after each ``interval`` in which nothing came; when nothing came
    for ``patience``, the server is suspected."""
    waited = 0.0
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready:
                waited += interval
                if waited >= patience:
                    server.was_waited_for(patience)
            wanted = gen.send(ready)
    except StopIteration as done:
        value: T = done.value
        return value


def is_closed_by_peer(connection: psycopg.Connection[Any]) -> bool:
    """Whether the other side has closed an idle connection, or has said something that nobody asked for: that is its
    farewell. One system call."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    """The connection of one thread."""

    connection: Any

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.pop("statement_seconds", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> BoundedConnection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        seconds = self.settings_dict["OPTIONS"].get("statement_seconds")
        if seconds is None:
            return BoundedConnection.connect(**conn_params)
        parameters = liveness.without_silent_ones(conn_params)
        began = time.monotonic()
        try:
            made = BoundedConnection.connect(**parameters)
        except ConnectionTimeout:
            liveness.took_no_connection(parameters, time.monotonic() - began)
            raise
        made.statement_seconds = seconds
        made.server = liveness.server_of(made, parameters)
        if seconds:
            # PostgreSQL too notices that we are gone: what we had locked is free again.
            made.autocommit = True
            made.execute(_SERVER_LIMITS.format(milliseconds=int(seconds * 1000)), prepare=False)
            made.autocommit = False
        return made

    def close_if_health_check_failed(self) -> None:
        """Drops a connection that is dead, before work begins on it. Django asks before each statement."""
        if self.connection is None or self.in_atomic_block:
            return
        if self.connection.closed or (
            self.connection.info.transaction_status == TransactionStatus.IDLE
            and (self.connection.made_at < _suspected_at or is_closed_by_peer(self.connection))
        ):
            self.close()
