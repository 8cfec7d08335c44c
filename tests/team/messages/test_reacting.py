"""Reactions to messages: who may, what is shown of them, and what becomes of them."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

import msgspec
import pytest

from identity.contacts.wire import BlockPerson
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import InvalidState, NotFound, Refusal
from server.kernel.wire.handshake import Sync
from team.conversations import queries
from team.conversations.models import Message, Reaction
from team.conversations.wire import (
    AddMember,
    Emoji,
    GetConversation,
    MessageView,
    RemoveMember,
)
from team.messages.wire import (
    DeleteMessage,
    EditMessage,
    GetHistory,
    ReactToMessage,
    SendMessage,
    TakeReactionBack,
)
from tests.factories import Account, account, acquainted, direct, group

pytestmark = pytest.mark.django_db(transaction=True)


def send(who: Account, conversation: UUID, reply_to: UUID | None = None) -> MessageView:
    command = SendMessage(id=uuid7(), conversation=conversation, body="INR à 2,4", reply_to=reply_to)
    shown: MessageView = dispatch(who.actor, command).message
    return shown


def react(who: Account, message: UUID, emoji: Emoji = "👍") -> MessageView:
    shown: MessageView = dispatch(who.actor, ReactToMessage(message=message, emoji=emoji)).message
    return shown


def take_back(who: Account, message: UUID, emoji: Emoji = "👍") -> MessageView:
    shown: MessageView = dispatch(who.actor, TakeReactionBack(message=message, emoji=emoji)).message
    return shown


def said(message: MessageView) -> list[tuple[str, int, list[UUID]]]:
    return [(one.emoji, one.count, one.people) for one in message.reactions]


def in_history(who: Account, conversation: UUID) -> list[MessageView]:
    shown: list[MessageView] = dispatch(who.actor, GetHistory(conversation=conversation)).messages
    return shown


def told(who: Account, conversation: UUID) -> list[MessageView]:
    """What the events of reactions show to somebody."""
    events = dispatch(who.actor, Sync(stream=f"c:{conversation}", after=1)).events
    return [
        msgspec.json.decode(event.data, type=dict[str, MessageView])["message"]
        for event in events
        if event.type == "message.reacted"
    ]


def test_everybody_sees_who_reacted_and_how_in_the_order_in_which_it_came() -> None:
    ada, grace, alan = account(), account(), account()
    conversation = group(ada, grace, alan)
    message = send(ada, conversation)
    react(alan, message.id, "✅")
    react(grace, message.id, "👍")
    answer = react(ada, message.id, "👍")
    expected = [("✅", 1, [alan.id]), ("👍", 2, [grace.id, ada.id])]
    assert said(answer) == expected
    assert said(in_history(grace, conversation)[0]) == expected
    # Each event shows the message as it is now.
    assert [said(shown) for shown in told(alan, conversation)] == [expected] * 3


def test_each_kind_stands_once_for_each_person_and_the_same_again_tells_nobody() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    message = send(ada, conversation)
    for emoji in (*get_args(Emoji), *get_args(Emoji)):
        react(grace, message.id, emoji)
    assert Reaction.objects.count() == len(get_args(Emoji)) == len(told(ada, conversation))
    take_back(ada, message.id)  # Theirs is not hers.
    assert len(told(ada, conversation)) == len(get_args(Emoji))


def test_a_reaction_is_taken_back_by_whoever_made_it() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    message = send(ada, conversation)
    react(ada, message.id)
    react(grace, message.id)
    assert said(take_back(grace, message.id)) == [("👍", 1, [ada.id])]
    assert said(take_back(ada, message.id)) == []
    assert Message.objects.get(pk=message.id).reacted == 0


def test_of_many_the_first_are_named_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [account() for _ in range(4)]
    conversation = group(*people)
    message = send(people[0], conversation)
    for one in people[1:]:
        react(one, message.id)
    monkeypatch.setattr(queries, "REACTION_PEOPLE", 2)
    assert said(in_history(people[0], conversation)[0]) == [("👍", 3, [people[1].id, people[2].id])]


def test_there_is_no_reaction_to_a_deleted_message_and_those_it_had_go_with_it() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    message = send(ada, conversation)
    react(grace, message.id)
    dispatch(ada.actor, DeleteMessage(message=message.id))
    with pytest.raises(InvalidState):
        react(grace, message.id)
    assert not Reaction.objects.exists()
    assert said(take_back(grace, message.id)) == []
    assert [said(shown) for shown in (*in_history(grace, conversation), *told(grace, conversation))] == [[], []]


def test_reactions_outlive_an_edit() -> None:
    ada, grace = account(), account()
    message = send(ada, direct(ada, grace))
    react(grace, message.id)
    edited = dispatch(ada.actor, EditMessage(message=message.id, body="INR à 24")).message
    assert said(edited) == [("👍", 1, [grace.id])]


def test_nothing_becomes_unread_by_a_reaction_and_a_summary_has_none() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    message = send(ada, conversation)
    react(grace, message.id)
    shown = dispatch(ada.actor, GetConversation(conversation=conversation)).conversation
    assert shown.unread == 0
    assert shown.last is not None
    assert said(shown.last) == []


@pytest.mark.parametrize(("who", "why"), [("author", "unreachable"), ("other", "blocked")])
def test_where_one_blocks_the_other_nobody_reacts_and_what_was_said_is_taken_back(who: str, why: str) -> None:
    ada, grace = account(), account()
    message = send(ada, direct(ada, grace))
    react(grace, message.id)
    blocking, blocked = (ada, grace) if who == "author" else (grace, ada)
    dispatch(blocking.actor, BlockPerson(person=blocked.id))
    with pytest.raises(Refusal) as refused:
        react(grace, message.id, "✅")
    assert refused.value.reason == why
    assert said(take_back(grace, message.id)) == []


def test_a_former_member_reacts_no_more_and_what_they_said_stays() -> None:
    ada, grace, alan = account(), account(), account()
    conversation = group(ada, grace, alan)
    message = send(ada, conversation)
    react(grace, message.id)
    dispatch(ada.actor, RemoveMember(conversation=conversation, person=grace.id))
    for act in (react, take_back):
        with pytest.raises(NotFound):
            act(grace, message.id)
    assert said(in_history(alan, conversation)[0]) == [("👍", 1, [grace.id])]


def test_who_came_later_learns_nothing_of_a_message_from_before_by_its_reactions() -> None:
    ada, grace, late = account(), account(), account()
    acquainted(ada, late)
    conversation = group(ada, grace)
    before = send(ada, conversation)
    dispatch(ada.actor, AddMember(conversation=conversation, person=late.id))
    react(grace, before.id)
    [shown] = told(late, conversation)
    assert (shown.body, shown.erased, said(shown)) == ("", True, [])
    with pytest.raises(NotFound):
        react(late, before.id)
    # What a message from after replies to is not shown to them in the answer either.
    reply = send(ada, conversation, reply_to=before.id)
    assert react(grace, reply.id).reply_to == before.id
    assert react(late, reply.id).reply_to is None
