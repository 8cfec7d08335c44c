"""Groups of strangers: whoever hardly knows the person who puts them into one accepts it before they are a member.

Until then nothing that is written there reaches them, on any way: they have no row of ``Member``, from which every
reading, event and count starts.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from identity.accounts.access import REACHABLE, verified
from identity.accounts.models import Person
from identity.accounts.queries import people
from identity.contacts import access as contacts_access
from identity.contacts.models import Block
from identity.contacts.refusals import TooManyContacts
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import Done, stream_name
from server.kernel.wire.errors import Conflict, NotFound
from team.conversations import access, inbox
from team.conversations.models import Case, Conversation, Decline, GroupRequest, Member, Message
from team.conversations.queries import opened
from team.conversations.wire import (
    GROUP_LIMIT,
    AcceptGroup,
    ConversationResult,
    DeclineGroup,
    GroupRequests,
    GroupRequestView,
    ListGroupRequests,
    MemberAdded,
)

ASKED_A_DAY, LISTED = 100, 100
"""Strangers whom one person puts into groups in 24 hours, and requests that are listed."""
STANDING = ("waiting", "declined")
"""The states in which somebody is shown as asked: that they declined is nobody's to know."""


def strangers(actor: Actor, others: Collection[UUID]) -> set[UUID]:
    """Those of these people who are asked first: of no organisation of the caller's, who accepted no request and never
    wrote to the caller by themselves. Four statements at most."""
    found = contacts_access.strangers(actor, others)
    if not found:
        return found
    pairs = {access.pair(actor, one): one for one in found}
    wrote = Message.objects.filter(conversation=OuterRef("pk")).exclude(author=actor.person)
    turned_to = Conversation.objects.filter(Q(Exists(wrote)) | ~Q(created_by=actor.person), pair__in=pairs)
    return found - {pairs[pair] for pair in turned_to.values_list("pair", flat=True) if pair is not None}


def ask(actor: Actor, conversation: UUID, asked: Collection[UUID], visible_from: int, tx: Transaction) -> list[Draft]:
    """Writes that these people, who are not asked into it yet, are asked into a group; the drafts tell them.
    ``TooManyContacts`` beyond the bound, which is counted under ``access.lock_openings``."""
    if not asked:
        return []
    recent = GroupRequest.objects.filter(asked_by=actor.person, at__gt=tx.now - timedelta(days=1))
    if recent.count() + len(asked) > ASKED_A_DAY:
        raise TooManyContacts(ASKED_A_DAY)
    rows = [
        GroupRequest(
            conversation_id=conversation, person_id=one, asked_by_id=actor.person, visible_from=visible_from, at=tx.now
        )
        for one in asked
    ]
    GroupRequest.objects.bulk_create(rows)
    return [inbox.conversation_requested(one, conversation) for one in asked]


def asked_into(conversation: UUID) -> set[UUID]:
    """Who stands as asked into a group, whatever they have answered."""
    standing = GroupRequest.objects.filter(conversation=conversation, state__in=STANDING)
    return set(standing.values_list("person", flat=True))


def end_requests(conversation: UUID, person: UUID) -> list[Draft]:
    """Somebody is not in a group any more: they are not asked, and whom they asked is not asked either. The drafts tell
    them, when their own answer was awaited; to the others the group is no longer listed."""
    standing = GroupRequest.objects.filter(conversation=conversation, state__in=STANDING)
    awaited = standing.filter(person=person, state=GroupRequest.State.WAITING).exists()
    standing.filter(Q(person=person) | Q(asked_by=person)).update(state=GroupRequest.State.ENDED)
    return [inbox.conversation_removed(person, conversation)] if awaited else []


