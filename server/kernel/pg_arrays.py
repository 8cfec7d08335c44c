"""Columns of values as PostgreSQL's binary arrays, for statements that are carried out very often.

psycopg looks at each element of a list to find out what the list is of, which costs more than sending it. Whoever
writes the statement knows: ``uuids(...)`` for ``%b::uuid[]``, and so on. None stands for NULL.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from struct import Struct
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = Struct(">iIIii").pack
_EMPTY = Struct(">iII").pack
_LENGTH = Struct(">i").pack
_NUMBER = Struct(">iq").pack
_NULL = _LENGTH(-1)
_SIXTEEN = _LENGTH(16)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Uuids(bytes):
    """``uuid[]``"""


class Texts(bytes):
    """``text[]``"""


class Numbers(bytes):
    """``bigint[]``"""


class ByteStrings(bytes):
    """``bytea[]``"""


class Moments(bytes):
    """``timestamptz[]``"""


def uuids(values: Iterable[UUID | None]) -> Uuids:
    return Uuids(
        _array("uuid", [_NULL if value is None else _SIXTEEN + value.int.to_bytes(16, "big") for value in values])
    )


def texts(values: Iterable[str | None]) -> Texts:
    return Texts(_array("text", [_NULL if value is None else _with_length(value.encode()) for value in values]))


def numbers(values: Iterable[int | None]) -> Numbers:
    return Numbers(_array("int8", [_NULL if value is None else _NUMBER(8, value) for value in values]))


def byte_strings(values: Iterable[bytes | None]) -> ByteStrings:
    return ByteStrings(_array("bytea", [_NULL if value is None else _with_length(value) for value in values]))


def moments(values: Iterable[datetime | None]) -> Moments:
    return Moments(_array("timestamptz", [_NULL if value is None else _NUMBER(8, _since(value)) for value in values]))


def _since(moment: datetime) -> int:
    """Microseconds as PostgreSQL counts them."""
    return (moment - _EPOCH) // _MICROSECOND


def _with_length(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


def _array(name: str, elements: list[bytes]) -> bytes:
    """One dimension, counted from 1. PostgreSQL sees for itself whether there are NULLs."""
    kind = _OIDS[name]
    if not elements:
        return _EMPTY(0, 0, kind)
    return _HEAD(1, 0, kind, len(elements), 1) + b"".join(elements)


_OIDS = {name: psycopg.adapters.types[name].oid for name in ("uuid", "text", "int8", "bytea", "timestamptz")}


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        return obj


def _register(kind: type[bytes], name: str) -> None:
    dumper = type(f"{kind.__name__}Dumper", (_AsItIs,), {"oid": psycopg.adapters.types[name].array_oid})
    psycopg.adapters.register_dumper(kind, dumper)


_register(Uuids, "uuid")
_register(Texts, "text")
_register(Numbers, "int8")
_register(ByteStrings, "bytea")
_register(Moments, "timestamptz")
