"""What somebody has said of who reaches them; nobody else reads it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from identity.accounts.access import verified
from identity.contacts.models import Block, ContactRequest, ContactRule
from identity.contacts.wire import BlockedView, ContactRequestView, ContactSettings, GetContacts, SentRequestView
from server.kernel.authentication import Actor
from server.kernel.clock import now
from server.kernel.dispatch import Transaction

BLOCKED, REQUESTS = 200, 100
"""That are listed, at most."""
ASKED_AGAIN = timedelta(days=30)
"""One person is asked once in this time."""


def get_settings(actor: Actor, command: GetContacts, tx: Transaction) -> ContactSettings:
    """The caller's own settings."""
    return settings_of(actor)


def settings_of(actor: Actor) -> ContactSettings:
    """The caller's rule, whom they block, who asks, and whom they asked. Four statements."""
    person = verified(actor)
    rule = ContactRule.objects.filter(person=person).values_list("rule", flat=True).first()
    blocks = Block.objects.filter(person=person).select_related("blocked").order_by("-at", "-pk")[:BLOCKED]
    asked = ContactRequest.objects.filter(person=person, answered_at=None).select_related("asked_by")
    return ContactSettings(
        rule=rule or "everybody",  # type: ignore[arg-type]  # the column's choices are the wire's
        blocked=[BlockedView(person=one.blocked_id, name=one.blocked.name, at=one.at) for one in blocks],
        requests=[
            ContactRequestView(
                id=one.pk,
                person=one.asked_by_id,
                name=one.asked_by.name,
                at=one.at,
                profession=one.asked_by.profession or None,
                speciality=one.asked_by.speciality or None,
                reason=one.reason or None,
            )
            for one in asked.order_by("-at", "-pk")[:REQUESTS]
        ],
        sent=_sent(person),
    )


def _sent(person: UUID) -> list[SentRequestView]:
    """Whom somebody asked in the last 30 days, as far as they were told what became of it."""
    mine = ContactRequest.objects.filter(asked_by=person, at__gt=now() - ASKED_AGAIN).select_related("person")
    return [
        SentRequestView(
            id=one.pk,
            person=one.person_id,
            name=one.person.name,
            at=one.at,
            state=one.told or "sent",  # type: ignore[arg-type]  # the column's choices are the wire's
            again_at=one.at + ASKED_AGAIN,
            profession=one.person.profession or None,
            speciality=one.person.speciality or None,
            reason=one.reason or None,
        )
        for one in mine.order_by("-at", "-pk")[:REQUESTS]
    ]
