"""The only way to a conversation, its members or its messages: each function returns them or refuses.

A conversation of which the caller is not a member is ``not_found``, in the same words as one that does not exist.
What a member may see but not do is ``forbidden``.

To read, ask for the caller's ``membership``. To record or to signal anything, ``lock`` the conversation: nothing else
says who its members are for that purpose, and there is no way to it but through the lock of the stream. A removal that
was committed first is therefore seen, and one that comes later finds the event numbered and already addressed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from identity.accounts.access import GONE, verified
from identity.contacts.access import BLOCKS
from identity.contacts.refusals import Blocked, Unreachable
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.events import Readers
from server.kernel.pg_arrays import uuids
from server.kernel.statements import Statement
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Forbidden, NotFound
from team.conversations.models import Conversation, Member, Message

Ability = Literal[
    "read", "post", "hide", "leave", "add", "remove", "update", "role", "close", "reopen", "turn", "handover"
]

IN_CASES: list[Ability] = ["close", "reopen", "turn", "handover"]
"""What every member of a case may do, as the state of the case allows: see ``abilities``."""

ABILITIES: dict[tuple[str, str], list[Ability]] = {
    ("direct", "owner"): ["read", "post", "hide"],
    ("direct", "member"): ["read", "post", "hide"],
    ("group", "member"): ["read", "post", "hide", "leave"],
    ("group", "owner"): ["read", "post", "hide", "leave", "add", "remove", "update", "role"],
    ("case", "member"): ["read", "post", "hide", "leave", "add", *IN_CASES],
    ("case", "owner"): ["read", "post", "hide", "leave", "add", "remove", "update", "role", *IN_CASES],
}
"""By kind of conversation and role in it; it travels with the view, so that clients never work it out again."""


def abilities(kind: str, role: str, case: str | None = None) -> list[str]:
    """What a member may do now; ``case`` is the state of a case. Only a closed one is reopened, nothing else of it is
    done."""
    found = ABILITIES[(kind, role)]
    if case is None:
        return list(found)
    not_now = {"close", "turn", "handover"} if case == "closed" else {"reopen"}
    return [one for one in found if one not in not_now]


CURRENT = "member.ended_at IS NULL"
"""Who is a member now: the condition on a table ``member``, for written statements."""
OTHER = (
    "SELECT other.person_id FROM team_member other WHERE other.conversation_id = member.conversation_id"
    " AND other.person_id <> member.person_id AND other.ended_at IS NULL LIMIT 1"
)
"""Who else is in a conversation of two, beside a table ``member``, for written statements."""
VISIBLE = "message.seq >= {}.visible_from"
"""What a membership shows: the condition on a table ``message`` and the one named, for written statements."""


class Membership(NamedTuple):
    """What a current member may do and see, as one row of a frequent query."""

    kind: str
    role: str
    read: int
    visible_from: int
    """The first number of the stream that they may see."""
    blocks: bool
    """In a conversation of two: whether they block the other."""
    gone: bool
    """In a conversation of two: whether they can no longer be reached on Relais."""


def memberships(actor: Actor) -> QuerySet[Member]:
    """The caller's current memberships, each with its conversation."""
    return Member.objects.filter(person=verified(actor), ended_at=None).select_related("conversation")


def membership(actor: Actor, wanted: UUID, to: Ability = "read") -> Member:
    """The caller's current membership of a conversation in which they may do this. Nothing is locked: for reading."""
    found = memberships(actor).filter(conversation=wanted).first()
    if found is None:
        raise NotFound
    _require_ability(found.conversation.kind, found.role, to)
    return found


_VISIBLE_FROM = Statement(
    "SELECT asked.nth, member.visible_from FROM unnest(%b::uuid[], %b::uuid[])"  # noqa: S608  (a fragment of this module)
    " WITH ORDINALITY AS asked (person, conversation, nth) JOIN team_member member"
    f" ON member.person_id = asked.person AND member.conversation_id = asked.conversation AND {CURRENT}"
)


def visible_from(asked: Sequence[tuple[Actor, UUID]]) -> list[int | None]:
    """For each caller the first number that they may see of a conversation; None when they are no member of it. One
    statement, written out: it runs for every ``sync``."""
    people, conversations = uuids(verified(actor) for actor, _ in asked), uuids(wanted for _, wanted in asked)
    found: dict[int, int] = dict(_VISIBLE_FROM.send(people, conversations)())
    return [found.get(nth) for nth in range(1, len(asked) + 1)]


