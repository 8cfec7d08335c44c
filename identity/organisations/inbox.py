"""Events of a person's inbox, ``i:<person>``, about the organisations they belong to and what they may do there."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from identity.organisations.wire_members import ProfileRequested, RightsChanged
from identity.organisations.wire_organisations import MembershipChanged, MembershipEnded
from server.kernel.streams import Draft
from server.kernel.wire import Event, stream_name


def _draft(person: UUID, event: Event) -> Draft:
    return Draft(stream_name("i", person), event)


def membership_changed(person: UUID, organisation: UUID) -> Draft:
    """Tells somebody that they joined, or that their function or marks changed."""
    return _draft(person, MembershipChanged(organisation=organisation))


def membership_ended(person: UUID, organisation: UUID, by: UUID) -> Draft:
    """Tells somebody's devices to erase what they hold of an organisation."""
    return _draft(person, MembershipEnded(organisation=organisation, by=by))


def rights_changed(person: UUID, organisation: UUID, resources: Iterable[UUID]) -> Draft:
    """Tells somebody's open screens that what they may do with these resources changed."""
    return _draft(person, RightsChanged(organisation=organisation, resources=sorted(resources)))


def profile_requested(person: UUID, organisation: UUID, request: UUID) -> Draft:
    """Tells somebody that a colleague is to have access to their messages, if they agree."""
    return _draft(person, ProfileRequested(organisation=organisation, request=request))
