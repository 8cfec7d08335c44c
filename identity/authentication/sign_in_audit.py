"""Sign-ins and failed ones in the audit log. They are no command: allauth decides, and its adapter tells us here."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.authentication.account_mail import Kind
from identity.authentication.internal_commands import TellAccountHolder
from identity.sessions.models import Session
from identity.sessions.store import digest
from server.kernel import audit
from server.kernel.authentication import SYSTEM, Actor
from server.kernel.dispatch import dispatch
from server.kernel.refusals import refusals


class _Nobody(Actor):
    """Who tries to sign in has not proved to be anybody."""

    scopes = frozenset()
    label = ""


NOBODY = _Nobody()


def signed_in(request: HttpRequest, person: Person, address: str) -> UUID:
    """Notes who signed in, in which session, from which address. The session is stored first, to have its id, which is
    returned."""
    request.session.save()
    session = Session.objects.get(key_digest=digest(request.session.session_key or ""))
    entry = audit.entry(
        acting(person, session.pk), "session.begin", session.pk, address=address, method=session.opened_by
    )
    audit.record([entry])
    return session.pk


def confirmed(request: HttpRequest, person: Person, method: str) -> None:
    """Notes that somebody who is signed in has proved again that it is them."""
    session = Session.objects.get(key_digest=digest(request.session.session_key or ""))
    audit.record([audit.entry(acting(person, session.pk), "session.confirmed", session.pk, method=method)])


def refused_factor(person: UUID, address: str) -> None:
    """Notes a wrong second factor, counted as failed sign-ins are."""
    refusals.add(
        ("session.refused", "factor", person, address),
        NOBODY,
        "session.refused",
        [person],
        address=address,
        method="second_factor",
    )


def refused_proof(method: str, reason: str, address: str, detail: str = "") -> None:
    """Notes that a proof of identity was not taken: of what kind, why, and from where. Counted, at most once a minute
    for one address and reason."""
    more = {"detail": detail} if detail else {}
    refusals.add(
        ("session.refused", method, reason, detail, address),
        NOBODY,
        "session.refused",
        address=address,
        method=method,
        reason=reason,
        **more,
    )


def refused(email: str, address: str) -> None:
    """Notes a failed sign-in: whose account was tried, if there is one, and from where. Counted, at most once a minute
    for one account and address: whoever tries many passwords fills no table, and waits no longer for being noted."""
    person = Person.objects.filter(email=email.lower()).values_list("pk", flat=True).first()
    refusals.add(
        ("session.refused", person, address), NOBODY, "session.refused", [person] if person else [], address=address
    )


def warn(email: str) -> None:
    """Tells whose account it is, if there is one, that many wrong passwords were tried on it: once a day."""
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).values_list("pk", flat=True).first()
    if person is not None:
        day = timezone.now().date().isoformat()
        dispatch(SYSTEM, TellAccountHolder(person=person, kind=Kind.WRONG_PASSWORDS, once=day))
