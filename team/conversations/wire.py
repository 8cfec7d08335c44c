"""Commands, events and views of conversations."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.accounts.wire import BadgeView
from identity.contacts.refusals import AsksFirst, Blocked, TooManyContacts
from server.kernel.wire import NO_NUL, Command, Cursor, Done, Event, Id, Instant, Line, NewId, Page, View
from team.conversations.refusals import AsksHere, Declined, LastResponsible, TooManyGroups
from team.conversations.wire_case_views import CaseView, NewCase
from team.files.wire import FileView


class InboxConversationAdded(Event):
    """The person is now a member of a conversation: its stream is theirs to follow."""

    type = "conversation.added"
    stream = "i"

    conversation: Id


class InboxConversationRemoved(Event):
    """The person is no longer a member: clients erase what they hold of the conversation."""

    type = "conversation.removed"
    stream = "i"

    conversation: Id


class InboxConversationRequested(Event):
    """Somebody whom the person hardly knows put them into a group: they accept or decline, and are no member yet."""

    type = "conversation.requested"
    stream = "i"

    conversation: Id


class InboxConversationHidden(Event):
    """The person put a conversation away on one of their devices, when this was its last number."""

    type = "conversation.hidden"
    stream = "i"

    conversation: Id
    upto: int


GROUP_LIMIT = 500
"""Members of one conversation, at most."""
GROUPS_A_DAY = 50
"""Groups and cases that one person may open in 24 hours."""
SUMMARY_MEMBERS = 4
"""Members that a summary shows, at most."""
EXCERPT_BYTES = 200
"""What a summary shows of the last message, in UTF-8."""
BODY_CHARACTERS = 20_000
BODY_BYTES = 48 * 1024
"""What a message's text may measure: in characters, and in UTF-8. Longer text is sent as a file."""

Kind: TypeAlias = Literal["direct", "group", "case"]
Role: TypeAlias = Literal["owner", "member"]
Body: TypeAlias = Annotated[
    str, msgspec.Meta(min_length=1, max_length=BODY_CHARACTERS, pattern=NO_NUL, extra={"typed": "body"})
]
Position: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""A number in a stream."""


class MemberView(View):
    """A member of a conversation; ``read`` is how far they have read. It never lies before the reader's ``from``."""

    person: Id
    role: Role
    name: str
    verified: bool
    function: str
    profession: str | None = None
    speciality: str | None = None
    read: int = 0
    badge: BadgeView | None = None


class AskedView(View):
    """Somebody who was put into a group by a stranger and has not accepted: they read nothing of it."""

    person: Id
    name: str
    by: Id


class GroupRequestView(View):
    """A group that waits for the caller's consent: nothing that was written in it is shown before."""

    conversation: Id
    at: Instant
    by: Id
    by_name: str
    member_count: int
    title: str | None = None
    profession: str | None = None
    speciality: str | None = None
    badge: BadgeView | None = None


Emoji: TypeAlias = Literal["👍", "✅", "👀", "❤️", "❓"]
"""What one may think of a message: agreed, done, looking into it, thanks, unclear. Clients show each with its word, so
that all understand the same by it."""
REACTION_PEOPLE = 50
"""People that are named of one kind of reaction, at most."""


class ReactionView(View):
    """Everybody who reacted to a message in this way: how many, and the first 50 of them."""

    emoji: Emoji
    count: int
    people: list[Id]


