"""Conversations of somebody, read in one written statement.

The statements are written out, and not composed: ``hello`` is what everybody asks for at once after a restart. What
they may show is said in ``access`` (``CURRENT``, ``VISIBLE``), and each starts from the memberships of the asker.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection
from psycopg.types.numeric import Int8

from identity.accounts.access import verified
from identity.contacts.access import BLOCKS
from server.kernel.authentication import Actor
from server.kernel.pg_arrays import texts, uuids
from server.kernel.statements import Statement
from team.conversations import access
from team.conversations.wire import SUMMARY_MEMBERS

_encode = msgspec.json.Encoder().encode


class MessageRow(NamedTuple):
    """The last message that the asker may see, with the names of the model's columns; all None without one."""

    id: UUID
    conversation_id: UUID
    seq: int
    author_id: UUID
    sealed_body: bytes
    at: datetime
    reply_to: UUID | None
    reply_seq: int | None
    referral: UUID | None
    edited_at: datetime | None
    deleted_at: datetime | None
    attached: int
    undone: bool
    reacted: int


class CaseRow(NamedTuple):
    """The case of a conversation, with the names of the model's columns; all None where there is none."""

    state: str
    urgency: str
    sealed_question: bytes
    sealed_patient: bytes
    informed: str
    asker_id: UUID
    answered_by_id: UUID | None
    answered_at: datetime | None
    outcome: str
    sealed_summary: bytes
    closed_by_id: UUID | None
    closed_at: datetime | None
    asked: list[UUID]
    """Of those who were asked the members, at most 20."""
    asking: list[UUID]
    """The asker; where they are no member any more, who looks after the conversation."""


class Row(NamedTuple):
    """One conversation as its member, the asker, may see it."""

    asker: int
    """Which of those who ask, from 0."""
    stream: str
    id: UUID
    role: str
    read: int
    visible_from: int
    added_by: UUID | None
    hidden: int | None
    head: int
    moved_at: datetime | None
    """When something last happened; None where the order is all that is asked for."""
    unread: int
    total: int
    """What is unread in all conversations of the asker that differ."""
    is_whole: bool
    """Whether what follows was asked for."""
    kind: str | None
    sealed_title: bytes
    organisation: UUID | None
    blocked: bool
    member_count: int
    people: list[str] | None
    """The members' ids as text; their roles and how far they have read, in the same order."""
    roles: list[str]
    reads: list[int]
    case: CaseRow | None
    last: MessageRow | None


_CASE = (
    "one.state, one.urgency, one.sealed_question, one.sealed_patient, one.informed, one.asker_id, one.answered_by_id,"  # noqa: S608
    " one.answered_at, one.outcome, one.sealed_summary, one.closed_by_id, one.closed_at,"
    " ARRAY(SELECT member.person_id FROM team_member member WHERE member.conversation_id = one.conversation_id"
    f" AND member.asked AND {access.CURRENT} ORDER BY member.joined_at, member.id LIMIT 20) AS asked,"
    " ARRAY(SELECT member.person_id FROM team_member member WHERE member.conversation_id = one.conversation_id"
    f" AND {access.CURRENT} AND (member.person_id = one.asker_id OR member.role = 'owner')"
    " ORDER BY member.person_id = one.asker_id DESC, member.joined_at, member.id LIMIT 1) AS asking"
)
_UNREAD = (
    "CASE WHEN stream.head > member.read THEN (SELECT count(*) FROM team_message message"
    " WHERE message.conversation_id = member.conversation_id AND message.seq > member.read"
    " AND message.author_id <> member.person_id AND message.deleted_at IS NULL) ELSE 0 END AS unread"
)
_MINE = (
    "stream.name, member.conversation_id, member.person_id, member.role, member.read, member.visible_from,"
    f" member.added_by_id, member.hidden_upto, stream.head, stream.moved_at, {_UNREAD}"
)
_OTHER = access.OTHER.replace("member.", "chosen.")
_STREAM = "JOIN kernel_stream stream ON stream.name = 'c:' || member.conversation_id"

