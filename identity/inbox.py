"""Events of a person's inbox, ``i:<person>``: what changed in which streams are theirs to follow."""

from __future__ import annotations

from uuid import UUID

from identity.wire import InboxConversationAdded, InboxConversationRemoved
from server.streams import Draft
from server.wire import stream_name


def conversation_added(person: UUID, conversation: UUID) -> Draft:
    """Tells somebody that a conversation is now theirs to follow."""
    return Draft(stream_name("i", person), InboxConversationAdded(conversation=conversation), [person])


def conversation_removed(person: UUID, conversation: UUID) -> Draft:
    """Tells somebody's devices to erase what they hold of a conversation."""
    return Draft(stream_name("i", person), InboxConversationRemoved(conversation=conversation), [person])
