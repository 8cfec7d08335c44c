"""Appointments, and the days of an agenda, as the caller may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q, QuerySet

from identity.patients import queries as patients
from identity.patients.models import Patient
from identity.patients.wire import PatientView
from referral.scheduling import access, lifecycle
from referral.scheduling.access import LevelledAgenda
from referral.scheduling.lifecycle import AppointmentState
from referral.scheduling.models import Appointment
from referral.scheduling.queries import agendas, calendars
from referral.scheduling.slots import Days, absence_span
from referral.scheduling.slots import openings as opening_spans
from referral.scheduling.wall_clock import DAY, Span, day_span
from referral.scheduling.wire import AppointmentDetails, AppointmentView, BusySlot, Day, GetDay, Window
from server.kernel import paging, streams, vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import stream_name

LONGEST_DAY = 31
"""Days of an agenda at once."""
ROWS_AT_ONCE = 1_000
"""Appointments and holds that are read for one page, at most."""


def day(actor: Actor, command: GetDay, tx: Transaction) -> Day:
    """What an agenda holds: whose it is for those who may read, and when alone for those who are busy-only.

    Appointments and holds come in the order in which they begin, as many as fit into a page; what is open and absent
    stands on the first page.
    """
    days = agendas.asked_days(command.from_, command.to, LONGEST_DAY)
    agenda = access.agenda(actor, command.agenda, to="busy")
    # The head first: what is committed after it is told again as an event, never missed.
    head = streams.heads([stream_name("a", agenda.id)])[stream_name("a", agenda.id)]
    whole = Span(day_span(days.first, agenda.zone).start, day_span(days.until - DAY, agenda.zone).end)
    after = paging.decode(command.cursor, tuple[datetime, UUID]) if command.cursor else None
    rows, more = paging.page(_rows(agenda.id, whole, tx.now, after), ROWS_AT_ONCE)
    openings, absences = _windows_of(agenda, days, whole) if after is None else ([], [])
    room = paging.Room(paging.PAGE_BYTES)
    room.take([*openings, *absences])
    views = _visible(actor, rows, agenda)
    shown = rows[: len(room.take((views[row.id] for row in rows), at_least=1))]
    booked = [row for row in shown if row.state != AppointmentState.HELD]
    full = booked if access.allows(agenda.level, "read") else [row for row in booked if _shows_a_patient(views[row.id])]
    if full:
        tx.audit(actor, "patient.read", agenda.id, [row.patient_id for row in full], by="agenda")
    last = shown[-1] if more or len(shown) < len(rows) else None
    return Day(
        agenda=agendas.agenda_view(agenda),
        head=head,
        appointments=[view for row in shown if isinstance(view := views[row.id], AppointmentView)],
        holds=[view for row in shown if isinstance(view := views[row.id], BusySlot)],
        openings=openings,
        absences=absences,
        cursor=paging.encode((last.starts_at, last.id)) if last else None,
    )


def _windows_of(agenda: LevelledAgenda, days: Days, whole: Span) -> tuple[list[Window], list[Window]]:
    """What of the days is open, and when the practitioner is absent."""
    zone = agenda.zone
    calendar = calendars.setups([agenda], days)[agenda.id].calendar
    opened = opening_spans(calendar.hours, Days(days.first - DAY, days.until))
    away = agendas.absences(agenda.id, whole, days)
    absent = [(absence_span(agendas.absence_of(row), zone), row.id) for row in away]
    return _windows([(span, None) for span in opened], whole, zone), _windows(absent, whole, zone)


def _rows(agenda: UUID, span: Span, now: datetime, after: tuple[datetime, UUID] | None) -> QuerySet[Appointment]:
    occupying = ~Q(state__in=[AppointmentState.CANCELLED, AppointmentState.RELEASED])
    over = Q(state=AppointmentState.HELD, hold_until__lte=now)
    rows = Appointment.objects.filter(
        occupying, ~over, agenda=agenda, starts_at__lt=span.end, ends_at__gt=span.start
    ).select_related(*access.RELATED)
    if after is not None:
        at, wanted = after
        rows = rows.filter(Q(starts_at__gt=at) | Q(starts_at=at, id__gt=wanted))
    return rows.order_by("starts_at", "id")


def _visible(actor: Actor, rows: list[Appointment], agenda: LevelledAgenda) -> dict[UUID, AppointmentView | BusySlot]:
    masked = not access.allows(agenda.level, "read")
    held = [row for row in rows if row.state == AppointmentState.HELD]
    booked = [row for row in rows if row.state != AppointmentState.HELD]
    views: dict[UUID, AppointmentView | BusySlot] = {
        row.id: hold_view(row, agenda.zone, masked=agenda.level == "busy") for row in held
    }
    open_to = booked if not masked else _of_own_patients(actor, booked, agenda)
    known = {row.id for row in open_to}
    times = {row.id: masked_view(row) for row in booked if row.id not in known}
    shown = {row.id: row.patient for row in open_to}
    levels, notes = {agenda.id: agenda.level}, not agenda.notes_hidden
    return views | times | appointment_views(actor, open_to, shown, levels, notes=notes)


def _shows_a_patient(view: AppointmentView | BusySlot) -> bool:
    return isinstance(view, AppointmentView) and (view.patient is not None or view.erased)


def _of_own_patients(actor: Actor, booked: Sequence[Appointment], agenda: LevelledAgenda) -> list[Appointment]:
    """Those of a practitioner's own patients, where practitioners see no others. One statement at most."""
    if not agenda.own_only or not booked:
        return []
    own = access.of_own_patients(access.person(actor)).filter(pk__in=[row.id for row in booked])
    known = set(own.values_list("pk", flat=True))
    return [row for row in booked if row.id in known]


