"""The only way to a membership or a site: each function returns it or refuses."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from identity.accounts.access import verified
from identity.organisations.models import Membership, Site
from server.kernel.authentication import Actor
from server.kernel.wire.errors import NotFound


def membership(actor: Actor, organisation: UUID) -> Membership:
    """The caller's membership in an organisation, as long as it lasts."""
    found = Membership.objects.filter(person=actor.person, organisation=organisation, left_at=None).first()
    if found is None:
        raise NotFound
    return found


def site(actor: Actor, wanted: UUID) -> Site:
    """A site of an organisation in which the caller is a member."""
    member = Q(organisation__memberships__person=verified(actor), organisation__memberships__left_at=None)
    found = Site.objects.filter(member, pk=wanted).first()
    if found is None:
        raise NotFound
    return found
