"""One's own verification: where it stands, begun, taken back, appealed against."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.core import signing

from identity.accounts import access as accounts_access
from identity.accounts.models import Person
from identity.onboarding import deciding, lifecycle
from identity.onboarding.models import Verification
from identity.onboarding.wire import (
    AppealVerification,
    GetVerification,
    SeenNames,
    StartResult,
    StartVerification,
    StepState,
    VerificationResult,
    VerificationState,
    VerificationStep,
    VerificationView,
    WithdrawVerification,
)
from server.kernel import idempotency
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Forbidden, InvalidState, RateLimited

LINK_SALT = "identity.verification"
DAY = timedelta(hours=24)
STEP_TASK = "identity.verification_steps"


def get_verification(actor: Actor, command: GetVerification, tx: Transaction) -> VerificationResult:
    person = accounts_access.caller(actor)
    return VerificationResult(verification=view(person, latest(person), tx.now))


def start(actor: Actor, command: StartVerification, tx: Transaction) -> StartResult:
    """The provider is asked after the commit, by whichever worker finds the row; the page waits for it."""
    person = accounts_access.locked(actor.person)
    request = idempotency.request_digest(actor, command)
    known = Verification.objects.filter(pk=command.id).first()
    if known is not None:
        idempotency.require_same(known.request_digest, request)
        return StartResult(url=page(known.pk), verification=view(person, known, tx.now))
    last = latest(person)
    _require_may_start(person, last)
    _require_few(person, tx)
    attempt = 1
    if last is not None and last.state in ("awaiting_person", "refused"):
        attempt = last.attempt + (1 if last.reason in lifecycle.COUNTED or last.state == "refused" else 0)
        if last.state == "awaiting_person":
            replace(last, tx)
    row = Verification.objects.create(
        id=command.id,
        person=person,
        request_digest=request,
        state=Verification.State.PENDING,
        attempt=attempt,
        created_at=tx.now,
        step=Verification.Step.BEGIN,
        step_at=tx.now,
    )
    tx.after_commit(STEP_TASK)
    return StartResult(url=page(row.pk), verification=view(person, row, tx.now))


def withdraw(actor: Actor, command: WithdrawVerification, tx: Transaction) -> VerificationResult:
    """What is under way ends, and what the provider keeps of any attempt is erased there, as soon as it answers."""
    person = accounts_access.locked(actor.person)
    rows = list(Verification.objects.select_for_update().filter(person=person).exclude(step="", applicant=""))
    for row in rows:
        if row.state in lifecycle.OPEN:
            deciding.refuse(actor, person, row, tx, "consent_withdrawn")
        row.step, row.step_at, row.step_attempts = Verification.Step.ERASE, tx.now, 0
        row.save()
    if rows:
        tx.after_commit(STEP_TASK)
    return VerificationResult(verification=view(person, latest(person), tx.now))


def appeal(actor: Actor, command: AppealVerification, tx: Transaction) -> VerificationResult:
    """Once for a refusal, or for a statement against somebody, whom no document was asked of perhaps. The opinions
    before it are the moderators' to form anew."""
    person = accounts_access.locked(actor.person)
    row = latest(person)
    if not may_appeal(person, row):
        raise InvalidState("There is no refusal to appeal against.", state=row.state if row else "none")
    if row is None or row.state != "refused":
        row = Verification.objects.create(
            id=uuid7(),
            person=person,
            request_digest=idempotency.request_digest(actor, command),
            state=Verification.State.REFUSED,
            reason=person.withdrawn_reason,
            attempt=1,
            created_at=tx.now,
        )
    row.appealed, row.decided_at = True, None
    row.note = deciding.seal(row.pk, command.note.encode(), "appeal")
    row.review_at = tx.now
    row.opinions.all().delete()
    deciding.review(actor, person, row, tx, "appeal")
    return VerificationResult(verification=view(person, row, tx.now))


def replace(row: Verification, tx: Transaction) -> None:
    """Another attempt takes the place of this one: what the provider has of it is erased there."""
    row.state = Verification.State.REPLACED
    row.step = Verification.Step.ERASE if row.applicant else ""
    row.step_at = tx.now if row.applicant else None
    row.save()


def latest(person: Person) -> Verification | None:
    """The attempt that counts."""
    return Verification.objects.filter(person=person).exclude(state="replaced").order_by("-created_at").first()


def page(verification: UUID) -> str:
    """Where a person goes on with their verification, on any device: the address leads to this page alone."""
    return f"{settings.RELAIS_URL}/verification/continue/{signing.dumps(str(verification), salt=LINK_SALT)}"


