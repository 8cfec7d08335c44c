"""Announcements: what a commit has to tell is stored with it, and is somebody's to tell until it was told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from server.kernel import announcements, vault
from server.kernel.announcements import PendingAnnouncement, Range, SocketClosure
from server.kernel.dispatch import Call, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.models import Announcement
from server.kernel.streams import EncodedEvent
from server.kernel.synchronisation import redeliver
from server.kernel.wire import stream_name
from team.conversations.wire import AddMember, LeaveConversation, RemoveMember
from team.messages.wire import SendMessage
from tests.factories import account, acquainted, group

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + announcements.GRACE + timedelta(milliseconds=1)


def told(stream: str, *numbers: int) -> list[EncodedEvent]:
    return [EncodedEvent(stream, number, "{}") for number in numbers]


def announce(at: datetime = NOW, stream: str = "c:1") -> UUID:
    [announcement] = announcements.announce(told(stream, 1), [], at)
    return announcement


def everything() -> list[PendingAnnouncement]:
    return announcements.since(NOW - timedelta(days=1))


@pytest.fixture(autouse=True)
def _nothing_else() -> None:
    Announcement.objects.all().delete()


def test_an_announcement_names_ranges_and_endings() -> None:
    ending = SocketClosure(4401, sessions=[uuid4()])
    [announcement] = announcements.announce([*told("c:1", 4, 5), *told("i:2", 1), *told("c:1", 6)], [ending], NOW)
    [untold] = announcements.since(NOW)
    assert (untold.id, untold.at) == (announcement, NOW)
    assert untold.body.ranges == [Range("c:1", 4, 6), Range("i:2", 1, 1)]
    assert untold.body.closures == [ending]
    assert announcements.announce([], [], NOW) == []


def test_what_was_told_in_time_is_nobody_elses_to_tell() -> None:
    announcement = announce()
    assert announcements.take_over(NOW + announcements.GRACE) == []
    announcements.mark_published([announcement])
    assert announcements.take_over(LATER) == []
    announcements.mark_published([])


def test_what_was_not_told_in_time_is_taken_over_once_the_oldest_first() -> None:
    second, first = announce(NOW + timedelta(milliseconds=1)), announce()
    assert [one.id for one in announcements.take_over(LATER + announcements.GRACE)] == [first, second]
    assert announcements.take_over(LATER + announcements.GRACE) == []


def test_whoever_took_it_over_and_did_not_tell_it_loses_it_to_the_next() -> None:
    announcement = announce()
    assert [one.id for one in announcements.take_over(LATER)] == [announcement]
    assert announcements.take_over(LATER + announcements.GRACE) == []
    again = LATER + announcements.GRACE + timedelta(milliseconds=1)
    assert [one.id for one in announcements.take_over(again)] == [announcement]
    announcements.mark_published([announcement])
    assert announcements.take_over(again + timedelta(days=1)) == []


def test_no_more_than_asked_for_is_taken_over_at_once() -> None:
    made = [announce(NOW + timedelta(microseconds=number)) for number in range(5)]
    assert [one.id for one in announcements.take_over(LATER + announcements.GRACE, limit=3)] == made[:3]
    assert [one.id for one in announcements.take_over(LATER + announcements.GRACE, limit=3)] == made[3:]


def test_whoever_was_deaf_finds_what_was_announced_since_told_or_not() -> None:
    early, late = announce(), announce(NOW + timedelta(seconds=5))
    announcements.mark_published([early, late])
    assert [one.id for one in announcements.since(NOW + timedelta(seconds=1))] == [late]
    assert [one.id for one in announcements.since(NOW)] == [early, late]


def test_what_was_announced_long_ago_is_deleted_whether_it_was_told_or_not() -> None:
    """Whoever missed it reconnects and syncs; a long outage of Redis leaves nothing behind to be worked off."""
    told, kept = announce(), announce(NOW + announcements.KEPT)
    announce()
    announcements.mark_published([told])
    announcements.clear(NOW + announcements.KEPT + timedelta(seconds=1))
    assert set(Announcement.objects.values_list("pk", flat=True)) == {kept}


def test_what_was_rolled_back_is_not_announced() -> None:
    with transaction.atomic():
        announce()
        transaction.set_rollback(True)
    assert announcements.since(NOW) == []


# Telling again, from the log


def test_what_is_told_again_is_what_was_told_before() -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    _, news = dispatch_batch([Call(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body="Bonjour"))])
    again = redeliver([one for one in announcements.since(NOW - timedelta(days=1)) if one.id in news.announcements])
    assert again.events == news.events


def test_what_is_told_again_goes_to_those_who_take_part_now() -> None:
    ada, grace, alan = account(), account(), account()
    conversation = group(ada, grace)
    dispatch_batch([Call(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body="Bonjour"))])
    dispatch_batch([Call(ada.actor, RemoveMember(conversation=conversation, person=grace.id))])
    acquainted(ada, alan)
    dispatch_batch([Call(ada.actor, AddMember(conversation=conversation, person=alan.id))])
    again = redeliver(everything())
    stream = stream_name("c", conversation)
    assert {person for one in again.events if one.stream == stream for person in one.audience} == {ada.id, alan.id}
    for one in again.events:
        assert grace.id not in one.audience or one.stream == stream_name("i", grace.id)
    dispatch_batch([Call(ada.actor, LeaveConversation(conversation=conversation))])
    assert all(ada.id not in one.audience for one in redeliver(everything()).events if one.stream == stream)


def test_a_stream_of_a_kind_that_has_no_readers_yet_is_told_to_nobody() -> None:
    announcements.announce(told(stream_name("r", uuid4()), 1), [SocketClosure(4401)], NOW)
    again = redeliver(announcements.since(NOW))
    assert (again.events, again.closures) == ([], [SocketClosure(4401)])


def test_sessions_that_ended_are_told_again_as_they_were() -> None:
    ending = SocketClosure(4403, persons=[uuid4()])
    announcements.announce([], [ending], NOW)
    assert redeliver(announcements.since(NOW)).closures == [ending]


def test_what_was_erased_is_delivered_again_as_a_tombstone_and_its_neighbours_as_they_were() -> None:
    ada, grace = account(), account()
    erased, kept = group(ada, grace), group(ada, grace)
    vault.erase(stream_name("c", erased))
    shown = {one.stream: json.loads(one.text)["params"] for one in redeliver(everything()).events}
    assert (shown[stream_name("c", erased)]["erased"], shown[stream_name("c", erased)]["data"]) == (True, {})
    assert shown[stream_name("c", kept)]["data"]["title"] == "Équipe"
