"""What a membership shows of a conversation, and to which organisation a conversation belongs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from identity.organisations.models import Membership, Organisation
from server.kernel.announcements import AnnouncementBody, PendingAnnouncement, Range
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.synchronisation import redeliver
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Conflict, Forbidden, Invalid, NotFound
from server.kernel.wire.handshake import Client, Hello, StreamState, Sync, Synced
from team.conversations import actions
from team.conversations.models import Conversation, Member
from team.conversations.queries import restricted
from team.conversations.refusals import LastResponsible
from team.conversations.wire import (
    AddMember,
    ConversationView,
    GetConversation,
    LeaveConversation,
    ListConversations,
    MessageView,
    RemoveMember,
    SetRole,
)
from team.messages.wire import GetHistory, ReadMessages, SendMessage
from tests.factories import Account, account, acquainted, direct, group, summaries

pytestmark = pytest.mark.django_db


def say(author: Account, conversation: UUID, body: str, reply_to: UUID | None = None) -> MessageView:
    command = SendMessage(id=uuid7(), conversation=conversation, body=body, reply_to=reply_to)
    sent: MessageView = dispatch(author.actor, command).message
    return sent


def add(by: Account, conversation: UUID, who: Account, *, history: bool = False) -> None:
    acquainted(by, who)
    dispatch(by.actor, AddMember(conversation=conversation, person=who.id, history=history))


def remove(by: Account, conversation: UUID, who: Account) -> None:
    dispatch(by.actor, RemoveMember(conversation=conversation, person=who.id))


def view(who: Account, conversation: UUID) -> ConversationView:
    found: ConversationView = dispatch(who.actor, GetConversation(conversation=conversation)).conversation
    return found


def read_by(who: Account, conversation: UUID) -> list[str]:
    """The bodies that ``message.history`` shows, the oldest first."""
    found = dispatch(who.actor, GetHistory(conversation=conversation)).messages
    return [message.body for message in reversed(found)]


def synced(who: Account, conversation: UUID, after: int = 0, limit: int = 500) -> Synced:
    found: Synced = dispatch(who.actor, Sync(stream=stream_name("c", conversation), after=after, limit=limit))
    return found


def state(who: Account, conversation: UUID) -> tuple[StreamState, ConversationView]:
    """The conversation as ``hello`` shows it."""
    welcome = dispatch(who.actor, Hello(protocol=1, client=Client(name="test")))
    [shown] = [one for one in summaries(welcome) if one.id == conversation]
    return next(one for one in welcome.streams if one.stream == stream_name("c", conversation)), shown


def redelivered(conversation: UUID, first: int, last: int) -> dict[UUID, list[tuple[int, str]]]:
    """What each person is sent again of these numbers."""
    body = AnnouncementBody([Range(stream_name("c", conversation), first, last)], [])
    sent: dict[UUID, list[tuple[int, str]]] = {}
    for event in redeliver([PendingAnnouncement(uuid7(), datetime.now(UTC), body)]).events:
        for person in event.audience:
            sent.setdefault(person, []).append((event.seq, event.text))
    return sent


def test_whoever_is_added_sees_the_conversation_from_their_addition_on() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    for body in ("un", "deux"):
        say(ada, conversation, body)
    add(ada, conversation, kate)
    say(ada, conversation, "trois")
    assert view(kate, conversation).from_ == 4
    assert read_by(kate, conversation) == ["trois"]
    assert read_by(grace, conversation) == ["un", "deux", "trois"]
    events = synced(kate, conversation)
    assert [(event.seq, event.type) for event in events.events] == [(4, "member.added"), (5, "message.sent")]
    assert (events.head, events.more) == (5, False)


def test_sync_from_before_the_addition_begins_at_it_page_by_page() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    for number in range(5):
        say(ada, conversation, str(number))
    add(ada, conversation, kate)
    for number in range(5, 8):
        say(ada, conversation, str(number))
    pages = [synced(kate, conversation, after, limit=2) for after in (0, 3, 6, 8)]
    assert [[event.seq for event in page.events] for page in pages] == [[7, 8], [7, 8], [7, 8], [9, 10]]
    assert [page.more for page in pages] == [True, True, True, False]


def test_a_newcomer_has_nothing_unread_and_no_last_message_from_before() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    say(ada, conversation, "avant")
    add(ada, conversation, kate)
    listed = dispatch(kate.actor, ListConversations()).conversations[0]
    greeted, summary = state(kate, conversation)
    for shown in (view(kate, conversation), listed, summary):
        assert (shown.from_, shown.head, shown.read, shown.unread, shown.last) == (3, 3, 2, 0, None)
    assert (greeted.from_, greeted.read, greeted.unread) == (3, 2, 0)
    say(grace, conversation, "après")
    assert (view(kate, conversation).unread, view(grace, conversation).unread) == (1, 1)
    last = view(kate, conversation).last
    assert last is not None
    assert last.body == "après"


def test_with_history_they_see_everything_and_have_read_it() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    say(ada, conversation, "avant")
    add(ada, conversation, kate, history=True)
    shown = view(kate, conversation)
    assert (shown.from_, shown.unread) == (1, 0)
    assert shown.last is not None
    assert read_by(kate, conversation) == ["avant"]
    assert [event.seq for event in synced(kate, conversation).events] == [1, 2, 3]


def test_nobody_gives_more_history_than_they_see() -> None:
    ada, grace, kate, alan = account(), account(), account(), account()
    conversation = group(ada, grace)
    say(ada, conversation, "avant")
    add(ada, conversation, kate)
    Member.objects.filter(conversation=conversation, person=kate.id).update(role="owner")
    say(ada, conversation, "après")
    add(kate, conversation, alan, history=True)
    assert view(alan, conversation).from_ == view(kate, conversation).from_
    assert read_by(alan, conversation) == ["après"]


def test_whoever_is_added_again_sees_neither_what_they_missed_nor_what_they_saw_before() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace, kate)
    say(ada, conversation, "ensemble")
    remove(ada, conversation, kate)
    say(ada, conversation, "sans elle")
    add(ada, conversation, kate)
    say(ada, conversation, "de nouveau")
    assert read_by(kate, conversation) == ["de nouveau"]
    assert [event.type for event in synced(kate, conversation).events] == ["member.added", "message.sent"]
    page = dispatch(kate.actor, GetHistory(conversation=conversation, before=view(kate, conversation).from_))
    assert (page.messages, page.more) == ([], False)


def test_adding_a_member_again_changes_nothing_of_what_they_see() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    say(ada, conversation, "avant")
    add(ada, conversation, kate)
    add(ada, conversation, kate, history=True)
    assert read_by(kate, conversation) == []


def test_founders_see_everything_and_are_not_told_from_where() -> None:
    ada, grace = account(), account()
    for conversation in (group(ada, grace), direct(ada, grace)):
        assert b'"from"' not in msgspec.json.encode(view(grace, conversation))
        assert b'"from"' not in msgspec.json.encode(state(grace, conversation))
        assert [event.seq for event in synced(grace, conversation).events] == [1]


def test_a_newcomer_is_told_from_where() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    add(ada, conversation, kate)
    assert b'"from":2' in msgspec.json.encode(view(kate, conversation))
    assert b'"from":2' in msgspec.json.encode(state(kate, conversation))


def test_nothing_from_before_is_delivered_again() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    say(ada, conversation, "avant")
    add(ada, conversation, kate)
    say(ada, conversation, "après")
    sent = redelivered(conversation, 1, 4)
    assert [seq for seq, _ in sent[kate.id]] == [3, 4]
    assert [seq for seq, _ in sent[grace.id]] == [1, 2, 3, 4]


def test_a_reply_to_a_message_from_before_is_shown_without_it_everywhere() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    hidden = say(ada, conversation, "avant")
    add(ada, conversation, kate)
    command = SendMessage(id=uuid7(), conversation=conversation, body="réponse", reply_to=hidden.id)
    [outcome], news = dispatch_batch([Call(grace.actor, command)])
    assert outcome.result is not None
    assert outcome.result.message.reply_to == hidden.id
    live = {person: event.text for event in news.events for person in event.audience}
    shown = {
        who.id: [
            live[who.id],
            bytes(synced(who, conversation).events[-1].data).decode(),
            redelivered(conversation, 4, 4)[who.id][0][1],
            msgspec.json.encode(dispatch(who.actor, GetHistory(conversation=conversation)).messages[0]).decode(),
            msgspec.json.encode(view(who, conversation).last).decode(),
        ]
        for who in (ada, grace, kate)
    }
    assert all(str(hidden.id) in text for who in (ada, grace) for text in shown[who.id])
    assert all("réponse" in text and str(hidden.id) not in text for text in shown[kate.id])
    assert {event.seq for event in news.events} == {4}


def test_a_reply_to_what_all_members_see_is_one_event_for_all() -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    first = say(ada, conversation, "un")
    command = SendMessage(id=uuid7(), conversation=conversation, body="deux", reply_to=first.id)
    _, news = dispatch_batch([Call(grace.actor, command)])
    assert len(news.events) == 1


def test_nobody_replies_to_a_message_that_they_may_not_see() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    hidden = say(ada, conversation, "avant")
    add(ada, conversation, kate)
    refused = []
    for wanted in (hidden.id, uuid7()):
        with pytest.raises(Invalid) as caught:
            say(kate, conversation, "réponse", reply_to=wanted)
        refused.append((caught.value.message, caught.value.as_data()))
    assert refused[0] == refused[1]


def test_how_far_others_read_before_is_neither_shown_nor_told() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    for body in ("un", "deux", "trois"):
        say(ada, conversation, body)
    add(ada, conversation, kate)
    _, news = dispatch_batch([Call(grace.actor, ReadMessages(conversation=conversation, seq=2))])
    assert news.signals[0].audience == {ada.id, grace.id}
    assert {one.person: one.read for one in view(kate, conversation).members}[grace.id] == 4
    assert {one.person: one.read for one in view(ada, conversation).members}[grace.id] == 2
    _, news = dispatch_batch([Call(grace.actor, ReadMessages(conversation=conversation, seq=5))])
    assert news.signals[0].audience == {ada.id, grace.id, kate.id}


def test_the_database_keeps_no_member_with_something_unread_from_before() -> None:
    ada, grace = account(), account()
    member = Member.objects.filter(conversation=group(ada, grace), person=grace.id)
    for wrong in ({"visible_from": 5}, {"visible_from": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            member.update(**wrong)


def joining(who: Account) -> tuple[Account, UUID]:
    """Somebody as they act for a new organisation of theirs, and which it is."""
    now = datetime.now(UTC)
    made = Organisation.objects.create(id=uuid7(), name="Cabinet", kind="practice", created_at=now)
    Membership.objects.create(person_id=who.id, organisation=made, function="practitioner", joined_at=now)
    return replace(who, actor=replace(who.actor, organisation=made.id)), made.id


def test_a_conversation_belongs_to_the_organisation_its_opener_acts_for() -> None:
    ada, grace, kate = account(), account(), account()
    grace, _ = joining(grace)
    joining(ada)
    ada, clinic = joining(ada)
    opened = {kind: make(ada, grace) for kind, make in (("group", group), ("direct", direct))}
    for conversation in opened.values():
        assert Conversation.objects.get(pk=conversation).organisation_id == clinic
        assert view(grace, conversation).organisation == clinic
    assert view(kate, direct(kate, grace)).organisation is None
    assert direct(grace, ada) == opened["direct"]
    assert view(grace, opened["direct"]).organisation == clinic


def test_an_event_that_refers_to_a_message_from_before_shows_nothing_in_it() -> None:
    ada, kate = account(), account()
    before = say(ada, group(ada, kate), "avant")
    assert restricted(before, before.seq).body == "avant"
    hidden = restricted(before, before.seq + 1)
    assert (hidden.id, hidden.seq, hidden.erased) == (before.id, before.seq, True)
    assert (hidden.body, hidden.reply_to, hidden.referral, hidden.attachments) == ("", None, None, [])


def test_of_many_who_sync_together_each_is_shown_their_own_in_as_many_statements_as_one() -> None:
    ada, grace, joan, stranger = account(), account(), account(), account()
    first, second = group(ada, joan), group(ada, joan)
    say(ada, first, "Avant")
    add(ada, first, grace)
    say(ada, first, "Après")
    say(ada, second, "Ailleurs")
    asked = [(ada, first), (stranger, first), (grace, first), (ada, second), (grace, second)]
    calls = [Call(who.actor, Sync(stream=stream_name("c", one), after=0)) for who, one in asked]
    dispatch_batch(calls)  # keys are at hand from now on
    with CaptureQueriesContext(connection) as alone:
        dispatch_batch(calls[:1])
    with CaptureQueriesContext(connection) as together:
        outcomes, _ = dispatch_batch(calls)
    shown = [None if outcome.result is None else [event.seq for event in outcome.result.events] for outcome in outcomes]
    assert shown == [[1, 2, 3, 4], None, [3, 4], [1, 2], None]
    assert [outcome.refused and outcome.refused.reason for outcome in outcomes] == [
        *(None, "not_found", None),
        *(None, "not_found"),
    ]
    assert len(together) == len(alone)


def test_a_group_has_so_many_members_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "GROUP_LIMIT", 3)
    ada, grace, alan, linus = (account() for _ in range(4))
    with pytest.raises(Invalid, match="at most 3 people"):
        group(ada, grace, alan, linus)
    conversation = group(ada, grace, alan)
    acquainted(ada, linus)
    with pytest.raises(Conflict, match="at most 3 people"):
        dispatch(ada.actor, AddMember(conversation=conversation, person=linus.id))
    dispatch(ada.actor, RemoveMember(conversation=conversation, person=grace.id))
    dispatch(ada.actor, AddMember(conversation=conversation, person=linus.id))


def roles(who: Account, conversation: UUID) -> dict[UUID, str]:
    return {one.person: one.role for one in view(who, conversation).members}


def test_whoever_looks_after_a_group_lets_others_do_so_too_and_everybody_is_told() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace, kate)
    command = SetRole(conversation=conversation, person=grace.id, role="owner")
    with pytest.raises(Forbidden):
        dispatch(grace.actor, command)
    outcomes, news = dispatch_batch([Call(ada.actor, command)])
    assert outcomes[0].refused is None
    [told] = news.events
    assert told.audience == {ada.id, grace.id, kate.id}
    assert roles(kate, conversation) == {ada.id: "owner", grace.id: "owner", kate.id: "member"}
    assert {"role", "remove", "update"} <= set(view(grace, conversation).abilities)
    assert dispatch_batch([Call(ada.actor, command)])[1].events == []  # again, nothing happens
    dispatch(grace.actor, SetRole(conversation=conversation, person=ada.id, role="member"))
    assert roles(kate, conversation) == {ada.id: "member", grace.id: "owner", kate.id: "member"}
    assert "role" not in view(ada, conversation).abilities


def test_somebody_always_looks_after_a_group_and_nobody_else_is_named() -> None:
    ada, grace, stranger = account(), account(), account()
    conversation = group(ada, grace)
    with pytest.raises(LastResponsible):
        dispatch(ada.actor, SetRole(conversation=conversation, person=ada.id, role="member"))
    with pytest.raises(NotFound):
        dispatch(ada.actor, SetRole(conversation=conversation, person=stranger.id, role="owner"))
    with pytest.raises(Forbidden):
        dispatch(ada.actor, SetRole(conversation=direct(ada, grace), person=grace.id, role="owner"))


def test_when_the_last_who_looks_after_a_group_leaves_the_eldest_does_and_is_told() -> None:
    ada, grace, kate = account(), account(), account()
    conversation = group(ada, grace)
    add(ada, conversation, kate)
    outcomes, news = dispatch_batch([Call(ada.actor, LeaveConversation(conversation=conversation))])
    assert outcomes[0].refused is None
    told = [one for one in news.events if one.stream == stream_name("c", conversation)]
    assert told[-1].audience == {grace.id, kate.id}
    assert roles(kate, conversation) == {grace.id: "owner", kate.id: "member"}
    [event] = dispatch(kate.actor, Sync(stream=stream_name("c", conversation), after=told[-1].seq - 1)).events
    assert (event.type, msgspec.json.decode(event.data)) == (
        "member.role_changed",
        {"person": str(grace.id), "role": "owner", "by": str(ada.id)},
    )