class MessageView(View):
    """A message as it is now. A deleted one keeps its place and loses its body.

    ``reply_to`` and its number, ``reply_seq``, are left out when they lie before the reader's ``from``. ``erased``: the
    text is erased or can no longer be opened; ``body`` is then empty. ``truncated``: ``body`` is only the beginning of
    the text, as in the ``last`` message of a summary. ``attached`` counts the files; ``attachments`` shows them as they
    are now, in the order in which they were sent, everywhere but in a summary. A deleted or erased message has none.
    ``undone``: its author took it back before anybody had read it; it is ``deleted_at`` too, and clients show nothing
    in its place. ``reactions``, the first kind first, stand everywhere but in a summary.
    """

    id: Id
    conversation: Id
    seq: int
    author: Id
    body: str
    at: Instant
    attachments: list[FileView] = msgspec.field(default_factory=list)
    attached: int = 0
    reply_to: Id | None = None
    reply_seq: int | None = None
    referral: Id | None = None
    edited_at: Instant | None = None
    deleted_at: Instant | None = None
    erased: bool = False
    truncated: bool = False
    undone: bool = False
    reactions: list[ReactionView] = msgspec.field(default_factory=list)


class ConversationView(View):
    """A conversation for one of its members. ``abilities`` says what they may do: clients never work it out again.

    ``from`` is the first number that the reader may see; absent, they may see everything. It belongs to the membership
    that they have now: what they saw in an earlier one, before they left or were removed, is not shown again. What lies
    before it is neither a gap nor unread. ``organisation`` is the one its opener acted for. ``erased``: its title is
    erased or can no longer be opened.

    A summary, as ``hello`` and ``conversation.list`` give it, shows at most four ``members`` of ``member_count`` (the
    author of the last message among them) and at most 200 bytes of the ``last`` message. ``added_by`` is who made the
    reader a member of a group, unless they did so themselves. In full it shows all members, or as many as fit into
    256 KiB.

    ``hidden``: the reader put the conversation away when this was its last number; clients list it again once ``head``
    is beyond. ``blocked``: the reader blocks the other person of a conversation of two, and unblocks them to write.
    ``asked``, where it is shown in full: at most 100 people who were asked into the group and have not accepted.
    """

    id: Id
    kind: Kind
    members: list[MemberView]
    head: int
    read: int
    unread: int
    abilities: list[str]
    from_: int = msgspec.field(default=1, name="from")
    title: str | None = None
    last: MessageView | None = None
    organisation: Id | None = None
    erased: bool = False
    member_count: int = 0
    added_by: Id | None = None
    hidden: int | None = None
    blocked: bool = False
    asked: list[AskedView] = msgspec.field(default_factory=list)
    case: CaseView | None = None


class ConversationResult(View):
    conversation: ConversationView


class OpenConversation(Command[ConversationResult]):
    """Opens a conversation. Of the same two people there is one direct conversation: it is the answer, if it exists.

    One person may open 50 groups and cases in 24 hours. To be in a group opened by a stranger (of no organisation of
    theirs, to whom they never wrote and whose request they did not accept) somebody accepts it first: until then they
    are ``asked``, and no member. 100 people are asked in 24 hours.

    A ``case`` has a title and its question, which is put to the members named; it may name a patient whose record the
    caller may open. One that is put to a single person reaches them as a direct conversation does.
    """

    method = "conversation.open"
    refuses = (Declined, TooManyGroups, TooManyContacts, AsksFirst, Blocked)
    ordered_by = "id"
    added = ("case",)

    id: NewId
    kind: Kind
    members: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=GROUP_LIMIT)]
    title: Line | None = None
    case: NewCase | None = None


class GetConversation(Command[ConversationResult]):
    method = "conversation.get"

    conversation: Id


class Conversations(View):
    """A page of summaries, the latest activity first: as many as fit into 256 KiB. ``cursor`` when there are more."""

    conversations: list[ConversationView]
    cursor: str | None = None


class ListConversations(Command[Conversations]):
    method = "conversation.list"

    limit: Page = 50
    cursor: Cursor | None = None


class AddMember(Command[ConversationResult]):
    """Adds a verified person to a group; adding a member again changes nothing.

    They see the conversation from here on; with ``history``, as much of it as the member who adds them. Nothing of it
    is unread. Somebody who was a member before starts anew. To whom the caller is a stranger is asked first, as when a
    group is opened; what is written meanwhile is unread when they accept.
    """

    method = "conversation.add"
    refuses = (Declined, TooManyContacts, AsksFirst, Blocked)

    conversation: Id
    person: Id
    history: bool = False


