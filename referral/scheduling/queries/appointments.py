"""Appointments, and the days of an agenda, as the caller may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q, QuerySet

from identity.patients import queries as patients
from identity.patients.models import Patient
from identity.patients.wire import PatientView
from referral.scheduling import access, lifecycle
from referral.scheduling.lifecycle import AppointmentState
from referral.scheduling.models import Appointment
from referral.scheduling.queries import agendas
from referral.scheduling.slots import DAY, Days, Span, absence_span, day_span
from referral.scheduling.slots import openings as opening_spans
from referral.scheduling.wire import AppointmentDetails, AppointmentView, BusySlot, Day, GetDay, Window
from server.kernel import streams, vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import stream_name

LONGEST_DAY = 31
"""Days of an agenda at once."""


def day(actor: Actor, command: GetDay, tx: Transaction) -> Day:
    """What an agenda holds: whose it is for those who may read, and when alone for those who are busy-only."""
    days = agendas.asked_days(command.from_, command.to, LONGEST_DAY)
    agenda = access.agenda(actor, command.agenda, to="busy")
    zone = agenda.zone
    # The head first: what is committed after it is told again as an event, never missed.
    head = streams.heads([stream_name("a", agenda.id)])[stream_name("a", agenda.id)]
    whole = Span(day_span(days.first, zone).start, day_span(days.until - DAY, zone).end)
    rows = list(_rows(agenda.id, whole))
    booked = [row for row in rows if row.state != AppointmentState.HELD]
    held = [row for row in rows if row.state == AppointmentState.HELD and row.hold_until > tx.now]
    calendar = agendas.calendars([agenda], days)[agenda.id]
    absences = agendas.absences(agenda.id, whole, days)
    return Day(
        agenda=agendas.agenda_view(agenda),
        head=head,
        appointments=_visible(actor, booked, agenda.level, tx),
        holds=[hold_view(row, zone, masked=agenda.level == "busy") for row in held],
        openings=_windows(
            [(span, None) for span in opening_spans(calendar, Days(days.first - DAY, days.until))], whole, zone
        ),
        absences=_windows([(absence_span(agendas.absence_of(row), zone), row.id) for row in absences], whole, zone),
    )


def _rows(agenda: UUID, span: Span) -> QuerySet[Appointment]:
    occupying = ~Q(state__in=[AppointmentState.CANCELLED, AppointmentState.RELEASED])
    return (
        Appointment.objects.filter(occupying, agenda=agenda, starts_at__lt=span.end, ends_at__gt=span.start)
        .select_related(*access.RELATED)
        .order_by("starts_at")
    )


def _visible(actor: Actor, rows: list[Appointment], level: str, tx: Transaction) -> list[AppointmentView]:
    if not access.allows(level, "read"):
        return [masked_view(row) for row in rows]
    if rows:
        tx.audit(actor, "patient.read", rows[0].agenda_id, [row.patient_id for row in rows], by="agenda")
    return list(appointment_views(actor, rows, {row.agenda_id: level for row in rows}).values())


def appointment_views(
    actor: Actor, rows: Sequence[Appointment], levels: Mapping[UUID, str]
) -> dict[UUID, AppointmentView]:
    """Appointments in full, for callers who may know of them. At most one statement.

    ``rows`` come with ``access.RELATED``. Who may read the agenda sees the record of its organisation; who has booked
    without a level on it, the record that they booked with.
    """
    opened = opened_appointments(rows, {row.id: patient_for(row, levels.get(row.agenda_id, "refer")) for row in rows})
    return {row.id: appointment_view(opened[row.id], abilities(actor, row, levels)) for row in rows}


def patient_for(row: Appointment, level: str) -> Patient | None:
    """The record in which a caller with this level on the agenda sees the patient."""
    return row.patient if access.allows(level, "read") else row.booker_patient


def appointment_view(details: AppointmentDetails, abilities: list[str]) -> AppointmentView:
    """The appointment for one person, who may do this with it."""
    return AppointmentView(**msgspec.structs.asdict(details), abilities=abilities)


def opened_appointments(
    rows: Sequence[Appointment], shown: Mapping[UUID, Patient | None]
) -> dict[UUID, AppointmentDetails]:
    """Appointments, each with the record that ``shown`` names for it. At most one statement, for keys."""
    people = {patient.id: patient for patient in shown.values() if patient is not None}
    keys = patients.reading_keys({*people, *(row.patient_id for row in rows if row.patient_id is not None)})
    views = patients.patient_views(people.values(), keys)
    found: dict[UUID, AppointmentDetails] = {}
    for row in rows:
        patient = shown.get(row.id)
        found[row.id] = opened_appointment(row, views.get(patient.id) if patient is not None else None, keys)
    return found


def opened_appointment(row: Appointment, patient: PatientView | None, keys: vault.ReadingKeys) -> AppointmentDetails:
    """One appointment with its patient as the caller sees them, and why it was cancelled.

    Of a patient who is erased, or whose details do not open, it keeps its time and says ``erased``.
    """
    reason = cancellation(row, keys)
    lost = (row.patient_id is not None and patient is None) or (bool(row.sealed_cancellation) and reason is None)
    return appointment_details(row, patient, reason, erased=lost)


def appointment_details(
    row: Appointment, patient: PatientView | None = None, reason: str | None = None, *, erased: bool = False
) -> AppointmentDetails:
    zone = row.agenda.zone
    return AppointmentDetails(
        id=row.id,
        agenda=row.agenda_id,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        state=row.state,  # type: ignore[arg-type]  # held and released rows are never shown
        reason=row.reason_id,
        reason_name=row.reason.name,
        patient=patient,
        referral=row.referral,
        seen_before=row.seen_before,
        booked_by=row.booked_by_id,
        booked_by_name=row.booked_by.name,
        booked_at=row.booked_at,
        cancelled_at=row.cancelled_at,
        cancellation=reason,
        erased=erased,
        agenda_name=row.agenda.resource.name,
        place=row.agenda.site.name or None,
        city=row.agenda.site.city or None,
    )


def masked_view(row: Appointment) -> AppointmentView:
    """When, and nothing else: whether the patient came is not told either."""
    zone = row.agenda.zone
    return AppointmentView(
        id=row.id,
        agenda=row.agenda_id,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        state="booked",
    )


def hold_view(row: Appointment, zone: ZoneInfo, *, masked: bool) -> BusySlot:
    return BusySlot(
        hold=None if masked else row.id,
        by=None if masked else row.booked_by_id,
        by_name=None if masked else row.booked_by.name,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        expires_at=row.hold_until,
    )


def cancellation(row: Appointment, keys: vault.ReadingKeys) -> str | None:
    """Why it was cancelled, opened; it may well be a matter of health."""
    if not row.sealed_cancellation or row.patient_id is None:
        return None
    plain = keys.open(patients.owner(row.patient_id), row.sealed_cancellation, cancellation_context(row.id))
    return None if plain is None else plain.decode()


def cancellation_context(appointment: UUID) -> str:
    return f"cancellation {appointment}"


def abilities(actor: Actor, row: Appointment, levels: Mapping[UUID, str]) -> list[str]:
    cancellable = lifecycle.may_become(AppointmentState(row.state), AppointmentState.CANCELLED)
    return ["cancel"] if cancellable and access.may_cancel(actor, row, levels.get(row.agenda_id, "refer")) else []


def _windows(spans: Iterable[tuple[Span, UUID | None]], within: Span, zone: ZoneInfo) -> list[Window]:
    """What of the spans lies within the days shown."""
    return [
        Window(
            start=max(span.start, within.start).astimezone(zone),
            end=min(span.end, within.end).astimezone(zone),
            id=absence,
        )
        for span, absence in sorted(spans, key=lambda one: one[0])
        if span.start < within.end and span.end > within.start
    ]
