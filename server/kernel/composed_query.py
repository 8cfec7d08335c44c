"""Queries that the ORM composes once in a process, and that are carried out very often.

To compose a query of several tables takes the ORM longer than PostgreSQL takes to answer it. Here it is composed when
it is first asked, with a marker in the place of each parameter, and only the parameters change from then on: the rule
that the query expresses is still written once, where other queries take it from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from threading import Lock
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, QuerySet, UUIDField, Value

from server.kernel.pg_arrays import uuids
from server.kernel.statements import Statement

Parameter = UUID | Collection[UUID]

_PARAMETERS = [UUID(int=number) for number in range(1, 9)]
"""Markers: no row has such an id."""


def one_of(column: str, marker: UUID) -> Func:
    """The condition that a column has one of the ids of a parameter: ``filter(one_of("pk", wanted))``."""
    return any_of(column, [marker])


def any_of(column: str, ids: Iterable[UUID]) -> Func:
    """The same for ids that are known already. Django's ``__in`` writes a placeholder for each, and a statement with
    many is never the same again: psycopg then reads it anew, which takes longer than the rows."""
    array = Value(list(ids), output_field=ArrayField(UUIDField()))
    return Func(F(column), array, template="(%(expressions)s))", arg_joiner=" = ANY(", output_field=BooleanField())


class ComposedQuery:
    """``compose`` gets a marker for each parameter, and returns a query of values. A parameter is an id where the
    marker stands by itself, and a collection of ids where it stands in ``one_of``."""

    def __init__(self, compose: Callable[..., QuerySet[Any, Any]], parameters: int) -> None:
        self._compose = compose
        self._markers = _PARAMETERS[:parameters]
        self._lock = Lock()
        self._composed: tuple[Statement, list[tuple[bool, Any]]] | None = None

    def __call__(self, *parameters: Parameter) -> list[tuple[Any, ...]]:
        """The rows for these parameters. One statement."""
        return self.ask(*parameters)()

    def ask(self, *parameters: Parameter) -> Callable[[], list[tuple[Any, ...]]]:
        """Asks for the rows; the function returned waits for them. One statement."""
        statement, places = self._composed or self._compose_once()
        given = [uuids(one) if isinstance(one, Collection) else one for one in parameters]
        return statement.send(*(given[value] if is_parameter else value for is_parameter, value in places))

    def _compose_once(self) -> tuple[Statement, list[tuple[bool, Any]]]:
        with self._lock:
            sql, values = self._compose(*self._markers).query.sql_with_params()
            self._composed = Statement(sql.replace("%s", "%b")), [self._place(value) for value in values]
        return self._composed

    def _place(self, value: Any) -> tuple[bool, Any]:
        """Whether a value of the statement is a parameter, and its number or the value itself."""
        marker = value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value
        return (True, self._markers.index(marker)) if marker in self._markers else (False, value)
