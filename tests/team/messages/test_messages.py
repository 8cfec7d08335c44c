"""Sending, reading and unread counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.db import connection

from identity.sessions.models import Session
from server.kernel import audit, clock, statements, vault
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.models import StreamEvent
from server.kernel.wire import Command, stream_name
from server.kernel.wire.errors import Forbidden, IdTaken, Invalid, NotFound, Refusal, TooLarge
from server.kernel.wire.handshake import Client, Hello, Sync
from team.conversations.models import Message
from team.conversations.wire import GetConversation, LeaveConversation, RemoveMember
from team.messages.wire import GetHistory, ReadMessages, SendMessage
from tests.factories import account, direct, group, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_gets_the_next_number_of_its_conversation() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    first = dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body="Bonjour"))
    second = dispatch(grace.actor, SendMessage(id=uuid7(), conversation=conversation, body="Bonjour à vous"))
    assert [first.message.seq, second.message.seq] == [2, 3]


def test_a_retry_has_one_effect_and_the_same_answer() -> None:
    ada, grace = account(), account()
    command = SendMessage(id=uuid7(), conversation=direct(ada, grace), body="Une fois")
    assert dispatch(ada.actor, command) == dispatch(ada.actor, command)
    assert Message.objects.filter(pk=command.id).count() == 1


def test_an_id_cannot_stand_for_another_message() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    used = uuid7()
    dispatch(ada.actor, SendMessage(id=used, conversation=conversation, body="Un"))
    for author, body in ((ada, "Deux"), (grace, "Un")):
        with pytest.raises(IdTaken):
            dispatch(author.actor, SendMessage(id=used, conversation=conversation, body=body))


def test_what_an_older_server_was_sent_is_the_same_request_when_it_is_sent_again() -> None:
    """The digest that is stored is that of the fields which a message had at first."""
    ada, grace = account(), account()
    command = SendMessage(id=uuid7(), conversation=direct(ada, grace), body="Avant « la mise à jour »")
    as_it_was = f'["message.send","{ada.id}",{{"id":"{command.id}","conversation":"{command.conversation}",'
    as_it_was += f'"body":"{command.body}","reply_to":null}}]'
    sent = dispatch(ada.actor, command)
    assert bytes(Message.objects.get().request_digest) == vault.keyed_digest(as_it_was.encode())
    assert dispatch(ada.actor, command) == sent
    with pytest.raises(IdTaken):
        dispatch(ada.actor, msgspec.structs.replace(command, attachments=[uploaded(ada)]))


def test_a_batch_carries_each_call_out_for_itself() -> None:
    ada, grace, outsider = account(), account(), account()
    conversation = direct(ada, grace)
    same = SendMessage(id=uuid7(), conversation=conversation, body="Deux fois")
    calls = [
        Call(ada.actor, same),
        Call(outsider.actor, SendMessage(id=uuid7(), conversation=conversation, body="Dehors")),
        Call(ada.actor, same),
        Call(grace.actor, SendMessage(id=uuid7(), conversation=conversation, body="Fin")),
    ]
    outcomes, news = dispatch_batch(calls)
    assert [type(outcome.refused) for outcome in outcomes] == [type(None), NotFound, *[type(None)] * 2]
    assert outcomes[0].result == outcomes[2].result
    assert [told.seq for told in news.events] == [2, 3]


def test_of_a_batch_only_the_messages_of_open_sessions_are_sent() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    Session.objects.filter(person=ada.id).update(ended_at=clock.now())
    calls = [
        Call(one.actor, SendMessage(id=uuid7(), conversation=conversation, body="Encore là ?")) for one in (ada, grace)
    ]
    outcomes, news = dispatch_batch(calls)
    assert [type(outcome.refused) for outcome in outcomes] == [Forbidden, type(None)]
    assert [told.seq for told in news.events] == [2]
    assert Message.objects.get().author_id == grace.id


def test_a_batch_of_messages_waits_for_postgresql_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """For who its callers are now, with all that is asked for them, and for the commit."""
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    waits: list[None] = []
    exchange = statements._Pipeline._exchange

    def counted(pipeline: statements._Pipeline) -> None:
        waits.append(None)
        exchange(pipeline)

    def send() -> None:
        calls = [
            Call(one.actor, SendMessage(id=uuid7(), conversation=conversation, body="Vite")) for one in (ada, grace)
        ]
        outcomes, _ = dispatch_batch(calls, within=10.0)
        assert [outcome.refused for outcome in outcomes] == [None, None]

    send()  # The keys are at hand from now on.
    monkeypatch.setattr(statements._Pipeline, "_exchange", counted)
    send()
    assert len(waits) == 2


def test_a_batch_of_messages_uses_no_cursor_of_its_own() -> None:
    """One ordinary cursor would take all statements after it out of what is sent together."""
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    def send() -> None:
        messages = [SendMessage(id=uuid7(), conversation=conversation, body="Bonjour") for _ in range(3)]
        outcomes, _ = dispatch_batch([Call(ada.actor, message) for message in messages], within=10.0)
        assert [outcome.refused for outcome in outcomes] == [None] * 3

    send()  # The conversation's key is at hand from now on.
    with connection.execute_wrapper(note):
        send()
    assert asked == []


def test_an_outsider_gets_the_answer_of_a_conversation_that_does_not_exist() -> None:
    ada, grace, outsider = account(), account(), account()
    refused = []
    for conversation in (direct(ada, grace), uuid7()):
        with pytest.raises(Refusal) as caught:
            dispatch(outsider.actor, SendMessage(id=uuid7(), conversation=conversation, body="?"))
        refused.append((caught.value.code, caught.value.message, caught.value.as_data()))
    assert refused[0] == refused[1]


def test_nothing_of_a_message_is_stored_in_clear() -> None:
    ada, grace = account(), account()
    command = SendMessage(id=uuid7(), conversation=direct(ada, grace), body="Douleur thoracique")
    dispatch(ada.actor, command)
    row = Message.objects.get(pk=command.id)
    event = StreamEvent.objects.get(subject=command.id)
    assert b"Douleur" not in bytes(row.sealed_body) + bytes(event.data)


def test_unread_counts_the_messages_of_others_after_the_pointer() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    for _ in range(3):
        dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body="…"))
    dispatch(grace.actor, SendMessage(id=uuid7(), conversation=conversation, body="…"))
    read = dispatch(grace.actor, ReadMessages(conversation=conversation, seq=3))
    assert (read.read, read.unread) == (3, 1)
    back = dispatch(grace.actor, ReadMessages(conversation=conversation, seq=2))
    assert (back.read, back.unread) == (3, 1)
    far = dispatch(grace.actor, ReadMessages(conversation=conversation, seq=900))
    assert (far.read, far.unread) == (5, 0)
    assert dispatch(ada.actor, GetConversation(conversation=conversation)).conversation.unread == 1


def test_history_comes_newest_first_in_pages() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    for number in range(5):
        dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body=str(number)))
    page = dispatch(grace.actor, GetHistory(conversation=conversation, limit=3))
    rest = dispatch(grace.actor, GetHistory(conversation=conversation, limit=3, before=page.messages[-1].seq))
    assert [one.body for one in page.messages + rest.messages] == ["4", "3", "2", "1", "0"]
    assert (page.more, rest.more) == (True, False)


def test_sync_gives_messages_as_they_are_now() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    sent = dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body="Bonjour")).message
    synced = dispatch(grace.actor, Sync(stream=stream_name("c", conversation), after=0))
    assert [event.seq for event in synced.events] == [1, 2]
    assert b'"Bonjour"' in bytes(synced.events[1].data)
    assert str(sent.id).encode() in bytes(synced.events[1].data)


def test_a_removed_member_can_neither_post_nor_read() -> None:
    ada, grace, alan = account(), account(), account()
    conversation = group(ada, grace, alan)
    dispatch(ada.actor, RemoveMember(conversation=conversation, person=grace.id))
    commands: list[Command[Any]] = [
        SendMessage(id=uuid7(), conversation=conversation, body="?"),
        GetHistory(conversation=conversation),
        ReadMessages(conversation=conversation, seq=1),
        Sync(stream=stream_name("c", conversation), after=0),
    ]
    for command in commands:
        with pytest.raises(NotFound):
            dispatch(grace.actor, command)


def test_only_an_owner_removes() -> None:
    ada, grace, alan = account(), account(), account()
    conversation = group(ada, grace, alan)
    with pytest.raises(Forbidden):
        dispatch(grace.actor, RemoveMember(conversation=conversation, person=alan.id))


def test_somebody_looks_after_a_group_when_its_owner_leaves() -> None:
    ada, grace, alan = account(), account(), account()
    conversation = group(ada, grace, alan)
    dispatch(ada.actor, LeaveConversation(conversation=conversation))
    view = dispatch(grace.actor, GetConversation(conversation=conversation)).conversation
    assert {one.person: one.role for one in view.members}[grace.id] == "owner"


def test_a_reply_stays_in_its_conversation() -> None:
    ada, grace = account(), account()
    elsewhere = group(ada, grace)
    sent = dispatch(ada.actor, SendMessage(id=uuid7(), conversation=elsewhere, body="Ici")).message
    command = SendMessage(id=uuid7(), conversation=direct(ada, grace), body="Là", reply_to=sent.id)
    with pytest.raises(Invalid) as caught:
        dispatch(ada.actor, command)
    assert caught.value.data["path"] == "$.params.reply_to"


@pytest.mark.parametrize(("body", "fits"), [("é" * 20_000, True), ("€" * 16_384, True), ("€" * 16_385, False)])
def test_a_text_has_at_most_48_kib_in_utf_8(body: str, fits: bool) -> None:
    ada, grace = account(), account()
    command = SendMessage(id=uuid7(), conversation=direct(ada, grace), body=body)
    if fits:
        assert dispatch(ada.actor, command).message.body == body
        return
    with pytest.raises(TooLarge) as caught:
        dispatch(ada.actor, command)
    assert caught.value.as_data() == {"reason": "too_large", "path": "$.params.body", "limit": 49_152}


def test_hello_gives_the_limits_that_hold() -> None:
    limits = dispatch(account().actor, Hello(protocol=1, client=Client(name="test"))).limits
    assert (limits.body_characters, limits.body_bytes, limits.group_members) == (20_000, 49_152, 500)
    with pytest.raises(msgspec.ValidationError, match="length <= 20000"):
        msgspec.convert({"id": uuid7(), "conversation": uuid7(), "body": "x" * 20_001}, SendMessage)


def test_what_was_done_is_in_the_audit_log_and_tampering_shows() -> None:
    from server.kernel.models import AuditLink

    ada, grace = account(), account()
    command = SendMessage(id=uuid7(), conversation=direct(ada, grace), body="Bonjour")
    dispatch(ada.actor, command)
    assert AuditLink.objects.filter(entries__contains=str(command.id)).count() == 1
    assert not audit.verify().broken
    link = AuditLink.objects.order_by("at").last()
    assert link is not None
    AuditLink.objects.filter(chain=link.chain, number=link.number).update(entries="[]")
    assert audit.verify().broken