def list_requests(actor: Actor, command: ListGroupRequests, tx: Transaction) -> GroupRequests:
    """The groups that wait for the caller. A constant number of statements."""
    rows = list(_waiting(actor).select_related("conversation").order_by("-at", "-pk")[:LISTED])
    names = people({row.asked_by_id for row in rows})
    keys = vault.keys_for_reading(stream_name("c", row.conversation_id) for row in rows)
    counts = _member_counts([row.conversation_id for row in rows])
    return GroupRequests(
        requests=[
            GroupRequestView(
                conversation=row.conversation_id,
                at=row.at,
                by=row.asked_by_id,
                by_name=names[row.asked_by_id].name,
                member_count=counts.get(row.conversation_id, 0),
                title=_title(row.conversation, keys),
                profession=names[row.asked_by_id].profession,
                speciality=names[row.asked_by_id].speciality,
                badge=names[row.asked_by_id].badge,
            )
            for row in rows
        ]
    )


def accept(actor: Actor, command: AcceptGroup, tx: Transaction) -> ConversationResult:
    """Makes the caller a member of a group that waits for them; accepted again, it is shown again."""
    caller, wanted = verified(actor), command.conversation
    found = access.lock(tx, [wanted], [inbox.stream(caller)])[wanted]
    if caller in found.members:
        return opened(actor, wanted)
    row = _waiting(actor).filter(conversation=wanted).first()
    if row is None:
        raise NotFound
    if not contacts_access.stays_inside(actor, found.members):
        raise NotFound(contacts_access.UNREACHABLE)
    if len(found.members) >= GROUP_LIMIT:
        raise Conflict(f"A group has at most {GROUP_LIMIT} people.")
    GroupRequest.objects.filter(pk=row.pk).update(state=GroupRequest.State.ACCEPTED)
    Member.objects.create(
        conversation_id=wanted,
        person_id=caller,
        role="member",
        visible_from=row.visible_from,
        read=row.visible_from - 1,
        joined_at=tx.now,
        added_by_id=row.asked_by_id,
        asked=row.visible_from == 1 and Case.objects.filter(conversation=wanted).exists(),
    )
    event = MemberAdded(person=caller, by=row.asked_by_id)
    tx.record([Draft(stream_name("c", wanted), event), inbox.conversation_added(caller, wanted)])
    return opened(actor, wanted)


def decline(actor: Actor, command: DeclineGroup, tx: Transaction) -> Done:
    """The group stays silent for the caller, and its members are not told; declined again, nothing happens."""
    caller, wanted = verified(actor), command.conversation
    access.lock(tx, [wanted], [inbox.stream(caller)])
    row = GroupRequest.objects.filter(conversation=wanted, person=caller, state__in=STANDING).first()
    if row is None:
        raise NotFound
    if row.state == GroupRequest.State.WAITING:
        GroupRequest.objects.filter(pk=row.pk).update(state=GroupRequest.State.DECLINED)
        declined = Decline(person_id=caller, declined_id=row.asked_by_id, at=tx.now)
        Decline.objects.bulk_create([declined], ignore_conflicts=True)
        tx.record([inbox.conversation_removed(caller, wanted)])
    return Done()


def _waiting(actor: Actor) -> QuerySet[GroupRequest]:
    """The requests that wait for the caller: of nobody whom they block, and of nobody who has left."""
    caller = verified(actor)
    blocked = Block.objects.filter(person=caller).values("blocked")
    here = Person.objects.filter(REACHABLE)
    waiting = GroupRequest.objects.filter(person=caller, state=GroupRequest.State.WAITING, asked_by__in=here)
    return waiting.exclude(asked_by__in=blocked)


def _member_counts(conversations: Collection[UUID]) -> dict[UUID, int]:
    members = Member.objects.filter(conversation__in=conversations, ended_at=None)
    return dict(members.values_list("conversation").annotate(Count("pk")))


def _title(conversation: Conversation, keys: vault.ReadingKeys) -> str | None:
    if not conversation.sealed_title:
        return None
    plain = keys.open(stream_name("c", conversation.pk), conversation.sealed_title, "title")
    return None if plain is None else plain.decode()
