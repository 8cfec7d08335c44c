"""Commands, signals and views of messages."""

from __future__ import annotations

import msgspec

from identity.accounts.wire import BadgeView
from identity.contacts.refusals import Blocked, Unreachable
from server.kernel.wire import Command, Id, Instant, NewId, Page, Signal, View
from team.conversations.wire import Body, Emoji, MessageView, Position
from team.files.refusals import FileGone, FileRefused, UploadUnfinished
from team.files.wire import Attachments
from team.messages.refusals import TooLate, TooManyEdits


class SendMessageResult(View):
    message: MessageView


class SendMessage(Command[SendMessageResult]):
    """Adds a message to the end of the conversation. The answer comes after it is durable.

    ``reply_to`` names a message of the same conversation that the author may see. In a conversation of two it is
    ``blocked`` for whom the author blocks, and ``unreachable`` when the other is not on Relais for them.

    ``attachments`` are files that the author uploads and nothing holds yet, or that they may read elsewhere; each may
    still be on its way through the checks. With files the text may be left out.
    """

    method = "message.send"
    refuses = (Blocked, Unreachable, FileGone, UploadUnfinished, FileRefused)
    added = ("attachments",)

    id: NewId
    conversation: Id
    body: Body = ""
    reply_to: Id | None = None
    attachments: Attachments = msgspec.field(default_factory=list)


EDITS = 20
"""How often one message may be changed."""
UNDO_SECONDS = 10
"""For how long clients offer to undo a message that was sent."""


class MessageResult(View):
    """The message as it is now."""

    message: MessageView


class EditMessage(Command[MessageResult]):
    """Changes the text of a message of the caller's. Everybody sees that it was edited, and in ``message.versions``
    what it said before. The text that it has already changes nothing.

    It may be done for ``edit_seconds`` of the limits in ``hello`` (``too_late`` after that), and 20 times. ``base`` is
    the ``edited_at`` that the caller has seen, or ``at`` when there was none: when the message was edited since, it is
    a ``conflict``. A message that is deleted, or stands for a referral, is not edited (``invalid_state``).
    """

    method = "message.edit"
    refuses = (Blocked, Unreachable, TooLate, TooManyEdits)
    ordered_by = "message"

    message: Id
    body: Body
    base: Instant | None = None


class DeleteMessage(Command[MessageResult]):
    """Deletes a message of the caller's for everybody: its text, what it said before and its files are erased, and its
    place says so. Deleting it again changes nothing.

    It may be done for ``delete_seconds`` of the limits in ``hello`` (``too_late`` after that). A message that stands
    for a referral is not deleted (``invalid_state``): the appointment is cancelled instead.

    With ``undo``, within seconds after it was sent, nothing of it is shown (``undone``), unless somebody has read it:
    then its place says that it was deleted.
    """

    method = "message.delete"
    refuses = (TooLate,)
    ordered_by = "message"

    message: Id
    undo: bool = False


class ReactToMessage(Command[MessageResult]):
    """Says what the caller thinks of a message, in one sign; several kinds may stand beside each other, each once. The
    same one again changes nothing. There is no reaction to a deleted message (``invalid_state``)."""

    method = "message.react"
    refuses = (Blocked, Unreachable)
    ordered_by = "message"

    message: Id
    emoji: Emoji


class TakeReactionBack(Command[MessageResult]):
    """Takes a reaction of the caller's back. One that there is not, changes nothing."""

    method = "message.unreact"
    ordered_by = "message"

    message: Id
    emoji: Emoji


class VersionView(View):
    """What a message said until ``until``; versions are numbered from 0. ``erased``: it can no longer be opened."""

    number: int
    body: str
    until: Instant
    erased: bool = False


class MessageVersions(View):
    """The newest first, as many as fit into 256 KiB; ``more`` when older ones exist."""

    versions: list[VersionView]
    more: bool = False


class GetMessageVersions(Command[MessageVersions]):
    """What a message said before it was edited, for whoever may read it; of the versions before a number, if one is
    named."""

    method = "message.versions"

    message: Id
    before: Position | None = None


class ReaderView(View):
    """Somebody who may read a message. ``at`` is when they did: left out of what was read before Relais kept that, and
    of whoever has not read it. ``former``: they are a member no more."""

    person: Id
    name: str
    function: str
    at: Instant | None = None
    profession: str | None = None
    speciality: str | None = None
    badge: BadgeView | None = None
    former: bool = False


class MessageReceipts(View):
    """Who has read a message, the first of them first, and which members have not, by name; ``more`` when not all fit
    into 256 KiB. Its author is in neither list, nor is whoever may not see it."""

    read: list[ReaderView]
    unread: list[ReaderView]
    more: bool = False


class GetMessageReceipts(Command[MessageReceipts]):
    """Who has read a message and when, for whoever may read it; of a deleted one too.

    Somebody who was added later and may see it has read it once they have read on from there.
    """

    method = "message.receipts"

    message: Id


class ReadMessagesResult(View):
    """Where the caller's read pointer stands now, and what is unread after it."""

    conversation: Id
    read: int
    unread: int


class ReadMessages(Command[ReadMessagesResult]):
    """Moves the caller's read pointer forward, never back, and never past the head."""

    method = "message.read"

    conversation: Id
    seq: Position


class History(View):
    """Messages, the newest first, as many as fit into 256 KiB; ``more`` when older ones exist."""

    messages: list[MessageView]
    more: bool = False


class GetHistory(Command[History]):
    """Messages before a number (the newest when it is left out), none from before the reader's ``from``."""

    method = "message.history"

    conversation: Id
    before: Position | None = None
    limit: Page = 50


TYPING_SECONDS = 6
"""How long a client shows that somebody types, unless another signal comes."""


class TypingResult(View):
    """Sent to the members who are connected; nothing is kept."""


class Typing(Command[TypingResult]):
    """Tells the others that the caller is writing. Clients repeat it every few seconds; it expires after six."""

    method = "typing"
    refuses = (Blocked, Unreachable)

    conversation: Id


class TypingSignal(Signal):
    type = "typing"

    person: Id


class ReadSignal(Signal):
    """Somebody read up to ``seq``: a live receipt. The members' ``read`` says the same, so a lost one does no harm."""

    type = "message.read"

    person: Id
    seq: int
