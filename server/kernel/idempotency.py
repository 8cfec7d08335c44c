"""Every retry is harmless: a request that is sent again finds what it made the first time.

A command that creates something has an id that the client chose (``NewId``: a UUID of version 7), and the row keeps a
keyed digest of the request beside it. The same request again finds its row and gives the same answer; another request
under that id is refused with ``id_taken``. There is no table of receipts.

Ids bear the time at which they were made, so that rows lie in the order of time in every index. One that is no UUID of
version 7, that is older than Relais could be, or more than a day ahead of the server's clock is refused as ``invalid``
at its field: the device's clock is wrong, and its ids would sort before or after everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.identifiers import made_at
from server.kernel.wire import Command
from server.kernel.wire.definitions import NEW_ID
from server.kernel.wire.errors import IdTaken, Invalid

_encode = msgspec.json.Encoder(order="deterministic").encode
_encode_in_order = msgspec.json.Encoder().encode

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
AHEAD = timedelta(days=1).total_seconds()
"""How far ahead of ours a device's clock may be, in seconds."""


def request_digest(actor: Actor, command: Command[Any]) -> bytes:
    """Equal for the same request of the same person, and for no other; nothing of its content can be learnt from it."""
    return vault.keyed_digest(_encode((type(command).method, actor.person, _as_first_defined(command))))


def _as_first_defined(command: Command[Any]) -> Command[Any] | msgspec.Raw:
    """The command without what came later and is left out; encoded it is what the older definition was."""
    kind = type(command)
    if not kind.added:
        return command
    defaults = _defaults(kind)
    fields = {
        encoded: msgspec.Raw(_encode(getattr(command, name)))
        for name, encoded in zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
        if name not in defaults or getattr(command, name) != defaults[name]
    }
    return msgspec.Raw(_encode_in_order(fields))


@cache
def _defaults(command: type[Command[Any]]) -> dict[str, Any]:
    """What the fields that came later are when they are left out."""
    return {
        field.name: field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        for field in msgspec.structs.fields(command)
        if field.name in command.added
    }


def require_same(stored: bytes | memoryview, request: bytes) -> None:
    """Returns when an id was taken by this very request; ``IdTaken`` when it stands for another one."""
    if bytes(stored) != request:
        raise IdTaken


class KnownRequests:
    """Which ids stand for a request already: those that are stored, and those that a batch adds."""

    def __init__(self, digests: Mapping[UUID, bytes | memoryview]) -> None:
        self._digests = {wanted: bytes(digest) for wanted, digest in digests.items()}

    def repeats(self, wanted: UUID, request: bytes) -> bool:
        """Whether this very request was carried out before; ``IdTaken`` when another one was under its id."""
        stored = self._digests.get(wanted)
        if stored is None:
            return False
        require_same(stored, request)
        return True

    def add(self, wanted: UUID, request: bytes) -> None:
        """The request is being carried out: the same one later in this batch repeats it."""
        self._digests[wanted] = request


def wrong_id(command: Command[Any], now: datetime) -> Invalid | None:
    """Why an id that this command chooses cannot be one; None when all can."""
    own, listed = _chosen_ids(type(command))
    for name in own:
        if why := _why_wrong(getattr(command, name), now):
            return Invalid(f"$.params.{name}", why)
    for name, inner in listed:
        for number, one in enumerate(getattr(command, name) or ()):
            for field in inner:
                if why := _why_wrong(getattr(one, field), now):
                    return Invalid(f"$.params.{name}[{number}].{field}", why)
    return None


def _why_wrong(wanted: UUID, now: datetime) -> str | None:
    at = made_at(wanted)
    if at is None:
        return "Choose a UUID of version 7 as the id."
    if not EARLIEST <= at <= now.timestamp() + AHEAD:
        return "The time in this id cannot be right: set the clock of this device."
    return None


Names = tuple[str, ...]


@cache
def _chosen_ids(command: type[msgspec.Struct]) -> tuple[Names, tuple[tuple[str, Names], ...]]:
    """Which fields of such a command are ids that it chooses, and which those are of the structs in its lists."""
    hints = get_type_hints(command, include_extras=True)
    listed = ((name, _new_ids(item)) for name, hint in hints.items() for item in _structs_listed(hint))
    return _new_ids(command), tuple((name, inner) for name, inner in listed if inner)


def _new_ids(struct: type[msgspec.Struct]) -> Names:
    hints = get_type_hints(struct, include_extras=True)
    return tuple(name for name, hint in hints.items() if _is_new_id(hint))


def _is_new_id(hint: Any) -> bool:
    return get_origin(hint) is Annotated and NEW_ID in get_args(hint)[1:]


def _structs_listed(hint: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs that a list holds, however the list is annotated and whether or not it may be left out."""
    if get_origin(hint) is list:
        yield from (item for item in get_args(hint) if isinstance(item, type) and issubclass(item, msgspec.Struct))
        return
    for inner in get_args(hint):
        yield from _structs_listed(inner)
