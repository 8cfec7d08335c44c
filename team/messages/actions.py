"""Messages, read pointers and typing: what happens most, most of it in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Call, Transaction
from server.kernel.idempotency import KnownRequests, request_digest
from server.kernel.identifiers import text
from server.kernel.pg_arrays import byte_strings, numbers, uuids
from server.kernel.statements import Statement
from server.kernel.streams import Draft, Numbered
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Invalid, Refusal, TooLarge
from team.conversations import access as conversations_access
from team.conversations import cases
from team.conversations.access import LockedConversation, LockedConversations
from team.conversations.queries import message_views, unread_counts
from team.conversations.wire import BODY_BYTES, MessageSent, MessageView
from team.files import access as files_access
from team.files.access import LockedFiles
from team.files.models import File
from team.files.queries import file_views
from team.files.wire import FileView
from team.messages.wire import (
    ReadMessages,
    ReadMessagesResult,
    ReadSignal,
    SendMessage,
    SendMessageResult,
    Typing,
    TypingResult,
    TypingSignal,
)


@dataclass(slots=True)
class NewMessage:
    """A message that is to be stored with the number its draft gets."""

    id: UUID
    conversation: UUID
    author: UUID
    body: str
    digest: bytes
    reply_to: UUID | None = None
    reply_seq: int | None = None
    """The number of the message that ``reply_to`` names."""
    referral: UUID | None = None
    files: Sequence[File] = ()
    """What it holds; locked."""
    view: MessageView | None = None

    def draft(
        self, conversation: LockedConversation, tx: Transaction, files: Mapping[UUID, FileView] | None = None
    ) -> Draft:
        """The event of this message for everybody who is a member now, the conversation being locked.

        It refers to the message's row, and holds no copy of the body. ``files`` has the views of what it holds.
        """
        attachments = [files[file.id] for file in self.files] if files else []

        def numbered(seq: int) -> MessageSent:
            self.view = MessageView(
                id=self.id,
                conversation=self.conversation,
                seq=seq,
                author=self.author,
                body=self.body,
                at=tx.now,
                reply_to=self.reply_to,
                reply_seq=self.reply_seq,
                referral=self.referral,
                attachments=attachments,
                attached=len(attachments),
            )
            return MessageSent(message=self.view)

        event = Numbered(MessageSent, numbered)
        return Draft(conversation.stream, event, conversation.readers, subject=self.id)


def send_messages(calls: Sequence[Call[SendMessage]], tx: Transaction) -> list[SendMessageResult | Refusal]:
    """Adds messages to the ends of their conversations, in the order of the calls. A constant number of queries.

    The streams are locked before membership is read: a removal that is committed first keeps the message out, one
    that comes later comes after it. Sent twice under one id, a message exists once and the answer is the same. Files
    are locked before the streams, as they are where one has been checked.
    """
    return ask_to_send(calls, tx)(calls, tx)


def ask_to_send(
    calls: Sequence[Call[SendMessage]], tx: Transaction
) -> Callable[[Sequence[Call[SendMessage]], Transaction], list[SendMessageResult | Refusal]]:
    """``send_messages``, with all locks taken and all questions asked that do not depend on who is admitted. It returns
    what adds the messages of those who are: one wait less for PostgreSQL."""
    files = files_access.lock(file for call in calls for file in call.command.attachments)
    conversations = conversations_access.lock(tx, {call.command.conversation for call in calls})
    digests = _DIGESTS.send(uuids(call.command.id for call in calls))
    return lambda admitted, tx: _send_all(admitted, tx, files, conversations, KnownRequests(dict(digests())))


def _send_all(
    calls: Sequence[Call[SendMessage]],
    tx: Transaction,
    files: LockedFiles,
    conversations: LockedConversations,
    known: KnownRequests,
) -> list[SendMessageResult | Refusal]:
    replied = _replied_to(conversations, [call.command for call in calls])
    written: dict[UUID, NewMessage] = {}
    results: list[SendMessageResult | Refusal | UUID] = []
    for call in calls:
        try:
            results.append(_send(call, conversations[call.command.conversation], known, replied, files, written))
        except Refusal as refused:
            results.append(refused)
    attached = {file.id: file for one in written.values() for file in one.files}
    shown = file_views(attached.values()) if attached else {}
    drafts = [one.draft(conversations[one.conversation], tx, shown) for one in written.values()]
    tx.record(drafts + _turned(conversations, written.values(), tx))
    insert(list(written.values()))
    again = [result for result in results if isinstance(result, UUID) and result not in written]
    views = _sent_before(conversations, again)
    views.update({one.id: one.view for one in written.values() if one.view is not None})
    return [SendMessageResult(message=views[result]) if isinstance(result, UUID) else result for result in results]


def _turned(conversations: LockedConversations, written: Iterable[NewMessage], tx: Transaction) -> list[Draft]:
    """What the messages change in the cases that they are written in; elsewhere nothing is asked."""
    in_cases = [
        (one.conversation, one.author)
        for one in written
        if conversations[one.conversation].members[one.author].kind == "case"
    ]
    return cases.turn_by_writing(in_cases, tx)


def _send(
    call: Call[SendMessage],
    conversation: LockedConversation,
    known: KnownRequests,
    replied: dict[UUID, tuple[UUID, int]],
    files: LockedFiles,
    written: dict[UUID, NewMessage],
) -> UUID:
    """Decides on one call and notes what is to be written; the message's id."""
    command = call.command
    mine = conversation.require(call.actor, "post")
    author = call.actor.person
    digest = request_digest(call.actor, command)
    if known.repeats(command.id, digest):
        return command.id
    conversation.require_reachable(call.actor)
    if not command.body and not command.attachments:
        raise Invalid("$.params.body", "Write something, or attach a file.")
    require_fits(command.body)
    attached = files.require(call.actor, command.attachments, "$.params.attachments") if command.attachments else []
    reply_seq = None
    if command.reply_to is not None:
        where, reply_seq = replied.get(command.reply_to, (None, 0))
        if where != command.conversation or reply_seq < mine.visible_from:
            raise Invalid("$.params.reply_to", "Reply to a message of this conversation.")
    known.add(command.id, digest)
    written[command.id] = NewMessage(
        command.id, command.conversation, author, command.body, digest, command.reply_to, reply_seq, files=attached
    )
    return command.id


