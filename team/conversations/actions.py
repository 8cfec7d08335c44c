"""Opening conversations, and who takes part in them."""

from __future__ import annotations

from uuid import UUID

from identity.accounts.access import reachable
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Conflict, IdTaken, Invalid, NotFound
from team.conversations import access, inbox
from team.conversations.models import Conversation, Member
from team.conversations.queries import audience, opened
from team.conversations.wire import (
    GROUP_LIMIT,
    AddMember,
    ConversationOpened,
    ConversationResult,
    ConversationUpdated,
    LeaveConversation,
    LeaveConversationResult,
    MemberAdded,
    MemberRemoved,
    OpenConversation,
    RemoveMember,
    UpdateConversation,
)


def open_conversation(actor: Actor, command: OpenConversation, tx: Transaction) -> ConversationResult:
    """Opens a conversation; of the same two people the one direct conversation is the answer."""
    others = [person.id for person in reachable(actor, command.members) if person.id != actor.person]
    if not others:
        raise Invalid("$.params.members", "Name at least one other person.")
    if command.kind == "direct":
        if len(others) > 1 or command.title:
            raise Invalid("$.params.members", "A direct conversation is with one other person, and has no title.")
        found, drafts = direct(actor, others[0], command.id, tx)
        tx.record(drafts)
        return opened(actor, found)
    if len(others) >= GROUP_LIMIT:
        raise Invalid("$.params.members", f"A group has at most {GROUP_LIMIT} people.")
    tx.record(_create(actor, command, others, tx))
    return opened(actor, command.id)


def direct(actor: Actor, other: UUID, wanted: UUID, tx: Transaction) -> tuple[UUID, list[Draft]]:
    """The direct conversation of the caller and ``other``, made under the id ``wanted`` if there is none.

    Returns its id and the drafts that the transaction must record.
    """
    if actor.person is None:
        raise NotFound
    pair = ":".join(sorted((str(actor.person), str(other))))
    existing = Conversation.objects.filter(pk=wanted).first()
    if existing is not None and existing.pair != pair:  # The pair is all that a request for one says.
        raise IdTaken
    # On a race the unique constraint picks a winner; the loser returns its row.
    made = Conversation.objects.bulk_create(
        [
            Conversation(
                id=wanted,
                kind="direct",
                pair=pair,
                created_by_id=actor.person,
                created_at=tx.now,
            )
        ],
        ignore_conflicts=True,
    )
    found = Conversation.objects.filter(pair=pair).values_list("pk", flat=True).first()
    if found is None:
        raise IdTaken
    if found != wanted or existing is not None or not made:
        return found, []
    return found, _members(found, actor.person, [other], "member", None, tx)


def _create(actor: Actor, command: OpenConversation, others: list[UUID], tx: Transaction) -> list[Draft]:
    if actor.person is None:
        raise NotFound
    digest = request_digest(actor, command)
    existing = Conversation.objects.filter(pk=command.id).first()
    if existing is not None:
        require_same(existing.request_digest, digest)
        return []
    sealed = b""
    if command.title:
        sealed = vault.key_for_sealing(stream_name("c", command.id)).seal(command.title.encode(), "title")
    row = Conversation(
        id=command.id,
        kind="group",
        sealed_title=sealed,
        created_by_id=actor.person,
        created_at=tx.now,
        request_digest=digest,
    )
    row.save(force_insert=True)
    return _members(command.id, actor.person, others, "owner", command.title, tx)


def _members(
    conversation: UUID, opener: UUID, others: list[UUID], role: str, title: str | None, tx: Transaction
) -> list[Draft]:
    """Writes the first members; drafts of the opening and of everybody's inbox."""
    everybody = [opener, *others]
    Member.objects.bulk_create(
        [
            Member(
                conversation_id=conversation,
                person_id=person,
                role=role if person == opener else "member",
                joined_at=tx.now,
            )
            for person in everybody
        ]
    )
    event = ConversationOpened(by=opener, members=everybody, title=title)
    first = Draft(stream_name("c", conversation), event, everybody)
    return [first, *(inbox.conversation_added(person, conversation) for person in everybody)]


def add_member(actor: Actor, command: AddMember, tx: Transaction) -> ConversationResult:
    """Adds a verified person to a group."""
    found = access.conversation(actor, command.conversation, to="add", lock=True)
    [person] = reachable(actor, [command.person])
    members = audience(found.id)
    if person.id in members:
        return opened(actor, found.id)
    if len(members) >= GROUP_LIMIT:
        raise Conflict(f"A group has at most {GROUP_LIMIT} people.")
    Member.objects.create(conversation=found, person=person, role="member", joined_at=tx.now)
    event = MemberAdded(person=person.id, by=actor.person or person.id)
    tx.record(
        [
            Draft(stream_name("c", found.id), event, [*members, person.id]),
            inbox.conversation_added(person.id, found.id),
        ]
    )
    return opened(actor, found.id)


def remove_member(actor: Actor, command: RemoveMember, tx: Transaction) -> ConversationResult:
    """Removes somebody from a group. From the commit on nothing more of it reaches them."""
    found = access.conversation(actor, command.conversation, to="remove", lock=True)
    if command.person == actor.person:
        raise Conflict("To go yourself, leave the conversation.")
    tx.record(_end(found.id, command.person, by=actor.person or command.person, tx=tx))
    return opened(actor, found.id)


def leave_conversation(actor: Actor, command: LeaveConversation, tx: Transaction) -> LeaveConversationResult:
    """The caller leaves a group. When nobody is left to look after it, whoever has been in it longest does."""
    found = access.conversation(actor, command.conversation, to="leave", lock=True)
    if actor.person is not None:
        drafts = _end(found.id, actor.person, by=actor.person, tx=tx)
        _keep_an_owner(found.id)
        tx.record(drafts)
    return LeaveConversationResult(conversation=found.id)


def _end(conversation: UUID, person: UUID, by: UUID, tx: Transaction) -> list[Draft]:
    ended = Member.objects.filter(conversation=conversation, person=person, ended_at=None).update(ended_at=tx.now)
    if not ended:
        return []
    event = MemberRemoved(person=person, by=by)
    return [
        Draft(stream_name("c", conversation), event, audience(conversation)),
        inbox.conversation_removed(person, conversation),
    ]


def _keep_an_owner(conversation: UUID) -> None:
    remaining = Member.objects.filter(conversation=conversation, ended_at=None)
    eldest = remaining.order_by("joined_at", "pk").first()
    if eldest is not None and not remaining.filter(role="owner").exists():
        remaining.filter(pk=eldest.pk).update(role="owner")


def update_conversation(actor: Actor, command: UpdateConversation, tx: Transaction) -> ConversationResult:
    """Gives a group another title; the same title again changes nothing."""
    found = access.conversation(actor, command.conversation, to="update", lock=True)
    owner = stream_name("c", found.id)
    title = command.title.encode()
    known = vault.keys_for_reading([owner]).open(owner, found.sealed_title, "title") if found.sealed_title else None
    if known != title:
        sealed = vault.key_for_sealing(owner).seal(title, "title")
        Conversation.objects.filter(pk=found.pk).update(sealed_title=sealed)
        event = ConversationUpdated(title=command.title, by=actor.person or found.created_by_id)
        tx.record([Draft(owner, event, audience(found.id))])
    return opened(actor, found.id)
