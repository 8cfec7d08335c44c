"""What happens in an agenda, as events of its stream.

The full event goes to those who may read the agenda as it is in this very transaction; whoever else watches
it gets times alone. So nobody keeps seeing names because they once could.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from referral.scheduling.models import Appointment
from referral.scheduling.wire import (
    AgendaChanged,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentView,
    SlotHeld,
    SlotReleased,
)
from server.kernel.streams import Draft
from server.kernel.wire import Event, stream_name

Readers = Mapping[UUID, Collection[UUID]]
"""For each agenda, who may read it now."""


def slot_held(row: Appointment, by_name: str, audience: Readers) -> Draft:
    """``row`` comes with its agenda's site."""
    start, end = _times(row)
    until = row.hold_until.astimezone(row.agenda.zone)
    return _draft(
        row,
        SlotHeld(start=start, end=end, expires_at=until, hold=row.id, by=row.booked_by_id, by_name=by_name),
        SlotHeld(start=start, end=end, expires_at=until),
        audience,
    )


def slot_released(row: Appointment, audience: Readers) -> Draft:
    start, end = _times(row)
    return _draft(row, SlotReleased(start=start, end=end, hold=row.id), SlotReleased(start=start, end=end), audience)


def appointment_booked(row: Appointment, view: AppointmentView, audience: Readers) -> Draft:
    """Kept as a reference to the appointment: whoever reads the event later sees what they may see then."""
    start, end = _times(row)
    return _draft(
        row,
        AppointmentBooked(start=start, end=end, hold=row.id, appointment=view),
        AppointmentBooked(start=start, end=end),
        audience,
        subject=row.id,
    )


def appointment_cancelled(row: Appointment, view: AppointmentView, audience: Readers) -> Draft:
    start, end = _times(row)
    return _draft(
        row,
        AppointmentCancelled(start=start, end=end, appointment=view),
        AppointmentCancelled(start=start, end=end),
        audience,
        subject=row.id,
    )


def agenda_changed(agenda: UUID, audience: Readers) -> Draft:
    return Draft(stream_name("a", agenda), AgendaChanged(), audience.get(agenda, ()), masked=AgendaChanged())


def _draft(row: Appointment, event: Event, masked: Event, audience: Readers, subject: UUID | None = None) -> Draft:
    return Draft(
        stream_name("a", row.agenda_id), event, audience.get(row.agenda_id, ()), subject=subject, masked=masked
    )


def _times(row: Appointment) -> tuple[datetime, datetime]:
    zone = row.agenda.zone
    return row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
