"""The events of an agenda's stream ``a:<id>``, and who may read it; what of holds concerns a person's inbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    AppointmentNotice,
    HoldEnded,
    SlotBooked,
    SlotHeld,
    SlotReleased,
)
from server.kernel.authentication import Actor
from server.kernel.events import Disclosure, EventType, Level, Reading, StoredEvent, StreamKind, Subject
from server.kernel.wire.errors import Refusal


class _Shown(NamedTuple):
    row: Appointment
    details: AppointmentDetails


def _appointments(ids: Collection[UUID], level: Level) -> Mapping[UUID, _Shown]:
    """Appointments as they are now, with the record of the agenda's organisation. Two statements at most; masked,
    nobody's details are opened. Nothing of what was written about the patient: not all who read the agenda see that.
    """
    rows = Appointment.objects.select_related(*access.RELATED).in_bulk(ids)
    shown = {row.id: row.patient for row in rows.values()}
    opened = opened_appointments(list(rows.values()), shown, notes=False) if level == "full" else {}
    return {found: _Shown(row, opened.get(found) or appointment_details(row)) for found, row in rows.items()}


APPOINTMENT = Subject(_appointments)

EVENTS: list[EventType[Any]] = [
    EventType(SlotHeld, public=SlotHeld),
    EventType(SlotReleased, public=SlotReleased),
    EventType(SlotBooked, public=SlotBooked),
    EventType(
        AppointmentBooked,
        APPOINTMENT,
        lambda shown: agenda_events.booked(shown.row, shown.details),
        public=SlotBooked,
    ),
    EventType(
        AppointmentCancelled,
        APPOINTMENT,
        lambda shown: agenda_events.cancelled(shown.row, shown.details),
        public=SlotReleased,
    ),
    EventType(AppointmentNotice),
    EventType(AgendaChanged),
    EventType(HoldEnded),
]


def _readings(asked: Sequence[tuple[Actor, UUID]]) -> list[Reading | Refusal]:
    return [_reading(actor, agenda) for actor, agenda in asked]


def _reading(actor: Actor, agenda: UUID) -> Reading | Refusal:
    """Who may read the agenda sees everything, who may see that it is busy the times; nobody else reads its stream."""
    try:
        found = access.agenda(actor, agenda, to="busy")
    except Refusal as refused:
        return refused
    return Reading("full" if access.allows(found.level, "read") else "masked")


def _disclosure(stored: Sequence[StoredEvent]) -> Disclosure:
    """Who is shown when these events are read in full. At most one statement."""
    subjects = [event.subject for event in stored if event.subject is not None]
    shown = Appointment.objects.filter(id__in=subjects).exclude(patient=None)
    return Disclosure("patient.read", set(shown.values_list("patient", flat=True)) if subjects else ())


AGENDA = StreamKind("a", _readings, access.audiences, _disclosure)