def require_fits(body: str) -> None:
    """Returns when a text is short enough in UTF-8; its characters were counted when it was decoded."""
    if len(body.encode()) > BODY_BYTES:
        raise TooLarge(
            f"A message has at most {BODY_BYTES} bytes in UTF-8: send longer text as a file.",
            path="$.params.body",
            limit=BODY_BYTES,
        )


_DIGESTS = Statement("SELECT id, request_digest FROM team_message WHERE id = ANY(%b::uuid[])")
"""Of the messages that exist already, what their requests were."""


def _replied_to(conversations: LockedConversations, commands: list[SendMessage]) -> dict[UUID, tuple[UUID, int]]:
    """Where the messages that are replied to stand: conversation and number."""
    wanted = [command.reply_to for command in commands if command.reply_to is not None]
    if not wanted:
        return {}
    found = conversations.messages(wanted).values_list("pk", "conversation", "seq")
    return {message: (conversation, seq) for message, conversation, seq in found}


def _sent_before(conversations: LockedConversations, ids: list[UUID]) -> dict[UUID, MessageView]:
    """Messages of the callers themselves, as they answered when they were sent: with what they reply to."""
    if not ids:
        return {}
    rows = list(conversations.messages(ids))
    return {view.id: view for view in message_views(rows, {row.conversation_id: 1 for row in rows})}


_INSERT = Statement(
    "INSERT INTO team_message (id, conversation_id, author_id, sealed_body, request_digest, reply_to, reply_seq,"
    " referral, attached, seq, at) SELECT *, %b::timestamptz FROM"
    " unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::bytea[], %b::bytea[], %b::uuid[], %b::bigint[],"
    " %b::uuid[], %b::bigint[], %b::bigint[])"
)


