"""Which sockets watch which streams, and what each of them is sent and under which number.

Watching says nothing about rights: each event says who is sent it, and in which form. The numbers of a stream count all
that happens in it, so whoever may not read it is sent numbers of their socket's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from server.kernel.envelopes import EncodedFrame
from server.kernel.wire import frame

WATCHED = 100
"""Streams that one socket may watch at a time."""


class WatchingSocket(Protocol):
    """What is needed of a socket."""

    person: UUID

    def deliver(self, text: str) -> None: ...


@dataclass(slots=True)
class Position:
    """How far a stream is known on a socket that watches it."""

    seq: int = 0
    """The number in the stream of the last event that the socket was sent in any form."""
    told: int = 0
    """The last number that the socket was told: one of the stream, or one more with each event in its public form.
    The stream's own numbers are never behind it: whoever is given a right meanwhile goes on with greater ones."""

    def know(self, seq: int) -> None:
        """The socket is told this number of the stream itself."""
        self.seq, self.told = max(self.seq, seq), max(self.told, seq)

    def next_after(self, seq: int) -> int | None:
        """The number under which this event is told in its public form. None when it was told before, or a later one
        was: what is delivered again looks like that, and the client could not know it by its number."""
        if seq <= self.seq:
            return None
        self.seq = seq
        self.told += 1
        return self.told


class Watchers:
    """The sockets of one process that watch streams."""

    def __init__(self) -> None:
        self.of_stream: defaultdict[str, dict[WatchingSocket, Position]] = defaultdict(dict)
        self.of_socket: dict[WatchingSocket, set[str]] = {}

    def watch(self, socket: WatchingSocket, streams: Mapping[str, int | None]) -> bool:
        """Whether the socket watches these streams from now on, each from the number at which its person knows it, or
        no longer those with None.

        Nothing changes, and the answer is False, when the socket would watch more than ``WATCHED`` streams.
        """
        known = self.of_socket.get(socket, set())
        begun = {stream: after for stream, after in streams.items() if after is not None}
        wanted = (known | begun.keys()) - (streams.keys() - begun.keys())
        if len(wanted) > max(WATCHED, len(known)):
            return False
        for stream in known - wanted:
            self._end(socket, stream)
        for stream, after in begun.items():
            self.of_stream[stream].setdefault(socket, Position()).know(after)
        if wanted:
            self.of_socket[socket] = wanted
        else:
            self.of_socket.pop(socket, None)
        return True

    def discard(self, socket: WatchingSocket) -> None:
        """The socket is gone."""
        for stream in self.of_socket.pop(socket, set()):
            self._end(socket, stream)

    def _end(self, socket: WatchingSocket, stream: str) -> None:
        sockets = self.of_stream[stream]
        sockets.pop(socket, None)
        if not sockets:
            del self.of_stream[stream]

    def deliver(self, one: EncodedFrame, reached: Container[WatchingSocket]) -> None:
        """Sends an event to whoever watches its stream, but for the sockets that it has ``reached`` in full."""
        masked_for = set(one.masked_for)
        # A process of an earlier version does not say the number: what cannot be numbered anew is not sent.
        public = frame.renumbered(one.public, one.seq) if one.public is not None and one.seq else None
        for socket, position in tuple(self.of_stream.get(one.stream, {}).items()):
            if socket in reached:
                position.know(one.seq)
            elif socket.person in masked_for:
                if one.masked is not None:
                    position.know(one.seq)
                    socket.deliver(one.masked)
            elif public is not None and (number := position.next_after(one.seq)) is not None:
                socket.deliver(public(number))
