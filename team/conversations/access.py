"""The only way to a conversation or a message: each function returns it or refuses.

A conversation in which the caller does not take part is ``not_found``, in the same words as one that does not
exist. What a member may see but not do is ``forbidden``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from identity.accounts.access import verified
from server.kernel.authentication import Actor
from server.kernel.pg_arrays import uuids
from server.kernel.wire.errors import Forbidden, NotFound
from team.conversations.models import Conversation, Member, Message

Ability = Literal["read", "post", "leave", "add", "remove", "update"]

ABILITIES: dict[tuple[str, str], list[Ability]] = {
    ("direct", "owner"): ["read", "post"],
    ("direct", "member"): ["read", "post"],
    ("group", "member"): ["read", "post", "leave"],
    ("group", "owner"): ["read", "post", "leave", "add", "remove", "update"],
}
"""By kind of conversation and role in it; it travels with the view, so that clients never work it out again."""


class Membership(NamedTuple):
    """A member's place in a conversation, as one row of the hot path."""

    kind: str
    role: str
    read: int


def conversation(actor: Actor, wanted: UUID, to: Ability = "read", lock: bool = False) -> Conversation:
    """A conversation in which the caller takes part and may do this; locked until the transaction ends if asked.

    The row lock is what makes membership stand still: whoever changes it takes the lock first.
    """
    caller = verified(actor)
    # No key lock: writing a message only needs the row to exist, and must not wait for us while we wait for it.
    rows = Conversation.objects.select_for_update(no_key=True) if lock else Conversation.objects.all()
    found = rows.filter(pk=wanted).first()
    membership = Member.objects.filter(conversation=wanted, person=caller, ended_at=None).first()
    if found is None or membership is None:
        raise NotFound
    if to not in ABILITIES[(found.kind, membership.role)]:
        raise Forbidden("Only somebody who looks after this conversation may do this: ask one of them.")
    return found


def conversations(actor: Actor) -> QuerySet[Conversation]:
    """Every conversation in which the caller takes part."""
    return Conversation.objects.filter(participations__person=verified(actor), participations__ended_at=None)


def members(conversations: Collection[UUID]) -> dict[UUID, dict[UUID, Membership]]:
    """Who takes part in each of these now, one query. For the hot path, which decides on many calls at once: with the
    streams locked, nobody who is removed later hears of what is recorded now, and nobody who was removed posts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place.conversation_id, place.person_id, conversation.kind, place.role, place.read"
            " FROM team_member place JOIN team_conversation conversation"
            " ON conversation.id = place.conversation_id"
            " WHERE place.conversation_id = ANY(%b::uuid[]) AND place.ended_at IS NULL",
            (uuids(conversations),),
        )
        found: dict[UUID, dict[UUID, Membership]] = {wanted: {} for wanted in conversations}
        for wanted, person, kind, role, read in cursor.fetchall():
            found[wanted][person] = Membership(kind, role, read)
    return found


def membership(actor: Actor, members: dict[UUID, Membership], to: Ability) -> Membership:
    """The caller's place among the members of a conversation, when they may do this."""
    found = members.get(verified(actor))
    if found is None:
        raise NotFound
    if to not in ABILITIES[(found.kind, found.role)]:
        raise Forbidden("Only somebody who looks after this conversation may do this: ask one of them.")
    return found


def messages(actor: Actor, wanted: UUID) -> QuerySet[Message]:
    """The messages of a conversation in which the caller takes part."""
    return Message.objects.filter(conversation=conversation(actor, wanted))