def messages(mine: Member) -> QuerySet[Message]:
    """The messages that a membership of the caller shows: none from before ``visible_from``."""
    return Message.objects.filter(conversation=mine.conversation_id, seq__gte=mine.visible_from)


def message(actor: Actor, wanted: UUID) -> Message:
    """One message that the caller may read now. Nothing is locked: for reading."""
    mine = _membership_of_reader(actor, wanted)
    found = None if mine is None else messages(mine).filter(pk=wanted).first()
    if found is None:
        raise NotFound
    return found


def lock_message(actor: Actor, wanted: UUID, tx: Transaction, to: Ability) -> tuple[LockedConversation, Message]:
    """One message that the caller may see, with its conversation under its lock, in which they may do this."""
    mine = _membership_of_reader(actor, wanted)
    if mine is None:
        raise NotFound
    conversation = lock_one(actor, mine.conversation_id, tx, to)
    first = conversation.members[actor.person].visible_from
    found = Message.objects.filter(pk=wanted, conversation=conversation.id, seq__gte=first).first()
    if found is None:
        raise NotFound
    return conversation, found


def _membership_of_reader(actor: Actor, wanted: UUID) -> Member | None:
    return memberships(actor).filter(conversation__messages=wanted).first()


MESSAGE_FILES = "message"
"""The kind under which messages hold their files."""


def messages_holding_files(actor: Actor, wanted: Collection[UUID]) -> set[UUID]:
    """Of these messages those that the caller may read now, and with them their files: as a current member, from the
    first number on that they may see, and while the message is not deleted."""
    mine = Member.objects.filter(
        person=verified(actor),
        ended_at=None,
        conversation=OuterRef("conversation"),
        visible_from__lte=OuterRef("seq"),
    )
    found = Message.objects.filter(Exists(mine), pk__in=wanted, deleted_at=None)
    return set(found.values_list("pk", flat=True))


def direct_conversation(actor: Actor, other: UUID) -> Conversation | None:
    """The direct conversation of the caller and ``other``, if there is one. Nobody can leave it."""
    verified(actor)
    return Conversation.objects.filter(pair=pair(actor, other)).first()


def met(actor: Actor, other: UUID) -> bool:
    """Whether a conversation of the caller's shows them ``other``: a member now, or one who left after the caller came,
    or whose messages from before they may read. One statement."""
    seen = (
        Q(conversation__members__ended_at=None)
        | Q(conversation__members__ended_at__gt=F("joined_at"))
        | Q(visible_from=1)
    )
    return memberships(actor).filter(seen, conversation__members__person=other).exists()


def direct_conversations(wanted: Iterable[tuple[Actor, UUID]]) -> dict[str, UUID]:
    """The direct conversations that these callers have with these others, by their ``pair``. One query."""
    pairs = {pair(actor, other) for actor, other in wanted}
    found = Conversation.objects.filter(pair__in=pairs).values_list("pair", "pk")
    return {known: conversation for known, conversation in found if known is not None}


def pair(actor: Actor, other: UUID) -> str:
    """What a direct conversation of the caller and ``other`` is kept under: one for both directions."""
    return ":".join(sorted((str(actor.person), str(other))))


def current_members(conversations: Collection[UUID], people: Iterable[UUID | None]) -> set[tuple[UUID, UUID]]:
    """Which of these people are members of which of these conversations at this moment: pairs, conversation first.

    Nothing is locked: it is enough to refuse early or to prepare, and never to write. One query.
    """
    found = Member.objects.filter(conversation__in=conversations, person__in=people, ended_at=None)
    return set(found.values_list("conversation", "person"))


@dataclass(frozen=True, slots=True)
class LockedConversation:
    """A conversation whose stream this transaction has locked: until it ends, nobody comes, goes or writes.

    One that does not exist looks like one without members.
    """

    id: UUID
    stream: str
    head: int
    """The number of the last event."""
    members: Mapping[UUID, Membership]
    readers: Readers
    """Who is sent what is recorded now."""

    def require(self, actor: Actor, to: Ability) -> Membership:
        """The caller's membership, when they may do this."""
        found = self.members.get(verified(actor))
        if found is None:
            raise NotFound
        _require_ability(found.kind, found.role, to)
        return found

    def require_reachable(self, actor: Actor) -> None:
        """Returns when what the caller writes reaches somebody. In a conversation of two the other must be on Relais
        and block nobody here; in a group everybody reads everybody.

        Who blocks the caller and who is not on Relais any more are one answer: neither is told.
        """
        mine = self.members[actor.person]
        if mine.kind != "direct":
            return
        if mine.blocks:
            raise Blocked
        if any(one.blocks or one.gone for person, one in self.members.items() if person != actor.person):
            raise Unreachable

    def audience(self, seq: int | None = None) -> list[UUID]:
        """Who is sent a signal: everybody, or of what concerns a number those who may see that number."""
        return [person for person, first in self.readers.items() if seq is None or first <= seq]


