"""Commands, events and views of conversations."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.wire import Cursor
from server.wire import NO_NUL, Command, Event, Id, Instant, Line, Page, Signal, View

GROUP_LIMIT = 500
"""People in one conversation, at most."""

Kind: TypeAlias = Literal["direct", "group"]
Role: TypeAlias = Literal["owner", "member"]
Body: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
Position: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""A number in a stream."""


class Member(View):
    """Somebody who takes part; ``read`` is how far they have read, when the reader may know it."""

    person: Id
    role: Role
    name: str
    verified: bool
    function: str
    profession: str | None = None
    speciality: str | None = None
    read: int = 0


class MessageView(View):
    """A message as it is now. A deleted one keeps its place and loses its body."""

    id: Id
    conversation: Id
    seq: int
    author: Id
    body: str
    at: Instant
    attachments: list[Id] = msgspec.field(default_factory=list)
    reply_to: Id | None = None
    referral: Id | None = None
    edited_at: Instant | None = None
    deleted_at: Instant | None = None


class ConversationView(View):
    """A conversation for one of its members. ``abilities`` says what they may do: clients never work it out again."""

    id: Id
    kind: Kind
    members: list[Member]
    head: int
    read: int
    unread: int
    abilities: list[str]
    from_: int = msgspec.field(default=1, name="from")
    """The first number of its stream that this person may see."""
    title: str | None = None
    last: MessageView | None = None


class Opened(View):
    conversation: ConversationView


class OpenConversation(Command):
    """Opens a conversation. Of the same two people there is one direct conversation: it is the answer, if it exists."""

    method = "conversation.open"
    result = Opened
    ordered_by = "id"

    id: Id
    kind: Kind
    members: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=GROUP_LIMIT)]
    title: Line | None = None


class GetConversation(Command):
    method = "conversation.get"
    result = Opened

    conversation: Id


class Conversations(View):
    """A page, the most recently active first."""

    conversations: list[ConversationView]
    cursor: str | None = None


class ListConversations(Command):
    method = "conversation.list"
    result = Conversations

    limit: Page = 50
    cursor: Cursor | None = None


class AddMember(Command):
    """Adds a verified person to a group; adding a member again changes nothing."""

    method = "conversation.add"
    result = Opened

    conversation: Id
    person: Id


class RemoveMember(Command):
    """Removes somebody from a group, at once on all their devices. Removing them again changes nothing."""

    method = "conversation.remove"
    result = Opened

    conversation: Id
    person: Id


class Left(View):
    conversation: Id


class LeaveConversation(Command):
    """The caller leaves a group; what they wrote stays."""

    method = "conversation.leave"
    result = Left

    conversation: Id


class UpdateConversation(Command):
    """Gives a group another title."""

    method = "conversation.update"
    result = Opened

    conversation: Id
    title: Line


class Sent(View):
    message: MessageView


class SendMessage(Command):
    """Adds a message to the end of the conversation. The answer comes after it is durable."""

    method = "message.send"
    result = Sent

    id: Id
    conversation: Id
    body: Body
    reply_to: Id | None = None


class ReadUpTo(View):
    """Where the caller's read pointer stands now, and what is unread after it."""

    conversation: Id
    read: int
    unread: int


class ReadMessages(Command):
    """Moves the caller's read pointer forward, never back, and never past the head."""

    method = "message.read"
    result = ReadUpTo

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


class TypingNoted(View):
    """Told to whoever is connected; there is nothing to keep."""


class Typing(Command):
    """Tells the others that the caller is writing. Sent again every few seconds; it lapses by itself after six."""

    method = "typing"
    result = TypingNoted

    conversation: Id


class MessageSent(Event):
    type = "message.sent"

    message: MessageView


class ConversationOpened(Event):
    type = "conversation.opened"

    by: Id
    members: list[Id]
    title: str | None = None


class MemberAdded(Event):
    type = "member.added"

    person: Id
    by: Id


class MemberRemoved(Event):
    """Somebody was removed, or left (then ``by`` is themselves)."""

    type = "member.removed"

    person: Id
    by: Id


class ConversationUpdated(Event):
    type = "conversation.updated"

    title: str
    by: Id


class TypingSignal(Signal):
    type = "typing"

    person: Id


class ReadSignal(Signal):
    """Somebody read up to ``seq``: a live receipt. It is kept in the members' ``read``, so losing one loses nothing."""

    type = "message.read"

    person: Id
    seq: int
