"""Events of a person's inbox, ``i:<person>``, about the conversations that are theirs to follow."""

from __future__ import annotations

from uuid import UUID

from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from team.conversations.wire import (
    InboxConversationAdded,
    InboxConversationHidden,
    InboxConversationRemoved,
    InboxConversationRequested,
)


def stream(person: UUID) -> str:
    """The stream of somebody's inbox."""
    return stream_name("i", person)


def conversation_added(person: UUID, conversation: UUID) -> Draft:
    """Tells somebody that a conversation is now theirs to follow."""
    return Draft(stream(person), InboxConversationAdded(conversation=conversation))


def conversation_removed(person: UUID, conversation: UUID) -> Draft:
    """Tells somebody's devices to erase what they hold of a conversation."""
    return Draft(stream(person), InboxConversationRemoved(conversation=conversation))


def conversation_hidden(person: UUID, conversation: UUID, upto: int) -> Draft:
    """Tells somebody's devices that they put a conversation away."""
    return Draft(stream(person), InboxConversationHidden(conversation=conversation, upto=upto))


def conversation_requested(person: UUID, conversation: UUID) -> Draft:
    """Tells somebody that a group waits for their answer."""
    return Draft(stream(person), InboxConversationRequested(conversation=conversation))
