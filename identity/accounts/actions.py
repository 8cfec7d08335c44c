"""What Relais itself changes about accounts."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from identity import fields
from identity.accounts import access, internal_commands
from identity.accounts.models import Person
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
            )
    except IntegrityError as error:
        raise Conflict("Somebody has an account with this id, e-mail or register number already.") from error
    return Done()


def verify_person(actor: Actor, command: internal_commands.VerifyPerson, tx: Transaction) -> Done:
    """Opens everything to somebody. Their sockets close with 1012: the next ``hello`` has what they may see now."""
    person = access.locked(command.person)
    if person.verified_at is None:
        _mark(person, verified_at=tx.now, verification_method=command.evidence)
        tx.close_person(person.id, CloseCode.RESTARTING)
    return Done()


def withdraw_verification(actor: Actor, command: internal_commands.WithdrawVerification, tx: Transaction) -> Done:
    """Takes back what ``verify_person`` opened. No socket that heard events before hears another one."""
    person = access.locked(command.person)
    if person.verified_at is not None:
        _mark(person, verified_at=None, verification_method="")
        tx.close_person(person.id, CloseCode.RESTARTING)
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


def _mark(person: Person, **changes: datetime | str | None) -> None:
    Person.objects.filter(pk=person.pk).update(**changes)
