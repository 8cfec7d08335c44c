"""What becomes of a verification: its points compared, accepted, refused, asked for again, given to moderators.

All of it in the transaction of whoever asks, with the rows of the person and of the verification locked, in that order.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from identity.accounts import actions as accounts_actions
from identity.accounts.models import MODERATORS, Person
from identity.directory.models import RegisterEntry
from identity.names import displayed, fold
from identity.onboarding import comparison, lifecycle, mail
from identity.onboarding.comparison import Names, Row, Seen
from identity.onboarding.models import Verification
from identity.onboarding.words import Kind
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.models import WorkItem
from server.kernel.work import actions as work

WORK = "verification"


class Compared(NamedTuple):
    """The table, and the code of the first point that a person has to look at; empty when all agree."""

    rows: list[Row]
    difference: str


def owner(verification: UUID) -> str:
    """Whose key seals what was read in a document and written about it."""
    return f"v:{verification}"


def seal(verification: UUID, content: bytes, context: str) -> bytes:
    return vault.key_for_sealing(owner(verification)).seal(content, f"{context} {verification}") if content else b""


def unseal(verification: Verification, sealed: bytes | memoryview, context: str) -> bytes:
    """What was sealed, or nothing once its key is erased."""
    if not sealed:
        return b""
    keys = vault.keys_for_reading([owner(verification.pk)])
    return keys.open(owner(verification.pk), sealed, f"{context} {verification.pk}") or b""


def seen(verification: Verification) -> Seen | None:
    """What the provider read in the document, as long as it is kept."""
    content = unseal(verification, verification.seen, "seen")
    return msgspec.json.decode(content, type=Seen) if content else None


def compare(person: Person, verification: Verification) -> Compared:
    """Declaration, document and register side by side. Three statements at most."""
    number = person.national_id or person.claimed_id
    entry = RegisterEntry.objects.filter(national_id=number).first() if number else None
    is_taken = number is not None and Person.objects.filter(national_id=number).exclude(pk=person.pk).exists()
    read = seen(verification)
    declared = Names(first=person.first_name, last=person.last_name)
    listed = Names(first=displayed(entry.first_name, first=True), last=displayed(entry.last_name)) if entry else None
    rows = comparison.compare(declared, read, listed)
    rows.append(_profession(person, entry))
    rows.append(
        Row(
            trait="number",
            likeness="absent" if number is None else "identical" if entry and not is_taken else "different",
            declared=number[1:] if number else "",
            register=entry.national_id[1:] if entry else "",
        )
    )
    return Compared(rows, _difference(rows, read, number, entry, is_taken=is_taken))


def _profession(person: Person, entry: RegisterEntry | None) -> Row:
    declared = ", ".join(part for part in (person.profession, person.speciality) if part)
    if entry is None:
        return Row(trait="profession", likeness="absent", declared=declared)
    same = fold(person.profession) == fold(entry.profession_label)
    special = not person.speciality or fold(person.speciality) == fold(entry.speciality)
    return Row(
        trait="profession",
        likeness="identical" if same and special else "close" if same else "different",
        declared=declared,
        register=", ".join(part for part in (entry.profession_label, entry.speciality) if part),
    )


def _difference(
    rows: list[Row], read: Seen | None, number: str | None, entry: RegisterEntry | None, *, is_taken: bool
) -> str:
    last, first, profession, _ = (row.likeness for row in rows)
    if read is None or not read.last_name or not read.first_names:
        return "nothing_read"
    if number is None:
        return "no_register_entry"
    if entry is None:
        return "entry_not_found"
    if is_taken:
        return "number_taken"
    if last != "identical":
        return "last_name_close" if last == "close" else "last_name_differs"
    if first != "identical":
        return "first_names_close" if first == "close" else "first_names_differ"
    return "profession_differs" if profession == "different" else ""


def accept(actor: Actor, person: Person, verification: Verification, tx: Transaction, reason: str = "") -> bool:
    """Opens everything to somebody, and gives them the entry that they claimed. False when somebody else has it: the
    register's number is unique among accounts, whatever races."""
    claimed = person.national_id or person.claimed_id
    if claimed is not None:
        try:
            with transaction.atomic():
                Person.objects.filter(pk=person.pk).update(national_id=claimed, **_as_registered(claimed))
        except IntegrityError:
            return False
    # Without a run moderators have looked at something else: they accept for the deployment.
    method = "document" if verification.run else "command"
    accounts_actions.mark_verified(person, method, tx, evidence=verification.run)
    _close(verification, "verified", reason, tx)
    mail.enqueue(Kind.VERIFIED, person.pk, f"{verification.pk}", tx)
    tx.audit(actor, "verification.accepted", person.pk, [verification.pk], evidence=verification.run, reason=reason)
    return True


def _as_registered(national_id: str) -> dict[str, str]:
    """What the register says of somebody, which colleagues then read."""
    entry = RegisterEntry.objects.filter(national_id=national_id).first()
    if entry is None:
        return {}
    return {"title": entry.title, "profession": entry.profession_label, "speciality": entry.speciality}


def refuse(actor: Actor, person: Person, verification: Verification, tx: Transaction, reason: str) -> None:
    _close(verification, "refused", reason, tx)
    mail.enqueue(Kind.REFUSED, person.pk, f"{verification.pk}/{tx.now.timestamp():.0f}", tx)
    tx.audit(actor, "verification.refused", person.pk, [verification.pk], evidence=verification.run, reason=reason)


def ask_again(actor: Actor, person: Person, verification: Verification, tx: Transaction, reason: str) -> None:
    """Another document, or the same one once more; ``reason`` is why."""
    verification.state, verification.reason = Verification.State.AWAITING_PERSON, reason
    verification.step, verification.step_at = "", None
    verification.save()
    work.settle([WORK], [verification.pk], tx.now)
    mail.enqueue(Kind.ASK_AGAIN, person.pk, f"{verification.pk}/{tx.now.timestamp():.0f}", tx)
    tx.audit(actor, "verification.asked_again", person.pk, [verification.pk], reason=reason)


def review(actor: Actor, person: Person, verification: Verification, tx: Transaction, reason: str) -> None:
    """Gives it to the moderators, who have a day."""
    verification.state, verification.reason = Verification.State.IN_REVIEW, reason
    verification.review_at = verification.review_at or tx.now
    verification.step, verification.step_at = "", None
    verification.save()
    due = tx.now + lifecycle.ANSWER_WITHIN
    work.open_items([WorkItem(kind=WORK, subject=verification.pk, organisation=MODERATORS, since=tx.now, due_at=due)])
    mail.enqueue(Kind.IN_REVIEW, person.pk, f"{verification.pk}", tx)
    tx.audit(actor, "verification.to_review", person.pk, [verification.pk], reason=reason)


def _close(verification: Verification, state: str, reason: str, tx: Transaction) -> None:
    verification.state, verification.reason, verification.decided_at = state, reason, tx.now
    verification.step, verification.step_at = Verification.Step.ERASE, tx.now + lifecycle.ERASE_AFTER
    verification.step_attempts = 0
    verification.save()
    work.settle([WORK], [verification.pk], tx.now)
