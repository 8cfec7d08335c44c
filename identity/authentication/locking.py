"""The lock of a device: when it falls, and the code that opens it.

What a device keeps is encrypted under a key that it forgets when it locks. That key is wrapped under the code and under
a secret that is kept here alone, so that nobody who holds the device can try codes without us: wrong ones are counted,
and the fifth in a row ends the session. The code itself never leaves the device.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from django.db.models import Min

from identity.accounts import access as accounts_access
from identity.accounts.models import Person
from identity.authentication import account_mail
from identity.authentication.actions import tell
from identity.organisations.models import Membership
from identity.sessions import access as sessions_access
from identity.sessions.actions import end
from identity.sessions.models import Session
from identity.sessions.wire import (
    CODE_ATTEMPTS,
    GetLock,
    LockOpened,
    LockSecret,
    LockView,
    OpenLock,
    RemoveLockCode,
    SetLock,
    SetLockCode,
)
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done
from server.kernel.wire.errors import Invalid, InvalidState

OWNER = "x:locks"
CONTEXT = "lock"


def get_lock(actor: Actor, command: GetLock, tx: Transaction) -> LockView:
    """As it holds now, whatever was chosen when an organisation allowed more."""
    return _view(actor, accounts_access.caller(actor))


def set_lock(actor: Actor, command: SetLock, tx: Transaction) -> LockView:
    """For all devices of the caller."""
    person = accounts_access.locked(actor.person)
    at_most = longest(actor)
    for name in ("desk", "phone"):
        if at_most is not None and getattr(command, name) > at_most:
            raise Invalid(f"$.params.{name}", f"Your organisation allows {at_most} minutes.", why="too_long")
    person.lock_desk, person.lock_phone = command.desk, command.phone
    person.save(update_fields=["lock_desk", "lock_phone"])
    return _view(actor, person)


def longest(actor: Actor) -> int | None:
    """The fewest minutes that an organisation of the caller's sets, if one does. One query."""
    mine = Membership.objects.filter(person=actor.person, left_at=None)
    found: int | None = mine.aggregate(least=Min("organisation__lock_at_most"))["least"]
    return found


def _view(actor: Actor, person: Person) -> LockView:
    at_most = longest(actor)
    has_code = Session.objects.filter(pk__in=[actor.session], lock_proof__isnull=False).exists()
    desk, phone = (value if at_most is None else min(value, at_most) for value in (person.lock_desk, person.lock_phone))
    return LockView(desk=desk, phone=phone, has_code=has_code, at_most=at_most)


def set_code(actor: Actor, command: SetLockCode, tx: Transaction) -> LockSecret:
    """With a new secret: what was wrapped under the one before is opened by nothing any more."""
    row = sessions_access.current(actor)
    secret = secrets.token_bytes(32)
    Session.objects.filter(pk=row.pk).update(
        lock_secret=vault.key_for_sealing(OWNER).seal(secret, CONTEXT),
        lock_proof=_digest(command.proof),
        lock_attempts=0,
    )
    return LockSecret(secret=_text(secret))


def remove_code(actor: Actor, command: RemoveLockCode, tx: Transaction) -> Done:
    row = sessions_access.current(actor)
    Session.objects.filter(pk=row.pk).update(lock_secret=None, lock_proof=None, lock_attempts=0)
    return Done()


def open_lock(actor: Actor, command: OpenLock, tx: Transaction) -> LockOpened:
    """A wrong code counts; so it is an answer and no refusal, which would undo the count. A device that has no code is
    refused and stays signed in: nothing was tried."""
    row = sessions_access.current(actor)
    if row.lock_proof is None:
        raise InvalidState("This device has no code here: sign out, sign in again, and choose one.", state="no_code")
    if hmac.compare_digest(bytes(row.lock_proof), _digest(command.proof)):
        Session.objects.filter(pk=row.pk).update(lock_attempts=0)
        sealed = bytes(row.lock_secret or b"")
        return LockOpened(state="opened", secret=_text(vault.key_for_sealing(OWNER).open(sealed, CONTEXT)))
    left = CODE_ATTEMPTS - row.lock_attempts - 1
    if left > 0:
        Session.objects.filter(pk=row.pk).update(lock_attempts=row.lock_attempts + 1)
        return LockOpened(state="wrong_code", attempts_left=left)
    end(actor, Session.objects.filter(pk=row.pk), tx)
    tell(actor.person, account_mail.Kind.WRONG_CODES, f"{tx.now.timestamp():.0f}/{row.pk}", tx)
    return LockOpened(state="ended")


def _digest(proof: str) -> bytes:
    return hashlib.sha256(proof.encode()).digest()


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
