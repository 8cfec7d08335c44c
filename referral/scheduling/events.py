"""The events of an agenda's stream ``a:<id>``, and who may read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from referral.scheduling import access, agenda_events
from referral.scheduling.models import Appointment
from referral.scheduling.queries.appointments import appointment_details, opened_appointments
from referral.scheduling.wire import (
    AgendaChanged,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentDetails,
    SlotHeld,
    SlotReleased,
)
from server.kernel.authentication import Actor
from server.kernel.events import EventType, Level, StreamKind, Subject


class _Shown(NamedTuple):
    row: Appointment
    details: AppointmentDetails


def _appointments(ids: Collection[UUID], level: Level) -> Mapping[UUID, _Shown]:
    """Appointments as they are now. Two statements at most; masked, nobody's details are opened."""
    rows = Appointment.objects.select_related(*access.RELATED).in_bulk(ids)
    opened = opened_appointments(list(rows.values())) if level == "full" else {}
    return {found: _Shown(row, opened.get(found) or appointment_details(row)) for found, row in rows.items()}


APPOINTMENT = Subject(_appointments)

EVENTS: list[EventType[Any]] = [
    EventType(SlotHeld),
    EventType(SlotReleased),
    EventType(AppointmentBooked, APPOINTMENT, lambda shown: agenda_events.booked(shown.row, shown.details)),
    EventType(AppointmentCancelled, APPOINTMENT, lambda shown: agenda_events.cancelled(shown.row, shown.details)),
    EventType(AgendaChanged),
]


def _level(actor: Actor, agenda: UUID) -> Level:
    """Who may read the agenda sees everything; any other professional sees when it is taken."""
    return "full" if access.allows(access.agenda(actor, agenda, to="refer").level, "read") else "masked"


AGENDA = StreamKind("a", _level, access.readers)
