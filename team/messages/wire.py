"""Commands, events and views of conversations."""

from __future__ import annotations

from server.kernel.wire import Command, Id, Page, Signal, View
from team.conversations.wire import Body, MessageView, Position


class SendMessageResult(View):
    message: MessageView


class SendMessage(Command):
    """Adds a message to the end of the conversation. The answer comes after it is durable."""

    method = "message.send"
    result = SendMessageResult

    id: Id
    conversation: Id
    body: Body
    reply_to: Id | None = None


class ReadMessagesResult(View):
    """Where the caller's read pointer stands now, and what is unread after it."""

    conversation: Id
    read: int
    unread: int


class ReadMessages(Command):
    """Moves the caller's read pointer forward, never back, and never past the head."""

    method = "message.read"
    result = ReadMessagesResult

    conversation: Id
    seq: Position


class History(View):
    """Messages, the newest first; ``more`` when older ones exist."""

    messages: list[MessageView]
    more: bool = False


class GetHistory(Command):
    """Messages before a number (the newest when it is left out)."""

    method = "message.history"
    result = History

    conversation: Id
    before: Position | None = None
    limit: Page = 50


TYPING_SECONDS = 6
"""How long a client shows that somebody types, unless it is told again."""


class TypingResult(View):
    """Told to whoever is connected; there is nothing to keep."""


class Typing(Command):
    """Tells the others that the caller is writing. Sent again every few seconds; it lapses by itself after six."""

    method = "typing"
    result = TypingResult

    conversation: Id


class TypingSignal(Signal):
    type = "typing"

    person: Id


class ReadSignal(Signal):
    """Somebody read up to ``seq``: a live receipt. It is kept in the members' ``read``, so losing one loses nothing."""

    type = "message.read"

    person: Id
    seq: int
