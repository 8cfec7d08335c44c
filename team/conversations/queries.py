"""What clients see of conversations; a constant number of queries each, whatever the number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from identity.accounts.queries import people
from identity.accounts.wire import PersonView
from server.kernel import paging, streams, vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.models import Stream
from server.kernel.wire import stream_name
from server.kernel.wire.handshake import StreamState
from team.conversations import access
from team.conversations.models import Member, Message
from team.conversations.wire import (
    ConversationResult,
    Conversations,
    ConversationView,
    GetConversation,
    Kind,
    ListConversations,
    MemberView,
    MessageView,
    Role,
)


def message_views(messages: Iterable[Message], visible_from: Mapping[UUID, int]) -> list[MessageView]:
    """Messages as they are now, for somebody who may see each conversation from this number on.

    One whose text is erased, or does not open, keeps its place and says ``erased``. One query for keys that are not at
    hand, else none.
    """
    rows = list(messages)
    keys = vault.keys_for_reading(stream_name("c", row.conversation_id) for row in rows)
    return [restricted(_message(row, keys), visible_from[row.conversation_id]) for row in rows]


def restricted(message: MessageView, visible_from: int) -> MessageView:
    """A message for somebody who may see its conversation from this number on: not what it replies to before that.

    An event of today may refer to a message from before (somebody pins it): they see its place, and nothing in it.
    """
    if message.seq < visible_from:
        return msgspec.structs.replace(
            message, body="", attachments=[], reply_to=None, reply_seq=None, referral=None, erased=True
        )
    if message.reply_seq is None or message.reply_seq >= visible_from:
        return message
    return msgspec.structs.replace(message, reply_to=None, reply_seq=None)


def _message(row: Message, keys: vault.ReadingKeys) -> MessageView:
    body = "" if row.deleted_at else _text(keys, row.conversation_id, row.sealed_body, str(row.id))
    return MessageView(
        id=row.id,
        conversation=row.conversation_id,
        seq=row.seq,
        author=row.author_id,
        body=body or "",
        at=row.at,
        reply_to=row.reply_to,
        reply_seq=row.reply_seq,
        referral=row.referral,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        erased=body is None,
    )


def _text(keys: vault.ReadingKeys, conversation: UUID, sealed: bytes | memoryview, context: str) -> str | None:
    """What was sealed in a conversation; None when it does not open."""
    plain = keys.open(stream_name("c", conversation), sealed, context)
    return None if plain is None else plain.decode()


def conversation_views(actor: Actor, memberships: Sequence[Member]) -> list[ConversationView]:
    """Conversations for one of their members, whose ``memberships`` these are. Six queries."""
    ids = [mine.conversation_id for mine in memberships]
    heads = streams.heads(stream_name("c", wanted) for wanted in ids)
    members: dict[UUID, list[Member]] = defaultdict(list)
    for member in access.fellow_members(memberships):
        members[member.conversation_id].append(member)
    names = people(member.person_id for found in members.values() for member in found)
    unread = unread_counts(actor.person, ids)
    last = _last_messages(memberships)
    titled = (mine.conversation_id for mine in memberships if mine.conversation.sealed_title)
    keys = vault.keys_for_reading(stream_name("c", conversation) for conversation in titled)
    return [
        _view(
            mine,
            heads[stream_name("c", mine.conversation_id)],
            [_member(member, names[member.person_id], mine) for member in members[mine.conversation_id]],
            unread.get(mine.conversation_id, 0),
            last.get(mine.conversation_id),
            keys,
        )
        for mine in memberships
    ]


def _view(
    mine: Member,
    head: int,
    members: list[MemberView],
    unread: int,
    last: MessageView | None,
    keys: vault.ReadingKeys,
) -> ConversationView:
    row = mine.conversation
    title = _text(keys, row.id, row.sealed_title, "title") if row.sealed_title else None
    return ConversationView(
        id=row.id,
        kind=cast(Kind, row.kind),
        title=title,
        members=members,
        head=head,
        from_=mine.visible_from,
        read=mine.read,
        unread=unread,
        abilities=list(access.ABILITIES[(row.kind, mine.role)]),
        last=last,
        organisation=row.organisation_id,
        erased=bool(row.sealed_title) and title is None,
    )


def _member(member: Member, person: PersonView, reader: Member) -> MemberView:
    return MemberView(
        person=person.id,
        role=cast(Role, member.role),
        name=person.name,
        verified=person.verified,
        function=person.function,
        profession=person.profession,
        speciality=person.speciality,
        # What the reader may not see counts as read: how far somebody came in it is no part of the view.
        read=max(member.read, reader.visible_from - 1),
    )


def unread_counts(person: UUID, conversations: Collection[UUID]) -> dict[UUID, int]:
    """Messages of others after a member's read pointer. It is counted, never kept, and so cannot drift."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mine.conversation_id, count(message.id) FROM team_member mine"
            " JOIN team_message message ON message.conversation_id = mine.conversation_id"
            " AND message.seq > mine.read AND message.author_id <> mine.person_id"
            " AND message.deleted_at IS NULL"
            " WHERE mine.person_id = %s AND mine.ended_at IS NULL AND mine.conversation_id = ANY(%s)"
            " GROUP BY mine.conversation_id",
            (person, list(conversations)),
        )
        return dict(cursor.fetchall())


