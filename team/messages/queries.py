"""What clients see of messages; a constant number of queries each, whatever the number of rows."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace
from psycopg.types.numeric import Int8

from identity.accounts.queries import ask_people
from identity.accounts.wire import PersonView
from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.statements import Statement
from team.conversations import access as conversations_access
from team.conversations.models import Message
from team.conversations.queries import message_views
from team.messages.wire import GetHistory, GetMessageReceipts, History, MessageReceipts, ReaderView


def history(actor: Actor, command: GetHistory, tx: Transaction) -> History:
    mine = conversations_access.membership(actor, command.conversation)
    rows = conversations_access.messages(mine).order_by("-seq")
    if command.before is not None:
        rows = rows.filter(seq__lt=command.before)
    page, more = paging.page(rows, command.limit)
    shown = paging.fitting(message_views(page, {mine.conversation_id: mine.visible_from}))
    return History(messages=shown, more=more or len(shown) < len(page))


class _Reader(NamedTuple):
    """Somebody other than the author who may see a message, or could while they were a member."""

    person: str
    former: bool
    has_read: bool
    at: datetime | None


_READERS = Statement(
    "SELECT person, NOT bool_or(is_member), bool_or(has_read), min(at) FROM ("
    " SELECT member.person_id::text AS person, member.ended_at IS NULL AS is_member, reading.at,"
    # Whoever was added later stands behind it from the beginning, and has read it only once they have read on.
    " member.read >= message.seq AND (reading.at IS NOT NULL OR member.joined_at <= message.at) AS has_read"
    " FROM (SELECT %b::uuid AS conversation, %b::uuid AS author, %b::bigint AS seq, %b::timestamptz AS at) message"
    " JOIN team_member member ON member.conversation_id = message.conversation AND member.person_id <> message.author"
    " AND member.visible_from <= message.seq"
    " LEFT JOIN LATERAL (SELECT at FROM team_reading WHERE member_id = member.id AND seq >= message.seq"
    " ORDER BY seq LIMIT 1) reading ON true) AS everybody"
    " GROUP BY person HAVING bool_or(is_member) OR bool_or(has_read)"
)
"""Of one message, each person once, whatever memberships they had."""


def receipts(actor: Actor, command: GetMessageReceipts, tx: Transaction) -> MessageReceipts:
    """Who has read a message and when. Three statements, whatever the number of members."""
    message = conversations_access.message(actor, command.message)
    readers = _readers(message)
    people = ask_people([one.person for one in readers])()
    read, unread = (
        [_reader(one, people[one.person]) for one in readers if one.has_read is wanted] for wanted in (True, False)
    )
    read.sort(key=lambda one: (one.at or message.at, one.name))
    unread.sort(key=lambda one: one.name)
    room = paging.Room(paging.PAGE_BYTES)
    shown = MessageReceipts(read=room.take(read), unread=room.take(unread))
    return replace(shown, more=len(shown.read) + len(shown.unread) < len(readers))


def _readers(message: Message) -> list[_Reader]:
    rows = _READERS.send(message.conversation_id, message.author_id, Int8(message.seq), message.at)()
    return [_Reader._make(row) for row in rows]


def _reader(found: _Reader, person: PersonView) -> ReaderView:
    return ReaderView(
        person=person.id,
        name=person.name,
        function=person.function,
        at=found.at if found.has_read else None,
        profession=person.profession,
        speciality=person.speciality,
        badge=person.badge,
        former=found.former,
    )
