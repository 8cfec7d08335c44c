"""Two hubs, as two web processes have them, over a real Redis: who hears what, and what is made up for."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.utils import timezone

from identity.sessions.models import Session
from identity.sessions.wire import EndSession
from referral.scheduling.wire import CancelAppointment, WatchAgenda, WatchResult
from referral.scheduling.wire_agendas import UpdateAgenda
from server import registry
from server.kernel import announcements, envelopes, watching
from server.kernel import hub as hubs
from server.kernel.authentication import Actor
from server.kernel.connection import Limits, Run
from server.kernel.dispatch import Call, dispatch, dispatch_batch, dispatcher
from server.kernel.events import Audience
from server.kernel.events import registry as event_registry
from server.kernel.executor import CommandExecutor
from server.kernel.hub import Hub, publish_from_worker
from server.kernel.identifiers import uuid7
from server.kernel.models import Announcement
from server.kernel.outcomes import Outbound, Outcome
from server.kernel.socket import Socket, SocketApplication
from server.kernel.streams import heads
from server.kernel.wire import Command, stream_name
from team.conversations.wire import OpenConversation, RemoveMember
from team.messages.wire import SendMessage, Typing
from tests.factories import Account, account, acquainted
from tests.referral.practice import leave, practice

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")
MakeHub = Callable[[], Awaitable[Hub]]


class Ear:
    """A socket of somebody at one hub: what it was handed, and why it was closed."""

    def __init__(self, hub: Hub, who: Account, device: UUID | None = None) -> None:
        self.hub = hub
        self.person = who.id
        self.session = who.session
        self.device = device
        self.frames: list[dict[str, Any]] = []
        self.text = ""
        self.closed: int | None = None
        hub.add(self)

    def deliver(self, text: str) -> None:
        self.text += text
        self.frames.append(json.loads(text)["params"])

    def close(self, code: int, reason: str) -> None:
        self.closed = code
        self.hub.discard(self)

    def numbers(self, stream: str) -> list[int]:
        return [frame["seq"] for frame in self.frames if frame["stream"] == stream and "seq" in frame]


class Slow(Ear):
    """A socket that has no room any more: it is closed by the first frame it is handed."""

    def deliver(self, text: str) -> None:
        self.close(4430, "too slow")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(hubs, "SWEEP_SECONDS", 0.05)
    # The test before may have been without Redis.
    monkeypatch.setattr(hubs, "_publish_again_at", 0.0)
    # On a slow machine a sweep would otherwise tell once more what a test is about to tell.
    monkeypatch.setattr(announcements, "GRACE", timedelta(hours=1))


@pytest.fixture
def swept_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what is told by the sweep, because nobody else has."""
    monkeypatch.setattr(announcements, "GRACE", timedelta(seconds=0.3))


@pytest.fixture
async def make_hub() -> AsyncIterator[MakeHub]:
    """Hubs that listen, ended afterwards."""
    running: list[Hub] = []

    async def make() -> Hub:
        hub = registry.make_hub()
        running.append(hub)
        await hub.run()
        await until(lambda: hub.id in hub._received)
        return hub

    yield make
    for hub in running:
        await hub.stop()
    await asyncio.to_thread(connections.close_all)


async def until(true: Callable[[], object]) -> None:
    """Returns as soon as it is so; it is a failure when it is not so for ten seconds."""
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never became so")


def all_heard(ears: list[Ear]) -> bool:
    return all(ear.frames for ear in ears)


async def everything_told() -> None:
    """Returns when no announcement waits to be told."""
    for _ in range(200):
        if not await in_thread(Announcement.objects.filter(published=False).exists):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("an announcement was never told")


async def quiet(seconds: float = 0.3) -> None:
    """Long enough for whatever is on its way, and several heartbeats and sweeps."""
    await asyncio.sleep(seconds)


