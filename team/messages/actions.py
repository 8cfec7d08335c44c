"""Messages, read pointers and typing: what happens most, carried out many at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db import connection

from server.kernel import streams, vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Call, Transaction
from server.kernel.idempotency import KnownRequests, request_digest
from server.kernel.pg_arrays import byte_strings, numbers, uuids
from server.kernel.streams import Draft, Numbered
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Invalid, NotFound, Refusal
from team.conversations import access as conversations_access
from team.conversations.access import Membership
from team.conversations.models import Message
from team.conversations.queries import audience, message_views, unread_counts
from team.conversations.wire import MessageSent, MessageView
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
    referral: UUID | None = None
    view: MessageView | None = None

    def draft(self, audience: Sequence[UUID], tx: Transaction) -> Draft:
        """The event of this message. It refers to the message's row, and holds no copy of the body."""

        def numbered(seq: int) -> MessageSent:
            self.view = MessageView(
                id=self.id,
                conversation=self.conversation,
                seq=seq,
                author=self.author,
                body=self.body,
                at=tx.now,
                reply_to=self.reply_to,
                referral=self.referral,
            )
            return MessageSent(message=self.view)

        return Draft(stream_name("c", self.conversation), Numbered(MessageSent, numbered), audience, subject=self.id)


def send_messages(calls: Sequence[Call[SendMessage]], tx: Transaction) -> list[SendMessageResult | Refusal]:
    """Adds messages to the ends of their conversations, in the order of the calls. A constant number of queries.

    The streams are locked before membership is read: a removal that is committed first keeps the message out, one
    that comes later comes after it. Sent twice under one id, a message exists once and the answer is the same.
    """
    tx.lock_streams({stream_name("c", call.command.conversation) for call in calls})
    digests = _digests([call.command.id for call in calls])
    members = conversations_access.members({call.command.conversation for call in calls})
    known = KnownRequests(digests())
    replied = _replied_to([call.command for call in calls])
    written: dict[UUID, NewMessage] = {}
    results: list[SendMessageResult | Refusal | UUID] = []
    for call in calls:
        try:
            results.append(_send(call, members, known, replied, written))
        except Refusal as refused:
            results.append(refused)
    tx.record([one.draft(list(members[one.conversation]), tx) for one in written.values()])
    insert(list(written.values()))
    again = [result for result in results if isinstance(result, UUID) and result not in written]
    views = {view.id: view for view in message_views(Message.objects.filter(pk__in=again))} if again else {}
    views.update({one.id: one.view for one in written.values() if one.view is not None})
    return [SendMessageResult(message=views[result]) if isinstance(result, UUID) else result for result in results]


def _send(
    call: Call[SendMessage],
    members: dict[UUID, dict[UUID, Membership]],
    known: KnownRequests,
    replied: set[tuple[UUID, UUID]],
    written: dict[UUID, NewMessage],
) -> UUID:
    """Decides on one call and notes what is to be written; the message's id."""
    command = call.command
    conversations_access.membership(call.actor, members[command.conversation], to="post")
    author = call.actor.person
    if author is None:
        raise NotFound
    digest = request_digest(call.actor, command)
    if known.repeats(command.id, digest):
        return command.id
    if command.reply_to is not None and (command.conversation, command.reply_to) not in replied:
        raise Invalid("$.params.reply_to", "Reply to a message of this conversation.")
    known.add(command.id, digest)
    written[command.id] = NewMessage(command.id, command.conversation, author, command.body, digest, command.reply_to)
    return command.id


def _digests(ids: Sequence[UUID]) -> Callable[[], dict[UUID, bytes]]:
    """The request digests of those messages that exist already. Calling what is returned is the only point that waits
    when statements are pipelined."""
    cursor = connection.cursor()
    cursor.execute("SELECT id, request_digest FROM team_message WHERE id = ANY(%b::uuid[])", (uuids(ids),))

    def known() -> dict[UUID, bytes]:
        with cursor:
            return {found: bytes(digest) for found, digest in cursor.fetchall()}

    return known


def _replied_to(commands: list[SendMessage]) -> set[tuple[UUID, UUID]]:
    wanted = [command.reply_to for command in commands if command.reply_to is not None]
    if not wanted:
        return set()
    return set(Message.objects.filter(pk__in=wanted).values_list("conversation", "pk"))


