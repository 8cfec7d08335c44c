"""Whoever hardly knows the person who puts them into a group accepts it before anything of it reaches them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.contacts.wire import BlockPerson
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import StreamEvent
from server.kernel.wire.errors import Refusal
from server.kernel.wire.handshake import Client, Hello, Sync
from team.conversations import group_requests
from team.conversations.models import GroupRequest
from team.conversations.wire import (
    AcceptGroup,
    AddMember,
    ConversationView,
    DeclineGroup,
    GetConversation,
    GroupRequestView,
    LeaveConversation,
    ListConversations,
    ListGroupRequests,
    OpenConversation,
    RemoveMember,
)
from team.messages.wire import GetHistory, SendMessage
from tests.factories import Account, account, acquainted, direct
from tests.identity.organisations.people import reason, team

pytestmark = pytest.mark.django_db


def open_group(owner: Account, *others: Account) -> UUID:
    command = OpenConversation(id=uuid7(), kind="group", members=[one.id for one in others], title="Garde")
    found: UUID = dispatch(owner.actor, command).conversation.id
    return found


def say(who: Account, conversation: UUID, body: str = "Un mot") -> None:
    dispatch(who.actor, SendMessage(id=uuid7(), conversation=conversation, body=body))


def waiting(who: Account) -> list[GroupRequestView]:
    found: list[GroupRequestView] = dispatch(who.actor, ListGroupRequests()).requests
    return found


def seen(who: Account, conversation: UUID) -> ConversationView:
    found: ConversationView = dispatch(who.actor, GetConversation(conversation=conversation)).conversation
    return found


def told(who: Account) -> list[str]:
    return list(StreamEvent.objects.filter(stream=f"i:{who.id}").order_by("seq").values_list("type", flat=True))


def reaching(who: Account, conversation: UUID) -> list[Any]:
    """What each way to a conversation says to somebody: a refusal, or that there is nothing."""
    ways = (
        GetConversation(conversation=conversation),
        GetHistory(conversation=conversation),
        Sync(stream=f"c:{conversation}", after=0),
        SendMessage(id=uuid7(), conversation=conversation, body="x"),
        LeaveConversation(conversation=conversation),
    )
    hello = dispatch(who.actor, Hello(protocol=1, client=Client(name="tests")))
    shown = [one.stream for one in hello.streams if one.stream.startswith("c:")]
    return [*(reason(who, one) for one in ways), shown, dispatch(who.actor, ListConversations()).conversations]


NOTHING = [*["not_found"] * 5, [], []]


def test_nothing_of_a_strangers_group_reaches_somebody_before_they_accept_it() -> None:
    stranger, friend, ada = account(), account(), account()
    acquainted(stranger, friend)
    group = open_group(stranger, friend, ada)
    say(stranger, group)
    assert reaching(ada, group) == NOTHING
    assert told(ada) == ["conversation.requested"]
    [request] = waiting(ada)
    assert (request.conversation, request.by, request.title, request.member_count) == (group, stranger.id, "Garde", 2)
    for who in (stranger, friend):
        view = seen(who, group)
        assert {one.person for one in view.members} == {stranger.id, friend.id}
        assert [(one.person, one.by) for one in view.asked] == [(ada.id, stranger.id)]
    accepted = dispatch(ada.actor, AcceptGroup(conversation=group)).conversation
    assert (accepted.from_, accepted.unread, accepted.added_by) == (1, 1, stranger.id)
    assert [one.body for one in dispatch(ada.actor, GetHistory(conversation=group)).messages] == ["Un mot"]
    assert told(ada) == ["conversation.requested", "conversation.added"]
    assert (waiting(ada), seen(friend, group).asked) == ([], [])
    again = dispatch(ada.actor, AcceptGroup(conversation=group)).conversation
    assert (again.head, again.member_count) == (accepted.head, 3)
    say(ada, group)


def test_whoever_is_put_into_a_group_later_sees_it_from_then_on_when_they_accept() -> None:
    stranger, friend, ada = account(), account(), account()
    acquainted(stranger, friend)
    group = open_group(stranger, friend)
    say(stranger, group, "Avant")
    for _ in range(2):
        dispatch(stranger.actor, AddMember(conversation=group, person=ada.id))
    say(stranger, group, "Après")
    assert reaching(ada, group) == NOTHING
    assert told(ada) == ["conversation.requested"], "asked again, nobody is told again"
    types = list(StreamEvent.objects.filter(stream=f"c:{group}").order_by("seq").values_list("type", flat=True))
    assert types == ["conversation.opened", "message.sent", "member.asked", "message.sent"]
    view = dispatch(ada.actor, AcceptGroup(conversation=group)).conversation
    assert (view.from_, view.unread) == (3, 1)
    assert [one.body for one in dispatch(ada.actor, GetHistory(conversation=group)).messages] == ["Après"]


def test_a_group_that_was_declined_stays_silent_and_nobody_is_told() -> None:
    stranger, friend, ada = account(), account(), account()
    acquainted(stranger, friend)
    group = open_group(stranger, friend, ada)
    before = seen(stranger, group)
    for _ in range(2):
        assert reason(ada, DeclineGroup(conversation=group)) is None
    say(stranger, group)
    dispatch(stranger.actor, AddMember(conversation=group, person=ada.id))
    assert reaching(ada, group) == NOTHING
    assert (waiting(ada), told(ada)) == ([], ["conversation.requested", "conversation.removed"])
    assert seen(stranger, group).asked == before.asked, "it is not told that they declined"
    assert reason(ada, AcceptGroup(conversation=group)) == "not_found"
    command = OpenConversation(id=uuid7(), kind="group", members=[ada.id], title="Encore")
    assert reason(stranger, command) == "declined"
    direct(ada, stranger)
    assert reason(stranger, command) is None


def test_who_knows_the_one_who_opens_a_group_is_in_it_at_once() -> None:
    here, ada = team(), account()
    assert waiting(here.secretary) == []
    open_group(here.practitioner, here.secretary)
    asked_me, wrote, turned, silent = (account() for _ in range(4))
    acquainted(asked_me, ada)
    say(wrote, direct(ada, wrote))
    direct(turned, ada)
    direct(ada, silent)
    group = open_group(ada, asked_me, wrote, turned, silent)
    assert {one.person for one in seen(ada, group).asked} == {silent.id}, "that the caller wrote counts for nothing"
    assert [len(waiting(who)) for who in (here.secretary, asked_me, wrote, turned, silent)] == [0, 0, 0, 0, 1]


def test_a_request_ends_when_it_is_taken_back_and_when_whoever_asked_is_gone() -> None:
    owner, second, ada, grace = (account() for _ in range(4))
    acquainted(owner, second)
    group = open_group(owner, second, ada)
    dispatch(owner.actor, RemoveMember(conversation=group, person=ada.id))
    assert (waiting(ada), told(ada)[-1]) == ([], "conversation.removed")
    dispatch(owner.actor, AddMember(conversation=group, person=grace.id))
    assert len(waiting(grace)) == 1
    dispatch(owner.actor, LeaveConversation(conversation=group))
    assert waiting(grace) == []
    assert reason(grace, AcceptGroup(conversation=group)) == "not_found"
    assert seen(second, group).asked == []


def test_whom_somebody_blocks_waits_for_them_in_no_group() -> None:
    stranger, ada = account(), account()
    group = open_group(stranger, ada)
    dispatch(ada.actor, BlockPerson(person=stranger.id))
    assert waiting(ada) == []
    assert reason(ada, AcceptGroup(conversation=group)) == "not_found"


def test_nobody_accepts_or_declines_for_somebody_else() -> None:
    stranger, ada, other = account(), account(), account()
    group = open_group(stranger, ada)
    for command in (AcceptGroup(conversation=group), DeclineGroup(conversation=group)):
        assert reason(other, command) == reason(other, type(command)(conversation=uuid7())) == "not_found"
    assert len(waiting(ada)) == 1


def test_one_person_asks_so_many_strangers_into_groups_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_requests, "ASKED_A_DAY", 3)
    stranger, friend = account(), account()
    acquainted(stranger, friend)
    group = open_group(stranger, friend, account(), account())
    more = [AddMember(conversation=group, person=account().id) for _ in range(2)]
    assert [reason(stranger, one) for one in more] == [None, "too_many_contacts"]
    both = OpenConversation(id=uuid7(), kind="group", members=[account().id, friend.id], title="x")
    assert reason(stranger, both) == "too_many_contacts"
    with pytest.raises(Refusal):
        seen(stranger, both.id)
    GroupRequest.objects.update(at=GroupRequest.objects.latest("at").at - timedelta(days=1, seconds=1))
    assert reason(stranger, both) is None


def test_requests_are_listed_in_a_number_of_statements_that_does_not_grow() -> None:
    ada, counts = account(), []
    for _ in range(2):
        open_group(account(), ada)
        with CaptureQueriesContext(connection) as captured:
            waiting(ada)
        counts.append(len(captured))
    assert counts[0] == counts[1]