def _require_may_start(person: Person, last: Verification | None) -> None:
    if person.email_confirmed_at is None:
        raise Forbidden("Confirm your e-mail address first.")
    if not settings.RELAIS_ONFIDO_TOKEN:
        raise InvalidState("Documents are not checked here: ask a moderator.", state="not_offered")
    if person.verified_at is not None and person.confirm_by is None and person.verification_method != "vouched":
        raise InvalidState("Your identity is verified already.", state="verified")
    if person.withdrawn_reason in lifecycle.FINAL:
        raise InvalidState("No document changes this: write to the moderators.", state=person.withdrawn_reason)
    if not may_start(person, last):
        raise InvalidState("A verification is under way.", state=last.state if last else "none")


def _require_few(person: Person, tx: Transaction) -> None:
    """Each run costs, and each keeps somebody busy: so many in a day, whatever became of them."""
    made = Verification.objects.filter(person=person, created_at__gt=tx.now - DAY).order_by("created_at")
    times = list(made.values_list("created_at", flat=True))
    if len(times) >= lifecycle.STARTS_A_DAY:
        raise RateLimited((times[0] + DAY - tx.now).total_seconds())


def may_start(person: Person, last: Verification | None) -> bool:
    if person.withdrawn_reason in lifecycle.FINAL:
        return False
    if last is not None and last.state == "verified":
        return person.verified_at is None or person.confirm_by is not None
    return lifecycle.may_start(last.state if last else None, last.reason if last else "")


def may_appeal(person: Person, row: Verification | None) -> bool:
    """Whether there is a decision, or a statement, that somebody has not appealed against yet."""
    is_stated = person.verified_at is None and person.withdrawn_reason in lifecycle.STATED
    if row is None or row.state == "verified":
        return is_stated
    return row.state == "refused" and not row.appealed and (row.reason != "consent_withdrawn" or is_stated)


def view(person: Person, row: Verification | None, now: datetime) -> VerificationView:
    """Where somebody stands: their account says whether they are verified, the latest attempt how it goes on."""
    if person.verified_at is not None and (row is None or row.state not in lifecycle.OPEN):
        return VerificationView(
            state="verified",
            may_retry=person.confirm_by is not None and may_start(person, row),
            method=person.verification_method or None,
            decided_at=person.verified_at,
            confirm_by=person.confirm_by,
            erased_at=row.step_at if row and row.step == "erase" else None,
            steps=_steps("verified", row),
        )
    if row is None or row.state == "verified":
        state: VerificationState = "refused" if person.withdrawn_reason in lifecycle.FINAL else "none"
        return VerificationView(
            state=state,
            may_retry=may_start(person, row),
            may_appeal=may_appeal(person, row),
            reason=person.withdrawn_reason or None,
            steps=_steps(state, None),
        )
    return VerificationView(**_of(person, row))


def _of(person: Person, row: Verification) -> dict[str, Any]:
    state = cast(VerificationState, row.state)
    unreachable = row.state == "pending" and row.step == "begin" and row.step_attempts > 1
    reason = row.reason
    if row.state == "refused" and person.withdrawn_reason in lifecycle.STATED:
        reason = person.withdrawn_reason
    awaited = row.state in ("pending", "awaiting_person") and not lifecycle.may_start(row.state, row.reason)
    return {
        "state": state,
        "may_retry": may_start(person, row),
        "id": row.pk,
        "method": "document",
        "reason": "provider_unreachable" if unreachable else reason or None,
        "may_appeal": may_appeal(person, row),
        "attempt": row.attempt,
        "attempts": lifecycle.ATTEMPTS,
        "url": page(row.pk) if awaited else None,
        "decided_at": row.decided_at,
        "answer_by": row.review_at + lifecycle.ANSWER_WITHIN if row.state == "in_review" and row.review_at else None,
        "act_by": row.created_at + lifecycle.LINK_LASTS if row.state == "awaiting_person" else None,
        "erased_at": row.step_at if row.step == "erase" and row.state == "refused" else None,
        "confirm_by": person.confirm_by,
        "names": _names(person, row) if row.state == "refused" else None,
        "steps": _steps(state, row),
    }


def _names(person: Person, row: Verification) -> SeenNames | None:
    """The two names of a refusal that is about names, while what was read is kept."""
    if row.reason != "name_differs":
        return None
    found = deciding.compare(person, row).rows[0]
    return SeenNames(document=found.document or None, register=found.register or None)


def _steps(state: str, row: Verification | None) -> list[VerificationStep]:
    document: StepState = "none"
    register: StepState = "none"
    if state == "verified":
        document = register = "done"
    elif state in ("pending", "in_review"):
        document = "waiting" if state == "pending" else "done" if row and row.run else "none"
        register = "waiting" if state == "in_review" else "none"
    elif state in ("none", "awaiting_person", "refused"):
        document = "action"
    return [
        VerificationStep(step="profile", state="done"),
        VerificationStep(step="document", state=document, at=row.submitted_at if row else None),
        VerificationStep(step="register", state=register),
        VerificationStep(step="access", state="done" if state == "verified" else "none"),
    ]