def _last_messages(memberships: Sequence[Member]) -> dict[UUID, MessageView]:
    """The last message of each conversation that its member may see."""
    visible_from = {mine.conversation_id: mine.visible_from for mine in memberships}
    rows = Message.objects.raw(
        "SELECT message.* FROM unnest(%s::uuid[], %s::bigint[]) AS wanted (id, first) CROSS JOIN LATERAL"
        " (SELECT * FROM team_message WHERE conversation_id = wanted.id AND seq >= wanted.first"
        " ORDER BY seq DESC LIMIT 1) AS message",
        [list(visible_from), list(visible_from.values())],
    )
    return {view.conversation: view for view in message_views(rows, visible_from)}


def states(actor: Actor) -> list[StreamState]:
    """Every conversation of the caller, for ``hello``; the most recently active first."""
    return [
        StreamState(
            stream=stream_name("c", one.id),
            head=one.head,
            from_=one.from_,
            read=one.read,
            unread=one.unread,
            conversation=one,
        )
        for one in conversation_views(actor, list(_by_activity(actor)))
    ]


def _by_activity(actor: Actor) -> QuerySet[Member]:
    """The caller's memberships, that of the latest event first."""
    stream = Stream.objects.filter(name=Concat(Value("c:"), Cast(OuterRef("conversation"), CharField())))
    return (
        access.memberships(actor)
        .annotate(active_at=Subquery(stream.values("moved_at")))
        .order_by("-active_at", "-conversation_id")
    )


def get_conversation(actor: Actor, command: GetConversation, tx: Transaction) -> ConversationResult:
    return opened(actor, command.conversation)


def opened(actor: Actor, wanted: UUID) -> ConversationResult:
    """One conversation in full, for one of its members."""
    return ConversationResult(conversation=conversation_views(actor, [access.membership(actor, wanted)])[0])


def list_conversations(actor: Actor, command: ListConversations, tx: Transaction) -> Conversations:
    rows = _by_activity(actor)
    if command.cursor:
        at, wanted = paging.decode(command.cursor, tuple[datetime, UUID])
        rows = rows.filter(Q(active_at__lt=at) | Q(active_at=at, conversation_id__lt=wanted))
    page, more = paging.page(rows, command.limit)
    # The position of a conversation in ``_by_activity``.
    cursor = paging.encode((vars(page[-1])["active_at"], page[-1].conversation_id)) if more else None
    return Conversations(conversations=conversation_views(actor, page), cursor=cursor)
