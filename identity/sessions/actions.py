"""How sessions end."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from identity.sessions import access, internal_commands
from identity.sessions.models import Session
from identity.sessions.wire import EndOtherSessions, EndSession
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done


def end_session(actor: Actor, command: EndSession, tx: Transaction) -> Done:
    """Ends a session of the caller; its sockets close with 4401 at once."""
    row = access.session(actor, command.session)
    end(actor, Session.objects.filter(pk=row.pk), tx)
    return Done()


def end_other_sessions(actor: Actor, command: EndOtherSessions, tx: Transaction) -> Done:
    """Ends every session of the caller but this one."""
    end(actor, Session.objects.filter(person=actor.person), tx, keep=actor.session)
    return Done()


def end_expired_sessions(actor: Actor, command: internal_commands.EndExpiredSessions, tx: Transaction) -> Done:
    """Ends every session whose time is over."""
    end(actor, Session.objects.filter(expires_at__lte=tx.now), tx)
    return Done()


def end_provider_sessions(actor: Actor, command: internal_commands.EndProviderSessions, tx: Transaction) -> Done:
    """Ends what the identity provider has ended. A session of its that nobody has here ends nothing."""
    wanted = {"provider_subject": command.subject, "provider_session": command.provider_session}
    named = {column: value for column, value in wanted.items() if value}
    if named:
        end(actor, Session.objects.filter(**named), tx)
    return Done()


def end(
    actor: Actor, sessions: QuerySet[Session], tx: Transaction, keep: UUID | None = None, code: int | None = None
) -> None:
    """Ends those that are open; the audit says which, and by whom. Their data goes, the row stays as a trace. Their
    sockets close with 4401, or with ``code``."""
    found = sessions.filter(ended_at=None).select_for_update().order_by("pk").values_list("pk", flat=True)
    ended = [session for session in found if session != keep]
    if ended:
        Session.objects.filter(pk__in=ended).update(ended_at=tx.now, data="", lock_secret=None, lock_proof=None)
        if code is None:
            tx.end_sessions(ended)
        else:
            tx.close_sessions(ended, code)
        tx.audit(actor, "session.ended", about=ended)
