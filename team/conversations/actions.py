"""Opening conversations, and changing who is a member of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from identity.contacts import access as contacts_access
from identity.contacts.access import reachable
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Conflict, IdTaken, Invalid, NotFound
from team.conversations import access, group_requests, inbox, new_case
from team.conversations.access import LockedConversation
from team.conversations.models import Case, Conversation, Decline, Member
from team.conversations.queries import opened
from team.conversations.refusals import AsksHere, Declined, LastResponsible, TooManyGroups
from team.conversations.wire import (
    GROUP_LIMIT,
    GROUPS_A_DAY,
    AddMember,
    ConversationOpened,
    ConversationResult,
    ConversationUpdated,
    HideConversation,
    LeaveConversation,
    LeaveConversationResult,
    MemberAdded,
    MemberAsked,
    MemberRemoved,
    MemberRoleChanged,
    OpenConversation,
    RemoveMember,
    Role,
    SetRole,
    UpdateConversation,
)


def open_conversation(actor: Actor, command: OpenConversation, tx: Transaction) -> ConversationResult:
    """Opens a conversation; of the same two people the one direct conversation is the answer."""
    if (known := _known_direct(actor, command)) is not None:
        return known
    others = [person.id for person in reachable(actor, command.members) if person.id != actor.person]
    if not others:
        raise Invalid("$.params.members", "Name at least one other person.")
    _turn_to(actor, others)
    if command.kind == "direct":
        if len(others) > 1 or command.title:
            raise Invalid("$.params.members", "A direct conversation is with one other person, and has no title.")
        found, drafts = open_direct(actor, others[0], command.id, tx)
        tx.record(drafts)
        return opened(actor, found)
    if len(others) >= GROUP_LIMIT:
        raise Invalid("$.params.members", f"A group has at most {GROUP_LIMIT} people.")
    if (command.kind == "case") != (command.case is not None):
        raise Invalid("$.params.case", "A case is opened with its question, and nothing else has one.")
    if command.kind == "case" and not command.title:
        raise Invalid("$.params.title", "Give the case a title.")
    tx.record(_create_group(actor, command, others, tx))
    return opened(actor, command.id)


def _known_direct(actor: Actor, command: OpenConversation) -> ConversationResult | None:
    """The conversation that the caller has with the one person named, whatever either says now of who reaches them:
    it goes on. Who is not on Relais, or blocks the caller, is told of as always; ids are looked at as always."""
    others = set(command.members) - {actor.person}
    if command.kind != "direct" or len(others) != 1 or command.title:
        return None
    [other] = others
    existing = access.direct_conversation(actor, other)
    if existing is None or contacts_access.is_shut(actor, other):
        return None
    if Conversation.objects.filter(pk=command.id).exclude(pk=existing.pk).exists():
        raise IdTaken
    _turn_to(actor, [other])
    return opened(actor, existing.pk)


def open_direct(actor: Actor, other: UUID, wanted: UUID, tx: Transaction) -> tuple[UUID, list[Draft]]:
    """The direct conversation of the caller and ``other``, made under the id ``wanted`` if there is none.

    Returns its id and the drafts that the transaction must record. ``IdTaken`` when the id stands for another one.
    """
    pair = access.pair(actor, other)
    known = Conversation.objects.filter(pk=wanted).values_list("pair", flat=True)
    if any(taken != pair for taken in known):  # The pair is all that a request for one says.
        raise IdTaken
    if (existing := access.direct_conversation(actor, other)) is not None:
        return existing.id, []
    row = Conversation(
        id=wanted,
        kind="direct",
        pair=pair,
        organisation_id=actor.organisation,
        created_by_id=actor.person,
        created_at=tx.now,
    )
    # On a race the unique constraint picks a winner; the loser answers with its row.
    Conversation.objects.bulk_create([row], ignore_conflicts=True)
    found = access.direct_conversation(actor, other)
    if found is None:
        raise IdTaken
    if found.id != wanted or Member.objects.filter(conversation=wanted).exists():
        return found.id, []
    return found.id, _begin(found.id, actor.person, [other], None, tx)


def _create_group(actor: Actor, command: OpenConversation, others: list[UUID], tx: Transaction) -> list[Draft]:
    request = request_digest(actor, command)
    existing = Conversation.objects.filter(pk=command.id).first()
    if existing is not None:
        require_same(existing.request_digest, request)
        return []
    _require_welcome(actor, others)
    _require_few_groups(actor, tx)
    title = b""
    if command.title:
        title = vault.key_for_sealing(stream_name("c", command.id)).seal(command.title.encode(), "title")
    Conversation.objects.create(
        id=command.id,
        kind=command.kind,
        sealed_title=title,
        organisation_id=actor.organisation,
        created_by_id=actor.person,
        created_at=tx.now,
        request_digest=request,
    )
    if command.case is not None:
        new_case.create(actor, command.id, command.case, tx)
    # A question to one person reaches them as a direct message does: by the rule that they set for it.
    asked = group_requests.strangers(actor, others) if command.kind == "group" or len(others) > 1 else set()
    known = [one for one in others if one not in asked]
    drafts = _begin(command.id, actor.person, known, command, tx)
    return drafts + group_requests.ask(actor, command.id, [one for one in others if one in asked], 1, tx)


def _require_few_groups(actor: Actor, tx: Transaction) -> None:
    """Returns when the caller may open one more group. Requests of one person wait for each other here, so that many at
    once are counted too."""
    access.lock_openings(actor)
    recent = Conversation.objects.filter(~Q(kind="direct"), created_by=actor.person)
    recent = recent.filter(created_at__gt=tx.now - timedelta(days=1))
    times = list(recent.order_by("-created_at").values_list("created_at", flat=True)[:GROUPS_A_DAY])
    if len(times) == GROUPS_A_DAY:
        raise TooManyGroups(GROUPS_A_DAY, (times[-1] + timedelta(days=1)).isoformat())


def _require_welcome(actor: Actor, people: Collection[UUID]) -> None:
    """Returns when none of these people has declined to be added to groups by the caller."""
    if Decline.objects.filter(person__in=people, declined=actor.person).exists():
        raise Declined


def _turn_to(actor: Actor, people: Collection[UUID]) -> None:
    """The caller turns to these people themselves: whatever they declined of them before, they no longer do."""
    Decline.objects.filter(person=actor.person, declined__in=people).delete()


def _begin(
    conversation: UUID, opener: UUID, others: list[UUID], group: OpenConversation | None, tx: Transaction
) -> list[Draft]:
    """Writes the first members, who see everything; drafts of the opening and of everybody's inbox. Who opens a
    ``group`` looks after it; the question of a case is put to the others.

    Nobody else knows of the conversation before the commit: there is no lock to wait for.
    """
    everybody = [opener, *others]
    Member.objects.bulk_create(
        [
            Member(
                conversation_id=conversation,
                person_id=person,
                role="owner" if group and person == opener else "member",
                asked=group is not None and group.case is not None and person != opener,
                joined_at=tx.now,
                added_by_id=opener if person != opener else None,
            )
            for person in everybody
        ]
    )
    event = ConversationOpened(by=opener, members=everybody, title=group.title if group else None)
    return [
        Draft(stream_name("c", conversation), event),
        *(inbox.conversation_added(person, conversation) for person in everybody),
    ]


def add_member(actor: Actor, command: AddMember, tx: Transaction) -> ConversationResult:
    """Adds a verified person to a group. They see it from the event of their addition on, or as far back as the
    member who adds them; either way it all counts as read."""
    access.lock_openings(actor)
    found = access.lock_one(actor, command.conversation, tx, "add", [inbox.stream(command.person)])
    mine = found.require(actor, "add")
    asked = group_requests.asked_into(found.id)
    [person] = reachable(actor, [command.person], asked.union(found.members))
    if person.id in found.members or person.id in asked:
        return opened(actor, found.id)
    _require_welcome(actor, [person.id])
    _turn_to(actor, [person.id])
    if len(found.members) >= GROUP_LIMIT:
        raise Conflict(f"A group has at most {GROUP_LIMIT} people.")
    visible_from = mine.visible_from if command.history else found.head + 1
    if group_requests.strangers(actor, [person.id]):
        told = group_requests.ask(actor, found.id, [person.id], visible_from, tx)
        event = MemberAsked(person=person.id, by=actor.person)
        tx.record([Draft(stream_name("c", found.id), event), *told])
        return opened(actor, found.id)
    Member.objects.create(
        conversation_id=found.id,
        person=person,
        role="member",
        visible_from=visible_from,
        read=found.head,
        joined_at=tx.now,
        added_by_id=actor.person,
    )
    added = MemberAdded(person=person.id, by=actor.person)
    tx.record(
        [
            Draft(stream_name("c", found.id), added),
            inbox.conversation_added(person.id, found.id),
        ]
    )
    return opened(actor, found.id)


def remove_member(actor: Actor, command: RemoveMember, tx: Transaction) -> ConversationResult:
    """Removes somebody from a group. From the commit on nothing more of it reaches them."""
    found = access.lock_one(actor, command.conversation, tx, "remove", [inbox.stream(command.person)])
    if command.person == actor.person:
        raise Conflict("To go yourself, leave the conversation.")
    drafts = end_member(found, command.person, by=actor.person, tx=tx)
    if not drafts and command.person in group_requests.asked_into(found.id):
        # Told alike whether they have declined or not: that is nobody's to know.
        told = group_requests.end_requests(found.id, command.person)
        drafts = [Draft(stream_name("c", found.id), MemberRemoved(person=command.person, by=actor.person)), *told]
    tx.record(drafts)
    return opened(actor, found.id)


def leave_conversation(actor: Actor, command: LeaveConversation, tx: Transaction) -> LeaveConversationResult:
    """The caller leaves a group or a case. When nobody is left to look after it, its eldest member does."""
    found = access.lock_one(actor, command.conversation, tx, "leave", [inbox.stream(actor.person)])
    if Case.objects.filter(conversation=found.id, asker=actor.person).exclude(state="closed").exists():
        raise AsksHere
    if command.decline:
        _decline(actor, found.id, tx)
    tx.record(end_member(found, actor.person, by=actor.person, tx=tx) + keep_an_owner(found, by=actor.person))
    return LeaveConversationResult(conversation=found.id)


def hide_conversation(actor: Actor, command: HideConversation, tx: Transaction) -> ConversationResult:
    """Puts a conversation away for the caller, on all their devices; again, nothing happens."""
    found = access.lock_one(actor, command.conversation, tx, "hide", [inbox.stream(actor.person)])
    mine = Member.objects.filter(conversation=found.id, person=actor.person, ended_at=None)
    if mine.exclude(hidden_upto=found.head).update(hidden_upto=found.head):
        tx.record([inbox.conversation_hidden(actor.person, found.id, found.head)])
    return opened(actor, found.id)


def _decline(actor: Actor, conversation: UUID, tx: Transaction) -> None:
    """Whoever made the caller a member of this group may not do so again in any. Declining twice changes nothing."""
    declined = access.membership(actor, conversation).added_by_id
    if declined is not None:
        row = Decline(person_id=actor.person, declined_id=declined, at=tx.now)
        Decline.objects.bulk_create([row], ignore_conflicts=True)


def end_member(found: LockedConversation, person: UUID, by: UUID, tx: Transaction) -> list[Draft]:
    """Ends somebody's membership of a conversation whose stream is locked; the drafts tell them and the others."""
    if person not in found.members:
        return []
    Member.objects.filter(conversation=found.id, person=person, ended_at=None).update(ended_at=tx.now)
    event = MemberRemoved(person=person, by=by)
    return [
        Draft(stream_name("c", found.id), event),
        inbox.conversation_removed(person, found.id),
        *group_requests.end_requests(found.id, person),
    ]


