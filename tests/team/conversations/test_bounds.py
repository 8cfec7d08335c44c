"""Whatever somebody has, or is sent, what one answer holds is bounded in bytes, and the rest can be had."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from identity.accounts.models import Person
from identity.organisations.models import Membership, Organisation
from identity.organisations.wire import Me
from server.kernel import vault
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.models import Stream
from server.kernel.paging import PAGE_BYTES
from server.kernel.wire import frame, stream_name
from server.kernel.wire.handshake import HELLO_BYTES, HELLO_STREAMS, HELLO_SUMMARIES, Client, Hello, Sync, Welcome
from team.conversations.models import Conversation, Member, Message
from team.conversations.wire import (
    BODY_BYTES,
    EXCERPT_BYTES,
    GROUP_LIMIT,
    AddMember,
    GetConversation,
    ListConversations,
    RemoveMember,
)
from team.messages.wire import GetHistory, ReadMessages, SendMessage
from tests.factories import Account, account, acquainted, direct, group, summaries

pytestmark = pytest.mark.django_db


def hello(who: Account, cursors: dict[str, int] | None = None) -> Welcome:
    """The answer, which has at most 64 KiB on the wire."""
    welcome: Welcome = dispatch(who.actor, Hello(protocol=1, client=Client(name="t"), cursors=cursors))
    assert len(frame.result("x" * 100, welcome).encode()) <= HELLO_BYTES
    return welcome


def say(author: Account, conversation: UUID, body: str) -> None:
    dispatch(author.actor, SendMessage(id=uuid7(), conversation=conversation, body=body))


def many_groups(owner: Account, member: Account, count: int, body: str = "Bonjour") -> list[UUID]:
    """Groups that ``owner`` opened with ``member`` and wrote in, the last one moved last; written as rows, because
    nobody may open so many in a day."""
    ids, began = [uuid7() for _ in range(count)], datetime.now(UTC)
    at = {one: began + timedelta(seconds=number) for number, one in enumerate(ids)}
    Conversation.objects.bulk_create(
        Conversation(id=one, kind="group", created_by_id=owner.id, created_at=at[one]) for one in ids
    )
    Member.objects.bulk_create(
        Member(conversation_id=one, person_id=who.id, role=role, joined_at=at[one])
        for one in ids
        for who, role in ((owner, "owner"), (member, "member"))
    )
    Stream.objects.bulk_create(Stream(name=stream_name("c", one), head=2, moved_at=at[one]) for one in ids)
    messages = [(one, uuid7()) for one in ids]
    keys = vault.keys_for_sealing(stream_name("c", one) for one in ids)
    Message.objects.bulk_create(
        Message(
            id=message,
            conversation_id=one,
            seq=2,
            author_id=owner.id,
            sealed_body=keys[stream_name("c", one)].seal(body.encode(), str(message)),
            at=at[one],
            request_digest=b"",
        )
        for one, message in messages
    )
    return ids


def test_three_hundred_groups_of_a_stranger_keep_nobody_out() -> None:
    stranger, victim, colleague = account(), account(), account()
    groups = many_groups(stranger, victim, 300, "x" * 10_500)
    conversation = direct(colleague, victim)
    say(colleague, conversation, "Votre patient est arrivé.")
    welcome = hello(victim)
    assert {one.stream for one in welcome.streams} >= {stream_name("c", conversation), stream_name("i", victim.id)}
    assert welcome.unread == len(groups) + 1
    assert max(len(one.last.body) for one in summaries(welcome) if one.last) == EXCERPT_BYTES


def test_a_person_of_two_thousand_conversations_is_told_of_what_moved_last_and_that_there_are_more() -> None:
    ada, grace = account(), account()
    groups = many_groups(ada, grace, 2_000)
    welcome = hello(grace)
    shown = summaries(welcome)
    assert [one.id for one in shown] == groups[: -len(shown) - 1 : -1]
    assert 30 <= len(shown) <= HELLO_SUMMARIES
    listed = [one.stream for one in welcome.streams if one.stream.startswith("c:")]
    assert set(listed) == {stream_name("c", one) for one in groups[-len(listed) :]}
    assert len(welcome.streams) <= HELLO_SUMMARIES + HELLO_STREAMS
    assert welcome.more
    assert welcome.unread == 2_000


def test_what_hello_leaves_out_is_listed_page_by_page() -> None:
    ada, grace = account(), account()
    groups = many_groups(ada, grace, 120)
    found, cursor = [], None
    while True:
        page = dispatch(grace.actor, ListConversations(limit=50, cursor=cursor))
        found += [one.id for one in page.conversations]
        if (cursor := page.cursor) is None:
            break
    assert found == groups[::-1]


def test_pages_of_long_names_are_cut_by_bytes_and_lose_nothing() -> None:
    ada, grace = account(first_name="Ä" * 120, last_name="€" * 120), account()
    groups = many_groups(ada, grace, 40, "é" * 1_000)
    Conversation.objects.update(created_by=ada.id)
    crowd = [account(first_name="\x01" * 120, last_name="\x02" * 120) for _ in range(3)]
    Member.objects.bulk_create(
        Member(conversation_id=one, person_id=who.id, role="member", joined_at=datetime.now(UTC))
        for one in groups
        for who in crowd
    )
    pages, cursor = [], None
    while True:
        page = dispatch(grace.actor, ListConversations(limit=50, cursor=cursor))
        assert len(msgspec.json.encode(page)) <= PAGE_BYTES + 1_000
        pages.append([one.id for one in page.conversations])
        if (cursor := page.cursor) is None:
            break
    assert [one for page_ids in pages for one in page_ids] == groups[::-1]
    assert len(summaries(hello(grace))) < 40


def test_with_cursors_hello_says_only_what_differs() -> None:
    ada, grace = account(), account()
    rooms = [group(ada, grace) for _ in range(4)]
    for room in rooms:
        say(ada, room, "Bonjour")
        dispatch(grace.actor, ReadMessages(conversation=room, seq=2))
    cursors = {one.stream: one.head for one in hello(grace).streams}
    welcome = hello(grace, cursors)
    assert (welcome.streams, welcome.more, welcome.unread) == ([], False, 0)
    say(ada, rooms[2], "Encore")
    told = hello(grace, cursors)
    [moved] = told.streams
    assert (moved.stream, moved.head, moved.unread) == (stream_name("c", rooms[2]), 3, 1)
    assert [view.id for view in summaries(told)] == [rooms[2]]
    # It is where the device knows it to be, and unread all the same: the count is told, the rest is known.
    [unread] = hello(grace, cursors | {moved.stream: 3}).streams
    assert (unread.stream, unread.read, unread.unread, unread.conversation) == (moved.stream, 2, 1, None)
    del cursors[stream_name("c", rooms[0])]
    assert len(hello(grace, cursors).streams) == 2


def test_a_stream_whose_numbers_went_back_differs() -> None:
    ada, grace = account(), account()
    stream = stream_name("c", group(ada, grace))
    assert stream in {one.stream for one in hello(grace, {stream: 99}).streams}


def test_callers_of_one_batch_get_each_their_own() -> None:
    ada, grace, kate = account(), account(), account(verified=False)
    room = direct(ada, grace)
    stranger = uuid7()
    calls = [
        Call(ada.actor, Hello(protocol=1, client=Client(name="t"))),
        Call(grace.actor, Hello(protocol=1, client=Client(name="t"), acting_for=stranger)),
        Call(kate.actor, Hello(protocol=1, client=Client(name="t"))),
        Call(grace.actor, Hello(protocol=1, client=Client(name="t"), cursors={stream_name("c", room): 1})),
    ]
    first, refused, unverified, last = dispatch_batch(calls)[0]
    assert first.result is not None
    assert unverified.result is not None
    assert last.result is not None
    assert {one.stream for one in first.result.streams} == {stream_name("c", room), stream_name("i", ada.id)}
    assert refused.refused is not None
    assert refused.refused.reason == "not_found"
    assert (unverified.result.streams, unverified.listening, first.listening) == ([], False, True)
    assert [one.stream for one in last.result.streams] == [stream_name("i", grace.id)]


def test_many_organisations_leave_room_for_conversations() -> None:
    ada, grace = account(), account()
    organisations = [
        Organisation(id=uuid7(), name=f"{number:03} " + "€" * 190, kind="practice", created_at=datetime.now(UTC))
        for number in range(300)
    ]
    Organisation.objects.bulk_create(organisations)
    Membership.objects.bulk_create(
        Membership(organisation=one, person_id=ada.id, function="practitioner", joined_at=datetime.now(UTC))
        for one in organisations
    )
    room = direct(ada, grace)
    chosen = organisations[-1].id
    dispatch(ada.actor, Hello(protocol=1, client=Client(name="t"), acting_for=chosen))
    [outcome], _ = dispatch_batch([Call(ada.actor, Hello(protocol=1, client=Client(name="t")))])
    assert outcome.result is not None
    me = outcome.result.me
    assert isinstance(me, Me)
    assert me.acting_for == chosen
    assert chosen in {one.id for one in me.organisations}
    assert len(frame.result(1, outcome.result).encode()) <= HELLO_BYTES
    assert stream_name("c", room) in {one.stream for one in outcome.result.streams}


def test_220_messages_of_20_000_characters_are_synced_in_pages() -> None:
    ada, grace = account(), account()
    room = direct(ada, grace)
    calls = [Call(ada.actor, SendMessage(id=uuid7(), conversation=room, body="x" * 20_000)) for _ in range(220)]
    for at in range(0, 220, 110):
        dispatch_batch(calls[at : at + 110])
    after, sizes = 0, []
    while True:
        page = dispatch(grace.actor, Sync(stream=stream_name("c", room), after=after))
        assert [event.seq for event in page.events] == list(range(after + 1, after + 1 + len(page.events)))
        sizes.append(len(msgspec.json.encode(page)))
        after = page.events[-1].seq
        if not page.more:
            break
    assert after == 221
    assert max(sizes) <= PAGE_BYTES + 1_000
    assert len(sizes) < 30


def test_one_event_that_is_larger_than_a_page_is_sent_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, grace = account(), account()
    room = direct(ada, grace)
    for body in ("un", "x" * 5_000, "trois"):
        say(ada, room, body)
    monkeypatch.setattr("server.kernel.paging.PAGE_BYTES", 1_000)
    pages = [dispatch(grace.actor, Sync(stream=stream_name("c", room), after=after)) for after in (0, 2, 3)]
    assert [[event.seq for event in page.events] for page in pages] == [[1, 2], [3], [4]]
    assert [page.more for page in pages] == [True, True, False]


def test_history_is_cut_by_bytes_and_goes_on() -> None:
    ada, grace = account(), account()
    room = direct(ada, grace)
    for number in range(30):
        say(ada, room, f"{number:05}" * 4_000)
    seqs: list[int] = []
    before = None
    while True:
        page = dispatch(grace.actor, GetHistory(conversation=room, before=before))
        assert len(msgspec.json.encode(page)) <= PAGE_BYTES + 1_000
        seqs += [one.seq for one in page.messages]
        before = seqs[-1]
        if not page.more:
            break
    assert seqs == list(range(31, 1, -1))


def test_a_summary_shows_four_members_of_all_and_the_conversation_shows_all() -> None:
    ada, reader, *others = (account() for _ in range(8))
    room = group(ada, reader, *others)
    say(others[-1], room, "Bonjour")
    [summary] = summaries(hello(reader))
    people = [one.person for one in summary.members]
    assert len(people) == 4
    assert others[-1].id in people
    assert reader.id not in people
    assert summary.member_count == 8
    whole = dispatch(reader.actor, GetConversation(conversation=room)).conversation
    assert len(whole.members) == whole.member_count == 8
    assert whole.last is not None
    assert not whole.last.truncated
    dispatch(ada.actor, RemoveMember(conversation=room, person=others[0].id))
    assert summaries(hello(reader))[0].member_count == 7


def test_a_conversation_of_500_with_long_names_fits_into_a_page() -> None:
    ada, *others = (account() for _ in range(GROUP_LIMIT))
    room = group(ada, *others)
    whole = dispatch(ada.actor, GetConversation(conversation=room))
    assert len(whole.conversation.members) == GROUP_LIMIT, "with names as people have them all are shown"
    Person.objects.update(last_name="𝄞" * 100, first_name="𝄞" * 100)
    say(ada, room, "𝄞" * (BODY_BYTES // 4))
    answer = dispatch(others[-1].actor, GetConversation(conversation=room))
    assert len(msgspec.json.encode(answer)) <= PAGE_BYTES + 100
    assert 100 < len(answer.conversation.members) < answer.conversation.member_count == GROUP_LIMIT


def test_who_is_added_is_told_by_whom() -> None:
    ada, grace, kate = account(), account(), account()
    room = group(ada, grace)
    acquainted(ada, kate)
    dispatch(ada.actor, AddMember(conversation=room, person=kate.id))
    shown = {who.id: summaries(hello(who))[0].added_by for who in (ada, grace, kate)}
    assert shown == {ada.id: None, grace.id: ada.id, kate.id: ada.id}
    assert summaries(hello(account())) == []
