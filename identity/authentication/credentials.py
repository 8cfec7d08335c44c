"""Django's session engine, and the keys by which programs and browsers say who they are.

No key is ever kept: a row holds the SHA-256 digest of the cookie's key or of the bearer token. Both hold at least
160 bits of chance, so nobody can try them all and the digest needs neither salt nor a slow hash.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from identity.accounts.models import Person
from identity.authentication.internal_commands import StoreToken
from identity.sessions.models import Session
from identity.sessions.store import IDLE_TIMEOUT, LAST_SEEN_RESOLUTION, digest
from server.kernel.authentication import SYSTEM, Actor
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.close_codes import CloseCode

TOKEN_LIFETIME = timedelta(days=365)


def new_token() -> str:
    """A bearer token: shown once to whoever asked for it."""
    return f"relais_{secrets.token_urlsafe(32)}"


def authenticate_socket(*, cookie: str | None, bearer: str | None) -> Actor | CloseCode:
    """Who holds this key, or why the socket closes: nobody who is signed in, or somebody suspended. One query.

    The key's last sight is noted in the same statement, at most every ``SEEN``: a thousand sockets that come back at
    once write nothing.
    """
    key, kind = (bearer, Session.Kind.TOKEN) if bearer is not None else (cookie, Session.Kind.BROWSER)
    now = timezone.now()
    row = _holder(digest(key), kind, now) if key else None
    if row is None:
        return CloseCode.NOT_SIGNED_IN
    session, person, title, first_name, last_name, verified, barred = row
    if barred:
        return CloseCode.NOT_ALLOWED
    named = Person(title=title, first_name=first_name, last_name=last_name)
    return Actor(person, session, verified, named.name)


def _holder(key_digest: bytes, kind: str, now: datetime) -> tuple[UUID, UUID, str, str, str, bool, bool] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH seen AS (UPDATE identity_session SET last_seen_at = %(now)s"
            " WHERE key_digest = %(digest)s AND ended_at IS NULL AND expires_at > %(now)s"
            " AND last_seen_at > %(idle)s AND last_seen_at < %(seen)s)"
            " SELECT session.id, person.id, person.title, person.first_name, person.last_name,"
            " person.verified_at IS NOT NULL, person.suspended_at IS NOT NULL OR NOT person.is_active"
            " FROM identity_session session JOIN identity_person person ON person.id = session.person_id"
            " WHERE session.key_digest = %(digest)s AND session.kind = %(kind)s AND session.ended_at IS NULL"
            " AND session.expires_at > %(now)s AND session.last_seen_at > %(idle)s",
            {
                "digest": key_digest,
                "kind": kind,
                "now": now,
                "idle": now - IDLE_TIMEOUT,
                "seen": now - LAST_SEEN_RESOLUTION,
            },
        )
        found: tuple[UUID, UUID, str, str, str, bool, bool] | None = cursor.fetchone()
    return found


def issue_token(email: str, label: str = "relais token", token: str | None = None) -> str:
    """A new bearer token (or the one given), which nobody can show again; ``Person.DoesNotExist`` without account."""
    person = Person.objects.get_by_natural_key(email)
    token = token or new_token()
    dispatch(
        SYSTEM,
        StoreToken(
            id=uuid7(),
            person=person.id,
            digest=digest(token),
            label=label,
            expires_at=timezone.now() + TOKEN_LIFETIME,
        ),
    )
    return token
