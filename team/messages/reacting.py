"""Reactions to messages."""

from __future__ import annotations

from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire.errors import InvalidState
from team.conversations import access as conversations_access
from team.conversations.access import LockedConversation
from team.conversations.models import Message, Reaction
from team.conversations.queries import message_views, restricted
from team.conversations.wire import MessageReacted
from team.messages.wire import MessageResult, ReactToMessage, TakeReactionBack


def react(actor: Actor, command: ReactToMessage, tx: Transaction) -> MessageResult:
    """Adds a reaction of the caller's to a message that they may see."""
    conversation, message = conversations_access.lock_message(actor, command.message, tx, "post")
    if message.deleted_at is not None:
        raise InvalidState("This message is deleted: write to its author instead.")
    conversation.require_reachable(actor)
    _, is_new = Reaction.objects.get_or_create(
        message=message, person_id=actor.person, emoji=command.emoji, defaults={"at": tx.now}
    )
    return _tell(actor, conversation, message, tx, changed=is_new)


def take_back(actor: Actor, command: TakeReactionBack, tx: Transaction) -> MessageResult:
    """Removes a reaction of the caller's, also where nothing can be written any more."""
    conversation, message = conversations_access.lock_message(actor, command.message, tx, "post")
    removed, _ = message.reactions.filter(person=actor.person, emoji=command.emoji).delete()
    return _tell(actor, conversation, message, tx, changed=removed > 0)


def _tell(
    actor: Actor, conversation: LockedConversation, message: Message, tx: Transaction, *, changed: bool
) -> MessageResult:
    """The message as the caller sees it, once everybody is told of what changed."""
    if changed:
        message.reacted = message.reactions.count()
        message.save(update_fields=["reacted"])
    [view] = message_views([message], {conversation.id: 1})
    if changed:
        event = MessageReacted(message=view)
        tx.record([Draft(conversation.stream, event, conversation.readers, subject=message.id)])
    return MessageResult(message=restricted(view, conversation.members[actor.person].visible_from))