def keep_an_owner(found: LockedConversation, by: UUID) -> list[Draft]:
    """When nobody is left to look after a group, its eldest member does; a draft tells everybody."""
    remaining = Member.objects.filter(conversation=found.id, ended_at=None)
    eldest = remaining.order_by("joined_at", "pk").first()
    if eldest is None or remaining.filter(role="owner").exists():
        return []
    return [_give_role(found, eldest.person_id, "owner", by)]


def set_role(actor: Actor, command: SetRole, tx: Transaction) -> ConversationResult:
    """Lets a member look after a group too, or no longer."""
    found = access.lock_one(actor, command.conversation, tx, "role")
    if command.person not in found.members:
        raise NotFound
    if found.members[command.person].role == command.role:
        return opened(actor, found.id)
    owners = [person for person, one in found.members.items() if one.role == "owner"]
    if owners == [command.person]:
        raise LastResponsible
    tx.record([_give_role(found, command.person, command.role, actor.person)])
    return opened(actor, found.id)


def _give_role(found: LockedConversation, person: UUID, role: Role, by: UUID) -> Draft:
    Member.objects.filter(conversation=found.id, person=person, ended_at=None).update(role=role)
    return Draft(stream_name("c", found.id), MemberRoleChanged(person=person, role=role, by=by))


def update_conversation(actor: Actor, command: UpdateConversation, tx: Transaction) -> ConversationResult:
    """Gives a group another title; the same title again changes nothing."""
    found = access.lock_one(actor, command.conversation, tx, "update")
    row = access.membership(actor, found.id, "update").conversation
    stream = stream_name("c", found.id)
    title = command.title.encode()
    known = vault.keys_for_reading([stream]).open(stream, row.sealed_title, "title") if row.sealed_title else None
    if known != title:
        sealed = vault.key_for_sealing(stream).seal(title, "title")
        Conversation.objects.filter(pk=found.id).update(sealed_title=sealed)
        event = ConversationUpdated(title=command.title, by=actor.person)
        tx.record([Draft(stream, event)])
    return opened(actor, found.id)