class RemoveMember(Command[ConversationResult]):
    """Removes somebody from a group, at once on all their devices; whoever was asked is not asked any more. Removing
    them again changes nothing."""

    method = "conversation.remove"

    conversation: Id
    person: Id


class SetRole(Command[ConversationResult]):
    """Lets a member look after a group or a case too, or no longer. The same role again changes nothing.

    Somebody always looks after it: the last one first names another (``last_responsible``). When they leave, the eldest
    member does.
    """

    method = "conversation.role"
    refuses = (LastResponsible,)

    conversation: Id
    person: Id
    role: Role


class GroupRequests(View):
    """The last 100, the newest first."""

    requests: list[GroupRequestView]


class ListGroupRequests(Command[GroupRequests]):
    """The groups into which strangers put the caller, and which wait for their answer."""

    method = "conversation.requests"


class AcceptGroup(Command[ConversationResult]):
    """The caller accepts to be in a group, and sees it from when they were put into it."""

    method = "conversation.accept"

    conversation: Id


class DeclineGroup(Command[Done]):
    """The caller does not want to be in a group: it stays silent for them. Its members are not told; whoever put them
    into it cannot put them into a group again, until they open a conversation with that person themselves."""

    method = "conversation.decline"

    conversation: Id


class HideConversation(Command[ConversationResult]):
    """Puts a conversation away: it is not listed until something new happens in it. Nobody else is told, and nothing
    of it is lost; it can be found and opened."""

    method = "conversation.hide"

    conversation: Id


class LeaveConversationResult(View):
    conversation: Id


class LeaveConversation(Command[LeaveConversationResult]):
    """The caller leaves a group or a case; what they wrote stays. Whoever asks in a case that is not closed hands it
    over first (``asks_here``).

    With ``decline``, whoever added them (``added_by``) cannot add them to a group again, until they open a conversation
    with that person themselves.
    """

    method = "conversation.leave"
    refuses = (AsksHere,)

    conversation: Id
    decline: bool = False


class UpdateConversation(Command[ConversationResult]):
    """Gives a group another title."""

    method = "conversation.update"

    conversation: Id
    title: Line


class MessageEvent(Event):
    """Something happened to a message. It is shown with the message as it is when the event is read."""

    stream = "c"

    message: MessageView


class MessageSent(MessageEvent):
    type = "message.sent"


class MessageEdited(MessageEvent):
    """Its author changed its text."""

    type = "message.edited"


class MessageDeleted(MessageEvent):
    """Its author deleted it: clients erase what they hold of it."""

    type = "message.deleted"


class MessageReacted(MessageEvent):
    """Somebody reacted to it, or takes a reaction back."""

    type = "message.reacted"


class MessageFilesChecked(MessageEvent):
    """A file of the message was checked: it can be opened now, or was refused."""

    type = "message.files_checked"


class ConversationOpened(Event):
    type = "conversation.opened"
    stream = "c"

    by: Id
    members: list[Id]
    title: str | None = None


class MemberAdded(Event):
    type = "member.added"
    stream = "c"

    person: Id
    by: Id


class MemberAsked(Event):
    """Somebody was put into the group by a stranger: they are no member until they accept (``member.added``)."""

    type = "member.asked"
    stream = "c"

    person: Id
    by: Id


class MemberRemoved(Event):
    """Somebody was removed, or left (then ``by`` is themselves)."""

    type = "member.removed"
    stream = "c"

    person: Id
    by: Id


class MemberRoleChanged(Event):
    """Somebody looks after the conversation now, or no longer; ``by`` may be one who left, and was the last to do so.

    What the reader may do has changed when it is they: ``conversation.get`` says it.
    """

    type = "member.role_changed"
    stream = "c"

    person: Id
    role: Role
    by: Id


class ConversationUpdated(Event):
    type = "conversation.updated"
    stream = "c"

    title: str
    by: Id
