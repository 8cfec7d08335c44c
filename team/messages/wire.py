"""Commands, signals and views of messages."""

from __future__ import annotations

from identity.contacts.refusals import Blocked, Unreachable
from server.kernel.wire import Command, Id, NewId, Page, Signal, View
from team.conversations.wire import Body, MessageView, Position


class SendMessageResult(View):
    message: MessageView


class SendMessage(Command[SendMessageResult]):
    """Adds a message to the end of the conversation. The answer comes after it is durable.

    ``reply_to`` names a message of the same conversation that the author may see. In a conversation of two it is
    ``blocked`` for whom the author blocks, and ``unreachable`` when the other is not on Relais for them.
    """

    method = "message.send"
    refuses = (Blocked, Unreachable)

    id: NewId
    conversation: Id
    body: Body
    reply_to: Id | None = None


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
