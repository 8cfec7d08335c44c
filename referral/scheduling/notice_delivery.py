"""Notices to patients at hand-over: their words and address, and what follows when one cannot be delivered.

The words are made from the appointment as it is then. What is no longer so is dropped: a cancelled visit is neither
confirmed nor reminded of, and nothing is said about one that has begun.

A patient who could not be reached by a channel waits as work for the agenda's organisation, so that somebody calls. It
is settled when a later notice by that channel is delivered or the appointment is cancelled, and lapses when it is over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from identity.fields import is_mobile
from identity.patients import queries
from identity.patients.wire import PatientView
from referral.notices import queries as notices
from referral.notices.texts import Kind, Visit, next_sending_time, subject, text
from referral.notices.wire import NoticeChannel
from referral.scheduling import access, agenda_events
from referral.scheduling.lifecycle import AppointmentState
from referral.scheduling.models import Appointment
from referral.scheduling.wire import AppointmentNotice
from server.kernel.authentication import SYSTEM, Actor
from server.kernel.bulk_insert import insert
from server.kernel.delivery import kinds as delivery
from server.kernel.delivery.captured_mail import captured_keys
from server.kernel.delivery.kinds import Claimed, Dropped, Envelope, Later, Resolution, Settled
from server.kernel.dispatch import Transaction
from server.kernel.models import Delivery, WorkItem
from server.kernel.streams import Draft
from server.kernel.work import actions as work_actions
from server.kernel.work import kinds as work
from server.kernel.work.kinds import Description

UNREACHABLE = {
    Delivery.Channel.SMS: "patient.unreachable_by_sms",
    Delivery.Channel.EMAIL: "patient.unreachable_by_email",
}
"""The kinds of work for a patient whom a channel did not reach."""


def resolve(rows: Sequence[Claimed], now: datetime) -> Mapping[str, Resolution]:
    """Words and address of each notice, or why it is not sent now. Two statements."""
    wanted = {row.subject for row in rows}
    found = Appointment.objects.defer("occupied").select_related(
        "agenda__resource__site", "agenda__practitioner", "patient"
    )
    appointments = {row.id: row for row in found.filter(id__in=wanted)}
    patients = queries.patient_views({row.patient for row in appointments.values() if row.patient})
    return {
        row.key: _resolution(row, appointment, patients.get(appointment.patient_id), now)
        if (appointment := appointments.get(row.subject)) is not None and appointment.patient_id is not None
        else Dropped("no_appointment")
        for row in rows
    }


def _resolution(row: Claimed, appointment: Appointment, patient: PatientView | None, now: datetime) -> Resolution:
    kind, site = Kind(row.kind), appointment.agenda.site
    if patient is None:
        return Dropped("patient_erased")
    if appointment.state != _state(kind):
        return Dropped(f"appointment_{appointment.state}")
    if appointment.starts_at <= now:
        return Dropped("too_late")
    zone = appointment.agenda.zone
    if kind is Kind.REMINDER and (moment := next_sending_time(now, zone)) > now:
        return Later(moment) if moment < appointment.starts_at else Dropped("too_late")
    address = ", ".join(part for part in (site.address, f"{site.postal_code} {site.city}".strip()) if part)
    visit = Visit(appointment.agenda.practitioner.name, address, appointment.starts_at, zone)
    if row.channel == Delivery.Channel.SMS:
        return Envelope(patient.phone, text(kind, visit)) if is_mobile(patient.phone) else Dropped("no_address")
    return Envelope(patient.email, text(kind, visit), subject(kind, visit)) if patient.email else Dropped("no_address")


def _state(kind: Kind) -> AppointmentState:
    """The state of the appointment in which the notice is true."""
    return AppointmentState.CANCELLED if kind is Kind.CANCELLED else AppointmentState.BOOKED


def follow(settled: Sequence[Settled], tx: Transaction) -> Sequence[Draft]:
    """Work for the organisation when a patient could not be reached; none any more when they were. Whoever may read
    the agenda is told what became of each notice.
    """
    failed = [row for row in settled if row.outcome == Delivery.Outcome.FAILED]
    if failed:
        work_actions.open_items(_unreachable(failed, tx.now))
    for channel, kind in UNREACHABLE.items():
        reached = {row.subject for row in settled if row.outcome == Delivery.Outcome.SENT and row.channel == channel}
        if reached:
            work_actions.settle([kind], reached, tx.now)
    return _notice_events(settled)


def give_up(rows: Sequence[Delivery], reason: str, tx: Transaction) -> Sequence[Draft]:
    """Writes notices that are not sent at all, settled as failed for that reason, and what follows from that."""
    if not rows:
        return ()
    for row in rows:
        row.outcome, row.error, row.settled_at = Delivery.Outcome.FAILED, reason, tx.now
        tx.audit(SYSTEM, "delivery.failed", row.subject, key=row.key, channel=row.channel)
    insert(rows)
    return follow([Settled(row.key, row.channel, row.kind, row.subject, row.outcome, row.error) for row in rows], tx)


def _notice_events(settled: Sequence[Settled]) -> list[Draft]:
    """One event for each notice, in its agenda's stream. Two statements at most."""
    subjects = {row.subject for row in settled}
    agendas = dict(Appointment.objects.filter(id__in=subjects).values_list("id", "agenda_id"))
    captured = captured_keys([row.key for row in settled if row.outcome == Delivery.Outcome.SENT])
    return [
        agenda_events.appointment_notice(
            agendas[row.subject],
            AppointmentNotice(
                appointment=row.subject,
                kind=notices.kind(row.kind),
                channel=cast(NoticeChannel, row.channel),
                state=notices.state(row.outcome, row.key in captured),
                reason=row.error or None,
            ),
        )
        for row in settled
        if row.subject in agendas
    ]


