"""Statements that are carried out all the time: prepared, binary, and sent together.

A cursor of Django and psycopg costs 70 µs of CPU for a statement, and each goes out by itself; a batch of messages has
eight of them. Within ``together`` a ``Statement`` only queues: what is queued goes out in one piece when somebody asks
for rows, or with the commit. There it costs 20 µs.

Ordinary cursors may be used at any time. At the first one what is queued is carried out, and the transaction goes on in
psycopg's own pipeline; outside ``together`` a ``Statement`` is an ordinary cursor itself. What it does is the same.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, cast
from uuid import UUID

import psycopg
from django.db import connection
from psycopg import pq
from psycopg._preparing import Prepare
from psycopg._queries import PostgresQuery
from psycopg.abc import PQGen
from psycopg.abc import Transformer as AnyTransformer
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many, send

Parameter = UUID | str | bytes | int | datetime
Rows = Callable[[], list[tuple[Any, ...]]]
"""Waits for the rows of a statement and returns them. Called once."""

_BINARY = pq.Format.BINARY


class Statement:
    """One SQL statement. Its placeholders are ``%b``, and each has a cast where the type is not plain from the place.

    A parameter has one PostgreSQL type whatever its value: an array of ``pg_arrays``, a UUID, a text, bytes, a moment,
    ``Int8``.
    """

    __slots__ = ("_numbered", "_text")

    def __init__(self, text: str) -> None:
        first, *rest = text.split("%b")
        self._text = text
        numbered = first + "".join(f"${at}{part}" for at, part in enumerate(rest, 1))
        self._numbered = numbered.replace("%%", "%").encode()

    def send(self, *parameters: Parameter) -> Rows:
        """Carries the statement out in the open transaction, in the order of sending.

        Without a look at the rows an error comes as late as the commit.
        """
        pipeline: _Pipeline | None = getattr(_open, "pipeline", None)
        if pipeline is None or not pipeline.takes_statements:
            cursor = connection.cursor()
            cursor.execute(self._text, parameters)
            return partial(_fetch, cursor)
        return pipeline.queue(self._numbered, parameters)


def _fetch(cursor: Any) -> list[tuple[Any, ...]]:
    with cursor:
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


class _Query(NamedTuple):
    """What psycopg knows a prepared statement by."""

    query: bytes
    types: tuple[int, ...]


class _Outstanding:
    """A command whose result is still to come."""

    __slots__ = ("result",)

    def __init__(self) -> None:
        self.result: pq.abc.PGresult | None = None


class _Pipeline:
    """libpq's pipeline of one connection, from ``together`` to its end or to the first ordinary cursor."""

    def __init__(self, conn: psycopg.Connection[Any], after: ExitStack) -> None:
        self.is_open = True
        self.takes_statements = not connection.queries_logged
        """Whoever counts queries counts cursors."""
        self._after = after
        self._conn = conn
        self._pgconn = conn.pgconn
        self._transformer = _transformer(conn)
        # Which statements a connection knows by name is psycopg's to say: it forgets them all after a rollback.
        self._prepared = conn._prepared  # noqa: SLF001  (the names must be the same for its cursors and for us)
        self._outstanding: deque[_Outstanding] = deque()
        self._pgconn.enter_pipeline_mode()
        if self._pgconn.transaction_status == pq.TransactionStatus.IDLE:
            self._command(b"BEGIN")

    def queue(self, text: bytes, parameters: tuple[Parameter, ...]) -> Rows:
        """Queues one statement, in libpq's buffer."""
        pgconn = self._pgconn
        transformer = self._transformer
        values = transformer.dump_sequence(parameters, [PyFormat.BINARY] * len(parameters))
        formats = transformer.formats
        query = cast(PostgresQuery, _Query(text, tuple(transformer.types or ())))
        prepare, name = self._prepared.get(query, True)
        if prepare is Prepare.NO:  # Switched off, for a pooler that cannot keep them.
            pgconn.send_query_params(text, values, query.types, formats, _BINARY)
        else:
            if prepare is Prepare.SHOULD:
                pgconn.send_prepare(name, text, query.types)
                self._expect()
            pgconn.send_query_prepared(name, values, formats, _BINARY)
        # One that fails is forgotten with the rollback that follows.
        self._prepared.maybe_add_to_cache(query, prepare, name)
        return partial(self._rows, self._expect())

    def _expect(self) -> _Outstanding:
        expected = _Outstanding()
        self._outstanding.append(expected)
        return expected

    def _rows(self, wanted: _Outstanding) -> list[tuple[Any, ...]]:
        if wanted.result is None:
            self._pgconn.send_flush_request()
            self._exchange()
        if wanted.result is None:
            raise RuntimeError("the pipeline was left before these rows came")
        self._transformer.set_pgresult(wanted.result)
        return self._transformer.load_rows(0, wanted.result.ntuples, tuple)

    def _exchange(self) -> None:
        """Sends what is queued and takes in every result that is to come; raises the first error among them."""
        errors: list[psycopg.Error] = []
        self._conn.wait(self._communicate(errors))
        if errors:
            raise errors[0]

    def _communicate(self, errors: list[psycopg.Error]) -> PQGen[None]:
        yield from send(self._pgconn)
        while self._outstanding:
            [result] = yield from fetch_many(self._pgconn)
            self._outstanding.popleft().result = result
            if result.status == pq.ExecStatus.FATAL_ERROR:
                errors.append(error_from_result(result))

    def commit(self) -> None:
        """Commits, with whatever is still queued."""
        if self.is_open:
            self._command(b"COMMIT")
            self._leave()
        else:
            self._conn.commit()

    def _command(self, text: bytes) -> None:
        self._pgconn.send_query_params(text, None)
        self._expect()

    def give_way(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """An ordinary cursor is used: what is queued is carried out, and psycopg's pipeline takes over."""
        if self.is_open:
            self._leave()
            self._after.enter_context(self._conn.pipeline())
        return execute(*arguments)

    def end(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        """Leaves the pipeline. After an error, what else fails says nothing new."""
        if self.is_open:
            with suppress(psycopg.Error) if error is not None else nullcontext():
                self._leave()

    def _leave(self) -> None:
        """Carries out what is queued and leaves libpq's pipeline; raises the first error."""
        self.is_open = self.takes_statements = False
        if self._pgconn.status == pq.ConnStatus.BAD:
            return
        try:
            self._pgconn.pipeline_sync()
            self._expect()
            self._exchange()
        finally:
            if self._pgconn.status != pq.ConnStatus.BAD:
                self._pgconn.exit_pipeline_mode()


_open = threading.local()


def _transformer(conn: psycopg.Connection[Any]) -> AnyTransformer:
    """What reads and writes the values of a connection's statements. It remembers how, for each type: one for all of
    them, as long as the thread has this connection."""
    known: tuple[psycopg.Connection[Any], AnyTransformer] | None = getattr(_open, "transformer", None)
    if known is None or known[0] is not conn:
        known = _open.transformer = (conn, Transformer(conn))
    return known[1]


@contextmanager
def together() -> Iterator[None]:
    """Queues what is sent within, and commits with the last of it when it ends: Django finds nothing left to commit.

    Within a savepoint nothing is committed. Errors of statements at whose rows nobody looks come as late as the end.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, ExitStack() as stack:
        pipeline = _Pipeline(connection.connection, stack)
        stack.push(pipeline.end)
        stack.enter_context(connection.execute_wrapper(pipeline.give_way))
        _open.pipeline = pipeline
        try:
            yield
            if not connection.savepoint_ids:
                pipeline.commit()
        finally:
            _open.pipeline = None
