"""What the provider is asked about each verification, one due step after the other.

A worker claims due rows by one statement, asks with no transaction open, and gives what it learnt to the dispatcher. A
claim expires with its worker. Nothing is given up: when the provider is away it is asked again, less and less often,
at least once an hour. A notice of the provider's only makes a row due at once; without any, it is asked by itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from identity.accounts import access as accounts_access
from identity.onboarding import deciding, lifecycle, mail
from identity.onboarding.internal_commands import RecordStep, TakeNotice
from identity.onboarding.models import ProviderNotice, Verification
from identity.onboarding.onfido import Answer, Onfido, ProviderError
from identity.onboarding.verifying import STEP_TASK
from identity.onboarding.words import Kind
from server.kernel import dispatch as dispatcher
from server.kernel import vault
from server.kernel.authentication import SYSTEM, Actor
from server.kernel.dispatch import Transaction, dispatch
from server.kernel.wire import Done

CLAIM_LASTS = timedelta(seconds=90)
"""Longer than all that is asked for one step."""
AT_ONCE = 20
FIRST_WAIT, LONGEST_WAIT = 15.0, 3600.0
WATCH_FIRST, WATCH_LONGEST = timedelta(minutes=2), timedelta(hours=1)
"""How soon, and how seldom at last, a run is asked for that no notice came about."""
NOTICES_KEPT = timedelta(days=30)
SLOW = timedelta(minutes=5)
"""Whoever has waited longer for the provider's page is told by mail that it is there."""


class Claim(NamedTuple):
    """A step that this worker may take until ``until``."""

    id: UUID
    step: str
    applicant: str
    run: str
    first_name: str
    last_name: str
    email: str
    until: datetime


_CLAIM = (
    "WITH due AS MATERIALIZED (SELECT id FROM identity_verification WHERE step <> '' AND step_at <= %(now)s"
    " AND (claimed_until IS NULL OR claimed_until <= %(now)s) ORDER BY step_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)"
    " UPDATE identity_verification row SET claimed_until = %(until)s FROM due, identity_person person"
    " WHERE row.id = due.id AND person.id = row.person_id RETURNING row.id, row.step, row.applicant, row.run,"
    " person.first_name, person.last_name, person.email, row.claimed_until"
)