def insert(written: Sequence[NewMessage]) -> None:
    """Writes recorded messages, sealed, and what they hold. One query, or two, beside those for keys that are not at
    hand."""
    if not written:
        return
    streams = [stream_name("c", one.conversation) for one in written]
    keys = vault.keys_for_sealing(streams)
    sealed = [keys[stream].seal(one.body.encode(), text(one.id)) for one, stream in zip(written, streams, strict=True)]
    views = [one.view for one in written if one.view is not None]
    _INSERT.send(
        views[0].at,  # One moment for all of a transaction.
        uuids(one.id for one in written),
        uuids(one.conversation for one in written),
        uuids(one.author for one in written),
        byte_strings(sealed),
        byte_strings(one.digest for one in written),
        uuids(one.reply_to for one in written),
        numbers(one.reply_seq for one in written),
        uuids(one.referral for one in written),
        numbers(len(one.files) for one in written),
        numbers(view.seq for view in views),
    )
    held = [(file.id, one.id, place) for one in written for place, file in enumerate(one.files)]
    files_access.hold(conversations_access.MESSAGE_FILES, held)


def read_messages(calls: Sequence[Call[ReadMessages]], tx: Transaction) -> list[ReadMessagesResult | Refusal]:
    """Moves read pointers forward, never back, and never past what there is."""
    conversations = conversations_access.lock(tx, {call.command.conversation for call in calls}, shared=True)
    results: list[ReadMessagesResult | Refusal] = []
    moved: dict[tuple[UUID, UUID], int] = {}
    for call in calls:
        command = call.command
        conversation = conversations[command.conversation]
        try:
            mine = conversation.require(call.actor, "read")
        except Refusal as refused:
            results.append(refused)
            continue
        person = call.actor.person
        before = moved.get((command.conversation, person), mine.read)
        target = min(command.seq, conversation.head)
        if target > before:
            moved[(command.conversation, person)] = target
            signal = ReadSignal(person=person, seq=target)
            tx.signal(stream_name("c", command.conversation), signal, conversation.audience(target))
        results.append(ReadMessagesResult(conversation=command.conversation, read=max(target, before), unread=0))
    _advance_pointers(moved, tx)
    return _with_unread(calls, results)


_ADVANCE = Statement(
    "WITH wanted AS (SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::bigint[])"
    " AS wanted (conversation, person, seq)), locked AS (SELECT member.id, member.read AS before, wanted.seq"
    " FROM team_member member JOIN wanted ON wanted.conversation = member.conversation_id"
    " AND wanted.person = member.person_id AND member.ended_at IS NULL"
    " ORDER BY member.id FOR UPDATE OF member),"
    " kept AS (INSERT INTO team_reading (member_id, seq, at) SELECT id, seq, %b::timestamptz FROM locked"
    " WHERE seq > before)"
    " UPDATE team_member SET read = GREATEST(read, locked.seq) FROM locked"
    " WHERE team_member.id = locked.id"
)


def _advance_pointers(moved: dict[tuple[UUID, UUID], int], tx: Transaction) -> None:
    """Writes how far these people have read which conversations, and when they came so far."""
    if not moved:
        return
    rows = sorted((conversation, person, seq) for (conversation, person), seq in moved.items())
    conversations, people, targets = zip(*rows, strict=True)
    _ADVANCE.send(uuids(conversations), uuids(people), numbers(targets), tx.now)


def _with_unread(
    calls: Sequence[Call[ReadMessages]], results: list[ReadMessagesResult | Refusal]
) -> list[ReadMessagesResult | Refusal]:
    by_person: dict[UUID, list[UUID]] = {}
    for call, result in zip(calls, results, strict=True):
        if isinstance(result, ReadMessagesResult):
            by_person.setdefault(call.actor.person, []).append(result.conversation)
    counts = {person: unread_counts(person, conversations) for person, conversations in by_person.items()}
    return [
        msgspec.structs.replace(result, unread=counts[call.actor.person].get(result.conversation, 0))
        if isinstance(result, ReadMessagesResult)
        else result
        for call, result in zip(calls, results, strict=True)
    ]


def typing(actor: Actor, command: Typing, tx: Transaction) -> TypingResult:
    """Tells the others that the caller is writing."""
    found = conversations_access.lock_one(actor, command.conversation, tx, "post", shared=True)
    found.require_reachable(actor)
    others = [person for person in found.audience() if person != actor.person]
    tx.signal(stream_name("c", found.id), TypingSignal(person=actor.person), others)
    return TypingResult()
