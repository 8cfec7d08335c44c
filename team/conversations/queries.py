"""What clients see of conversations; a constant number of queries each, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import cast
from uuid import UUID

import msgspec
from django.db import connection
from psycopg.types.numeric import Int8

from identity.accounts.queries import ask_people
from identity.accounts.wire import PersonView
from server.kernel import paging, vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.pg_arrays import uuids
from server.kernel.statements import Statement
from server.kernel.synchronisation import Asker, StreamList
from server.kernel.wire import stream_name
from server.kernel.wire.errors import NotFound
from server.kernel.wire.handshake import HELLO_STREAMS, HELLO_SUMMARIES, StreamState
from team.conversations import access, summaries
from team.conversations.access import MESSAGE_FILES
from team.conversations.excerpts import excerpt
from team.conversations.models import GroupRequest, Message
from team.conversations.summaries import CaseRow, MessageRow, Row
from team.conversations.wire import (
    EXCERPT_BYTES,
    REACTION_PEOPLE,
    AskedView,
    ConversationResult,
    Conversations,
    ConversationView,
    GetConversation,
    Kind,
    ListConversations,
    MemberView,
    MessageView,
    ReactionView,
    Role,
)
from team.conversations.wire_case_views import CasePatientView, CaseState, CaseView, Informed, Outcome, Urgency
from team.files.queries import held_files

_case_patient = msgspec.json.Decoder(CasePatientView)
ASKED = 100
"""People asked into a group that are shown, at most."""


def message_views(messages: Iterable[Message | MessageRow], visible_from: Mapping[UUID, int]) -> list[MessageView]:
    """Messages as they are now, for somebody who may see each conversation from this number on.

    One whose text is erased, or does not open, keeps its place and says ``erased``. One query for keys that are not at
    hand, else none; two more when there are files, and one when there are reactions.
    """
    rows = list(messages)
    names = {conversation: stream_name("c", conversation) for conversation in {row.conversation_id for row in rows}}
    keys = vault.keys_for_reading(names.values())
    reacted = [row.id for row in rows if row.reacted and row.seq >= visible_from[row.conversation_id]]
    reactions = _reactions(reacted) if reacted else {}
    views = [
        restricted(
            _message(row, names[row.conversation_id], keys, reactions.get(row.id)), visible_from[row.conversation_id]
        )
        for row in rows
    ]
    return _with_files(views)


_REACTIONS = Statement(
    "SELECT message_id, emoji, count(*), (array_agg(person_id ORDER BY at, id))[:%b::bigint] FROM team_reaction"
    " WHERE message_id = ANY(%b::uuid[]) GROUP BY message_id, emoji ORDER BY min(at), emoji"
)


def _reactions(messages: Collection[UUID]) -> dict[UUID, list[ReactionView]]:
    """The reactions to these messages: kinds and people in the order in which they came. One statement."""
    found: dict[UUID, list[ReactionView]] = {}
    for message, emoji, count, people in _REACTIONS.send(Int8(REACTION_PEOPLE), uuids(messages))():
        found.setdefault(message, []).append(ReactionView(emoji=emoji, count=count, people=people))
    return found


def _with_files(messages: list[MessageView]) -> list[MessageView]:
    """The same messages with the files that they hold. Nothing is asked where no message has any."""
    holding = [message.id for message in messages if message.attached]
    if not holding:
        return messages
    files = held_files(MESSAGE_FILES, holding)
    return [
        msgspec.structs.replace(message, attachments=files.get(message.id, [])) if message.attached else message
        for message in messages
    ]


def restricted(message: MessageView, visible_from: int) -> MessageView:
    """A message for somebody who may see its conversation from this number on: not what it replies to before that.

    An event of today may refer to a message from before (somebody pins it): they see its place, and nothing in it.
    """
    if message.seq < visible_from:
        return msgspec.structs.replace(
            message,
            body="",
            attached=0,
            attachments=[],
            reply_to=None,
            reply_seq=None,
            referral=None,
            erased=True,
            reactions=[],
        )
    if message.reply_seq is None or message.reply_seq >= visible_from:
        return message
    return msgspec.structs.replace(message, reply_to=None, reply_seq=None)


def _message(
    row: Message | MessageRow, stream: str, keys: vault.ReadingKeys, reactions: list[ReactionView] | None = None
) -> MessageView:
    body = "" if row.deleted_at else _text(keys, stream, row.sealed_body, str(row.id))
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
        attached=0 if row.deleted_at or body is None else row.attached,
        undone=row.undone,
        reactions=reactions or [],
    )


def _text(keys: vault.ReadingKeys, stream: str, sealed: bytes | memoryview, context: str) -> str | None:
    """What was sealed in a conversation; None when it does not open."""
    plain = keys.open(stream, sealed, context)
    return None if plain is None else plain.decode()


def conversation_views(rows: Sequence[Row], *, whole: bool = False) -> list[ConversationView]:
    """Conversations as those who asked for ``rows`` see them: in full, or as summaries. Two statements at most, for
    the members' names and for keys that are not at hand."""
    view = _views_of(rows, whole=whole)()
    return [view(row) for row in rows]


