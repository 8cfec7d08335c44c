"""What clients see of conversations; a constant number of queries each, whatever the number of rows."""

from __future__ import annotations

import base64
import binascii
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
from server.kernel import streams, vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.models import Stream
from server.kernel.streams import StoredEvent
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Invalid
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
    MessageSent,
    MessageView,
    Role,
)


def message_views(messages: Iterable[Message], visible_from: Mapping[UUID, int]) -> list[MessageView]:
    """Messages as they are now, for somebody who may see each conversation from this number on.

    What is replied to from before that number is left out. One query for keys that are not at hand, else none.
    """
    rows = list(messages)
    keys = vault.keys(stream_name("c", row.conversation_id) for row in rows)
    return [_message(row, keys[stream_name("c", row.conversation_id)], visible_from) for row in rows]


def _message(row: Message, key: vault.Key, visible_from: Mapping[UUID, int]) -> MessageView:
    shows_reply = row.reply_seq is not None and row.reply_seq >= visible_from[row.conversation_id]
    return MessageView(
        id=row.id,
        conversation=row.conversation_id,
        seq=row.seq,
        author=row.author_id,
        body="" if row.deleted_at else key.open(row.sealed_body, str(row.id)).decode(),
        at=row.at,
        reply_to=row.reply_to if shows_reply else None,
        referral=row.referral,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
    )


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
    keys = vault.keys(stream_name("c", mine.conversation_id) for mine in memberships if mine.conversation.sealed_title)
    return [
        _view(
            mine,
            heads[stream_name("c", mine.conversation_id)],
            [_member(member, names[member.person_id], mine) for member in members[mine.conversation_id]],
            unread.get(mine.conversation_id, 0),
            last.get(mine.conversation_id),
            keys.get(stream_name("c", mine.conversation_id)),
        )
        for mine in memberships
    ]


def _view(
    mine: Member,
    head: int,
    members: list[MemberView],
    unread: int,
    last: MessageView | None,
    key: vault.Key | None,
) -> ConversationView:
    row = mine.conversation
    return ConversationView(
        id=row.id,
        kind=cast(Kind, row.kind),
        title=key.open(row.sealed_title, "title").decode() if key is not None else None,
        members=members,
        head=head,
        from_=mine.visible_from,
        read=mine.read,
        unread=unread,
        abilities=list(access.ABILITIES[(row.kind, mine.role)]),
        last=last,
        organisation=row.organisation_id,
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


def summaries(actor: Actor) -> list[ConversationView]:
    """Every conversation of the caller, for ``hello``; the most recently active first."""
    return conversation_views(actor, list(_by_activity(actor)))


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
        at, wanted = _position(command.cursor)
        rows = rows.filter(Q(active_at__lt=at) | Q(active_at=at, conversation_id__lt=wanted))
    page = list(rows[: command.limit + 1])
    shown = page[: command.limit]
    more = len(page) > command.limit
    return Conversations(conversations=conversation_views(actor, shown), cursor=_cursor(shown[-1]) if more else None)


def _cursor(mine: Member) -> str:
    """Where the page after this conversation begins; its ``active_at`` comes from ``_by_activity``."""
    return base64.urlsafe_b64encode(msgspec.json.encode((vars(mine)["active_at"], mine.conversation_id))).decode()


def _position(cursor: str) -> tuple[datetime, UUID]:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor), type=tuple[datetime, UUID])
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise Invalid("$.params.cursor", "Use the cursor of the page before, or none.") from None


def render(events: Sequence[StoredEvent], visible_from: int) -> list[msgspec.Raw]:
    """The data of events of a conversation for whoever may see it from this number on: messages as they are now."""
    subjects = [event.subject for event in events if event.subject is not None]
    rows = list(Message.objects.filter(pk__in=subjects)) if subjects else []
    views = {view.id: view for view in message_views(rows, {row.conversation_id: visible_from for row in rows})}
    encode = msgspec.json.encode
    return [
        event.data if event.subject is None else msgspec.Raw(encode(MessageSent(message=views[event.subject])))
        for event in events
    ]
