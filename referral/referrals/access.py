"""The only way to a referral: each function returns it or refuses.

What the caller may not know of is ``not_found``, in the same words as what does not exist. What they may
see but not do is ``forbidden``. Role *and* object are checked: a secretary's level counts for the agendas
it was given on, and for no other of the same practitioner.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from identity.organisations import access as organisations_access
from referral.referrals.models import Referral
from referral.scheduling.access import appointments, person
from server.kernel.authentication import Actor
from server.kernel.wire.errors import NotFound


def referrals(actor: Actor) -> QuerySet[Referral]:
    """Referrals the caller made or received, or whose appointment is theirs to read."""
    caller = person(actor)
    read = Exists(appointments(actor).filter(pk=OuterRef("appointment")))
    return Referral.objects.filter(Q(referrer=caller) | Q(practitioner=caller) | Q(read))


def made(actor: Actor) -> QuerySet[Referral]:
    """Referrals that the caller made."""
    return Referral.objects.filter(referrer=person(actor))


def received(actor: Actor) -> QuerySet[Referral]:
    """Referrals to the caller, and those to an agenda that they may read: a secretary's as well as a practitioner's."""
    agendas = list(organisations_access.resources(person(actor), "agenda", "read").values_list("pk", flat=True))
    return Referral.objects.filter(Q(practitioner=actor.person) | Q(appointment__agenda__in=agendas))


def referral(actor: Actor, wanted: UUID) -> Referral:
    found = referrals(actor).filter(id=wanted).first()
    if found is None:
        raise NotFound
    return found
