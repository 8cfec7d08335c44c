"""Every retry is harmless: a request that is sent again finds what it made the first time.

A command that creates something has an id that the client chose (``NewId``: a UUID of version 7), and the row keeps a
keyed digest of the request beside it. The same request again finds its row and gives the same answer; another request
under that id is refused with ``id_taken``. There is no table of receipts.

Ids bear the time at which they were made, so that rows lie in the order of time in every index. One that is no UUID of
version 7, that is older than Relais could be, or more than a day ahead of the server's clock is refused as ``invalid``
at its field: the device's clock is wrong, and its ids would sort before or after everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""How far ahead of ours a device's clock may be."""


def request_digest(actor: Actor, command: Command[Any]) -> bytes:
    """Equal for the same request of the same person, and for no other; nothing of its content can be learnt from it."""
    method = type(command).method
    return vault.keyed_digest(msgspec.json.encode([method, actor.person, command], order="deterministic"))


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
    for path, wanted in _chosen_ids(type(command))(command):
        at = made_at(wanted)
        if at is None:
            return Invalid(f"$.params{path}", "Choose a UUID of version 7 as the id.")
        if not EARLIEST <= at <= now + AHEAD:
            return Invalid(f"$.params{path}", "The time in this id cannot be right: set the clock of this device.")
    return None


Chosen = Callable[[Any], Iterator[tuple[str, UUID]]]


@cache
def _chosen_ids(struct: type[msgspec.Struct]) -> Chosen:
    """Finds the chosen ids in such a struct, each with its path; those of the structs in its lists too."""
    hints = get_type_hints(struct, include_extras=True)
    own = [name for name, hint in hints.items() if _is_new_id(hint)]
    listed = {name: _chosen_ids(item) for name, hint in hints.items() for item in _structs_listed(hint)}

    def find(value: Any) -> Iterator[tuple[str, UUID]]:
        for name in own:
            yield f".{name}", getattr(value, name)
        for name, inside in listed.items():
            for number, one in enumerate(getattr(value, name) or ()):
                for path, wanted in inside(one):
                    yield f".{name}[{number}]{path}", wanted

    return find


def _is_new_id(hint: Any) -> bool:
    return get_origin(hint) is Annotated and NEW_ID in get_args(hint)[1:]


def _structs_listed(hint: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs that a list holds, however the list is annotated and whether or not it may be left out."""
    if get_origin(hint) is list:
        yield from (item for item in get_args(hint) if isinstance(item, type) and issubclass(item, msgspec.Struct))
        return
    for inner in get_args(hint):
        yield from _structs_listed(inner)