_MEMBERS = Statement(
    "SELECT asked.nth, member.person_id, conversation.kind, member.role, member.read, member.visible_from,"  # noqa: S608
    f" conversation.kind = 'direct' AND {BLOCKS.format('member.person_id', f'({OTHER})')},"
    f" conversation.kind = 'direct' AND {GONE.format('member.person_id')}"
    " FROM unnest(%b::uuid[]) WITH ORDINALITY AS asked (id, nth)"
    " CROSS JOIN LATERAL (SELECT kind FROM team_conversation WHERE id = asked.id LIMIT 1) conversation"
    " CROSS JOIN LATERAL (SELECT * FROM team_member member WHERE member.conversation_id = asked.id"
    f" AND {CURRENT} OFFSET 0) member"
)
"""Looked up one conversation after the other: the plan is the same whatever is known of the tables' sizes."""


def lock_openings(actor: Actor) -> None:
    """Until the transaction ends nobody else opens a group, or adds to one, as the caller: how many they opened, and
    how many strangers they asked, can be counted. Before any stream is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"openings {verified(actor)}"])


class LockedConversations:
    """The conversations of a batch, under the locks of their streams. Made by ``lock`` alone.

    Membership is asked for when it is made, that is after the locks, and fetched when it is first looked at: in a
    pipeline other questions go out in between.
    """

    def __init__(self, tx: Transaction, wanted: Collection[UUID], streams: Iterable[str], *, shared: bool) -> None:
        self._wanted = {one: stream_name("c", one) for one in wanted}
        self._heads = tx.lock_streams({*self._wanted.values(), *streams}, shared=shared)
        self._rows = _MEMBERS.send(uuids(self._wanted))
        self._found: dict[UUID, LockedConversation] | None = None

    def __getitem__(self, wanted: UUID) -> LockedConversation:
        if self._found is None:
            # Not a cached_property: until Python 3.12 all threads share its lock, and here they wait for each other's
            # rows while they hold it.
            self._found = self._fetch()
        return self._found[wanted]

    def _fetch(self) -> dict[UUID, LockedConversation]:
        members: list[dict[UUID, Membership]] = [{} for _ in self._wanted]
        readers: list[dict[UUID, int]] = [{} for _ in self._wanted]
        for nth, person, *granted in self._rows():
            members[nth - 1][person] = found = Membership(*granted)
            readers[nth - 1][person] = found.visible_from
        heads = self._heads()
        return {
            wanted: LockedConversation(wanted, stream, heads.get(stream, 0), those, them)
            for (wanted, stream), those, them in zip(self._wanted.items(), members, readers, strict=True)
        }

    def messages(self, ids: Collection[UUID]) -> QuerySet[Message]:
        """Those of these messages that stand in the locked conversations; who may see which is for ``require``."""
        return Message.objects.filter(pk__in=ids, conversation__in=self._wanted)


def lock(
    tx: Transaction, wanted: Collection[UUID], streams: Iterable[str] = (), *, shared: bool = False
) -> LockedConversations:
    """Locks the streams of conversations, and other ``streams`` that the transaction will record in, and only then
    reads who the members are. Once in a transaction, after the rows of other rooms are locked.

    A ``shared`` lock is for what only signals: it keeps everybody who writes out, and nobody who reads.
    """
    return LockedConversations(tx, wanted, streams, shared=shared)


def lock_one(
    actor: Actor,
    wanted: UUID,
    tx: Transaction,
    to: Ability,
    streams: Iterable[str] = (),
    *,
    shared: bool = False,
) -> LockedConversation:
    """One conversation under its lock, in which the caller may do this."""
    found = lock(tx, [wanted], streams, shared=shared)[wanted]
    found.require(actor, to)
    return found


def _require_ability(kind: str, role: str, to: Ability) -> None:
    if to not in ABILITIES[(kind, role)]:
        raise Forbidden("Only somebody who looks after this conversation may do this: ask one of them.")