def appointment_views(
    actor: Actor,
    rows: Sequence[Appointment],
    shown: Mapping[UUID, Patient | None],
    levels: Mapping[UUID, str],
    *,
    notes: bool,
) -> dict[UUID, AppointmentView]:
    """Appointments in full, each with the record that ``shown`` names, for callers who may know of them. At most one
    statement. ``rows`` come with ``access.RELATED``. Without ``notes`` nothing that was written about the patient."""
    opened = opened_appointments(rows, shown, notes=notes)
    return {row.id: appointment_view(opened[row.id], abilities(actor, row, levels)) for row in rows}


def patient_for(row: Appointment, level: str) -> Patient | None:
    """The record in which a caller sees the patient: with a level to read the agenda, that of its organisation; who has
    booked without one, that with which they booked."""
    return row.patient if access.allows(level, "read") else row.booker_patient


def appointment_view(details: AppointmentDetails, abilities: list[str]) -> AppointmentView:
    """The appointment for one person, who may do this with it."""
    return AppointmentView(**msgspec.structs.asdict(details), abilities=abilities)


def opened_appointments(
    rows: Sequence[Appointment], shown: Mapping[UUID, Patient | None], *, notes: bool
) -> dict[UUID, AppointmentDetails]:
    """Appointments, each with the record that ``shown`` names for it. At most one statement, for keys."""
    people = {patient.id: patient for patient in shown.values() if patient is not None}
    keys = patients.reading_keys({*people, *(row.patient_id for row in rows if row.patient_id is not None)})
    views = patients.patient_views(people.values(), keys)
    found: dict[UUID, AppointmentDetails] = {}
    for row in rows:
        patient = shown.get(row.id)
        found[row.id] = opened_appointment(
            row, views.get(patient.id) if patient is not None else None, keys, notes=notes
        )
    return found


def opened_appointment(
    row: Appointment, patient: PatientView | None, keys: vault.ReadingKeys, *, notes: bool
) -> AppointmentDetails:
    """One appointment with its patient as the caller sees them and, with ``notes``, why it was cancelled.

    Of a patient who is erased, or whose details do not open, it keeps its time and says ``erased``.
    """
    reason = cancellation(row, keys) if notes else None
    unread = notes and bool(row.sealed_cancellation) and reason is None
    lost = (row.patient_id is not None and patient is None) or unread
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
