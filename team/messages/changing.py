"""Editing and deleting one's own messages, with a trace that everybody sees."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from server.kernel import paging, vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Conflict, Forbidden, InvalidState
from team.conversations import access as conversations_access
from team.conversations.access import LockedConversation
from team.conversations.models import Member, Message, MessageVersion
from team.conversations.queries import message_views
from team.conversations.wire import MessageDeleted, MessageEdited, MessageEvent
from team.files.models import Holding
from team.messages.actions import require_fits
from team.messages.refusals import TooLate, TooManyEdits
from team.messages.wire import (
    EDITS,
    UNDO_SECONDS,
    DeleteMessage,
    EditMessage,
    GetMessageVersions,
    MessageResult,
    MessageVersions,
    VersionView,
)

UNDO_WITHIN = timedelta(seconds=UNDO_SECONDS + 10)
"""For how long a message may be undone: a slow line is no reason to leave it."""


def edit_message(actor: Actor, command: EditMessage, tx: Transaction) -> MessageResult:
    """Changes the text of the caller's own message, and keeps what it said before."""
    conversation, message = _own(actor, command.message, tx, "edited")
    if message.deleted_at is not None:
        raise InvalidState("This message is deleted: write another one.")
    key = stream_name("c", conversation.id)
    before = vault.keys_for_reading([key]).open(key, message.sealed_body, str(message.id))
    if before == command.body.encode():
        return _shown(message)  # Sent again, or nothing to change.
    conversation.require_reachable(actor)
    if command.base is not None and command.base != (message.edited_at or message.at):
        raise Conflict("This message was edited on another device: read it again.")
    _require_in_time(message, tx, settings.RELAIS_MESSAGE_EDIT_SECONDS)
    require_fits(command.body)
    edits = message.versions.count()
    if edits >= EDITS:
        raise TooManyEdits(EDITS)
    sealing = vault.keys_for_sealing([key])[key]
    if before is not None:
        sealed = sealing.seal(before, f"{message.id}/{edits}")
        MessageVersion.objects.create(message=message, number=edits, sealed_body=sealed, until=tx.now)
    message.sealed_body, message.edited_at = sealing.seal(command.body.encode(), str(message.id)), tx.now
    message.save(update_fields=["sealed_body", "edited_at"])
    return _tell(conversation, message, MessageEdited, tx)


def delete_message(actor: Actor, command: DeleteMessage, tx: Transaction) -> MessageResult:
    """Erases the caller's own message for everybody; its place stays, and says so unless it is undone in time."""
    conversation, message = _own(actor, command.message, tx, "deleted")
    if message.deleted_at is not None:
        return _shown(message)
    _require_in_time(message, tx, settings.RELAIS_MESSAGE_DELETE_SECONDS)
    message.undone = command.undo and tx.now - message.at <= UNDO_WITHIN and not _read_by_others(message)
    message.sealed_body, message.deleted_at, message.reacted = b"", tx.now, 0
    message.save(update_fields=["sealed_body", "deleted_at", "undone", "reacted"])
    message.versions.all().delete()
    message.reactions.all().delete()
    Holding.objects.filter(kind=conversations_access.MESSAGE_FILES, subject=message.id).delete()
    return _tell(conversation, message, MessageDeleted, tx)


def versions(actor: Actor, command: GetMessageVersions, tx: Transaction) -> MessageVersions:
    """What a message said before, for whoever may read it now."""
    message = conversations_access.message(actor, command.message)
    key = stream_name("c", message.conversation_id)
    keys = vault.keys_for_reading([key])
    found = []
    rows = message.versions.order_by("-number")
    for version in rows if command.before is None else rows.filter(number__lt=command.before):
        body = keys.open(key, version.sealed_body, f"{message.id}/{version.number}")
        found.append(
            VersionView(number=version.number, body=(body or b"").decode(), until=version.until, erased=body is None)
        )
    shown = paging.fitting(found)
    return MessageVersions(versions=shown, more=len(shown) < len(found))


def _own(actor: Actor, wanted: UUID, tx: Transaction, change: str) -> tuple[LockedConversation, Message]:
    """The caller's own message, under the lock of its conversation."""
    conversation, message = conversations_access.lock_message(actor, wanted, tx, "post")
    if message.author_id != actor.person:
        raise Forbidden(f"A message is {change} by its author alone: answer it instead.")
    if message.referral is not None:
        raise InvalidState(f"This message stands for a referral and is not {change}: cancel the appointment instead.")
    return conversation, message


def _require_in_time(message: Message, tx: Transaction, seconds: int) -> None:
    if seconds and tx.now - message.at > timedelta(seconds=seconds):
        raise TooLate(seconds)


def _read_by_others(message: Message) -> bool:
    """Whether anybody who could see the message has read up to it, whether or not they are still a member."""
    others = Member.objects.filter(conversation=message.conversation_id).exclude(person=message.author_id)
    return others.filter(visible_from__lte=message.seq, read__gte=message.seq).exists()


def _tell(
    conversation: LockedConversation, message: Message, event: type[MessageEvent], tx: Transaction
) -> MessageResult:
    shown = _shown(message)
    stream = stream_name("c", conversation.id)
    tx.record([Draft(stream, event(message=shown.message), conversation.readers, subject=message.id)])
    return shown


def _shown(message: Message) -> MessageResult:
    """The message as its author sees it: with what it replies to, which they saw when they wrote it."""
    [view] = message_views([message], {message.conversation_id: 1})
    return MessageResult(message=view)
