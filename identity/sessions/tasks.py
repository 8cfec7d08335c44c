"""Periodic work on sessions."""

from __future__ import annotations

from celery import shared_task

from identity.sessions.internal_commands import EndExpiredSessions
from identity.sessions.store import SessionStore
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.retention import Kept, delete_expired

ENDED_SESSIONS = Kept(
    "identity_session", "sessions", "SELECT ctid FROM identity_session WHERE ended_at < %(before)s LIMIT %(limit)s"
)


@shared_task(name="identity.end_expired_sessions")
def end_expired_sessions() -> None:
    """Closes the sockets of sessions whose time is over, and forgets browsers that never signed in."""
    dispatch(SYSTEM, EndExpiredSessions())
    SessionStore.clear_expired()


@shared_task(name="identity.forget_ended_sessions")
def forget_ended_sessions() -> None:
    """Deletes sessions that ended long ago. What was done in them stays in the audit."""
    delete_expired((ENDED_SESSIONS,))
