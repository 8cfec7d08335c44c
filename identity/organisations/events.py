"""What of organisations concerns a person's inbox, ``i:<person>``."""

from __future__ import annotations

from typing import Any

from identity.organisations.wire_members import ProfileRequested, RightsChanged
from identity.organisations.wire_organisations import MembershipChanged, MembershipEnded
from server.kernel.events import EventType

EVENTS: list[EventType[Any]] = [
    EventType(MembershipChanged),
    EventType(MembershipEnded),
    EventType(RightsChanged),
    EventType(ProfileRequested),
]
