"""What Relais itself changes about accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from identity import fields
from identity.accounts import access, internal_commands, verification
from identity.accounts.models import Consent, Person
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done
from server.kernel.wire.close_codes import CloseCode
from server.kernel.wire.errors import Conflict, Invalid


def create_person(actor: Actor, command: internal_commands.CreatePerson, tx: Transaction) -> Done:
    """Makes an account, unverified. One that exists under this id stays as it is.

    ``Invalid`` for a name or an address that no patient's could be either.
    """
    email = fields.email(command.email, "$.email").lower()
    if not email:
        raise Invalid("$.email", "An account has an e-mail address.", why="required")
    first_name = fields.person_name(command.first_name, "$.first_name")
    last_name = fields.person_name(command.last_name, "$.last_name")
    if Person.objects.filter(pk=command.id, email=email).exists():
        return Done()
    try:
        with transaction.atomic():
            Person.objects.create(
                id=command.id,
                email=email,
                first_name=first_name,
                last_name=last_name,
                title=command.title,
                function=command.function,
                profession=command.profession,
                speciality=command.speciality,
                national_id=command.national_id,
                password=command.password,
                created_at=tx.now,
                email_confirmed_at=tx.now if command.confirmed else None,
            )
    except IntegrityError as error:
        raise Conflict("Somebody has an account with this id, e-mail or register number already.") from error
    return Done()


def verify_person(actor: Actor, command: internal_commands.VerifyPerson, tx: Transaction) -> Done:
    """Opens everything to somebody. Their sockets close with 1012: the next ``hello`` has what they may see now."""
    mark_verified(
        access.locked(command.person), command.by, tx, evidence=command.evidence, vouched_by=command.vouched_by
    )
    return Done()


def mark_verified(
    person: Person, method: str, tx: Transaction, *, evidence: str = "", vouched_by: UUID | None = None
) -> bool:
    """Writes down a proof of somebody's identity; the row is locked. False when it says no more than what is known.

    The audit entry is the caller's.
    """
    if (method == "vouched") != (vouched_by is not None):
        raise Invalid("$.vouched_by", "Say who vouches for them, and only then.", why="required")
    known = person.verification_method if person.verified_at else ""
    if not verification.replaces(method, known, is_in_doubt=person.confirm_by is not None):
        return False
    _mark(
        person,
        verified_at=tx.now,
        verification_method=method,
        verification_evidence=evidence,
        vouched_by_id=vouched_by,
        confirm_by=None,
        withdrawn_reason="",
    )
    tx.close_person(person.id, CloseCode.RESTARTING)
    return True


def withdraw_verification(actor: Actor, command: internal_commands.WithdrawVerification, tx: Transaction) -> Done:
    """Takes back what ``verify_person`` opened. No socket that heard events before hears another one."""
    mark_withdrawn(access.locked(command.person), command.reason, tx)
    return Done()


def mark_withdrawn(person: Person, reason: str, tx: Transaction) -> bool:
    """As ``withdraw_verification``, for somebody whose row is locked; False when there was nothing to take back."""
    if person.verified_at is None:
        return False
    _mark(
        person,
        verified_at=None,
        verification_method="",
        verification_evidence="",
        vouched_by_id=None,
        confirm_by=None,
        withdrawn_reason=reason,
    )
    tx.close_person(person.id, CloseCode.RESTARTING)
    return True


def record_consents(person: UUID, agreed: Mapping[str, str], tx: Transaction) -> None:
    """Writes down which documents somebody agreed to, in which versions. Agreed to again, the first time stands."""
    Consent.objects.bulk_create(
        [
            Consent(person_id=person, document=document, version=version, at=tx.now)
            for document, version in sorted(agreed.items())
        ],
        ignore_conflicts=True,
    )


def add_moderator(actor: Actor, command: internal_commands.AddModerator, tx: Transaction) -> Done:
    """It counts from their next command on."""
    person = access.locked(command.person)
    if person.moderator_since is None:
        _mark(person, moderator_since=tx.now)
    return Done()


def remove_moderator(actor: Actor, command: internal_commands.RemoveModerator, tx: Transaction) -> Done:
    _mark(access.locked(command.person), moderator_since=None)
    return Done()


def suspend_person(actor: Actor, command: internal_commands.SuspendPerson, tx: Transaction) -> Done:
    person = access.locked(command.person)
    if person.suspended_at is None:
        _mark(person, suspended_at=tx.now)
        tx.close_person(person.id)
    return Done()


def reinstate_person(actor: Actor, command: internal_commands.ReinstatePerson, tx: Transaction) -> Done:
    _mark(access.locked(command.person), suspended_at=None)
    return Done()


def _mark(person: Person, **changes: datetime | str | UUID | None) -> None:
    Person.objects.filter(pk=person.pk).update(**changes)
