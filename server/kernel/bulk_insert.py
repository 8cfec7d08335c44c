"""Many rows in one statement, for what is carried out many at a time.

``bulk_create`` writes a placeholder for each value into the statement: with a hundred rows, making and parsing that
text costs more than storing them. Here each column is one array, and the statement is the same however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import (
    AutoField,
    BinaryField,
    CharField,
    DateTimeField,
    Field,
    ForeignKey,
    Model,
    TextField,
    UUIDField,
)

from server.kernel.pg_arrays import byte_strings, moments, texts, uuids
from server.kernel.statements import Statement


def insert(rows: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
    """Inserts new rows of one table as they stand; keys that the database makes are not read back.

    With ``ignore_conflicts`` a row that a constraint keeps out is left out, and the others stay.
    """
    if not rows:
        return
    columns, statement = _statement(type(rows[0]), None, ignore_conflicts)
    statement.send(*(array([getattr(row, name) for row in rows]) for name, array in columns))


def insert_values(
    model: type[Model], columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], *, ignore_conflicts: bool = False
) -> None:
    """The same for rows that are no objects of the model but the values of these ``columns`` of its: for those of which
    there are many, to make the objects takes longer than to store them. No defaults of the model are filled in.
    """
    if rows:
        arrays, statement = _statement(model, columns, ignore_conflicts)
        values = zip(*rows, strict=True)
        statement.send(*(array(column) for (_, array), column in zip(arrays, values, strict=True)))


_ARRAYS: dict[type[Field[Any, Any]], Callable[[Sequence[Any]], Any]] = {
    UUIDField: uuids, CharField: texts, TextField: texts, BinaryField: byte_strings, DateTimeField: moments,
}  # fmt: skip
"""Columns of other types are left to psycopg, which looks at each value."""


def _array(field: Field[Any, Any]) -> Callable[[Sequence[Any]], Any]:
    kind = type(field.target_field) if isinstance(field, ForeignKey) else type(field)
    return _ARRAYS.get(kind, list)


@cache
def _statement(
    model: type[Model], names: tuple[str, ...] | None, ignore_conflicts: bool
) -> tuple[list[tuple[str, Callable[..., Any]]], Statement]:
    by_name = {field.attname: field for field in model._meta.concrete_fields if not isinstance(field, AutoField)}  # noqa: SLF001  (public)
    fields = [by_name[name] for name in names or by_name]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    arrays = ", ".join(f"%b::{field.db_type(connection)}[]" for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001  (public, for all its underscore)
    statement = f"INSERT INTO {table} ({columns}) SELECT * FROM unnest({arrays})"  # noqa: S608  (names of our own models)
    if ignore_conflicts:
        statement += " ON CONFLICT DO NOTHING"
    return [(field.attname, _array(field)) for field in fields], Statement(statement)
