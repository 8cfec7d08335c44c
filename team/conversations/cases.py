"""What becomes of a case: whose turn it is, handing it over, closing and reopening it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from identity.contacts.access import reachable
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Conflict, Forbidden
from team.conversations import access, group_requests, inbox, summaries
from team.conversations.access import LockedConversation
from team.conversations.models import Case, Decline, Member
from team.conversations.queries import case_view, shown
from team.conversations.refusals import CaseClosed, Declined
from team.conversations.wire import GROUP_LIMIT, ConversationResult, MemberAdded
from team.conversations.wire_case_views import CaseView
from team.conversations.wire_cases import (
    CaseClosedEvent,
    CaseHandedOver,
    CaseReopened,
    CaseTurned,
    CloseCase,
    HandOverCases,
    HandOverResult,
    ReopenCase,
    TurnCase,
)

NOT_YOURS = "You neither ask in this case nor are asked: there is nothing of yours to hand over."


def close_case(actor: Actor, command: CloseCase, tx: Transaction) -> ConversationResult:
    """Closes a case with its outcome; in the same words again, nothing happens."""
    found = access.lock_one(actor, command.conversation, tx, "close")
    row = Case.objects.get(conversation=found.id)
    stream = stream_name("c", found.id)
    if row.state == Case.State.CLOSED:
        summary = vault.keys_for_reading([stream]).open(stream, row.sealed_summary, "case.summary")
        if (row.outcome, summary) != (command.outcome, command.summary.encode()):
            raise CaseClosed
        return shown(actor, found.id, tx)
    sealed = vault.key_for_sealing(stream).seal(command.summary.encode(), "case.summary")
    Case.objects.filter(pk=row.pk).update(
        state=Case.State.CLOSED,
        outcome=command.outcome,
        sealed_summary=sealed,
        closed_by=actor.person,
        closed_at=tx.now,
    )
    tx.record([Draft(stream, CaseClosedEvent(by=actor.person, case=_standing([found.id])[found.id]))])
    return shown(actor, found.id, tx)


def reopen_case(actor: Actor, command: ReopenCase, tx: Transaction) -> ConversationResult:
    """Opens a closed case again; it waits for those who were asked."""
    found = access.lock_one(actor, command.conversation, tx, "reopen")
    closed = Case.objects.filter(conversation=found.id, state=Case.State.CLOSED)
    if closed.update(state=Case.State.WAITING, outcome="", sealed_summary=b"", closed_by=None, closed_at=None):
        event = CaseReopened(by=actor.person, reason=command.reason, case=_standing([found.id])[found.id])
        tx.record([Draft(stream_name("c", found.id), event)])
    return shown(actor, found.id, tx)


def turn_case(actor: Actor, command: TurnCase, tx: Transaction) -> ConversationResult:
    """Says whose turn it is; that it is theirs already changes nothing."""
    found = access.lock_one(actor, command.conversation, tx, "turn")
    row = Case.objects.get(conversation=found.id)
    if row.state == Case.State.CLOSED:
        raise CaseClosed
    wanted = Case.State.OPEN if command.to == "asker" else Case.State.WAITING
    if row.state != wanted:
        Case.objects.filter(pk=row.pk).update(state=wanted)
        event = CaseTurned(by=actor.person, case=_standing([found.id])[found.id])
        tx.record([Draft(stream_name("c", found.id), event)])
    return shown(actor, found.id, tx)


def turn_by_writing(written: Iterable[tuple[UUID, UUID]], tx: Transaction) -> list[Draft]:
    """Who writes in cases that are locked, in this order: conversation and author. An answer opens a case to the asker,
    and what the asker writes then waits for the others. Returns the drafts that follow the messages. One statement, and
    three more where a case turns."""
    authors = list(written)
    rows = {row.pk: row for row in Case.objects.filter(pk__in={one for one, _ in authors}, closed_at=None)}
    before = {one: row.state for one, row in rows.items()}
    by: dict[UUID, UUID] = {}
    answered: set[UUID] = set()
    for conversation, author in authors:
        row = rows.get(conversation)
        if row is None:
            continue
        by[conversation] = author
        row.state = Case.State.WAITING if author == row.asker_id else Case.State.OPEN
        if author != row.asker_id and row.answered_by_id is None:
            row.answered_by_id, row.answered_at = author, tx.now
            answered.add(conversation)
    changed = [row for row in rows.values() if row.state != before[row.pk] or row.pk in answered]
    if changed:
        Case.objects.bulk_update(changed, ["state", "answered_by", "answered_at"])
    turned = [row.pk for row in changed if row.state != before[row.pk]]
    standing = _standing(turned)
    return [Draft(stream_name("c", one), CaseTurned(by=by[one], case=standing[one])) for one in turned]


def hand_over(actor: Actor, command: HandOverCases, tx: Transaction) -> HandOverResult:
    """The caller's part in these cases becomes a colleague's: in all of them, or in none."""
    if command.to == actor.person:
        raise Conflict("Hand cases over to somebody else.")
    wanted = sorted(set(command.conversations))
    access.lock_openings(actor)
    locked = access.lock(tx, wanted, [inbox.stream(command.to)])
    rows = {row.pk: row for row in Case.objects.filter(pk__in=wanted)}
    for one in wanted:
        locked[one].require(actor, "handover")
    _require_colleague(actor, command.to, [locked[one] for one in wanted])
    drafts: list[Draft] = []
    moved: list[UUID] = []
    for one in wanted:
        added = _hand_over_one(actor, command.to, locked[one], rows[one], tx)
        if added is not None:
            moved.append(one)
            drafts += added
    standing = _standing(moved)
    for one in moved:
        event = CaseHandedOver(by=actor.person, to=command.to, note=command.note, case=standing[one])
        drafts.append(Draft(stream_name("c", one), event))
    tx.record(drafts)
    return HandOverResult(conversations=wanted)


def _require_colleague(actor: Actor, to: UUID, conversations: Collection[LockedConversation]) -> None:
    """Returns when the cases may be handed over to ``to``: they are in each of them, or know the caller."""
    if all(to in one.members for one in conversations):
        return
    together = {person for one in conversations for person in (*one.members, *group_requests.asked_into(one.id))}
    reachable(actor, [to], together)
    if Decline.objects.filter(person=to, declined=actor.person).exists():
        raise Declined
    if group_requests.strangers(actor, [to]):
        raise Conflict("Hand cases over to a colleague of an organisation of yours, or to a contact.")


def _hand_over_one(actor: Actor, to: UUID, found: LockedConversation, row: Case, tx: Transaction) -> list[Draft] | None:
    """Moves the caller's part; the drafts of a new member. None when it was handed over to them already."""
    if row.state == Case.State.CLOSED:
        raise CaseClosed
    asked = set(
        Member.objects.filter(conversation=found.id, ended_at=None, asked=True).values_list("person", flat=True)
    )
    if row.asker_id != actor.person and actor.person not in asked:
        if to == row.asker_id or to in asked:
            return None
        raise Forbidden(NOT_YOURS, conversation=str(found.id))
    drafts = _join(actor, to, found, tx)
    if row.asker_id == actor.person:
        Case.objects.filter(pk=row.pk).update(asker=to)
        _set_asked(found.id, to, asked=False)
    else:
        _set_asked(found.id, actor.person, asked=False)
        _set_asked(found.id, to, asked=to != row.asker_id)
    return drafts


