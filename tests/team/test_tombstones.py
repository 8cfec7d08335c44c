"""What is erased, or does not open, stays in its place as a tombstone: hello, lists, a conversation, history, sync."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from server.kernel import vault
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import DataKey, StreamEvent
from server.kernel.wire import Command, stream_name
from server.kernel.wire.handshake import Client, Hello, Sync
from team.conversations.models import Conversation, Message
from team.conversations.wire import ConversationView, GetConversation, ListConversations, UpdateConversation
from team.messages.wire import GetHistory, SendMessage
from tests.factories import Account, account, group, summaries

pytestmark = pytest.mark.django_db


def erase(conversation: UUID) -> None:
    vault.erase(stream_name("c", conversation))


def damage_the_key(conversation: UUID) -> None:
    DataKey.objects.filter(owner=stream_name("c", conversation)).update(wrapped=b"damaged" * 9)
    vault.clear_cache()


def damage_what_is_sealed(conversation: UUID) -> None:
    Conversation.objects.filter(pk=conversation).update(sealed_title=b"\x01damaged")
    Message.objects.filter(conversation=conversation).update(sealed_body=b"\x01damaged")
    StreamEvent.objects.filter(stream=stream_name("c", conversation), subject=None).update(data=b"\x01damaged")


ways = pytest.mark.parametrize("lose", [erase, damage_the_key, damage_what_is_sealed])
Lose = Callable[[UUID], None]


@pytest.fixture
def grace() -> Account:
    return account()


def two_conversations(grace: Account) -> tuple[UUID, UUID]:
    ada = account()
    lost, kept = group(ada, grace, title="Perdue"), group(ada, grace, title="Gardée")
    for conversation in (lost, kept):
        dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body="Bonjour"))
    return lost, kept


def is_lost(view: ConversationView) -> bool:
    assert view.last is not None
    assert view.erased == view.last.erased == (view.title is None) == (view.last.body == "")
    return view.erased


@ways
def test_hello_shows_it_and_all_others(grace: Account, lose: Lose) -> None:
    lost, kept = two_conversations(grace)
    lose(lost)
    welcome = dispatch(grace.actor, Hello(protocol=1, client=Client(name="t")))
    assert {view.id: is_lost(view) for view in summaries(welcome)} == {lost: True, kept: False}


@ways
def test_the_list_shows_it_and_all_others(grace: Account, lose: Lose) -> None:
    lost, kept = two_conversations(grace)
    lose(lost)
    listed = dispatch(grace.actor, ListConversations()).conversations
    assert {view.id: is_lost(view) for view in listed} == {lost: True, kept: False}


@ways
def test_it_is_shown_alone(grace: Account, lose: Lose) -> None:
    lost, _ = two_conversations(grace)
    lose(lost)
    assert is_lost(dispatch(grace.actor, GetConversation(conversation=lost)).conversation)


@ways
def test_history_shows_each_message_in_its_place(grace: Account, lose: Lose) -> None:
    lost, _ = two_conversations(grace)
    lose(lost)
    [message] = dispatch(grace.actor, GetHistory(conversation=lost)).messages
    assert (message.seq, message.body, message.erased) == (2, "", True)


@ways
def test_sync_shows_each_event_in_its_place(grace: Account, lose: Lose) -> None:
    lost, _ = two_conversations(grace)
    lose(lost)
    opened, sent = dispatch(grace.actor, Sync(stream=stream_name("c", lost), after=0)).events
    assert (opened.type, opened.erased, bytes(opened.data)) == ("conversation.opened", True, b"{}")
    assert (sent.type, sent.erased) == ("message.sent", False)
    assert b'"erased":true' in bytes(sent.data), "the message is there, its text is not"


def test_one_message_that_does_not_open_leaves_the_others(grace: Account) -> None:
    lost, _ = two_conversations(grace)
    second = dispatch(grace.actor, SendMessage(id=uuid7(), conversation=lost, body="Le second")).message
    Message.objects.exclude(pk=second.id).update(sealed_body=b"\x01damaged")
    messages = dispatch(grace.actor, GetHistory(conversation=lost)).messages
    assert [(one.body, one.erased) for one in messages] == [("Le second", False), ("", True)]


def test_reading_makes_no_key(grace: Account) -> None:
    lost, _ = two_conversations(grace)
    erase(lost)
    before = set(DataKey.objects.values_list("owner", flat=True))
    commands: list[Command[Any]] = [
        Hello(protocol=1, client=Client(name="t")),
        ListConversations(),
        GetConversation(conversation=lost),
        GetHistory(conversation=lost),
        Sync(stream=stream_name("c", lost), after=0),
    ]
    for command in commands:
        dispatch(grace.actor, command)
    assert set(DataKey.objects.values_list("owner", flat=True)) == before


def test_what_is_written_later_is_readable_again(grace: Account) -> None:
    ada = account()
    lost = group(ada, grace, title="Perdue")
    erase(lost)
    dispatch(ada.actor, UpdateConversation(conversation=lost, title="Neuve"))
    view = dispatch(grace.actor, GetConversation(conversation=lost)).conversation
    assert (view.title, view.erased) == ("Neuve", False)
