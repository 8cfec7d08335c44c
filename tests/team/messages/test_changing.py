"""Editing and deleting one's own messages: who may, for how long, what remains, and what others see of it."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import msgspec
import pytest
from django.db import connection, transaction
from pytest_django import Settings

from identity.contacts.wire import BlockPerson
from server.kernel import vault
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Conflict, InvalidState, NotFound, Refusal, TooLarge
from server.kernel.wire.handshake import Client, Hello, Sync
from team.conversations.models import Message, MessageVersion
from team.conversations.wire import AddMember, GetConversation, MessageView, RemoveMember
from team.files.models import Holding
from team.messages.refusals import TooLate, TooManyEdits
from team.messages.wire import (
    EDITS,
    DeleteMessage,
    EditMessage,
    GetHistory,
    GetMessageVersions,
    ReadMessages,
    SendMessage,
)
from tests.factories import Account, account, acquainted, direct, group, summaries, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


def send(who: Account, conversation: UUID, body: str = "INR à 24", *files: UUID) -> MessageView:
    command = SendMessage(id=uuid7(), conversation=conversation, body=body, attachments=list(files))
    shown: MessageView = dispatch(who.actor, command).message
    return shown


def edit(who: Account, message: UUID, body: str) -> MessageView:
    shown: MessageView = dispatch(who.actor, EditMessage(message=message, body=body)).message
    return shown


def delete(who: Account, message: UUID, *, undo: bool = False) -> MessageView:
    shown: MessageView = dispatch(who.actor, DeleteMessage(message=message, undo=undo)).message
    return shown


def history(who: Account, conversation: UUID) -> list[MessageView]:
    shown: list[MessageView] = dispatch(who.actor, GetHistory(conversation=conversation)).messages
    return shown


def synced(who: Account, conversation: UUID) -> list[tuple[str, MessageView]]:
    """The events of messages that somebody is sent: their types and what they show."""
    events = dispatch(who.actor, Sync(stream=f"c:{conversation}", after=1)).events
    return [
        (event.type, msgspec.json.decode(event.data, type=dict[str, MessageView])["message"])
        for event in events
        if event.type.startswith("message.")
    ]


def earlier(message: UUID, **ago: float) -> None:
    """As if it had been sent so long ago."""
    row = Message.objects.get(pk=message)
    row.at -= timedelta(**ago)
    row.save(update_fields=["at"])


def test_an_edited_message_says_so_everywhere_and_keeps_what_it_said() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    sent = send(ada, conversation)
    edited = edit(ada, sent.id, "INR à 2,4")
    assert (edited.body, edited.seq, edited.at) == ("INR à 2,4", sent.seq, sent.at)
    assert edited.edited_at is not None
    again = edit(ada, sent.id, "INR à 2,4, contrôlé")
    assert history(grace, conversation) == [again]
    assert synced(grace, conversation) == [(kind, again) for kind in ("message.sent", *["message.edited"] * 2)]
    [summary] = summaries(dispatch(grace.actor, Hello(protocol=1, client=Client(name="t"))))
    assert summary.last == again
    said = dispatch(grace.actor, GetMessageVersions(message=sent.id))
    assert [(one.number, one.body) for one in said.versions] == [(1, "INR à 2,4"), (0, "INR à 24")]
    assert [one.until for one in said.versions] == [again.edited_at, edited.edited_at]
    [older] = dispatch(grace.actor, GetMessageVersions(message=sent.id, before=1)).versions
    assert older.number == 0


def test_what_a_message_said_before_is_sealed_as_it_is() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    sent = send(ada, conversation, "Anticoagulation")
    edit(ada, sent.id, "Anticoagulation arrêtée")
    rows = [MessageVersion.objects.get().sealed_body, Message.objects.get().sealed_body]
    assert not any(b"Anticoagulation" in bytes(row) for row in rows)
    vault.erase(f"c:{conversation}")
    [version] = dispatch(grace.actor, GetMessageVersions(message=sent.id)).versions
    assert (version.body, version.erased) == ("", True)


def test_an_edit_sent_again_and_the_same_text_change_nothing() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    sent = send(ada, conversation)
    assert edit(ada, sent.id, "INR à 24") == sent
    command = EditMessage(message=sent.id, body="INR à 2,4", base=sent.at)
    assert dispatch(ada.actor, command) == dispatch(ada.actor, command)
    assert [kind for kind, _ in synced(grace, conversation)] == ["message.sent", "message.edited"]
    assert MessageVersion.objects.count() == 1


def test_an_edit_of_what_was_edited_since_is_a_conflict() -> None:
    ada, grace = account(), account()
    sent = send(ada, direct(ada, grace))
    edited = edit(ada, sent.id, "INR à 2,4")
    for stale in (sent.at, sent.at - timedelta(days=1)):
        with pytest.raises(Conflict):
            dispatch(ada.actor, EditMessage(message=sent.id, body="INR à 3", base=stale))
    assert dispatch(ada.actor, EditMessage(message=sent.id, body="INR à 3", base=edited.edited_at)).message.body


def test_a_deleted_message_keeps_its_place_and_nothing_else() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    file = uploaded(ada)
    sent = send(ada, conversation, "INR à 24", file)
    edit(ada, sent.id, "INR à 2,4")
    gone = delete(ada, sent.id)
    assert (gone.body, gone.attachments, gone.attached, gone.undone, gone.seq) == ("", [], 0, False, sent.seq)
    assert gone.deleted_at is not None
    assert history(grace, conversation) == [gone]
    kinds = [kind for kind, _ in synced(grace, conversation)]
    assert kinds == ["message.sent", "message.edited", "message.deleted"]
    assert all(shown == gone for _, shown in synced(grace, conversation))
    assert dispatch(grace.actor, GetMessageVersions(message=sent.id)).versions == []
    assert bytes(Message.objects.get().sealed_body) == b""
    assert not MessageVersion.objects.exists()
    assert not Holding.objects.filter(file=file).exists()
    assert delete(ada, sent.id) == gone
    assert len(synced(grace, conversation)) == 3


def test_a_deleted_message_is_not_unread() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    first, second, _third = send(ada, conversation), send(ada, conversation), send(ada, conversation)
    assert dispatch(grace.actor, GetConversation(conversation=conversation)).conversation.unread == 3
    delete(ada, second.id)
    assert dispatch(grace.actor, GetConversation(conversation=conversation)).conversation.unread == 2
    assert dispatch(grace.actor, ReadMessages(conversation=conversation, seq=first.seq)).unread == 1


def test_a_message_undone_before_anybody_read_it_leaves_nothing_to_show() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    first = send(ada, conversation, "Bonjour")
    sent = send(ada, conversation, "Mauvaise discussion")
    gone = delete(ada, sent.id, undo=True)
    assert gone.undone
    assert [one.undone for one in history(grace, conversation)] == [True, False]
    [summary] = summaries(dispatch(grace.actor, Hello(protocol=1, client=Client(name="t"))))
    assert (summary.last, summary.unread) == (first, 1)


@pytest.mark.parametrize("why", ["read", "read and removed", "late"])
def test_a_message_that_was_read_or_is_old_leaves_a_trace_though_it_is_undone(why: str) -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    sent = send(ada, conversation)
    if why == "late":
        earlier(sent.id, seconds=21)
    else:
        dispatch(grace.actor, ReadMessages(conversation=conversation, seq=sent.seq))
    if why == "read and removed":
        dispatch(ada.actor, RemoveMember(conversation=conversation, person=grace.id))
    gone = delete(ada, sent.id, undo=True)
    assert (gone.undone, gone.deleted_at is not None) == (False, True)


def test_who_came_later_has_not_read_what_was_written_before() -> None:
    ada, grace, late = account(), account(), account()
    conversation = group(ada, grace)
    acquainted(ada, late)
    sent = send(ada, conversation)
    dispatch(ada.actor, AddMember(conversation=conversation, person=late.id))
    assert delete(ada, sent.id, undo=True).undone


def test_only_its_author_changes_a_message_and_only_as_a_member_who_sees_it() -> None:
    ada, grace, outsider = account(), account(), account()
    conversation = group(ada, grace)
    sent = send(grace, conversation)

    def refusals(who: Account) -> list[str]:
        found = []
        for command in (EditMessage(message=sent.id, body="Autre"), DeleteMessage(message=sent.id)):
            with pytest.raises(Refusal) as refused:
                dispatch(who.actor, command)
            found.append(refused.value.reason)
        return found

    assert refusals(ada) == ["forbidden"] * 2
    assert refusals(outsider) == ["not_found"] * 2
    dispatch(ada.actor, RemoveMember(conversation=conversation, person=grace.id))
    assert refusals(grace) == ["not_found"] * 2
    with pytest.raises(NotFound):
        dispatch(grace.actor, GetMessageVersions(message=sent.id))
    acquainted(ada, grace)
    dispatch(ada.actor, AddMember(conversation=conversation, person=grace.id))
    assert refusals(grace) == ["not_found"] * 2, "they do not see any more what they wrote before"
    assert history(ada, conversation)[-1].body == sent.body


def test_after_its_time_a_message_is_not_changed(settings: Settings) -> None:
    ada, grace = account(), account()
    sent = send(ada, direct(ada, grace))
    earlier(sent.id, minutes=14)
    assert edit(ada, sent.id, "À temps").body == "À temps"
    earlier(sent.id, minutes=2)
    with pytest.raises(TooLate) as late:
        edit(ada, sent.id, "Trop tard")
    assert late.value.data == {"limit": 900}
    settings.RELAIS_MESSAGE_EDIT_SECONDS = 0
    assert edit(ada, sent.id, "Sans fin").body == "Sans fin"
    earlier(sent.id, hours=24)
    with pytest.raises(TooLate):
        delete(ada, sent.id)
    settings.RELAIS_MESSAGE_DELETE_SECONDS = 0
    assert delete(ada, sent.id).deleted_at is not None


def test_a_message_is_edited_so_often() -> None:
    ada, grace = account(), account()
    sent = send(ada, direct(ada, grace))
    for number in range(EDITS):
        edit(ada, sent.id, f"Version {number}")
    with pytest.raises(TooManyEdits):
        edit(ada, sent.id, "Encore")
    with pytest.raises(TooLarge):
        edit(ada, send(ada, direct(ada, account())).id, "€" * 17_000)


def test_a_deleted_message_is_not_edited_whichever_comes_first() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    sent = send(ada, conversation)
    barrier = Barrier(2)
    told: dict[str, str] = {}

    def at_once(name: str, command: EditMessage | DeleteMessage) -> None:
        try:
            barrier.wait()
            dispatch(ada.actor, command)
            told[name] = "done"
        except Refusal as refused:
            told[name] = refused.reason
        finally:
            connection.close()

    racing = [
        Thread(target=at_once, args=("edit", EditMessage(message=sent.id, body="Autre"))),
        Thread(target=at_once, args=("delete", DeleteMessage(message=sent.id))),
    ]
    for one in racing:
        one.start()
    for one in racing:
        one.join()
    assert told["delete"] == "done"
    assert told["edit"] in ("done", "invalid_state")
    [shown] = history(grace, conversation)
    assert (shown.body, shown.deleted_at is not None) == ("", True)
    assert not MessageVersion.objects.exists()
    with pytest.raises(InvalidState):
        edit(ada, sent.id, "Encore")


@pytest.mark.parametrize(("who", "why"), [("author", "blocked"), ("other", "unreachable")])
def test_where_one_blocks_the_other_nothing_is_edited_and_what_was_written_is_withdrawn(who: str, why: str) -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    message = send(ada, conversation)
    blocking, blocked = (ada, grace) if who == "author" else (grace, ada)
    dispatch(blocking.actor, BlockPerson(person=blocked.id))
    with pytest.raises(Refusal) as refused:
        edit(ada, message.id, "INR à 42")
    assert refused.value.reason == why
    assert history(ada, conversation)[0].body == "INR à 24"
    assert delete(ada, message.id).deleted_at is not None


def test_what_stands_for_a_referral_is_neither_edited_nor_deleted() -> None:
    ada, grace = account(), account()
    sent = send(ada, direct(ada, grace))
    Message.objects.filter(pk=sent.id).update(referral=uuid7())
    for command in (EditMessage(message=sent.id, body="Autre"), DeleteMessage(message=sent.id)):
        with pytest.raises(InvalidState):
            dispatch(ada.actor, command)


def test_who_came_later_learns_nothing_of_what_was_changed_before() -> None:
    ada, grace, late = account(), account(), account()
    conversation = group(ada, grace)
    acquainted(ada, late)
    sent = send(ada, conversation, "Avant")
    dispatch(ada.actor, AddMember(conversation=conversation, person=late.id))
    edit(ada, sent.id, "Avant, corrigé")
    [(kind, shown)] = synced(late, conversation)
    assert (kind, shown.body, shown.erased) == ("message.edited", "", True)
    with pytest.raises(NotFound):
        dispatch(late.actor, GetMessageVersions(message=sent.id))


def test_only_what_is_undone_is_deleted() -> None:
    ada, grace = account(), account()
    send(ada, direct(ada, grace))
    with pytest.raises(Exception, match="undone_is_deleted"), transaction.atomic():
        Message.objects.update(undone=True)
