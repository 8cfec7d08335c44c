"""An agenda's stream ``a:<id>`` as it is read later: by ``sync``, and when something is told again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from identity.patients.queries import patient_views
from referral.scheduling import access
from referral.scheduling.models import Appointment
from referral.scheduling.queries.appointments import full_view
from referral.scheduling.wire import AgendaChanged, AppointmentBooked, AppointmentCancelled, SlotHeld, SlotReleased
from server.kernel.authentication import Actor
from server.kernel.dispatch import Level
from server.kernel.streams import StoredEvent
from server.kernel.wire import Event

_OF_AN_APPOINTMENT: dict[str, type[AppointmentBooked] | type[AppointmentCancelled]] = {
    AppointmentBooked.type: AppointmentBooked,
    AppointmentCancelled.type: AppointmentCancelled,
}
_held = msgspec.json.Decoder(SlotHeld)
_released = msgspec.json.Decoder(SlotReleased)


def level(actor: Actor, agenda: UUID) -> Level:
    """Who may read the agenda sees everything, who may see that it is busy the times; nobody else reads its stream."""
    return "full" if access.allows(access.agenda(actor, agenda, to="busy").level, "read") else "masked"


def audience(agenda: UUID) -> list[UUID]:
    """Who may read the agenda now."""
    return list(access.readers([agenda])[agenda])


def render(events: Sequence[StoredEvent]) -> list[msgspec.Raw]:
    """The events in full; an appointment is shown as it is now. Two statements at most."""
    rows = _appointments(events)
    people = patient_views({row.patient_id: row.patient for row in rows.values() if row.patient}.values())
    shown: list[msgspec.Raw] = []
    for event in events:
        row = rows.get(event.subject) if event.subject else None
        if row is None:
            shown.append(event.data)
            continue
        view = full_view(row, people.get(row.patient_id) if row.patient_id else None, [])
        start, end = _times(row)
        shown.append(_encoded(_OF_AN_APPOINTMENT[event.type](start=start, end=end, appointment=view)))
    return shown


def mask(events: Sequence[StoredEvent]) -> list[msgspec.Raw]:
    """The events with times alone. One statement."""
    rows = _appointments(events)
    return [_encoded(_masked(event, rows)) for event in events]


def _masked(event: StoredEvent, rows: dict[UUID, Appointment]) -> Event:
    if event.subject is not None:
        start, end = _times(rows[event.subject])
        return _OF_AN_APPOINTMENT[event.type](start=start, end=end)
    if event.type == SlotHeld.type:
        held = _held.decode(event.data)
        return SlotHeld(start=held.start, end=held.end, expires_at=held.expires_at)
    if event.type == SlotReleased.type:
        released = _released.decode(event.data)
        return SlotReleased(start=released.start, end=released.end)
    return AgendaChanged()


def _appointments(events: Sequence[StoredEvent]) -> dict[UUID, Appointment]:
    subjects = {event.subject for event in events if event.subject is not None}
    if not subjects:
        return {}
    return Appointment.objects.select_related(*access.RELATED).in_bulk(subjects)


def _times(row: Appointment) -> tuple[datetime, datetime]:
    zone = row.agenda.zone
    return row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)


def _encoded(event: Event) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(event))
