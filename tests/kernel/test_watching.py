"""A socket that watches a stream which it may not read is told numbers of its own: those of the stream say too much."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.kernel.envelopes import EncodedFrame, decode, encode, frames_of
from server.kernel.envelopes import Envelope as Message
from server.kernel.identifiers import uuid7
from server.kernel.outcomes import Outbound
from server.kernel.streams import EncodedEvent
from server.kernel.watching import Watchers
from server.kernel.wire import frame
from server.kernel.wire.handshake import StreamEventView

STREAM = f"a:{uuid7()}"


class Watcher:
    """A socket, and the numbers and forms that it was sent."""

    def __init__(self) -> None:
        self.person = uuid7()
        self.told: list[tuple[int, str]] = []

    def deliver(self, text: str) -> None:
        sent: dict[str, Any] = json.loads(text)["params"]
        self.told.append((sent["seq"], sent["data"]["form"]))


def text(seq: int, form: str) -> str:
    # The data holds the number too, to be left as it is.
    data = msgspec.Raw(msgspec.json.encode({"form": form, "seq": seq}))
    return frame.event(StreamEventView(stream=STREAM, seq=seq, at=datetime.now(UTC), type="slot.held", data=data))


def told_of(seq: int, masked_for: UUID | None = None, public: bool = True) -> EncodedFrame:
    readers = frozenset([masked_for] if masked_for else [])
    event = EncodedEvent(
        STREAM,
        seq,
        text(seq, "full"),
        masked=text(seq, "masked") if readers else None,
        masked_for=readers,
        public=text(seq, "public") if public else None,
    )
    [one] = frames_of(Outbound(events=[event]))
    return decode(encode(Message(uuid7(), 1, [one], [], []))).frames[0]


def test_a_stranger_is_told_how_many_events_they_were_told_and_not_how_many_there_were() -> None:
    watchers, one, later = Watchers(), Watcher(), Watcher()
    watchers.watch(one, {STREAM: 0})
    for seq in (812, 813):
        watchers.deliver(told_of(seq), ())
    watchers.deliver(told_of(814, public=False), ())
    watchers.watch(later, {STREAM: 0})
    watchers.deliver(told_of(815), ())
    assert one.told == [(1, "public"), (2, "public"), (3, "public")]
    assert later.told == [(1, "public")]


def test_what_is_delivered_again_is_told_once() -> None:
    watchers, one = Watchers(), Watcher()
    watchers.watch(one, {STREAM: 0})
    for seq in (5, 5, 7, 6, 7, 8):
        watchers.deliver(told_of(seq), ())
    assert one.told == [(1, "public"), (2, "public"), (3, "public")]


def test_when_a_right_comes_and_goes_the_numbers_go_on_growing() -> None:
    watchers, one = Watchers(), Watcher()
    watchers.watch(one, {STREAM: 0})
    watchers.deliver(told_of(1), ())
    watchers.deliver(told_of(2), ())
    for seq in (3, 4):
        watchers.deliver(told_of(seq, masked_for=one.person), ())
    watchers.deliver(told_of(5), (one,))  # sent in full, by who they are
    watchers.deliver(told_of(9), ())
    watchers.deliver(told_of(10, masked_for=one.person), ())
    assert one.told == [(1, "public"), (2, "public"), (3, "masked"), (4, "masked"), (6, "public"), (10, "masked")]


def test_whoever_knew_the_number_when_they_began_goes_on_after_it() -> None:
    watchers, one = Watchers(), Watcher()
    watchers.watch(one, {STREAM: 40})
    watchers.deliver(told_of(55), ())
    assert one.told == [(41, "public")]


def test_what_cannot_be_numbered_anew_is_not_sent() -> None:
    watchers, one = Watchers(), Watcher()
    watchers.watch(one, {STREAM: 0})
    watchers.deliver(msgspec.structs.replace(told_of(5), seq=0), ())  # of a process of an earlier version
    assert one.told == []
    with pytest.raises(ValueError, match="not an event of this number"):
        frame.renumbered(text(5, "public"), 6)