def _views_of(rows: Sequence[Row], *, whole: bool = False) -> Callable[[], Callable[[Row], ConversationView]]:
    """Asks for all that is needed to see these rows. The function returned waits for it, and gives what makes the view
    of any of them."""
    people = {person for row in rows for person in row.people or ()}
    ask_names = ask_people(people) if people else dict[str, PersonView]
    ask_keys = vault.ask_keys_for_reading(row.stream for row in rows if row.sealed_title or row.last or row.case)

    def views() -> Callable[[Row], ConversationView]:
        names, keys = ask_names(), ask_keys()
        return lambda row: _view(row, names, keys, whole=whole)

    return views


def _view(row: Row, names: Mapping[str, PersonView], keys: vault.ReadingKeys, *, whole: bool) -> ConversationView:
    kind, hidden = cast(Kind, row.kind), row.visible_from - 1
    title = _text(keys, row.stream, row.sealed_title, "title") if row.sealed_title else None
    members = zip(row.people, row.roles, row.reads, strict=True) if row.people else ()
    return ConversationView(
        id=row.id,
        kind=kind,
        title=title,
        members=[_member(names[person], cast(Role, role), read, hidden) for person, role, read in members],
        head=row.head,
        from_=row.visible_from,
        read=row.read,
        unread=row.unread,
        abilities=access.abilities(kind, row.role, row.case.state if row.case else None),
        last=_last(row, keys, whole=whole) if row.last else None,
        organisation=row.organisation,
        erased=bool(row.sealed_title) and title is None,
        member_count=row.member_count,
        added_by=row.added_by if kind != "direct" else None,
        hidden=row.hidden,
        blocked=row.blocked,
        case=case_view(row.case, row.stream, keys, whole=whole, patient=whole) if row.case else None,
    )


def case_view(
    row: CaseRow, stream: str, keys: vault.ReadingKeys, *, whole: bool = True, patient: bool = False
) -> CaseView:
    """A case as it stands; not whole, with the beginning of its question. With its ``patient`` only where that is
    entered in the audit."""
    question = _text(keys, stream, row.sealed_question, "question")
    named = _text(keys, stream, row.sealed_patient, "case.patient") if patient and row.sealed_patient else None
    shown = question or ""
    if not whole:
        shown = excerpt(shown, EXCERPT_BYTES)
    return CaseView(
        state=cast(CaseState, row.state),
        question=shown,
        urgency=cast(Urgency, row.urgency),
        asker=row.asker_id,
        patient=_case_patient.decode(named) if named else None,
        informed=cast(Informed, row.informed) if row.informed else None,
        waiting_for=_waiting_for(row),
        answered_by=row.answered_by_id,
        answered_at=row.answered_at,
        outcome=cast(Outcome, row.outcome) if row.outcome else None,
        summary=_text(keys, stream, row.sealed_summary, "case.summary") if whole and row.sealed_summary else None,
        closed_by=row.closed_by_id,
        closed_at=row.closed_at,
        truncated=len(shown) != len(question or ""),
        erased=question is None,
    )


def _waiting_for(row: CaseRow) -> list[UUID]:
    if row.state == "closed":
        return []
    return (row.asked or row.asking) if row.state == "waiting" else row.asking


