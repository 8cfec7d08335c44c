"""Messages with files: what may be sent, who may open it, and who learns that it was checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import connection

from server.kernel import dispatch as dispatching
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import IdTaken, Invalid, NotFound, Refusal
from server.kernel.wire.handshake import Client, Hello, Sync
from team.conversations.models import Message
from team.conversations.wire import AddMember, GetConversation, LeaveConversation, MessageView, RemoveMember
from team.files import collecting
from team.files.internal_commands import OpenFile, RecordCheck
from team.files.models import File, Holding
from team.files.refusals import FileGone, FileRefused, UploadUnfinished
from team.files.wire import DiscardFile, GetFile
from team.messages.wire import GetHistory, SendMessage
from tests.factories import Account, account, acquainted, direct, group, summaries, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


def send(who: Account, conversation: UUID, *files: UUID, body: str = "") -> MessageView:
    command = SendMessage(id=uuid7(), conversation=conversation, body=body, attachments=list(files))
    shown: MessageView = dispatch(who.actor, command).message
    return shown


def may_open(who: Account, file: UUID) -> bool:
    """Whether they are sent its content; what they are told of it is the same."""
    opened = []
    for command in (OpenFile(file=file), GetFile(file=file)):
        try:
            dispatch(who.actor, command)
            opened.append(True)
        except NotFound:
            opened.append(False)
    assert len(set(opened)) == 1
    return opened[0]


def test_a_message_shows_its_files_in_their_order_everywhere_and_their_number_in_a_summary() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    files = [uploaded(ada, "Écho.pdf"), uploaded(ada, "ECG.png", type="image/png", thumbnail=True)]
    sent = send(ada, conversation, *files)
    assert ([file.id for file in sent.attachments], sent.attached, sent.body) == (files, 2, "")
    assert [file.name for file in sent.attachments] == ["Écho.pdf", "ECG.png"]
    [read] = dispatch(grace.actor, GetHistory(conversation=conversation)).messages
    [event] = dispatch(grace.actor, Sync(stream=f"c:{conversation}", after=1)).events
    synced = msgspec.json.decode(event.data)
    assert read == sent
    assert [file["id"] for file in synced["message"]["attachments"]] == [str(file) for file in files]
    welcome = dispatch(grace.actor, Hello(protocol=1, client=Client(name="t")))
    [listed] = summaries(welcome)
    for summary in (dispatch(grace.actor, GetConversation(conversation=conversation)).conversation, listed):
        assert summary.last is not None
        assert (summary.last.attached, summary.last.attachments) == (2, [])


def test_without_a_text_and_without_a_file_nothing_is_sent() -> None:
    ada, grace = account(), account()
    with pytest.raises(Invalid) as refused:
        send(ada, direct(ada, grace))
    assert refused.value.data["path"] == "$.params.body"


def test_a_retry_holds_its_files_once_and_other_files_are_another_message() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    file, other = uploaded(ada), uploaded(ada)
    command = SendMessage(id=uuid7(), conversation=conversation, attachments=[file])
    assert dispatch(ada.actor, command) == dispatch(ada.actor, command)
    assert Holding.objects.filter(file=file).count() == 1
    with pytest.raises(IdTaken):
        dispatch(ada.actor, SendMessage(id=command.id, conversation=conversation, attachments=[other]))


def test_what_is_being_checked_may_be_sent_and_what_is_unfinished_or_refused_may_not() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    checking = uploaded(ada, state="checking", check_after=dispatching.now())
    assert send(ada, conversation, checking).attachments[0].state == "checking"
    unfinished = uploaded(ada, state="uploading", received=3)
    with pytest.raises(UploadUnfinished) as waiting:
        send(ada, conversation, unfinished)
    assert waiting.value.data["file"] == unfinished
    infected = uploaded(ada, state="refused", refusal="infected")
    with pytest.raises(FileRefused) as refused:
        send(ada, conversation, infected)
    assert (refused.value.data["why"], refused.value.data["file"]) == ("infected", infected)
    with pytest.raises(Invalid):
        send(ada, conversation, checking, checking)
    assert Message.objects.count() == 1


def test_nobody_sends_a_file_that_they_may_not_read() -> None:
    ada, grace, eve = account(), account(), account()
    theirs, thread = direct(ada, grace), direct(eve, grace)
    free, held = uploaded(ada), uploaded(ada)
    send(ada, theirs, held)
    told = []
    for file in (free, held, uuid7()):
        with pytest.raises(FileGone) as refused:
            send(eve, thread, file)
        told.append({**refused.value.as_data(), "file": None})
    assert told[0] == told[1] == told[2]
    assert not Holding.objects.exclude(file=held).exists()


def test_a_file_is_open_to_who_may_read_the_message_now_and_to_nobody_else() -> None:
    ada, grace, late, gone, outsider = (account() for _ in range(5))
    conversation = group(ada, grace, gone)
    acquainted(ada, late)
    file = uploaded(ada)
    assert may_open(ada, file)
    assert not may_open(grace, file)
    send(ada, conversation, file)
    dispatch(ada.actor, AddMember(conversation=conversation, person=late.id))
    assert [may_open(who, file) for who in (ada, grace, gone, late, outsider)] == [True, True, True, False, False]
    later = uploaded(ada)
    send(ada, conversation, later)
    assert may_open(late, later)
    dispatch(ada.actor, RemoveMember(conversation=conversation, person=gone.id))
    assert not may_open(gone, file)
    dispatch(ada.actor, AddMember(conversation=conversation, person=gone.id))
    assert not may_open(gone, file), "only the current membership counts"
    dispatch(ada.actor, LeaveConversation(conversation=conversation))
    assert not may_open(ada, file), "whoever sent it has no right of their own"
    assert may_open(grace, file)


def test_who_may_read_one_of_two_messages_that_hold_a_file_may_open_it() -> None:
    ada, grace, kurt = account(), account(), account()
    first, second = direct(ada, grace), direct(grace, kurt)
    file = uploaded(ada)
    send(ada, first, file)
    assert not may_open(kurt, file)
    assert send(grace, second, file).attachments[0].id == file
    assert [may_open(who, file) for who in (ada, grace, kurt)] == [True, True, True]
    Message.objects.filter(conversation=first).update(deleted_at=dispatching.now())
    assert [may_open(who, file) for who in (ada, grace, kurt)] == [False, True, True]


def test_a_deleted_message_shows_no_file() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    send(ada, conversation, uploaded(ada))
    Message.objects.update(deleted_at=dispatching.now())
    [shown] = dispatch(grace.actor, GetHistory(conversation=conversation)).messages
    assert (shown.attachments, shown.attached) == ([], 0)


def test_what_a_message_holds_is_neither_thrown_away_nor_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, grace = account(), account()
    file = uploaded(ada)
    send(ada, direct(ada, grace), file)
    with pytest.raises(Refusal):
        dispatch(ada.actor, DiscardFile(file=file))
    later = dispatching.now() + timedelta(days=2)
    monkeypatch.setattr(dispatching, "now", lambda: later)
    collecting.collect()
    assert File.objects.filter(pk=file).exists()


def test_who_may_read_the_message_learns_that_its_file_was_checked() -> None:
    ada, grace, late = account(), account(), account()
    conversation = group(ada, grace)
    acquainted(ada, late)
    until = dispatching.now()
    file = uploaded(ada, state="checking", check_after=until, claimed_until=until, scanned=False)
    sent = send(ada, conversation, file)
    dispatch(ada.actor, AddMember(conversation=conversation, person=late.id))
    checked = RecordCheck(file=file, claimed_until=until, type="application/pdf", size=900, scanned=True)
    outcomes, news = dispatch_batch([Call(SYSTEM, checked)])
    assert outcomes[0].refused is None
    told = [one for one in news.events if one.stream == f"c:{conversation}"]
    assert len({one.seq for one in told}) == 1
    assert {person for one in told for person in one.audience} >= {ada.id, grace.id}
    for who, state in ((ada, "ready"), (grace, "ready"), (late, None)):
        events = dispatch(who.actor, Sync(stream=f"c:{conversation}", after=sent.seq)).events
        [event] = [one for one in events if one.type == "message.files_checked"]
        shown = msgspec.json.decode(event.data)["message"].get("attachments", [])
        assert [one["state"] for one in shown] == ([state] if state else []), who


def counted(work: Callable[[], Any]) -> int:
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        work()
    return len(asked)


def test_the_number_of_statements_depends_neither_on_files_nor_on_messages_and_is_none_without_them() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    read = GetHistory(conversation=conversation)
    send(ada, conversation, body="Bonjour")
    plain = counted(lambda: dispatch(grace.actor, read))
    first, *others = [uploaded(ada) for _ in range(6)]
    one = counted(lambda: send(ada, conversation, first))
    with_one = counted(lambda: dispatch(grace.actor, read))
    several = counted(lambda: send(ada, conversation, *others))
    assert counted(lambda: dispatch(grace.actor, read)) == with_one <= plain + 2
    assert several == one
    assert counted(lambda: send(ada, conversation, body="Bonjour")) < one
