"""What happens in conversations, ``c:<conversation>``, and what of it concerns a person's inbox, ``i:<person>``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from server.kernel.authentication import Actor
from server.kernel.events import Audience, EventType, Level, Reading, StreamKind, Subject
from server.kernel.wire.errors import NotFound, Refusal
from team.conversations import access, summaries
from team.conversations.models import Member
from team.conversations.queries import message_views, restricted
from team.conversations.wire import (
    ConversationOpened,
    ConversationUpdated,
    InboxConversationAdded,
    InboxConversationHidden,
    InboxConversationRemoved,
    InboxConversationRequested,
    MemberAdded,
    MemberAsked,
    MemberRemoved,
    MemberRoleChanged,
    MessageEvent,
    MessageView,
)
from team.conversations.wire_cases import CaseEvent


def _messages(ids: Collection[UUID], level: Level) -> dict[UUID, MessageView]:
    rows = summaries.messages(ids)
    return {view.id: view for view in message_views(rows, {row.conversation_id: 1 for row in rows})}


MESSAGE = Subject(_messages)
"""A message as it is now."""


def _restrict(event: MessageEvent, visible_from: int) -> MessageEvent:
    shown = restricted(event.message, visible_from)
    return event if shown is event.message else type(event)(message=shown)


def _of_message(event: type[MessageEvent]) -> EventType[MessageView]:
    return EventType(event, MESSAGE, lambda message: event(message=message), _restrict)


EVENTS: list[EventType[Any]] = [
    *(_of_message(event) for event in MessageEvent.__subclasses__()),
    EventType(ConversationOpened),
    EventType(MemberAdded),
    EventType(MemberAsked),
    EventType(MemberRemoved),
    EventType(MemberRoleChanged),
    EventType(ConversationUpdated),
    *(EventType(event) for event in CaseEvent.__subclasses__()),
    EventType(InboxConversationAdded),
    EventType(InboxConversationRemoved),
    EventType(InboxConversationHidden),
    EventType(InboxConversationRequested),
]


def _readings(asked: Sequence[tuple[Actor, UUID]]) -> list[Reading | Refusal]:
    return [
        NotFound() if visible_from is None else Reading("full", visible_from)
        for visible_from in access.visible_from(asked)
    ]


def _audience(conversations: Collection[UUID]) -> dict[UUID, Audience]:
    """Its members now, each with the first number they may see."""
    found: dict[UUID, dict[UUID, int]] = {wanted: {} for wanted in conversations}
    rows = Member.objects.filter(conversation__in=conversations, ended_at=None)
    for conversation, person, visible_from in rows.values_list("conversation", "person", "visible_from"):
        found[conversation][person] = visible_from
    return {conversation: Audience(readers) for conversation, readers in found.items()}


CONVERSATION = StreamKind("c", _readings, _audience)
