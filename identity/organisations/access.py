"""May this person, and who may be seen: the only way to obtain a person, a membership or a session."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from identity.accounts.access import require_verified
from identity.organisations.models import Membership, Site
from server.kernel.authentication import Actor
from server.kernel.wire.errors import NotFound


def site(actor: Actor, wanted: UUID) -> Site:
    """A site of an organisation in which the caller is a member."""
    require_verified(actor)
    member = Q(organisation__memberships__person=actor.person, organisation__memberships__left_at=None)
    found = Site.objects.filter(member, pk=wanted).first()
    if found is None:
        raise NotFound
    return found


def acting_for(actor: Actor) -> UUID | None:
    """The organisation for which the caller acts: that of which they have been a member longest, if there is one."""
    current = Membership.objects.filter(person=actor.person, left_at=None).order_by("joined_at", "pk")
    return current.values_list("organisation", flat=True).first()