def claim(now: datetime, limit: int = AT_ONCE) -> list[Claim]:
    """Takes due steps; workers pass over each other's."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": now + CLAIM_LASTS, "limit": limit})
        return [Claim(*row) for row in cursor.fetchall()]


def take_due(make: Callable[[], Onfido]) -> int:
    """Takes every step that is due now; how many there were."""
    taken = 0
    while True:
        found = claim(dispatcher.now(), limit=1)
        if not found:
            return taken
        taken += 1
        dispatch(SYSTEM, ask(make(), found[0]))


def ask(provider: Onfido, row: Claim) -> RecordStep:
    """Asks the provider; what it answers, or that it does not, as a command. No transaction is open."""
    record = RecordStep(verification=row.id, step=row.step, claimed_until=row.until)
    try:
        if row.step == Verification.Step.ERASE:
            if row.applicant:
                provider.erase(row.applicant)
            return record
        if row.step == Verification.Step.BEGIN:
            # The applicant of an attempt that failed half-way is used again.
            applicant = row.applicant or provider.applicant(row.first_name, row.last_name, row.email)
            record = msgspec.structs.replace(record, applicant=applicant)
            return _answered(record, provider.begin(applicant, row.id))
        return _answered(record, provider.look(row.run))
    except ProviderError as error:
        return msgspec.structs.replace(record, failed=error.code, wait=error.wait, gone=error.gone)


def _answered(record: RecordStep, answer: Answer) -> RecordStep:
    return msgspec.structs.replace(record, run=answer.run, link=answer.link, status=answer.status, seen=answer.seen)


def record(actor: Actor, command: RecordStep, tx: Transaction) -> Done:
    """What follows from an answer. An answer under a claim that expired says nothing: another worker has asked."""
    found = Verification.objects.filter(pk=command.verification).values_list("person", flat=True).first()
    if found is None:
        return Done()
    person = accounts_access.locked(found)
    row = Verification.objects.select_for_update().get(pk=command.verification)
    if row.claimed_until != command.claimed_until:
        return Done()
    row.claimed_until = None
    row.applicant = command.applicant or row.applicant
    if row.step != command.step:
        # It was ended meanwhile: what the provider was given is known, so that it is erased there too.
        row.run = command.run or row.run
        row.save()
    elif row.step == Verification.Step.ERASE:
        _erased(actor, row, command, tx)
    elif command.failed and not command.gone:
        _later(row, command, tx)
    elif command.gone and row.step == Verification.Step.WATCH:
        deciding.ask_again(actor, person, row, tx, "provider_failed")
    else:
        row.run, row.link = command.run or row.run, command.link or row.link
        if row.step == Verification.Step.BEGIN and row.step_attempts and row.created_at + SLOW < tx.now:
            mail.enqueue(Kind.READY, person.pk, f"{row.pk}", tx)
        _follow(actor, row, command, tx)
    return Done()


def _follow(actor: Actor, row: Verification, command: RecordStep, tx: Transaction) -> None:
    """The next state, from what the provider says of the run."""
    person = row.person
    if command.seen is not None:
        row.seen = deciding.seal(row.pk, msgspec.json.encode(command.seen), "seen")
    if command.status != "awaiting_input" and row.submitted_at is None:
        row.submitted_at = tx.now
    row.save()
    difference = deciding.compare(person, row).difference if command.status == "approved" else ""
    found = lifecycle.verdict(command.status, difference, row.attempt)
    if found.state == "verified":
        if not deciding.accept(actor, person, row, tx, "names_agree"):
            deciding.review(actor, person, row, tx, "number_taken")
    elif found.state == "in_review":
        deciding.review(actor, person, row, tx, found.reason)
    elif found.state == "awaiting_person" and found.reason:
        deciding.ask_again(actor, person, row, tx, found.reason)
    elif found.state == "awaiting_person" and tx.now >= row.created_at + lifecycle.LINK_LASTS:
        deciding.ask_again(actor, person, row, tx, "expired")
    else:
        _watch(row, found.state, tx)


def _watch(row: Verification, state: str, tx: Transaction) -> None:
    """Looks again later, the longer it takes the more seldom."""
    waits = 0 if row.step != Verification.Step.WATCH else row.step_attempts + 1
    row.state, row.reason = state, ""
    row.step, row.step_attempts = Verification.Step.WATCH, min(waits, 30)
    row.step_at = tx.now + min(WATCH_FIRST * 2 ** min(waits, 10), WATCH_LONGEST)
    row.save()


def _later(row: Verification, command: RecordStep, tx: Transaction) -> None:
    """Waits twice as long each time, less a random part, so that not all come at once when the provider is back."""
    row.step_attempts = min(row.step_attempts + 1, 30)
    wait = min(FIRST_WAIT * 2 ** (row.step_attempts - 1), LONGEST_WAIT)
    wait = max(wait * (1 - random.random() / 4), command.wait)  # noqa: S311  (spreads load, hides nothing)
    row.step_at = tx.now + timedelta(seconds=wait)
    row.save()


def _erased(actor: Actor, row: Verification, command: RecordStep, tx: Transaction) -> None:
    """The provider has nothing more of this attempt, and we forget what was read in it."""
    if command.failed and not command.gone:
        _later(row, command, tx)
        return
    vault.erase(deciding.owner(row.pk))
    row.step, row.step_at, row.applicant, row.link, row.seen, row.note = "", None, "", "", b"", b""
    row.opinions.update(note=b"")
    row.save()
    tx.audit(actor, "verification.erased", row.person_id, [row.pk])


def take_notice(actor: Actor, command: TakeNotice, tx: Transaction) -> Done:
    """Makes the run's row due now. What the notice says of the run is not believed: the provider is asked."""
    ProviderNotice.objects.filter(at__lt=tx.now - NOTICES_KEPT).delete()
    _, is_new = ProviderNotice.objects.get_or_create(key=command.key, defaults={"at": tx.now})
    if is_new:
        watched = Verification.objects.filter(run=command.run, step=Verification.Step.WATCH)
        if watched.update(step_at=tx.now, claimed_until=None):
            tx.after_commit(STEP_TASK)
    return Done()
