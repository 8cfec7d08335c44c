"""What happens in an agenda, as drafts for its stream ``a:<agenda>``.

Each goes to those who may read the agenda once its stream is locked. Of those who watch it, who may see that it is busy
gets the masked form, and who has no level at all only when a slot is taken or free, while the agenda can be booked. So
nobody keeps seeing names because they once could.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from referral.scheduling.models import Appointment
from referral.scheduling.wire import (
    AgendaChanged,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentDetails,
    AppointmentNotice,
    HoldEnded,
    HoldSlotResult,
    SlotHeld,
    SlotReleased,
)
from server.kernel.streams import Draft
from server.kernel.wire import Event, stream_name


def slot_held(hold: HoldSlotResult, by: UUID, by_name: str) -> Draft:
    event = SlotHeld(
        start=hold.start,
        end=hold.end,
        expires_at=hold.expires_at.astimezone(hold.start.tzinfo),
        hold=hold.hold,
        by=by,
        by_name=by_name,
    )
    return Draft(stream_name("a", hold.agenda), event)


def hold_ended(row: Appointment, why: Literal["released", "expired"]) -> list[Draft]:
    """The slot is free again, and whoever held it learns of it on all their devices. ``row`` comes with its agenda's
    site, here and below."""
    start, end = _times(row)
    inbox = HoldEnded(hold=row.id, agenda=row.agenda_id, start=start, end=end, why=why)
    return [
        _draft(row, SlotReleased(start=start, end=end, hold=row.id)),
        Draft(stream_name("i", row.booked_by_id), inbox),
    ]


def appointment_booked(row: Appointment, details: AppointmentDetails) -> Draft:
    """Kept as a reference to the appointment: whoever reads the event later sees what they may see then."""
    return _draft(row, booked(row, details), subject=row.id)


def appointment_cancelled(row: Appointment, details: AppointmentDetails) -> Draft:
    return _draft(row, cancelled(row, details), subject=row.id)


def appointment_notice(agenda: UUID, notice: AppointmentNotice) -> Draft:
    return Draft(stream_name("a", agenda), notice)


def agenda_changed(agenda: UUID) -> Draft:
    return Draft(stream_name("a", agenda), AgendaChanged())


def booked(row: Appointment, details: AppointmentDetails) -> AppointmentBooked:
    """The event as it is sent live, and as it is shown later."""
    start, end = _times(row)
    return AppointmentBooked(start=start, end=end, hold=row.id, appointment=details)


def cancelled(row: Appointment, details: AppointmentDetails) -> AppointmentCancelled:
    start, end = _times(row)
    return AppointmentCancelled(start=start, end=end, appointment=details)


def _draft(row: Appointment, event: Event, subject: UUID | None = None) -> Draft:
    return Draft(stream_name("a", row.agenda_id), event, subject=subject)


def _times(row: Appointment) -> tuple[datetime, datetime]:
    zone = row.agenda.zone
    return row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