def _unreachable(failed: Sequence[Settled], now: datetime) -> list[WorkItem]:
    """Items about appointments that are still as the notice said; their rows are locked, so that they stay so."""
    found = Appointment.objects.select_for_update(of=("self",), no_key=True).select_related("agenda__resource__site")
    appointments = {row.id: row for row in found.filter(id__in={row.subject for row in failed}).order_by("id")}
    return [
        WorkItem(
            kind=UNREACHABLE[Delivery.Channel(row.channel)],
            subject=appointment.id,
            organisation=appointment.agenda.resource.organisation_id,
            since=now,
            due_at=appointment.starts_at,
            lapses_at=appointment.ends_at,
        )
        for row in failed
        if (appointment := appointments.get(row.subject)) is not None
        and appointment.state == _state(Kind(row.kind))
        and now < appointment.ends_at
    ]


def no_longer_unreachable(appointments: Collection[UUID], tx: Transaction) -> None:
    """Nobody needs to call about what these appointments' notices said: it is no longer so."""
    work_actions.settle(list(UNREACHABLE.values()), appointments, tx.now)


def describe(actor: Actor, items: Sequence[WorkItem]) -> Mapping[UUID, Description]:
    """When and in which agenda the visit is, for those who may read the agenda; whoever may book may say it is done."""
    found = Appointment.objects.select_related("agenda__resource__site").filter(id__in=[item.subject for item in items])
    appointments = {row.id: row for row in found}
    levels = access.levels(access.person(actor), {row.agenda_id for row in appointments.values()})
    kinds = {item.subject: item.kind for item in items}
    return {
        row.id: Description(
            kinds[row.id],
            {"agenda": row.agenda_id, "start": row.starts_at.astimezone(row.agenda.zone)},
            ["settle"] if access.allows(levels[row.agenda_id], "book") else [],
        )
        for row in appointments.values()
        if access.allows(levels[row.agenda_id], "read")
    }


KINDS = [delivery.Kind(kind, resolve, follow, bounded=True) for kind in Kind]
WORK = [work.Kind(kind, describe) for kind in UNREACHABLE.values()]