def _join(actor: Actor, to: UUID, found: LockedConversation, tx: Transaction) -> list[Draft]:
    """Makes the colleague a member who sees as much as the caller; what was written is unread to them."""
    if to in found.members:
        return []
    if len(found.members) >= GROUP_LIMIT:
        raise Conflict(f"A case has at most {GROUP_LIMIT} people.")
    visible_from = found.members[actor.person].visible_from
    Member.objects.create(
        conversation_id=found.id,
        person_id=to,
        role="member",
        visible_from=visible_from,
        read=visible_from - 1,
        joined_at=tx.now,
        added_by_id=actor.person,
    )
    told = group_requests.end_requests(found.id, to)
    added = Draft(stream_name("c", found.id), MemberAdded(person=to, by=actor.person))
    return [added, inbox.conversation_added(to, found.id), *told]


def _set_asked(conversation: UUID, person: UUID, *, asked: bool) -> None:
    Member.objects.filter(conversation=conversation, person=person, ended_at=None).update(asked=asked)


def _standing(conversations: Collection[UUID]) -> dict[UUID, CaseView]:
    """These cases as they stand in this transaction. Two statements at most; none where there are none."""
    if not conversations:
        return {}
    keys = vault.keys_for_reading(stream_name("c", one) for one in conversations)
    rows = summaries.cases(conversations)
    return {one: case_view(row, stream_name("c", one), keys) for one, row in rows.items()}
