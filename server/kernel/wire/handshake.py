"""``hello`` and ``sync``: how a device begins, and how it catches up."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from server.kernel.wire.definitions import Command, Id, Instant, View

HELLO_CURSORS = 500
"""Streams of which one ``hello`` may say how far they are known."""

StreamName: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[cari]:[0-9a-f-]{36}$")]
Seq: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Limits(View):
    """What this server accepts of one socket."""

    frame_bytes: int
    in_flight: int
    requests_per_second: float
    sync_limit: int
    body_characters: int


class Client(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which program speaks, and for which device: a second socket of the same device closes the first."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    version: Annotated[str, msgspec.Meta(max_length=60)] = ""
    device: Id | None = None


class StreamState(View):
    """One stream of the person, with the view of what it belongs to, if there is one to show.

    ``from`` is the first number that this person may see: nothing before it is a gap, or unread.
    """

    stream: str
    head: int
    from_: int = msgspec.field(default=1, name="from")
    read: int = 0
    unread: int = 0
    conversation: object | None = None
    agenda: object | None = None


class Welcome(View):
    """From this answer on nothing newer than each ``head`` is missing: it comes as an event, or ``sync`` has it.

    ``more``: the person has streams that are not listed, though they differ from the cursors of ``hello``.
    """

    me: object
    limits: Limits
    server_time: Instant
    streams: list[StreamState]
    more: bool = False


class Hello(Command):
    """The first request of every socket."""

    method = "hello"
    result = Welcome

    protocol: Literal[1]
    client: Client
    cursors: Annotated[dict[StreamName, Seq], msgspec.Meta(max_length=HELLO_CURSORS)] | None = None


class StreamEventView(View):
    stream: str
    seq: int
    at: Instant
    type: str
    data: msgspec.Raw


class Synced(View):
    """Events after the number asked for, in order; ``more`` when there are further ones."""

    events: list[StreamEventView]
    head: int
    more: bool = msgspec.field(default=False)


class Sync(Command):
    """What happened in a stream after a number. Access is checked now, not as it was then."""

    method = "sync"
    result = Synced

    stream: StreamName
    after: Seq
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 500