_SHOWN = (
    "SELECT chosen.asker, chosen.name, chosen.conversation_id, chosen.role, chosen.read, chosen.visible_from,"  # noqa: S608
    " chosen.added_by_id, chosen.hidden_upto, chosen.head, chosen.moved_at, chosen.unread, chosen.total,"
    " chosen.is_whole, conversation.kind, conversation.sealed_title, conversation.organisation_id,"
    f" chosen.is_whole AND conversation.kind = 'direct' AND {BLOCKS.format('chosen.person_id', f'({_OTHER})')},"
    " coalesce(members.total, 0), members.people, members.roles, members.reads, cased.state, cased.urgency,"
    " cased.sealed_question, cased.sealed_patient, cased.informed, cased.asker_id, cased.answered_by_id,"
    " cased.answered_at, cased.outcome, cased.sealed_summary, cased.closed_by_id, cased.closed_at, cased.asked,"
    " cased.asking, last.id, last.conversation_id, last.seq, last.author_id, last.sealed_body, last.at, last.reply_to,"
    " last.reply_seq, last.referral, last.edited_at, last.deleted_at, last.attached, last.undone, last.reacted"
    # With a limit it is looked up for each row: joined, all conversations there are would be read.
    " FROM chosen LEFT JOIN LATERAL (SELECT * FROM team_conversation conversation"
    " WHERE chosen.is_whole AND conversation.id = chosen.conversation_id LIMIT 1) conversation ON true"
    f" LEFT JOIN LATERAL (SELECT {_CASE} FROM team_case one WHERE conversation.kind = 'case'"
    " AND one.conversation_id = chosen.conversation_id LIMIT 1) cased ON true"
    " LEFT JOIN LATERAL (SELECT message.* FROM team_message message WHERE chosen.is_whole"
    f" AND message.conversation_id = chosen.conversation_id AND {access.VISIBLE.format('chosen')}"
    " AND NOT message.undone ORDER BY message.seq DESC LIMIT 1) last ON true"
    " LEFT JOIN LATERAL (SELECT max(one.total) AS total, array_agg(one.person_id::text ORDER BY one.joined_at, one.id)"
    " AS people, array_agg(one.role ORDER BY one.joined_at, one.id) AS roles,"
    " array_agg(one.read ORDER BY one.joined_at, one.id) AS reads FROM (SELECT member.id, member.person_id,"
    " member.role, member.read, member.joined_at, count(*) OVER () AS total FROM team_member member"
    f" WHERE chosen.is_whole AND member.conversation_id = chosen.conversation_id AND {access.CURRENT}"
    # The author of the last message, then the others, the eldest first; the asker knows who they are.
    " ORDER BY member.person_id = last.author_id DESC NULLS LAST, member.person_id = chosen.person_id,"
    " member.joined_at, member.id LIMIT %b::bigint) one) members ON true"
    " ORDER BY chosen.asker, chosen.place"
)

_DIFFERENT = Statement(
    # A cursor is looked up by the stream's name in one object: joined as rows, five hundred of them would be compared
    # with each conversation.
    "WITH asked AS MATERIALIZED (SELECT person, cursors::jsonb AS cursors, nth - 1 AS asker"  # noqa: S608
    " FROM unnest(%b::uuid[], %b::text[]) WITH ORDINALITY AS asked (person, cursors, nth)),"
    f" mine AS MATERIALIZED (SELECT asked.asker, (asked.cursors ->> stream.name)::bigint AS known, {_MINE}"
    f" FROM asked JOIN team_member member ON member.person_id = asked.person AND {access.CURRENT} {_STREAM}),"
    " ranked AS (SELECT asker, name, conversation_id, person_id, role, read, visible_from, added_by_id, hidden_upto,"
    " head, unread, NULL::timestamptz AS moved_at, head IS DISTINCT FROM known AS moved,"
    " sum(unread) OVER (PARTITION BY asker) AS total, row_number() OVER"
    " (PARTITION BY asker ORDER BY head IS DISTINCT FROM known DESC, moved_at DESC, conversation_id DESC) AS place"
    " FROM mine WHERE head IS DISTINCT FROM known OR unread > 0),"
    " chosen AS (SELECT ranked.*, moved AND place <= %b::bigint AS is_whole FROM ranked WHERE place <= %b::bigint) "
    + _SHOWN
)

