"""What happens to sessions by themselves."""

from __future__ import annotations

from celery import shared_task

from identity.orders import EndExpiredSessions
from identity.sessions import SessionStore
from server.dispatch import SYSTEM, execute


@shared_task(name="identity.end_expired_sessions")
def end_expired_sessions() -> None:
    """Closes the sockets of sessions whose time is over, and forgets browsers that never signed in."""
    execute(SYSTEM, EndExpiredSessions())
    SessionStore.clear_expired()
