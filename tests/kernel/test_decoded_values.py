"""What a decoder lets through is what PostgreSQL can hold, in every command there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest
from msgspec import inspect

from server.kernel.wire import tidying
from server.kernel.wire.frame import Commands, FrameError, Request
from server.registry import ACTIONS

LARGEST_INTEGER = 2**63 - 1
FIELDS = {
    "id": "01939d1a-7c00-7000-8000-000000000000",
    "agenda": "01939d1a-7c00-7000-8000-000000000001",
    "reason": "01939d1a-7c00-7000-8000-000000000002",
    "organisation": "01939d1a-7c00-7000-8000-000000000003",
    "rows": [{"email": "ada@exemple.fr"}],
    "format": "csv",
    "message": "01939d1a-7c00-7000-8000-000000000004",
    "body": "x",
}


class Inner(msgspec.Struct):
    at: datetime


class Outer(msgspec.Struct):
    many: list[Inner]
    either: Inner | str | None = None
    alone: datetime | int | None = None


class Leaf(NamedTuple):
    path: str
    type: inspect.Type
    command: Any


def leaves(kind: inspect.Type, path: str, command: Any, within: tuple[type, ...] = ()) -> Iterator[Leaf]:
    """Every value that a type may hold, by its path."""
    if isinstance(kind, inspect.Metadata):
        yield from leaves(kind.type, path, command, within)
    elif isinstance(kind, inspect.StructType):
        for one in kind.fields if kind.cls not in within else ():
            yield from leaves(one.type, f"{path}.{one.encode_name}", command, (*within, kind.cls))
    elif isinstance(kind, inspect.UnionType):
        for option in kind.types:
            yield from leaves(option, path, command, within)
    elif isinstance(kind, inspect.ListType):
        yield from leaves(kind.item_type, f"{path}[]", command, within)
    elif isinstance(kind, inspect.DictType):
        yield from leaves(kind.key_type, f"{path}{{}}", command, within)
        yield from leaves(kind.value_type, f"{path}{{}}", command, within)
    else:
        yield Leaf(path, kind, command)


ALL = [leaf for action in ACTIONS for leaf in leaves(inspect.type_info(action.command), "$.params", action.command)]
INSTANTS = [leaf for leaf in ALL if isinstance(leaf.type, inspect.DateTimeType)]
NAMES = [f"{leaf.command.method} {leaf.path}" for leaf in INSTANTS]


def decode(leaf: Leaf, sent: str) -> Any:
    """The command with this instant, and nothing else beyond what it requires."""
    name = leaf.path.removeprefix("$.params.")
    required = {
        one.encode_name for one in msgspec.structs.fields(leaf.command) if one.required and one.encode_name != name
    }
    params = {**{one: FIELDS[one] for one in required}, name: sent}
    body = msgspec.Raw(json.dumps(params).encode())
    return getattr(Commands([leaf.command]).decode(Request("2.0", 1, leaf.command.method, body)), name)


def test_every_number_has_bounds_that_postgresql_can_hold() -> None:
    numbers = [leaf for leaf in ALL if isinstance(leaf.type, (inspect.IntType, inspect.FloatType))]
    assert len(numbers) > 20
    for leaf in numbers:
        kind: Any = leaf.type
        low = kind.ge if kind.ge is not None else kind.gt
        high = kind.le if kind.le is not None else kind.lt
        assert low is not None, (leaf.command.method, leaf.path)
        assert high is not None, (leaf.command.method, leaf.path)
        assert -LARGEST_INTEGER - 1 <= low <= high <= LARGEST_INTEGER, (leaf.command.method, leaf.path)


def test_every_value_is_of_a_type_that_is_known_here() -> None:
    """A new kind of value, such as a decimal, needs a thought about what PostgreSQL makes of it."""
    known = (
        inspect.NoneType, inspect.BoolType, inspect.IntType, inspect.FloatType, inspect.StrType, inspect.UUIDType,
        inspect.LiteralType, inspect.DateType, inspect.DateTimeType,
    )  # fmt: skip
    assert [leaf for leaf in ALL if not isinstance(leaf.type, known)] == []
    assert len(INSTANTS) >= 3


@pytest.mark.parametrize("leaf", INSTANTS, ids=NAMES)
def test_an_instant_arrives_in_utc_however_it_was_written(leaf: Leaf) -> None:
    assert isinstance(leaf.type, inspect.DateTimeType)
    assert leaf.type.tz is True
    for sent in ("2027-02-10T09:20:00+14:00", "2027-02-09T19:20:00Z", "2027-02-09T05:20:00-14:00"):
        got = decode(leaf, sent)
        assert got == datetime(2027, 2, 9, 19, 20, tzinfo=UTC)
        assert got.tzinfo is UTC


@pytest.mark.parametrize("leaf", INSTANTS, ids=NAMES)
@pytest.mark.parametrize(
    "sent",
    [
        "2027-02-10T09:20:00+23:59",
        "2027-02-10T09:20:00-16:00",
        "2027-02-10T09:20:00+14:01",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2027-02-10T09:20:00",
    ],
)
def test_an_instant_that_cannot_be_told_in_utc_is_refused_with_its_path(leaf: Leaf, sent: str) -> None:
    with pytest.raises(FrameError) as refused:
        decode(leaf, sent)
    assert (refused.value.code, refused.value.data["path"]) == (-32602, leaf.path)


def test_an_instant_is_found_wherever_it_stands() -> None:
    tidy = tidying.of(Outer)
    assert tidy is not None
    east = datetime.fromisoformat("2027-02-10T09:20:00+01:00")
    done = tidy(Outer([Inner(east)], Inner(east), east))
    assert (done.many[0].at.tzinfo, done.either.at.tzinfo, done.alone.tzinfo) == (UTC, UTC, UTC)
