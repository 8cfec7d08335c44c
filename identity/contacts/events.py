"""What of contacts concerns a person's inbox, ``i:<person>``."""

from __future__ import annotations

from typing import Any

from identity.contacts.wire import ContactAccepted, ContactBlocked, ContactRefused, ContactRequested
from server.kernel.events import EventType

EVENTS: list[EventType[Any]] = [
    EventType(ContactRequested),
    EventType(ContactAccepted),
    EventType(ContactRefused),
    EventType(ContactBlocked),
]
