"""What can be changed about people: their sessions by themselves, everything else by Relais itself."""

from __future__ import annotations

from identity.accounts import access as accounts_access
from identity.accounts.actions import _locked
from identity.authentication import internal_commands
from identity.sessions.actions import _end
from identity.sessions.models import Session
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done


def change_password(actor: Actor, command: internal_commands.ChangePassword, tx: Transaction) -> Done:
    """Whoever knew the old password is out: every session but the one that changed it ends."""
    if actor.person != command.person:
        accounts_access.require_system(actor)
    person = _locked(command.person)
    person.password = command.password
    person.save(update_fields=["password"])
    _end(actor, Session.objects.filter(person=person), tx, keep=command.keep)
    return Done()


def store_token(actor: Actor, command: internal_commands.StoreToken, tx: Transaction) -> Done:
    """Lets the holder of a token in. The same token again is extended; an ended one stays ended."""
    accounts_access.require_system(actor)
    Session.objects.bulk_create(
        [
            Session(
                id=command.id,
                kind=Session.Kind.TOKEN,
                person=_locked(command.person),
                key_digest=command.digest,
                label=command.label,
                created_at=tx.now,
                last_seen_at=tx.now,
                expires_at=command.expires_at,
            )
        ],
        update_conflicts=True,
        unique_fields=["key_digest"],
        update_fields=["last_seen_at", "expires_at"],
    )
    return Done()