_PAGE = (
    "WITH paged AS MATERIALIZED (SELECT member.id FROM team_member member"  # noqa: S608
    f" {_STREAM} WHERE member.person_id = %s AND {access.CURRENT}"
    " AND (%s::timestamptz IS NULL OR (stream.moved_at, member.conversation_id) < (%s::timestamptz, %s::uuid))"
    " ORDER BY stream.moved_at DESC, member.conversation_id DESC LIMIT %s),"
    f" chosen AS (SELECT 0 AS asker, 0 AS total, true AS is_whole, row_number() OVER"
    f" (ORDER BY stream.moved_at DESC, member.conversation_id DESC) AS place, {_MINE}"
    f" FROM paged JOIN team_member member USING (id) {_STREAM}) " + _SHOWN
)

_ONE = (
    f"WITH chosen AS (SELECT 0 AS asker, 0 AS total, true AS is_whole, 1 AS place, {_MINE} FROM team_member member"  # noqa: S608
    f" {_STREAM} WHERE member.person_id = %s AND member.conversation_id = %s AND {access.CURRENT}) " + _SHOWN
)


_MESSAGES = Statement(
    "SELECT id, conversation_id, seq, author_id, sealed_body, at, reply_to, reply_seq, referral, edited_at, deleted_at,"
    " attached, undone, reacted FROM team_message WHERE id = ANY(%b::uuid[])"
)


def different(asked: Sequence[tuple[Actor, Mapping[str, int]]], whole: int, most: int) -> Callable[[], list[list[Row]]]:
    """For each asker the conversations that stand elsewhere than at these cursors, or hold something unread: those
    that moved first, and of them what moved last; at most ``most``, the first ``whole`` with members and message.

    Returns a function that fetches them: what else is asked meanwhile travels along.
    """
    people = uuids(verified(actor) for actor, _ in asked)
    cursors = texts(_encode(known).decode() for _, known in asked)
    rows = _DIFFERENT.send(people, cursors, Int8(whole), Int8(most), Int8(SUMMARY_MEMBERS))

    def fetch() -> list[list[Row]]:
        found: list[list[Row]] = [[] for _ in asked]
        for row in map(_row, rows()):
            found[row.asker].append(row)
        return found

    return fetch


def page(actor: Actor, after: tuple[datetime, UUID] | None, most: int) -> list[Row]:
    """The asker's conversations after a position, that of the latest event first; at most ``most``."""
    at, wanted = after or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, (verified(actor), at, at, wanted, most, SUMMARY_MEMBERS))
        return list(map(_row, cursor.fetchall()))


def one(actor: Actor, conversation: UUID) -> Row | None:
    """One of the asker's conversations with all of its members; None when they are none of them."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE, (verified(actor), conversation, None))
        found = cursor.fetchone()
        return None if found is None else _row(found)


def messages(ids: Collection[UUID]) -> list[MessageRow]:
    """These messages, whoever may see them: what is shown of an event that refers to one is decided where it is
    rendered. One statement, written out."""
    return list(map(MessageRow._make, _MESSAGES.send(uuids(ids))()))


_CASES = Statement(
    f"SELECT one.conversation_id, {_CASE} FROM team_case one WHERE one.conversation_id = ANY(%b::uuid[])"  # noqa: S608
)


def cases(conversations: Collection[UUID]) -> dict[UUID, CaseRow]:
    """The cases of these conversations as they stand in this transaction, for what is told of them. One statement."""
    return {row[0]: CaseRow._make(row[1:]) for row in _CASES.send(uuids(conversations))()}


_CASE_AT = Row._fields.index("case")
_LAST_AT = _CASE_AT + len(CaseRow._fields)


def _row(row: tuple) -> Row:  # type: ignore[type-arg]  # as the statement lists them
    case, last = row[_CASE_AT:_LAST_AT], row[_LAST_AT:]
    return Row._make(
        (
            *row[:_CASE_AT],
            CaseRow._make(case) if case[0] is not None else None,
            MessageRow._make(last) if last[0] is not None else None,
        )
    )