async def in_thread(work: Callable[[], T]) -> T:
    """What touches the database, in a thread that keeps no connection."""

    def run() -> T:
        try:
            return work()
        finally:
            connection.close()

    return await asyncio.to_thread(run)


async def done(actor: Actor, command: Command[Any]) -> Outbound:
    """A command that is committed; what it has to tell is told by nobody yet."""
    [outcome], news = await in_thread(lambda: dispatch_batch([Call(actor, command)]))
    assert outcome.refused is None, outcome.refused
    return news


def saying(conversation: UUID, body: str = "Bonjour") -> SendMessage:
    return SendMessage(id=uuid7(), conversation=conversation, body=body)


async def people(count: int) -> list[Account]:
    made: list[Account] = await in_thread(lambda: [account() for _ in range(count)])
    return made


async def grouped(owner: Account, *others: Account) -> UUID:
    """A group; nobody is told that it was opened, at once or later."""
    conversation = uuid7()
    members = [one.id for one in others]
    await in_thread(lambda: acquainted(owner, *others))
    await done(owner.actor, OpenConversation(id=conversation, kind="group", members=members, title="Équipe"))
    await in_thread(Announcement.objects.all().delete)
    return conversation


async def test_an_event_reaches_every_device_of_its_audience_once_and_nobody_else(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace, alan = await people(3)
    conversation = await grouped(ada, grace)
    ears = [Ear(first, ada), Ear(first, grace), Ear(second, grace), Ear(second, grace)]
    others = [Ear(first, alan), Ear(second, alan)]
    first.deliver(await done(ada.actor, saying(conversation)))
    stream = stream_name("c", conversation)
    assert [ear.numbers(stream) for ear in ears[:2]] == [[2], [2]], "sockets here do not wait for Redis"
    await until(lambda: all(ear.frames for ear in ears))
    await quiet()
    assert [ear.numbers(stream) for ear in ears] == [[2]] * 4
    assert [ear.frames for ear in others] == [[], []]
    assert len({ear.text for ear in ears}) == 1
    assert await in_thread(Announcement.objects.filter(published=False).count) == 0


async def test_a_signal_reaches_the_others_and_is_stored_nowhere(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    writer, reader = Ear(first, ada), Ear(second, grace)
    first.deliver(await done(ada.actor, Typing(conversation=conversation)))
    await until(lambda: reader.frames)
    assert reader.frames[0]["type"] == "typing"
    assert writer.frames == []
    assert await in_thread(Announcement.objects.count) == 0


@pytest.mark.usefixtures("swept_soon")
async def test_what_a_process_committed_before_it_died_is_told_by_another(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    ears = [Ear(first, grace), Ear(second, grace)]
    await done(ada.actor, saying(conversation))
    await until(lambda: all(ear.frames for ear in ears))
    assert [ear.numbers(stream_name("c", conversation)) for ear in ears] == [[2], [2]]
    await quiet(0.8)
    assert await in_thread(Announcement.objects.filter(published=False).count) == 0
    assert [len(ear.frames) for ear in ears] == [1, 1], "and not again and again"


class Cut:
    """A layer whose way to Redis is cut: nothing goes out."""

    async def group_send(self, group: str, message: object) -> None:
        raise ConnectionError


@pytest.mark.usefixtures("swept_soon")
async def test_what_could_not_be_rung_is_told_in_the_end(make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    near, far = Ear(first, grace), Ear(second, grace)
    with monkeypatch.context() as cut:
        cut.setattr(hubs, "_layer", Cut)
        first.deliver(await done(ada.actor, saying(conversation)))
        await quiet(1.0)
        assert near.frames
    await until(lambda: far.frames)
    stream = stream_name("c", conversation)
    assert 2 in near.numbers(stream)
    assert 2 in far.numbers(stream)

    await everything_told()


@pytest.mark.usefixtures("swept_soon")
async def test_while_redis_is_away_every_event_is_delivered_once_and_not_again_and_again(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "HEARD_WITHIN", 0.2)
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    near, far = Ear(first, grace), Ear(second, grace)
    stream = stream_name("c", conversation)
    first.deliver(await done(ada.actor, saying(conversation)))
    await until(lambda: far.numbers(stream) == [2])
    with monkeypatch.context() as cut:
        cut.setattr(hubs, "_layer", Cut)
        await until(lambda: first._is_deaf() and second._is_deaf())
        first.deliver(await done(ada.actor, saying(conversation)))
        await done(ada.actor, saying(conversation))  # by a process that died of it
        await until(lambda: 4 in near.numbers(stream) and 4 in far.numbers(stream))
        looks = first._replayed, second._replayed
        await until(lambda: first._replayed > looks[0] + 0.3 and second._replayed > looks[1] + 0.3)
        assert near.numbers(stream) == far.numbers(stream) == [2, 3, 4]
    await everything_told()
    assert near.numbers(stream) == [2, 3, 4], "nor when it is published in the end"


async def test_what_was_heard_is_not_delivered_again_with_what_was_missed(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    reader = Ear(second, grace)
    stream = stream_name("c", conversation)
    first.deliver(await done(ada.actor, saying(conversation)))
    await until(lambda: reader.numbers(stream) == [2])
    await in_thread(lambda: publish_from_worker(dispatch_batch([Call(ada.actor, saying(conversation))])[1]))
    await until(lambda: reader.numbers(stream) == [2, 3])
    first.deliver(await done(ada.actor, saying(conversation)))
    first._frames.clear()
    first._parts.clear()
    first._number += 1
    await until(lambda: len(reader.frames) > 2)
    assert reader.numbers(stream) == [2, 3, 4]


async def test_of_a_message_only_what_is_new_is_delivered(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    reader = Ear(second, grace)
    stream = stream_name("c", conversation)
    known, new = [await done(ada.actor, saying(conversation)) for _ in range(2)]
    second.deliver(known)
    first._told.note(known.announcements)
    for one in (known, new, await done(ada.actor, Typing(conversation=conversation))):
        first.deliver(one)
    await until(lambda: len(reader.frames) >= 3)
    await quiet()
    assert reader.numbers(stream) == [2, 3]
    assert [frame["type"] for frame in reader.frames] == ["message.sent", "message.sent", "typing"]


async def test_a_process_that_was_deaf_makes_up_for_it(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace, alan = await people(3)
    conversation = await grouped(ada, grace)
    layer = hubs._layer()
    reader, ended = Ear(second, grace), Ear(second, alan)
    await layer.group_discard(hubs.GROUP, second._channel)
    first.deliver(await done(ada.actor, saying(conversation)))
    first.deliver(await done(alan.actor, EndSession(session=ended.session)))
    await everything_told()
    reader.frames.clear()
    await layer.group_add(hubs.GROUP, second._channel)
    await until(lambda: reader.frames and ended.closed)
    assert set(reader.numbers(stream_name("c", conversation))) == {2}
    assert ended.closed == 4401


async def test_beside_others_a_process_says_at_once_what_comes_close_together(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "PAUSE_FOR_EACH_PEER", 0.3)
    monkeypatch.setattr(hubs, "LONGEST_PAUSE", 0.3)
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    ear = Ear(second, grace)
    said = [await done(ada.actor, Typing(conversation=conversation)) for _ in range(10)]
    await until(lambda: first.id in second._received and second.id in first._received)
    before, _ = second._received[first.id]
    for one in said:
        first.deliver(one)
        await asyncio.sleep(0.005)
    await until(lambda: len(ear.frames) == 10)
    after, _ = second._received[first.id]
    assert after - before <= 3


async def test_a_lost_message_is_noticed_at_the_next(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    reader = Ear(second, grace)
    first.deliver(await done(ada.actor, saying(conversation)))
    first._frames.clear()
    first._number += 1
    await until(lambda: reader.frames)
    assert reader.numbers(stream_name("c", conversation)) == [2]


async def test_what_was_told_before_a_process_listened_is_made_up_for(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    late = registry.make_hub()
    reader = Ear(late, grace)
    first.deliver(await done(ada.actor, saying(conversation)))
    await quiet()
    assert reader.frames == []
    try:
        await late.run()
        await until(lambda: reader.frames)
    finally:
        await late.stop()


async def test_after_a_deafness_that_is_too_long_every_socket_begins_anew(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = await make_hub()
    [ada] = await people(1)
    ear = Ear(hub, ada)
    long_ago = time.monotonic() - announcements.KEPT.total_seconds()
    hub._replayed = long_ago
    hub._received[hub.id] = (hub._received[hub.id][0] - 7, long_ago)
    await until(lambda: ear.closed)
    assert ear.closed == 1012


async def test_making_up_is_tried_again_when_the_database_was_away(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    reader = Ear(second, grace)
    real, second._redeliver = second._redeliver, away
    first.deliver(await done(ada.actor, saying(conversation)))
    first._frames.clear()
    first._number += 1
    await quiet(0.7)
    assert reader.frames == []
    second._redeliver = real
    await until(lambda: reader.frames)


def away(untold: object) -> Outbound:
    from django.db import OperationalError

    raise OperationalError("the database is away")


@pytest.mark.usefixtures("swept_soon")
async def test_one_announcement_that_cannot_be_told_harms_no_other(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = await make_hub()
    ada, grace = await people(2)
    broken, conversation = await grouped(ada, grace), await grouped(ada, grace)
    reader = Ear(hub, grace)
    whole = event_registry.kinds["c"]

    def audience(conversations: Collection[UUID]) -> Mapping[UUID, Audience]:
        if broken in conversations:
            raise ZeroDivisionError
        return whole.audience(conversations)

    monkeypatch.setitem(event_registry.kinds, "c", replace(whole, audience=audience))
    await done(ada.actor, saying(broken))
    await done(ada.actor, saying(conversation))
    await until(lambda: reader.frames)
    assert reader.numbers(stream_name("c", conversation)) == [2]
    await everything_told()


@pytest.mark.usefixtures("swept_soon")
async def test_an_announcement_that_cannot_be_read_harms_no_other(make_hub: MakeHub) -> None:
    hub = await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    reader = Ear(hub, grace)

    def announce_nonsense() -> None:
        Announcement.objects.create(id=uuid7(), at=timezone.now(), published=False, body=b"damaged")

    await in_thread(announce_nonsense)
    await done(ada.actor, saying(conversation))
    await until(lambda: reader.frames)
    assert reader.numbers(stream_name("c", conversation)) == [2]
    await everything_told()


async def test_a_socket_that_is_closed_while_it_is_handed_something_keeps_nothing_from_others(
    make_hub: MakeHub,
) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    for hub in (first, second):
        slow, ears = [Slow(hub, grace) for _ in range(3)], [Ear(hub, grace), Ear(hub, ada)]
        first.deliver(await done(ada.actor, saying(conversation)))
        await until(partial(all_heard, ears))
        assert [ear.closed for ear in slow] == [4430] * 3


@pytest.mark.usefixtures("swept_soon")
async def test_whoever_was_removed_hears_nothing_more_of_it(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace, alan = await people(3)
    conversation = await grouped(ada, grace, alan)
    ears = [Ear(first, grace), Ear(second, grace)]
    stayed = [Ear(first, alan), Ear(second, alan)]
    stream, inbox = stream_name("c", conversation), stream_name("i", grace.id)
    # Committed before she is removed, by a process that dies: by the time it is told she has no right to it.
    await done(ada.actor, saying(conversation))
    first.deliver(await done(ada.actor, RemoveMember(conversation=conversation, person=grace.id)))
    for _ in range(3):
        first.deliver(await done(ada.actor, saying(conversation)))
    first.deliver(await done(alan.actor, Typing(conversation=conversation)))
    await until(lambda: all(len(set(ear.numbers(stream))) == 5 for ear in stayed))
    assert [ear.numbers(stream) for ear in ears] == [[], []]
    assert all({frame["stream"] for frame in ear.frames} == {inbox} for ear in ears)
    assert [ear.frames[-1]["type"] for ear in ears] == ["conversation.removed"] * 2


class Listening:
    """The layer, with an ear on what is sent."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.envelopes: list[Any] = []

    def __call__(self) -> Listening:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.layer, name)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.envelopes.append(envelopes.decode(message["envelope"]))
        await self.layer.group_send(group, message)


async def test_a_process_that_is_alone_sends_nothing_to_nobody(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = Listening(hubs._layer())
    monkeypatch.setattr(hubs, "_layer", layer)
    hub = await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    reader = Ear(hub, grace)
    news = await done(ada.actor, saying(conversation))
    hub._peers_until = 0
    hub.deliver(news)
    assert reader.numbers(stream_name("c", conversation)) == [2]
    await everything_told()
    assert [envelope.frames for envelope in layer.envelopes if envelope.frames] == []
    assert [envelope.skipped for envelope in layer.envelopes].count(True) == 1


async def test_what_a_process_left_out_is_made_up_for_by_one_that_came_meanwhile(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    reader = Ear(second, grace)
    news = await done(ada.actor, saying(conversation))
    first._peers_until = 0
    first.deliver(news)
    assert first._frames == []
    await until(lambda: reader.frames)
    first.deliver(await done(ada.actor, saying(conversation)))
    await until(lambda: set(reader.numbers(stream_name("c", conversation))) == {2, 3})
    assert first._peers_until > time.monotonic()


# Endings and devices


async def test_a_session_that_ends_closes_its_sockets_everywhere_and_no_others(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    [ada] = await people(1)
    ended, kept = [Ear(first, ada), Ear(second, ada)], [Ear(first, ada), Ear(second, ada)]
    for ear in kept:
        first.discard(ear)
        second.discard(ear)
    other = await in_thread(lambda: another_session(ada))
    kept = [Ear(first, other), Ear(second, other)]
    first.deliver(await done(ada.actor, EndSession(session=ada.session)))
    assert ended[0].closed == 4401, "here at once"
    await until(lambda: ended[1].closed)
    await quiet()
    assert [ear.closed for ear in ended] == [4401, 4401]
    assert [ear.closed for ear in kept] == [None, None]
    assert first.sockets() + second.sockets() == 2


def another_session(who: Account) -> Account:
    row = Session.objects.get(pk=who.session)
    row.pk, row.key_digest = uuid7(), b"another"
    row.save(force_insert=True)
    return Account(replace(who.actor, session=row.pk), "")


async def test_a_session_that_nobody_announced_the_end_of_is_found(make_hub: MakeHub) -> None:
    hub = await make_hub()
    ada, grace = await people(2)
    ear, other = Ear(hub, ada), Ear(hub, grace)
    past = timezone.now() - timedelta(seconds=1)
    await in_thread(lambda: Session.objects.filter(pk=ada.session).update(expires_at=past))
    await until(lambda: ear.closed)
    assert (ear.closed, other.closed) == (4401, None)


async def test_a_device_that_connects_elsewhere_is_closed_where_it_was(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    device = uuid4()
    bystanders = [Ear(first, ada), Ear(first, ada, uuid4()), Ear(first, grace, device)]
    old = Ear(first, ada, device)
    await quiet()
    new = Ear(second, ada, device)
    await until(lambda: old.closed)
    newest = Ear(second, ada, device)
    assert new.closed == 4409, "here at once"
    await quiet()
    assert (old.closed, newest.closed) == (4409, None)
    assert [ear.closed for ear in bystanders] == [None] * 3


# Watchers


@pytest.mark.usefixtures("swept_soon")
async def test_watchers_with_times_alone_never_see_the_full_frame(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    place = await in_thread(practice)
    referrer, watcher = await people(2)
    await in_thread(lambda: place.grant(watcher, "busy"))
    stream = stream_name("a", place.agenda)
    before = (await in_thread(lambda: heads([stream])))[stream]
    masked = [Ear(first, watcher), Ear(second, watcher)]
    full = [Ear(first, place.practitioner), Ear(second, place.practitioner)]
    both = Ear(second, place.practitioner)
    strangers = [Ear(first, watcher), Ear(second, watcher)]
    for ear in [*masked, both]:
        ear.hub.watchers.watch(ear, {stream: before})

    def hold_and_book() -> None:
        place.book(referrer, "09:00")

    def hold_untold() -> Outbound:
        [_], news = dispatch_batch([Call(referrer.actor, place.holding("10:00"))])
        return news

    await in_thread(hold_and_book)
    await until(lambda: all(len(ear.numbers(stream)) >= 2 for ear in [*masked, *full, both]))
    await in_thread(hold_untold)
    await until(lambda: all(len(set(ear.numbers(stream))) >= 3 for ear in [*masked, *full, both]))
    second._number += 1
    await quiet()
    for ear in [*full, both]:
        assert str(referrer.id) in ear.text
    assert any("Marchandeau" in ear.text for ear in full)
    third = f'"seq":{before + 3}'
    assert both.text.count(third) == full[1].text.count(third) > 0, "whoever reads it all hears it once"
    for ear in masked:
        assert "09:00" in ear.text
        for secret in ("Marchandeau", "Odile", str(referrer.id), "hold", "by_name", "Essai", '"appointment":'):
            assert secret not in ear.text.replace("slot.held", ""), secret
    assert [ear.numbers(stream) for ear in strangers] == [[], []]


async def test_without_a_right_watchers_are_told_which_slots_are_taken_and_freed_and_nothing_else(
    make_hub: MakeHub,
) -> None:
    first, second = await make_hub(), await make_hub()
    place = await in_thread(practice)
    referrer, stranger, busy = await people(3)
    await in_thread(lambda: place.grant(busy, "busy"))
    stream = stream_name("a", place.agenda)
    strangers = [Ear(first, stranger), Ear(second, stranger)]
    known = [Ear(first, busy), Ear(second, busy)]
    for ear in [*strangers, *known]:
        ear.hub.watchers.watch(ear, {stream: 0})

    def life() -> None:
        booked = place.book(referrer, "09:00").appointment.id
        dispatch(referrer.actor, CancelAppointment(appointment=booked, reason="Guérie"))
        place.hold(referrer, "09:20")

    await in_thread(life)
    await until(lambda: all(len(ear.numbers(stream)) >= 4 for ear in known))
    await quiet()
    for ear in strangers:
        told = [(frame["seq"], frame["type"], frame["masked"], frame["data"].keys()) for frame in ear.frames]
        assert told == [
            (1, "slot.held", True, {"start", "end", "expires_at"}),
            (2, "slot.booked", True, {"start", "end"}),
            (3, "slot.released", True, {"start", "end"}),
            (4, "slot.held", True, {"start", "end", "expires_at"}),
        ], "numbered by the socket: nothing counts what happens besides, and nothing is told twice"
    for ear in known:
        assert "appointment.booked" in ear.text
        assert "appointment.cancelled" in ear.text
    await in_thread(lambda: place.grant(busy, "none"))
    await in_thread(lambda: leave(place.practitioner, place.organisation))
    before = [set(ear.numbers(stream)) for ear in strangers]
    await in_thread(lambda: dispatch(place.practitioner.actor, UpdateAgenda(agenda=place.agenda, name="Fermé")))
    await quiet()
    assert [set(ear.numbers(stream)) for ear in strangers] == before
    assert all("agenda.changed" not in ear.text for ear in strangers)


async def test_a_socket_watches_so_many_streams_and_no_more(make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = await make_hub()
    [watcher] = await people(1)
    ear = Ear(hub, watcher)
    monkeypatch.setattr(watching, "WATCHED", 2)
    one, two, three = (stream_name("a", uuid7()) for _ in range(3))
    assert hub.watchers.watch(ear, {one: 0})
    assert hub.watchers.watch(ear, {two: 0})
    assert not hub.watchers.watch(ear, {three: 0})
    assert hub.watchers.watch(ear, {one: 0}), "it is watched already"
    assert hub.watchers.watch(ear, {one: None})
    assert hub.watchers.watch(ear, {three: 0})
    assert set(hub.watchers.of_stream) == {two, three}
    hub.discard(ear)
    assert not hub.watchers.of_stream
    assert not hub.watchers.of_socket


async def test_a_socket_that_watches_enough_is_told_so(make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = await make_hub()
    [watcher] = await people(1)
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    application = SocketApplication(
        registry.socket_commands(), lambda credentials: [watcher.actor for _ in credentials], lambda: hub, Limits()
    )
    executor = CommandExecutor(hub.deliver, asyncio.get_running_loop())
    one = Socket(application, hub, executor, watcher.actor, send, {})
    monkeypatch.setattr(watching, "WATCHED", 1)
    for number, agenda in enumerate((uuid7(), uuid7()), start=1):
        stream = stream_name("a", agenda)
        outcome = Outcome(result=WatchResult(stream=stream, head=0), watch={stream: 0})
        one._finish(Run(number, WatchAgenda(agenda=agenda)), outcome)
    await until(lambda: len(sent) == 2)
    watched, refused = (json.loads(message["text"]) for message in sent)
    assert "result" in watched
    assert refused["error"]["data"] == {"reason": "too_large", "limit": 100}
    assert len(hub.watchers.of_stream) == 1
    one.close(1000, "done")
    executor.stop()


async def test_whoever_no_longer_watches_or_is_gone_hears_nothing(make_hub: MakeHub) -> None:
    hub = await make_hub()
    place = await in_thread(practice)
    referrer, watcher = await people(2)
    stream = stream_name("a", place.agenda)
    left, gone = Ear(hub, watcher), Ear(hub, watcher)
    for ear in (left, gone):
        hub.watchers.watch(ear, {stream: 0})
    hub.watchers.watch(left, {stream: None})
    hub.discard(gone)
    reader = Ear(hub, place.practitioner)
    hub.deliver(await done(referrer.actor, place.holding("09:00")))
    assert reader.frames
    assert (left.frames, gone.frames) == ([], [])
    assert not hub.watchers.of_stream


# From outside


async def test_a_task_or_the_command_line_publishes_too(make_hub: MakeHub) -> None:
    first, second = await make_hub(), await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    ears = [Ear(first, grace), Ear(second, grace)]

    def outside() -> None:
        [_], news = dispatch_batch([Call(ada.actor, saying(conversation))])
        publish_from_worker(news)
        assert Announcement.objects.filter(published=False).count() == 0

    await in_thread(outside)
    await until(lambda: all(ear.frames for ear in ears))


@pytest.mark.usefixtures("swept_soon")
async def test_a_task_that_cannot_publish_leaves_it_to_others(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    ear = Ear(hub, grace)

    def outside() -> None:
        with monkeypatch.context() as cut:
            cut.setattr(hubs, "_layer", Cut)
            [_], news = dispatch_batch([Call(ada.actor, saying(conversation))])
            publish_from_worker(news)

    await in_thread(outside)
    await until(lambda: ear.frames)


async def test_what_http_changes_here_is_told_by_the_hub_of_this_process(make_hub: MakeHub) -> None:
    hub = await make_hub()
    ada, grace = await people(2)
    conversation = await grouped(ada, grace)
    ear = Ear(hub, grace)
    await in_thread(lambda: dispatch(ada.actor, saying(conversation)))
    await until(lambda: ear.frames)
    await hub.stop()
    assert dispatcher.publish is publish_from_worker
