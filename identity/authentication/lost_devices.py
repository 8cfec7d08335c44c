"""Devices that are lost: their session ends at once, and what they keep goes as soon as they ask for anything."""

from __future__ import annotations

from identity.authentication import account_mail, internal_commands
from identity.authentication.actions import tell
from identity.sessions import access as sessions_access
from identity.sessions.actions import end
from identity.sessions.models import Session
from identity.sessions.wire import FindSession, WipeSession
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done
from server.kernel.wire.close_codes import CloseCode


def wipe_session(actor: Actor, command: WipeSession, tx: Transaction) -> Done:
    """Asked twice it is asked once: the first time counts."""
    row = sessions_access.session(actor, command.session)
    if row.wipe_asked_at is not None:
        return Done()
    end(actor, Session.objects.filter(pk=row.pk), tx, code=CloseCode.WIPED)
    Session.objects.filter(pk=row.pk).update(wipe_asked_at=tx.now, wiped_at=None)
    tell(actor.person, account_mail.Kind.DEVICE_LOST, f"{tx.now.timestamp():.0f}/{row.pk}", tx)
    return Done()


def find_session(actor: Actor, command: FindSession, tx: Transaction) -> Done:
    """What was wiped already stays so."""
    row = sessions_access.session(actor, command.session)
    Session.objects.filter(pk=row.pk, wiped_at=None).update(wipe_asked_at=None)
    return Done()


def note_wiped(actor: Actor, command: internal_commands.NoteWiped, tx: Transaction) -> Done:
    """Enters that it is done, and tells the owner. Who shows another key says nothing by it."""
    row = Session.objects.select_for_update().filter(key_digest=command.key_digest, wiped_at=None).first()
    if row is None or row.wipe_asked_at is None or row.person_id is None:
        return Done()
    Session.objects.filter(pk=row.pk).update(wiped_at=tx.now)
    tx.audit(actor, "session.wiped", row.pk, about=[row.person_id])
    tell(row.person_id, account_mail.Kind.DEVICE_WIPED, f"{tx.now.timestamp():.0f}/{row.pk}", tx)
    return Done()
