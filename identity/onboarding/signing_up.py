"""How an account begins: what was declared waits for the code of a mail, and nothing says who has an account.

An address that has an account takes the same way to the eye of whoever signs up, in the same time: a row, a mail, the
same counts. The mail tells its owner, and no code is right. The account is made when the code is right, so that nobody
holds an address that is not theirs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.contrib.auth.hashers import is_password_usable
from django.db.models import F

from identity.accounts import actions as accounts_actions
from identity.accounts.internal_commands import CreatePerson
from identity.accounts.models import Person
from identity.onboarding import codes, declaration, internal_commands
from identity.onboarding.declaration import Declared
from identity.onboarding.internal_commands import SignUpStep
from identity.onboarding.mail import CodeKind
from identity.onboarding.models import SignUp
from identity.onboarding.proofs import accept_proof
from identity.organisations import invitation_access, joining
from identity.organisations.refusals import InvitationOver
from server.kernel.authentication import Actor
from server.kernel.delivery import queue
from server.kernel.dispatch import Transaction
from server.kernel.identifiers import uuid7
from server.kernel.models import Delivery
from server.kernel.wire import Done
from server.kernel.wire.errors import Conflict, NotFound, RateLimited

KEPT = timedelta(hours=24)
"""How long a sign-up waits for its code."""


def begin(actor: Actor, command: internal_commands.BeginSignUp, tx: Transaction) -> SignUpStep:
    """The same for an address that has an account."""
    row = SignUp.objects.create(
        id=command.id,
        key_digest=command.key_digest,
        email=command.declared.email,
        is_known=_has_account(command.declared.email),
        declared=msgspec.to_builtins(command.declared),
        password=command.password,
        invitation=command.invitation,
        sent_at=tx.now,
        created_at=tx.now,
    )
    _send(row, tx)
    return SignUpStep(state="sent", attempts_left=codes.ATTEMPTS)


def confirm(actor: Actor, command: internal_commands.ConfirmSignUp, tx: Transaction) -> SignUpStep:
    """Makes the account. A code that was tried too often, or is too old, is as wrong as any other."""
    row = _locked(command.key_digest, tx.now)
    if row.attempts >= codes.ATTEMPTS:
        return SignUpStep(state="too_many_attempts")
    if tx.now >= row.sent_at + codes.LASTS:
        return SignUpStep(state="expired")
    expected = codes.code(codes.SIGN_UP, row.id, row.number, row.email)
    if not codes.is_right(command.code, expected) or row.is_known:
        return _wrong(row)
    proof = None
    if not is_password_usable(row.password):
        proof = command.proof
        if proof is None or proof.national_id != row.declared["claimed_id"] or _is_taken(proof.national_id):
            return SignUpStep(state="begin_again")
    try:
        person = _create(actor, row, tx)
    except Conflict:  # Somebody else was faster with this address.
        return _wrong(row)
    if proof is not None:
        accept_proof(actor, msgspec.structs.replace(proof, person=person), tx)
    row.delete()
    return SignUpStep(state="confirmed", person=person)


def send_again(actor: Actor, command: internal_commands.SendCodeAgain, tx: Transaction) -> SignUpStep:
    """``RateLimited`` within a minute of the last code, and after the fifth."""
    row = _locked(command.key_digest, tx.now)
    wait = (row.sent_at + codes.RESEND_AFTER - tx.now).total_seconds()
    if row.number >= codes.SENDS:
        raise RateLimited((row.created_at + KEPT - tx.now).total_seconds())
    if wait > 0:
        raise RateLimited(wait)
    if command.email is not None:
        row.email = command.email
        row.is_known = _has_account(command.email)
        row.declared = {**row.declared, "email": command.email}
    row.number, row.attempts, row.sent_at = row.number + 1, 0, tx.now
    row.save()
    _send(row, tx)
    return SignUpStep(state="sent", attempts_left=codes.ATTEMPTS)


def forget(actor: Actor, command: internal_commands.ForgetSignUps, tx: Transaction) -> Done:
    """What nobody confirmed is nobody's: nothing of it is kept."""
    SignUp.objects.filter(created_at__lte=tx.now - KEPT).delete()
    return Done()


def _is_taken(national_id: str) -> bool:
    return Person.objects.filter(national_id=national_id).exists()


def _has_account(email: str) -> bool:
    return Person.objects.filter(email=email).exists()


def _locked(key_digest: bytes, now: datetime) -> SignUp:
    row = SignUp.objects.select_for_update().filter(key_digest=key_digest, created_at__gt=now - KEPT).first()
    if row is None:
        raise NotFound("This sign-up is over: begin again.")
    return row


def _wrong(row: SignUp) -> SignUpStep:
    SignUp.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1)
    return SignUpStep(state="wrong_code", attempts_left=codes.ATTEMPTS - row.attempts - 1)


def _send(row: SignUp, tx: Transaction) -> None:
    kind = CodeKind.KNOWN if row.is_known else CodeKind.CODE
    key = f"signup/{row.id}/{row.number}"
    due = Delivery(key=key, channel=Delivery.Channel.EMAIL, kind=kind, subject=row.id, not_before=tx.now)
    queue.enqueue([due], tx)


def _create(actor: Actor, row: SignUp, tx: Transaction) -> UUID:
    declared = msgspec.convert(row.declared, Declared)
    profession, speciality = declaration.labels(declared.speciality)
    person = uuid7()
    accounts_actions.create_person(
        actor,
        CreatePerson(
            id=person,
            email=declared.email,
            first_name=declared.first_name,
            last_name=declared.last_name,
            function="practitioner",
            password=row.password,
            profession=profession,
            speciality=speciality,
        ),
        tx,
    )
    Person.objects.filter(pk=person).update(
        claimed_id=declared.claimed_id,
        address=declared.address,
        postal_code=declared.postal_code,
        city=declared.city,
        practice_mode=declared.practice_mode,
        language=declared.language,
    )
    accounts_actions.record_consents(person, declared.consents, tx)
    tx.audit(actor, "account.created", person, **declared.consents)
    if row.invitation:
        _take_up(actor, row.invitation, person, tx)
    return person


def _take_up(actor: Actor, secret: str, person: UUID, tx: Transaction) -> None:
    """Whoever came by an invitation is where it leads. One that is over meanwhile makes no account less."""
    try:
        _, drafts = joining.accept(actor, invitation_access.by_token(secret), Person.objects.get(pk=person), tx)
    except (InvitationOver, NotFound):
        return
    tx.record(drafts)
