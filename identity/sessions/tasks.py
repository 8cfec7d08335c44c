"""Periodic work on sessions."""

from __future__ import annotations

from celery import shared_task

from identity.sessions.internal_commands import EndExpiredSessions
from identity.sessions.store import SessionStore
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch


@shared_task(name="identity.end_expired_sessions")
def end_expired_sessions() -> None:
    """Closes the sockets of sessions whose time is over, and forgets browsers that never signed in."""
    dispatch(SYSTEM, EndExpiredSessions())
    SessionStore.clear_expired()
