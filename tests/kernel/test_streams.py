"""Streams: numbers without gaps, whoever writes at the same time and whoever reads meanwhile."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from server.kernel import streams, vault
from server.kernel.dispatch import Transaction, dispatch
from server.kernel.events import EventType, registry
from server.kernel.identifiers import uuid7
from server.kernel.models import Stream, StreamEvent
from server.kernel.streams import Draft, Numbered
from server.kernel.wire import Event, stream_name
from team.messages.wire import SendMessage
from tests.factories import account, group

pytestmark = pytest.mark.django_db(transaction=True)


class Noted(Event):
    type = "it.noted"
    stream = "a"

    number: int = 0


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.types, Noted.type, EventType(Noted))


def new_stream() -> str:
    return stream_name("a", uuid4())


def record(*names: str, locked: dict[str, int] | None = None) -> list[int]:
    drafts = [Draft(name, Noted(), audience={}) for name in names]
    return [told.seq for told in streams.record(drafts, timezone.now(), locked or {})]


def committed(*names: str) -> list[int]:
    with transaction.atomic():
        return record(*names)


def numbers(name: str) -> list[int]:
    return [event.seq for event in streams.since(name, 0, 10_000)]


def at_once(count: int, work: Callable[[int], object]) -> None:
    """Carries out ``work`` in threads that start together; raises what one of them raised, or when one hangs."""
    start = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            start.wait()
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        for running in [threads.submit(run, number) for number in range(count)]:
            running.result(timeout=60)


def test_numbers_begin_at_one_and_follow_one_another() -> None:
    one, two = new_stream(), new_stream()
    assert committed(one, two, one) == [1, 1, 2]
    assert committed(one) == [3]
    assert streams.heads([one, two, new_stream()]) == {one: 3, two: 1}
    assert streams.heads(["a:nothing"])["a:nothing"] == 0
    assert (numbers(one), numbers(two)) == ([1, 2, 3], [1])


def test_an_event_may_know_its_number() -> None:
    name = new_stream()
    with transaction.atomic():
        streams.record(
            [Draft(name, Numbered(Noted, lambda seq: Noted(number=seq)), audience={}) for _ in range(3)],
            timezone.now(),
            {},
        )
    assert [bytes(event.data or b"") for event in streams.since(name, 1, 10)] == [b'{"number":2}', b'{"number":3}']


def test_a_page_ends_where_it_is_asked_to() -> None:
    name = new_stream()
    committed(*[name] * 5)
    assert [event.seq for event in streams.since(name, 1, 2)] == [2, 3]
    assert streams.since(name, 5, 10) == []
    assert streams.since(new_stream(), 0, 10) == []


def test_what_is_rolled_back_leaves_no_gap() -> None:
    name, other = new_stream(), new_stream()
    committed(name)
    with transaction.atomic():
        assert record(name, other) == [2, 1]
        transaction.set_rollback(True)
    assert committed(name) == [2]
    assert not Stream.objects.filter(name=other).exists()
    assert (numbers(name), numbers(other)) == ([1, 2], [])


def test_streams_that_were_locked_ahead_are_not_locked_again_and_new_ones_begin_beside_them() -> None:
    old, new = new_stream(), new_stream()
    committed(old)
    with transaction.atomic():
        locked = streams.lock([old, new, old])()
        assert locked == {old: 1}
        assert record(old, new, locked=locked) == [2, 1]


def test_a_transaction_of_the_door_records_beside_what_it_locked() -> None:
    old, new = new_stream(), new_stream()
    committed(old)
    tx = Transaction(timezone.now())
    with transaction.atomic():
        tx.lock_streams([old])
        assert tx.record([Draft(old, Noted(), {}), Draft(new, Noted(), {})]) == [2, 1]


def test_an_event_opens_in_its_own_place_only() -> None:
    one, two = new_stream(), new_stream()
    committed(one, one, two)
    first = StreamEvent.objects.get(stream=one, seq=1).data
    StreamEvent.objects.filter(stream=one, seq=2).update(data=first)
    StreamEvent.objects.filter(stream=two, seq=1).update(data=first)
    assert [event.data is None for event in streams.since(one, 0, 10)] == [False, True]
    assert [event.data is None for event in streams.since(two, 0, 10)] == [True]


def test_eight_writers_to_one_conversation_leave_no_gap_and_no_double() -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    sent: list[int] = []

    def write(number: int) -> None:
        author = (ada, grace)[number % 2].actor
        for _ in range(15):
            message = dispatch(author, SendMessage(id=uuid7(), conversation=conversation, body="x")).message
            sent.append(message.seq)

    at_once(8, write)
    assert sorted(sent) == list(range(2, 122))
    assert numbers(stream_name("c", conversation)) == list(range(1, 122))


def test_writers_to_opposed_pairs_of_streams_do_not_wait_for_ever() -> None:
    names = [new_stream() for _ in range(4)]
    committed(*names)

    def write(number: int) -> None:
        chance = random.Random(number)
        for _ in range(12):
            committed(*chance.sample(names, 3))

    at_once(8, write)
    heads = streams.heads(names)
    assert sum(heads.values()) == 4 + 8 * 12 * 3
    for name in names:
        assert numbers(name) == list(range(1, heads[name] + 1))


def test_writers_who_begin_the_same_streams_at_once_share_the_numbers() -> None:
    def write(names: list[str], number: int) -> None:
        committed(*(names if number % 2 else reversed(names)))

    vault.key_for_sealing("a:warm")
    for _ in range(4):
        names = [new_stream() for _ in range(3)]
        at_once(6, partial(write, names))
        assert streams.heads(names) == dict.fromkeys(names, 6)
        assert [numbers(name) for name in names] == [list(range(1, 7))] * 3


def test_a_reader_never_sees_a_number_without_the_one_before() -> None:
    name = new_stream()
    committed(name)
    done = threading.Event()
    seen: list[int] = []

    def work(number: int) -> None:
        if number:
            for turn in range(25):
                with transaction.atomic():
                    record(name)
                    if turn % 5 == number:
                        transaction.set_rollback(True)
            return
        after = 0
        while not (done.is_set() and after == streams.heads([name])[name]):
            head = streams.heads([name])[name]
            found = [event.seq for event in streams.since(name, after, 7)]
            assert found == list(range(after + 1, after + 1 + len(found)))
            assert len(found) == 7 or not found or found[-1] >= head
            after = found[-1] if found else after
            seen.extend(found)

    writers = threading.Thread(target=at_once, args=(4, lambda number: work(number + 1)))
    reader = threading.Thread(target=at_once, args=(1, work))
    reader.start()
    writers.start()
    writers.join(60)
    done.set()
    reader.join(60)
    assert not reader.is_alive()
    assert seen == list(range(1, 82))
