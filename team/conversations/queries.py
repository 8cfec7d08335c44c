"""What clients see of conversations; a constant number of queries each, whatever the number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

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
from team.conversations.models import Conversation, Member, Message
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


def message_views(messages: Iterable[Message]) -> list[MessageView]:
    """Messages as they are now. One query for keys that are not at hand, else none.

    One whose text is erased, or does not open, keeps its place and says ``erased``.
    """
    rows = list(messages)
    keys = vault.keys_for_reading(stream_name("c", row.conversation_id) for row in rows)
    return [_message(row, keys) for row in rows]


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
        referral=row.referral,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        erased=body is None,
    )


def _text(keys: vault.ReadingKeys, conversation: UUID, sealed: bytes | memoryview, context: str) -> str | None:
    """What was sealed in a conversation; None when it does not open."""
    plain = keys.open(stream_name("c", conversation), sealed, context)
    return None if plain is None else plain.decode()


def conversation_views(actor: Actor, rows: Sequence[Conversation]) -> list[ConversationView]:
    """Conversations for one of their members. Six queries."""
    ids = [row.id for row in rows]
    heads = streams.heads(stream_name("c", wanted) for wanted in ids)
    places: dict[UUID, list[Member]] = defaultdict(list)
    for place in Member.objects.filter(conversation__in=ids, ended_at=None).order_by("joined_at", "pk"):
        places[place.conversation_id].append(place)
    names = people(place.person_id for members in places.values() for place in members)
    unread = unread_counts(actor, ids)
    last = _last_messages(ids)
    keys = vault.keys_for_reading(stream_name("c", row.id) for row in rows if row.sealed_title)
    return [
        _view(actor, row, heads[stream_name("c", row.id)], places[row.id], names, unread, last, keys) for row in rows
    ]


def _view(
    actor: Actor,
    row: Conversation,
    head: int,
    places: list[Member],
    names: dict[UUID, PersonView],
    unread: dict[UUID, int],
    last: dict[UUID, MessageView],
    keys: vault.ReadingKeys,
) -> ConversationView:
    mine = next(place for place in places if place.person_id == actor.person)
    title = _text(keys, row.id, row.sealed_title, "title") if row.sealed_title else None
    return ConversationView(
        id=row.id,
        kind=cast(Kind, row.kind),
        title=title,
        members=[_member(place, names[place.person_id]) for place in places],
        head=head,
        read=mine.read,
        unread=unread.get(row.id, 0),
        abilities=list(access.ABILITIES[(row.kind, mine.role)]),
        last=last.get(row.id),
        erased=bool(row.sealed_title) and title is None,
    )


def _member(place: Member, person: PersonView) -> MemberView:
    return MemberView(
        person=person.id,
        role=cast(Role, place.role),
        name=person.name,
        verified=person.verified,
        function=person.function,
        profession=person.profession,
        speciality=person.speciality,
        read=place.read,
    )


def unread_counts(actor: Actor, conversations: Collection[UUID]) -> dict[UUID, int]:
    """Messages of others after the caller's read pointer. It is counted, never kept, and so cannot drift."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place.conversation_id, count(message.id) FROM team_member place"
            " JOIN team_message message ON message.conversation_id = place.conversation_id"
            " AND message.seq > place.read AND message.author_id <> place.person_id"
            " AND message.deleted_at IS NULL"
            " WHERE place.person_id = %s AND place.ended_at IS NULL AND place.conversation_id = ANY(%s)"
            " GROUP BY place.conversation_id",
            (actor.person, list(conversations)),
        )
        return dict(cursor.fetchall())


def _last_messages(conversations: list[UUID]) -> dict[UUID, MessageView]:
    rows = Message.objects.raw(
        "SELECT message.* FROM unnest(%s::uuid[]) AS wanted (id) CROSS JOIN LATERAL"
        " (SELECT * FROM team_message WHERE conversation_id = wanted.id ORDER BY seq DESC LIMIT 1) AS message",
        [conversations],
    )
    return {view.conversation: view for view in message_views(rows)}


def direct_conversations(pairs: Iterable[frozenset[UUID]]) -> dict[frozenset[UUID], UUID]:
    """The direct conversations there are of these pairs of people. One query."""
    wanted = {":".join(sorted(map(str, pair))): pair for pair in pairs}
    found = Conversation.objects.filter(pair__in=wanted).values_list("pair", "pk")
    return {wanted[pair]: conversation for pair, conversation in found if pair is not None}


def states(actor: Actor) -> list[StreamState]:
    """Every conversation of the caller, for ``hello``; the most recently active first."""
    return [
        StreamState(stream=stream_name("c", one.id), head=one.head, read=one.read, unread=one.unread, conversation=one)
        for one in conversation_views(actor, list(_by_activity(actor)))
    ]


def _by_activity(actor: Actor) -> QuerySet[Conversation]:
    """The caller's conversations, that of the latest event first."""
    stream = Stream.objects.filter(name=Concat(Value("c:"), Cast(OuterRef("pk"), CharField())))
    return (
        access.conversations(actor)
        .annotate(active_at=Subquery(stream.values("moved_at")))
        .order_by("-active_at", "-id")
    )


def get_conversation(actor: Actor, command: GetConversation, tx: Transaction) -> ConversationResult:
    return opened(actor, command.conversation)


def opened(actor: Actor, wanted: UUID) -> ConversationResult:
    """One conversation in full, for one of its members."""
    return ConversationResult(conversation=conversation_views(actor, [access.conversation(actor, wanted)])[0])


def list_conversations(actor: Actor, command: ListConversations, tx: Transaction) -> Conversations:
    rows = _by_activity(actor)
    if command.cursor:
        at, wanted = paging.decode(command.cursor, tuple[datetime, UUID])
        rows = rows.filter(Q(active_at__lt=at) | Q(active_at=at, id__lt=wanted))
    page, more = paging.page(rows, command.limit)
    # The position of a conversation in ``_by_activity``.
    cursor = paging.encode((vars(page[-1])["active_at"], page[-1].id)) if more else None
    return Conversations(conversations=conversation_views(actor, page), cursor=cursor)


def audience(conversation: UUID) -> list[UUID]:
    """Who takes part now."""
    return list(Member.objects.filter(conversation=conversation, ended_at=None).values_list("person", flat=True))