def insert(written: Sequence[NewMessage]) -> None:
    """Writes recorded messages, sealed. One query, beside those for keys that are not at hand."""
    if not written:
        return
    keys = vault.keys_for_sealing(stream_name("c", one.conversation) for one in written)
    sealed = [keys[stream_name("c", one.conversation)].seal(one.body.encode(), str(one.id)) for one in written]
    views = [one.view for one in written if one.view is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO team_message (id, conversation_id, author_id, sealed_body, request_digest, reply_to,"
            " referral, seq, at) SELECT *, %s FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::bytea[],"
            " %b::bytea[], %b::uuid[], %b::uuid[], %b::bigint[])",
            (
                views[0].at,  # One moment for all of a transaction.
                uuids(one.id for one in written),
                uuids(one.conversation for one in written),
                uuids(one.author for one in written),
                byte_strings(sealed),
                byte_strings(one.digest for one in written),
                uuids(one.reply_to for one in written),
                uuids(one.referral for one in written),
                numbers(view.seq for view in views),
            ),
        )


def read_messages(calls: Sequence[Call[ReadMessages]], tx: Transaction) -> list[ReadMessagesResult | Refusal]:
    """Moves read pointers forward, never back, and never past what there is."""
    members = conversations_access.members({call.command.conversation for call in calls})
    heads = streams.heads({stream_name("c", call.command.conversation) for call in calls})
    results: list[ReadMessagesResult | Refusal] = []
    moved: dict[tuple[UUID, UUID], int] = {}
    for call in calls:
        command = call.command
        try:
            place = conversations_access.membership(call.actor, members[command.conversation], to="read")
        except Refusal as refused:
            results.append(refused)
            continue
        person = call.actor.person or command.conversation
        before = moved.get((command.conversation, person), place.read)
        target = min(command.seq, heads[stream_name("c", command.conversation)])
        if target > before:
            moved[(command.conversation, person)] = target
            stream = stream_name("c", command.conversation)
            tx.signal(stream, ReadSignal(person=person, seq=target), members[command.conversation])
        results.append(ReadMessagesResult(conversation=command.conversation, read=max(target, before), unread=0))
    _advance_pointers(moved)
    return _with_unread(calls, results)


def _advance_pointers(moved: dict[tuple[UUID, UUID], int]) -> None:
    if not moved:
        return
    rows = sorted((conversation, person, seq) for (conversation, person), seq in moved.items())
    conversations, people, targets = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH wanted AS (SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::bigint[])"
            " AS wanted (conversation, person, seq)), locked AS (SELECT place.id, wanted.seq"
            " FROM team_member place JOIN wanted ON wanted.conversation = place.conversation_id"
            " AND wanted.person = place.person_id AND place.ended_at IS NULL ORDER BY place.id FOR UPDATE OF place)"
            " UPDATE team_member SET read = GREATEST(read, locked.seq) FROM locked"
            " WHERE team_member.id = locked.id",
            (uuids(conversations), uuids(people), numbers(targets)),
        )


def _with_unread(
    calls: Sequence[Call[ReadMessages]], results: list[ReadMessagesResult | Refusal]
) -> list[ReadMessagesResult | Refusal]:
    by_person: dict[UUID, list[UUID]] = {}
    for call, result in zip(calls, results, strict=True):
        if isinstance(result, ReadMessagesResult) and call.actor.person is not None:
            by_person.setdefault(call.actor.person, []).append(result.conversation)
    counts = {
        person: unread_counts(Actor(person, verified=True), conversations)
        for person, conversations in by_person.items()
    }
    return [
        msgspec.structs.replace(result, unread=counts[call.actor.person].get(result.conversation, 0))
        if isinstance(result, ReadMessagesResult) and call.actor.person is not None
        else result
        for call, result in zip(calls, results, strict=True)
    ]


def typing(actor: Actor, command: Typing, tx: Transaction) -> TypingResult:
    """Tells the others that the caller is writing."""
    found = conversations_access.conversation(actor, command.conversation, to="post")
    others = [person for person in audience(found.id) if person != actor.person]
    if actor.person is not None:
        tx.signal(stream_name("c", found.id), TypingSignal(person=actor.person), others)
    return TypingResult()
