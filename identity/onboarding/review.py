"""Moderators: what waits for them, what they think of it, and what two of them decide.

Nobody decides on themselves, and one opinion alone opens or closes nothing, save a statement that somebody may not
practise any more: that closes at once, and the person is told how to appeal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from identity.accounts import access as accounts_access
from identity.accounts import actions as accounts_actions
from identity.accounts.models import Person
from identity.accounts.wire import MODERATOR
from identity.onboarding import deciding, lifecycle, mail
from identity.onboarding.models import Opinion, Verification
from identity.onboarding.wire import (
    ComparisonRow,
    DecideResult,
    DecideVerification,
    Decision,
    DecisionReason,
    EvidenceView,
    ListQueue,
    OpinionView,
    Queue,
    ReviewItem,
    StateStatement,
    VerificationState,
)
from identity.onboarding.words import Kind
from identity.sessions.actions import end
from identity.sessions.models import Session
from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.models import WorkItem
from server.kernel.wire import Done
from server.kernel.wire.errors import Conflict, Forbidden, Invalid, InvalidState, NotFound
from server.kernel.work.kinds import Description
from server.kernel.work.kinds import Kind as WorkKind


def moderating(actor: Actor) -> UUID:
    """The caller, who is a moderator; ``Forbidden`` for everybody else."""
    person = accounts_access.verified(actor)
    if MODERATOR not in actor.scopes:
        raise Forbidden("This is for moderators.")
    return person


def list_queue(actor: Actor, command: ListQueue, tx: Transaction) -> Queue:
    """A page of what waits, the oldest first, or of what was decided, the newest first."""
    moderator = moderating(actor)
    rows = Verification.objects.select_related("person")
    if command.decided:
        rows = rows.filter(opinions__isnull=False, decided_at__isnull=False).distinct()
        field, later = "decided_at", "lt"
    else:
        rows = rows.filter(state=Verification.State.IN_REVIEW)
        field, later = "review_at", "gt"
    if command.cursor:
        at, last = _position(command.cursor)
        rows = rows.filter(Q(**{f"{field}__{later}": at}) | Q(**{field: at, f"pk__{later}": last}))
    order = ("-decided_at", "-pk") if command.decided else ("review_at", "pk")
    found = list(rows.order_by(*order)[: command.limit + 1])
    page = found[: command.limit]
    items = paging.fitting([item(row, moderator) for row in page])
    cursor = _cursor(page[len(items) - 1], field) if items and len(items) < len(found) else None
    for row in page[: len(items)]:
        tx.audit(actor, "verification.read", row.person_id, [row.pk])
    return Queue(items=items, cursor=cursor)


def decide(actor: Actor, command: DecideVerification, tx: Transaction) -> DecideResult:
    """Another opinion of the same moderator takes the place of their first one, as long as nothing is decided."""
    moderator = moderating(actor)
    whose = Verification.objects.filter(pk=command.verification).values_list("person", flat=True).first()
    if whose is None:
        raise NotFound
    person = accounts_access.locked(whose)
    row = Verification.objects.select_for_update().select_related("person").get(pk=command.verification)
    if whose == moderator:
        raise Forbidden("Nobody decides on their own verification.")
    _require_fitting(command)
    if row.state != Verification.State.IN_REVIEW:
        mine = row.opinions.filter(moderator=moderator, decision=command.decision, reason=command.reason)
        if mine.exists():  # Sent again after it was decided.
            return DecideResult(item=item(row, moderator))
        raise InvalidState("This is decided already: load the queue again.", state=row.state)
    Opinion.objects.update_or_create(
        verification=row,
        moderator_id=moderator,
        defaults={
            "decision": command.decision,
            "reason": command.reason,
            "note": deciding.seal(row.pk, command.note.encode(), "opinion"),
            "at": tx.now,
        },
    )
    tx.audit(actor, "verification.opinion", person.pk, [row.pk], decision=command.decision, reason=command.reason)
    counted = Counter(row.opinions.values_list("decision", flat=True))
    decision = lifecycle.decided(counted, settings.RELAIS_REVIEW_OPINIONS)
    if decision is not None:
        _carry_out(decision, actor, person, row, command.reason, tx)
    row.refresh_from_db()
    return DecideResult(item=item(row, moderator))


def _carry_out(decision: str, actor: Actor, person: Person, row: Verification, reason: str, tx: Transaction) -> None:
    if decision == "refuse":
        deciding.refuse(actor, person, row, tx, reason)
    elif decision == "ask_again":
        row.opinions.all().delete()
        deciding.ask_again(actor, person, row, tx, "ask_again")
    elif not deciding.accept(actor, person, row, tx, reason):
        raise Conflict("Another account has this number of the register: refuse, or settle that account first.")


REASONS: dict[str, frozenset[str]] = {
    "accept": frozenset({"names_agree", "used_name_proven", "spelling", "register_late", "proven_otherwise"}),
    "refuse": frozenset({"name_differs", "number_of_another", "not_a_professional", "forged_document", "no_answer"}),
    "ask_again": frozenset({"unreadable", "expired_document", "face_unclear", "proof_of_name_needed"}),
}
"""The reasons that go with each decision."""


def _require_fitting(command: DecideVerification) -> None:
    if command.reason not in REASONS[command.decision]:
        raise Invalid("$.reason", "This reason does not go with this decision.", why="unknown_choice")


def state_statement(actor: Actor, command: StateStatement, tx: Transaction) -> Done:
    """The verification ends with every session: what somebody may do is decided anew at the next sign-in."""
    moderator = moderating(actor)
    if command.person == moderator:
        raise Forbidden("Nobody decides on themselves.")
    person = accounts_access.locked(command.person)
    close_by_statement(actor, person, command.statement, tx)
    return Done()


def close_by_statement(actor: Actor, person: Person, statement: str, tx: Transaction) -> None:
    """As ``state_statement``, for somebody whose row is locked: also when Pro Santé Connect says so, at each sign-in
    perhaps. They are told once of the same statement."""
    is_known = person.verified_at is None and person.withdrawn_reason == statement
    if not accounts_actions.mark_withdrawn(person, statement, tx):
        Person.objects.filter(pk=person.pk).update(withdrawn_reason=statement)
    end(actor, Session.objects.filter(person=person), tx)
    for row in Verification.objects.select_for_update().filter(person=person, state__in=lifecycle.OPEN):
        deciding.refuse(actor, person, row, tx, statement)
    if not is_known:
        mail.enqueue(Kind.STATEMENT, person.pk, f"{tx.now.timestamp():.0f}", tx)
    tx.audit(actor, "verification.withdrawn", person.pk, reason=statement)


def item(row: Verification, moderator: UUID) -> ReviewItem:
    """One verification as a moderator sees it."""
    person = row.person
    compared = deciding.compare(person, row)
    since = row.review_at or row.created_at
    appeal = deciding.unseal(row, row.note, "appeal").decode()
    return ReviewItem(
        verification=row.pk,
        person=person.pk,
        name=person.name,
        since=since,
        due=since + lifecycle.ANSWER_WITHIN,
        reason=row.reason,
        attempt=row.attempt,
        state=cast(VerificationState, "refused" if row.state == "replaced" else row.state),
        email=person.email,
        profession=person.profession or None,
        speciality=person.speciality or None,
        city=person.city or None,
        decided_at=row.decided_at,
        appeal=appeal or None,
        statement=person.withdrawn_reason if person.withdrawn_reason in lifecycle.STATED else None,
        comparison=[
            ComparisonRow(
                trait=one.trait,
                likeness=one.likeness,
                declared=one.declared or None,
                document=one.document or None,
                register=one.register or None,
            )
            for one in compared.rows
        ],
        evidence=_evidence(row),
        opinions=[_opinion(row, one, moderator) for one in row.opinions.select_related("moderator").order_by("at")],
        opinions_needed=settings.RELAIS_REVIEW_OPINIONS,
        abilities=["decide"] if row.state == "in_review" and person.pk != moderator else [],
    )


def _evidence(row: Verification) -> list[EvidenceView]:
    """References to what the provider keeps. A verification without a run has none."""
    if not row.run:
        return []
    seen = deciding.seen(row)
    shown = [EvidenceView(kind="run", reference=row.run, result=seen.result or None if seen else None)]
    if seen is not None:
        detail = ", ".join(part for part in (seen.document, seen.country, seen.expires) if part)
        shown.append(EvidenceView(kind="document", reference=row.applicant or row.run, detail=detail or None))
    return shown


def _opinion(row: Verification, one: Opinion, moderator: UUID) -> OpinionView:
    return OpinionView(
        by=one.moderator.name,
        at=one.at,
        decision=cast(Decision, one.decision),
        reason=cast(DecisionReason, one.reason),
        note=deciding.unseal(row, one.note, "opinion").decode() or None,
        mine=one.moderator_id == moderator,
    )


def _cursor(row: Verification, field: str) -> str:
    at: datetime = getattr(row, field)
    return f"{at.timestamp():.6f}_{row.pk}"


def _position(cursor: str) -> tuple[datetime, UUID]:
    at, _, last = cursor.partition("_")
    try:
        return datetime.fromtimestamp(float(at), tz=UTC), UUID(last)
    except (ValueError, OverflowError, OSError):
        raise Invalid("$.cursor", "This cursor is not of this list.") from None


def describe(actor: Actor, items: Sequence[WorkItem]) -> Mapping[UUID, Description]:
    """What waits for moderators, for moderators alone."""
    if MODERATOR not in actor.scopes:
        return {}
    rows = Verification.objects.filter(pk__in=[one.subject for one in items]).select_related("person")
    return {
        row.pk: Description(
            "verification",
            {"name": row.person.name, "reason": row.reason},
            ["decide"] if row.person_id != actor.person else [],
        )
        for row in rows
    }


WORK = [WorkKind(deciding.WORK, describe)]
