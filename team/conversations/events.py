"""What happens in conversations, ``c:<conversation>``, and what of it concerns a person's inbox, ``i:<person>``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from server.kernel.authentication import Actor
from server.kernel.events import EventType, Level, StreamKind, Subject
from team.conversations import access
from team.conversations.models import Message
from team.conversations.queries import message_views
from team.conversations.wire import (
    ConversationOpened,
    ConversationUpdated,
    InboxConversationAdded,
    InboxConversationRemoved,
    MemberAdded,
    MemberRemoved,
    MessageEvent,
    MessageView,
)


def _messages(ids: Collection[UUID], level: Level) -> dict[UUID, MessageView]:
    return {view.id: view for view in message_views(Message.objects.filter(pk__in=ids))}


MESSAGE = Subject(_messages)
"""A message as it is now."""


def _of_message(event: type[MessageEvent]) -> EventType[MessageView]:
    return EventType(event, MESSAGE, lambda message: event(message=message))


EVENTS: list[EventType[Any]] = [
    *(_of_message(event) for event in MessageEvent.__subclasses__()),
    EventType(ConversationOpened),
    EventType(MemberAdded),
    EventType(MemberRemoved),
    EventType(ConversationUpdated),
    EventType(InboxConversationAdded),
    EventType(InboxConversationRemoved),
]


def _level(actor: Actor, conversation: UUID) -> Level:
    access.conversation(actor, conversation)
    return "full"


def _audience(conversations: Collection[UUID]) -> dict[UUID, Collection[UUID]]:
    return {wanted: list(members) for wanted, members in access.members(conversations).items()}


CONVERSATION = StreamKind("c", _level, _audience)