def _last(row: Row, keys: vault.ReadingKeys, *, whole: bool) -> MessageView | None:
    """The last message, in full or with the beginning of its text."""
    if row.last is None:
        return None
    message = restricted(_message(row.last, row.stream, keys), row.visible_from)
    body = message.body if whole else excerpt(message.body, EXCERPT_BYTES)
    return message if len(body) == len(message.body) else msgspec.structs.replace(message, body=body, truncated=True)


def _member(person: PersonView, role: Role, read: int, hidden: int) -> MemberView:
    return MemberView(
        person=person.id,
        role=role,
        name=person.name,
        verified=person.verified,
        function=person.function,
        profession=person.profession,
        speciality=person.speciality,
        badge=person.badge,
        # What the reader may not see counts as read: how far somebody came in it is no part of the view.
        read=max(read, hidden),
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


def states(askers: Sequence[Asker]) -> Callable[[], list[StreamList]]:
    """Of each asker the conversations that differ from their cursors, for ``hello``; what moved last first. Three
    statements at most, whatever the number of askers. The function returned waits for the first of them, and the views
    for the others."""
    most = HELLO_SUMMARIES + HELLO_STREAMS + 1
    fetch = summaries.different([(asker.actor, asker.cursors) for asker in askers], HELLO_SUMMARIES, most)

    def listed() -> list[StreamList]:
        found = fetch()
        views = cache(_views_of([row for rows in found for row in rows if row.is_whole]))
        return [
            StreamList([_state(row) for row in rows], _shown(views, rows), int(rows[0].total) if rows else 0)
            for rows in found
        ]

    return listed


def _shown(views: Callable[[], Callable[[Row], ConversationView]], rows: Sequence[Row]) -> Iterator[ConversationView]:
    """The views of those that were asked for with members and message, made as they are taken."""
    for row in rows:
        if row.is_whole:
            yield views()(row)


def _state(row: Row) -> StreamState:
    return StreamState(stream=row.stream, head=row.head, from_=row.visible_from, read=row.read, unread=row.unread)


def get_conversation(actor: Actor, command: GetConversation, tx: Transaction) -> ConversationResult:
    return shown(actor, command.conversation, tx)


def shown(actor: Actor, wanted: UUID, tx: Transaction) -> ConversationResult:
    """One conversation in full; that a case shows who its patient is, is entered in the audit."""
    result = opened(actor, wanted)
    case = result.conversation.case
    if case is not None and case.patient is not None and case.patient.id is not None:
        tx.audit(actor, "patient.read", wanted, about=[case.patient.id], by="case")
    return result


def opened(actor: Actor, wanted: UUID) -> ConversationResult:
    """One conversation in full, for one of its members: as many members as fit into a page, who joined first before the
    others, and ``member_count`` of them in all."""
    row = summaries.one(actor, wanted)
    if row is None:
        raise NotFound
    [view] = conversation_views([row], whole=True)
    if view.kind != "direct":
        view = msgspec.structs.replace(view, asked=_asked(view.id))
    bare = msgspec.structs.replace(view, members=[])
    room = paging.Room(paging.PAGE_BYTES - len(msgspec.json.encode(bare)))
    return ConversationResult(conversation=msgspec.structs.replace(view, members=room.take(view.members)))


def _asked(conversation: UUID) -> list[AskedView]:
    """Who was asked into a group and has not accepted, whatever they said; at most 100, the newest first."""
    rows = GroupRequest.objects.filter(conversation=conversation, state__in=["waiting", "declined"])
    found = rows.select_related("person").order_by("-at", "-pk")[:ASKED]
    return [AskedView(person=row.person_id, name=row.person.name, by=row.asked_by_id) for row in found]


def list_conversations(actor: Actor, command: ListConversations, tx: Transaction) -> Conversations:
    after = paging.decode(command.cursor, tuple[datetime, UUID]) if command.cursor else None
    rows = summaries.page(actor, after, command.limit + 1)
    shown = paging.fitting(conversation_views(rows[: command.limit]))
    more = len(rows) > len(shown)
    last = rows[len(shown) - 1] if more else None
    return Conversations(conversations=shown, cursor=paging.encode((last.moved_at, last.id)) if last else None)
