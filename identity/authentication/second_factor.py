"""What a second factor changes: how a session counts, what is entered, and what its owner is told.

The factors themselves (codes of an application, passkeys, recovery codes) are allauth's; their secrets are sealed.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.authentication.internal_commands import ChangeFactor
from identity.sessions.models import Session
from identity.sessions.store import HowOpened, SessionStore, digest
from server.kernel import vault
from server.kernel.dispatch import dispatch

OWNER = "x:factors"
CONTEXT = "totp"
PROOFS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Factors that somebody signs in with; recovery codes stand in for them."""


class Change(NamedTuple):
    """What became of a factor of which kind."""

    change: Literal["added", "removed", "renewed"]
    factor: Literal["totp", "webauthn", "recovery_codes"]


CHANGES = {
    "mfa/email/totp_activated": Change("added", "totp"),
    "mfa/email/totp_deactivated": Change("removed", "totp"),
    "mfa/email/webauthn_added": Change("added", "webauthn"),
    "mfa/email/webauthn_removed": Change("removed", "webauthn"),
    "mfa/email/recovery_codes_generated": Change("renewed", "recovery_codes"),
}
"""By the mails that allauth would write of them."""


def how_opened(records: Iterable[Mapping[str, Any]]) -> HowOpened:
    """How a session is opened by whoever has shown these. A passkey that stands alone asks for a finger or a PIN: it is
    two factors."""
    shown = [record for record in records if not record.get("reauthenticated")]
    if any(record.get("passwordless") for record in shown):
        return HowOpened("passkey", strong=True)
    return HowOpened("password", strong=any(record["method"] == "mfa" for record in shown))


def has_factor(person: Person) -> bool:
    """Whether somebody can sign in with a second factor."""
    return bool(Authenticator.objects.filter(user=person, type__in=PROOFS).exists())


def changed(request: HttpRequest, person: Person, change: Change) -> None:
    """Enters a change of somebody's factors and tells them. A session in which the first one was set up has shown it;
    without any, no session that a password opened counts as two factors any more."""
    session = SessionStore.of(request)
    row = Session.objects.filter(key_digest=digest(session.session_key or ""), ended_at=None).first()
    remaining = has_factor(person)
    if change.change == "added":
        session.note_strong()
    dispatch(
        acting(person, row.pk if row else None),
        ChangeFactor(change=change.change, factor=change.factor, remaining=remaining),
    )


def sealed(text: str) -> str:
    """A secret as it is stored."""
    return base64.b64encode(vault.key_for_sealing(OWNER).seal(text.encode(), CONTEXT)).decode()


def opened(stored: str) -> str:
    """A stored secret."""
    return vault.key_for_sealing(OWNER).open(base64.b64decode(stored), CONTEXT).decode()
