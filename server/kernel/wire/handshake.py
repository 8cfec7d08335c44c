"""``hello`` and ``sync``: how a device begins, and how it catches up."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from server.kernel.wire.definitions import Command, Id, Instant, View

HELLO_CURSORS = 500
"""Streams of which one ``hello`` may say how far they are known."""
HELLO_SUMMARIES, HELLO_SUMMARY_BYTES = 50, 40 * 1024
"""How many streams the answer to ``hello`` shows with the view of what they belong to, and what these may measure."""
HELLO_STREAMS, HELLO_BYTES = 300, 64 * 1024
"""How many more it lists without one, and what the whole answer may measure."""

StreamName: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[a-z]:[0-9a-f-]{36}$")]
Seq: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
SYNC_LIMIT = 500
"""Events in one answer to ``sync``, at most."""


class Limits(View):
    """What this server accepts of one socket."""

    frame_bytes: int
    in_flight: int
    requests_per_second: float
    sync_limit: int
    body_characters: int
    body_bytes: int | None = None
    """Of a message's text in UTF-8."""
    group_members: int | None = None
    """People in one conversation, at most."""
    edit_seconds: int | None = None
    """For how long after it was sent a message may be edited by its author; absent: for ever."""
    delete_seconds: int | None = None
    """For how long after it was sent a message may be deleted by its author; absent: for ever."""


class Client(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which program speaks, and for which device: a second socket of the same device closes the first."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    version: Annotated[str, msgspec.Meta(max_length=60)] = ""
    device: Id | None = None


class StreamState(View):
    """One stream of the person, with the view of what it belongs to, if there is one to show.

    ``from`` is the first number that the person may see: ``sync`` from further back begins there, and nothing before it
    is a gap or unread. Absent, they may see everything.
    """

    stream: str
    head: int
    from_: int = msgspec.field(name="from", default=1)
    read: int = 0
    unread: int = 0
    conversation: object | None = None


class Welcome(View):
    """From this answer on nothing newer than each ``head`` is missing: it comes as an event, or ``sync`` has it.

    It has at most 64 KiB, whatever the person has: of what moved last, at most 50 streams with the view of what they
    belong to, as many as fit into 40 KiB, and at most 300 without one. With the ``cursors`` of ``hello`` only what
    differs from them is listed: a stream that stands elsewhere, or of which something is unread. What has a cursor and
    is not listed has not moved, and nothing in it is unread, unless there are ``more``: then it may have.

    ``more``: the person has streams that differ and are not listed. ``conversation.list`` has them, by activity.
    ``unread`` is the number of unread messages in all of their conversations.

    A person whose identity is not verified has no streams, and is sent no events. When it becomes verified the socket
    closes with 1012, and ``hello`` on the next one says so.
    """

    me: object
    limits: Limits
    server_time: Instant
    streams: list[StreamState]
    more: bool = False
    unread: int = 0


class Hello(Command[Welcome]):
    """The first request of every socket.

    ``acting_for`` chooses the organisation that the session acts for, as ``session.act_for`` does; without it the
    choice made before stands, or the first of the caller's organisations by name, a CPTS last.
    """

    method = "hello"
    open_to = "onboarding"

    protocol: Literal[1]
    client: Client
    cursors: Annotated[dict[StreamName, Seq], msgspec.Meta(max_length=HELLO_CURSORS)] | None = None
    acting_for: Id | None = None


class StreamEventView(View):
    """One numbered change, live and in the answer to ``sync``.

    ``masked``: ``data`` is the masked form of its type, since the reader may know no more. ``erased``: what it told
    of is erased or can no longer be opened; ``data`` is empty, and the number is taken all the same.
    """

    stream: str
    seq: int
    at: Instant
    type: str
    data: msgspec.Raw
    masked: bool = False
    erased: bool = False


class Synced(View):
    """Events after the number asked for, in order, as many as fit into 256 KiB; ``more`` when there are further ones.

    A single event that is larger is sent alone.
    """

    events: list[StreamEventView]
    head: int
    more: bool = msgspec.field(default=False)


class Sync(Command[Synced]):
    """What happened in a stream after a number. Access is checked now, not as it was then.

    Events that the caller may not see, because their membership shows the stream from a later number, are left out:
    the answer then begins at that number.
    """

    method = "sync"

    stream: StreamName
    after: Seq
    limit: Annotated[int, msgspec.Meta(ge=1, le=SYNC_LIMIT)] = SYNC_LIMIT
