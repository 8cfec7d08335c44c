"""A copy of an agenda's appointments, for those whom the organisation lets take one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from identity.organisations import access as organisations_access
from identity.patients.wire import PatientView
from referral.scheduling import access
from referral.scheduling.models import Appointment
from referral.scheduling.queries import agendas
from referral.scheduling.queries.appointments import opened_appointments
from referral.scheduling.wall_clock import DAY, day_span
from referral.scheduling.wire import AppointmentDetails
from referral.scheduling.wire_agendas import AgendaExport, ExportAgenda
from server.kernel import paging, spreadsheets
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import Forbidden

LONGEST_COPY = 366
"""Days in one copy."""
ROWS_AT_ONCE = 500
"""Appointments in one part of it, at most."""
COLUMNS = (
    *("start", "end", "state", "reason", "civility", "first_names", "family_name", "birth_name", "birth_date"),
    *("birth_date_unknown", "phone", "email", "seen_before", "booked_by", "booked_at", "cancelled_at"),
)


def export_agenda(actor: Actor, command: ExportAgenda, tx: Transaction) -> AgendaExport:
    """A part of the copy, in the order in which appointments begin; the audit says who took it, and of which patients.

    It holds what the caller reads in the agenda, cancelled visits too, and nothing that was written about a patient:
    neither messages nor why a visit was cancelled. Eight statements.
    """
    days = agendas.asked_days(command.from_, command.to, LONGEST_COPY)
    agenda = access.agenda(actor, command.agenda, to="read")
    if not organisations_access.may_in(actor, agenda.id, to="export"):
        raise Forbidden("Nobody lets you take data out of this organisation: ask an owner of it.")
    first, until = day_span(days.first, agenda.zone).start, day_span(days.until - DAY, agenda.zone).end
    booked = Appointment.objects.exclude(booked_at=None)
    rows = booked.filter(agenda=agenda.id, starts_at__gte=first, starts_at__lt=until)
    if command.cursor is not None:
        at, last = paging.decode(command.cursor, tuple[datetime, UUID], "agenda.export")
        rows = rows.filter(Q(starts_at__gt=at) | Q(starts_at=at, id__gt=last))
    found, more = paging.page(rows.select_related(*access.RELATED).order_by("starts_at", "id"), ROWS_AT_ONCE)
    opened = opened_appointments(found, {row.id: row.patient for row in found}, notes=False)
    shown = paging.fitting([opened[row.id] for row in found], paging.PAGE_BYTES // 2)
    taken = found[: len(shown)]
    named = [row.patient_id for row in taken if row.patient_id is not None]
    tx.audit(actor, "agenda.exported", agenda.id, named, appointments=str(len(taken)))
    more = more or len(taken) < len(found)
    return AgendaExport(
        text=spreadsheets.table(COLUMNS if command.cursor is None else None, map(_row, shown)),
        appointments=len(taken),
        cursor=paging.encode((taken[-1].starts_at, taken[-1].id), "agenda.export") if more and taken else None,
    )


def _row(one: AppointmentDetails) -> list[str]:
    return [
        one.start.isoformat(timespec="minutes"),
        one.end.isoformat(timespec="minutes"),
        one.state,
        one.reason_name or "",
        *_patient(one.patient),
        "" if one.seen_before is None else "yes" if one.seen_before else "no",
        one.booked_by_name or "",
        one.booked_at.isoformat(timespec="minutes") if one.booked_at else "",
        one.cancelled_at.isoformat(timespec="minutes") if one.cancelled_at else "",
    ]


def _patient(patient: PatientView | None) -> list[str]:
    """Their columns; empty for one who is erased."""
    if patient is None:
        return [""] * 8
    names = (patient.civility, patient.first_names, patient.family_name, patient.birth_name or "")
    birth = (patient.birth_date.isoformat(), patient.birth_date_unknown or "")
    return [*names, *birth, patient.phone, patient.email or ""]
