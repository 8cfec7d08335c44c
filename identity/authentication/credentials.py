"""Bearer tokens, by which programs say who they are."""

from __future__ import annotations

import secrets
from datetime import timedelta

from identity.accounts.models import Person
from identity.authentication.internal_commands import StoreToken
from identity.sessions.store import digest
from server.kernel import clock
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7

TOKEN_LIFETIME = timedelta(days=365)


def new_token() -> str:
    """A bearer token: shown once to whoever asked for it."""
    return f"relais_{secrets.token_urlsafe(32)}"


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
            expires_at=clock.now() + TOKEN_LIFETIME,
        ),
    )
    return token
