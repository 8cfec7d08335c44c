"""Tidying what comes, by its type: made once for a command, and run for every request. Pure.

What somebody typed says how in its annotation: ``Meta(extra={"typed": "line"})``. Every instant becomes UTC. The
commands that hold neither cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import inspect

from server.kernel.wire.errors import Invalid
from server.kernel.wire.text import is_blank, line

Tidy = Callable[[Any, str], Any]
"""The value as it is to be, for the value and its path; the same object where nothing is to be done."""


def of(command: type[msgspec.Struct]) -> Callable[[Any], Any] | None:
    """What tidies a command of this type, or None if nothing in it is to be tidied; ``Invalid`` for a text that is
    blank, and for an instant that cannot be told in UTC."""
    found = _Types().tidy(inspect.type_info(command))
    return None if found is None else lambda sent: found(sent, "$.params")


def _line(typed: str, path: str) -> str:
    tidied = line(typed)
    if is_blank(tidied):
        raise Invalid(path, "There is nothing to read in this text.", why="required")
    return tidied


def _words(typed: str, _: str) -> str:
    tidied = line(typed)
    return "" if is_blank(tidied) else tidied


def _body(typed: str, path: str) -> str:
    """As written: what is in a message is its author's. Only one in which there is nothing is refused."""
    if typed and is_blank(typed):
        raise Invalid(path, "There is nothing to read in this text.", why="required")
    return typed


def _note(typed: str, _: str) -> str:
    return "" if is_blank(typed) else typed


LARGEST_OFFSET = timedelta(hours=14)
"""The clocks of no place on earth are further from UTC. PostgreSQL refuses offsets from sixteen hours on."""


def in_utc(sent: datetime, path: str) -> datetime:
    """The same instant in UTC, or ``Invalid`` when there is no such thing: nothing behind the decoder depends on how
    it was written."""
    offset = sent.utcoffset()
    if offset is None or abs(offset) > LARGEST_OFFSET:
        raise Invalid(path, "The offset of an instant is 14 hours at most.")
    try:
        return sent if sent.tzinfo is UTC else sent.astimezone(UTC)
    except OverflowError:
        raise Invalid(path, "An instant lies between the years 1 and 9999, in UTC.") from None


KINDS: dict[str, Tidy] = {"line": _line, "words": _words, "body": _body, "note": _note}


_PLAIN: dict[type[inspect.Type], type] = {inspect.ListType: list, inspect.DateTimeType: datetime}
"""The Python type of what a union may hold beside structs and text."""


class _Types:
    """What is known of the types met so far: a type may hold itself."""

    def __init__(self) -> None:
        self._structs: dict[type, Tidy | None] = {}

    def tidy(self, kind: inspect.Type) -> Tidy | None:
        if isinstance(kind, inspect.Metadata):
            named = (kind.extra or {}).get("typed")
            return KINDS[named] if named else self.tidy(kind.type)
        if isinstance(kind, inspect.DateTimeType):
            return in_utc
        if isinstance(kind, inspect.StructType):
            if kind.cls not in self._structs:
                self._structs[kind.cls] = None
                self._structs[kind.cls] = self._struct(kind)
            return self._structs[kind.cls]
        if isinstance(kind, inspect.UnionType):
            return self._union(kind)
        if isinstance(kind, inspect.ListType):
            item = self.tidy(kind.item_type)
            return None if item is None else _each(item)
        return None

    def _union(self, kind: inspect.UnionType) -> Tidy | None:
        by_type: dict[type, Tidy] = {}
        for one in kind.types:
            inner = one.type if isinstance(one, inspect.Metadata) else one
            found = self.tidy(one)
            if found is None:
                continue
            if isinstance(inner, inspect.StructType):
                by_type[inner.cls] = found
            else:
                by_type[_PLAIN.get(type(inner), str)] = found
        if not by_type:
            return None
        return lambda value, path: by_type[type(value)](value, path) if type(value) in by_type else value

    def _struct(self, kind: inspect.StructType) -> Tidy | None:
        fields = [(one.name, one.encode_name, found) for one in kind.fields if (found := self.tidy(one.type))]
        return _fields(fields) if fields else None


def _each(item: Tidy) -> Tidy:
    def tidy(values: list[Any], path: str) -> list[Any]:
        tidied = [item(value, f"{path}[{at}]") for at, value in enumerate(values)]
        return values if all(new is old for new, old in zip(tidied, values, strict=True)) else tidied

    return tidy


def _fields(fields: list[tuple[str, str, Tidy]]) -> Tidy:
    def tidy(struct: Any, path: str) -> Any:
        changed = {}
        for name, written, inner in fields:
            value = getattr(struct, name)
            tidied = inner(value, f"{path}.{written}") if value is not None else None
            if tidied is not value:
                changed[name] = tidied
        return msgspec.structs.replace(struct, **changed) if changed else struct

    return tidy
