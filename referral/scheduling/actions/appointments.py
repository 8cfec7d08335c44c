"""What becomes of appointments."""

from __future__ import annotations

from uuid import UUID

from identity.patients import queries
from identity.patients.models import Patient
from referral.notices import actions
from referral.notices.models import Notice
from referral.referrals.models import Referral
from referral.referrals.wire import ReferralCancelled
from referral.scheduling import access, agenda_events, lifecycle
from referral.scheduling.lifecycle import AppointmentState, ReferralState
from referral.scheduling.models import Appointment
from referral.scheduling.queries.appointments import appointment_views, full_view, patient_for
from referral.scheduling.wire import AppointmentView, CancelAppointment, CancelAppointmentResult
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from server.kernel.wire.errors import InvalidState, NotFound


def cancel_appointment(actor: Actor, command: CancelAppointment, tx: Transaction) -> CancelAppointmentResult:
    """Frees the time and tells the patient, the practitioner and the referrer. Cancelled again, it stays as
    it is.
    """
    access.lock_agendas([access.appointment(actor, command.appointment, to="cancel").agenda_id])
    row = access.appointment(actor, command.appointment, to="cancel")
    if row.state == AppointmentState.CANCELLED:
        return CancelAppointmentResult(appointment=_view(actor, row, tx))
    lifecycle.require(AppointmentState(row.state), AppointmentState.CANCELLED)
    if row.starts_at <= tx.now:
        raise InvalidState("This visit has begun: note that the patient did not come instead.", state=row.state)
    patient = row.patient
    if patient is None:
        raise NotFound
    form = queries.opened(patient)
    _write(row, patient, actor, command.reason, tx)
    Notice.objects.bulk_create(actions.of_cancellation(row, form, tx.now), ignore_conflicts=True)
    # Who reads the agenda sees the record of its organisation; who cancels may see another one.
    shown = full_view(row, queries.patient_view(patient.id, form), [])
    drafts = [agenda_events.appointment_cancelled(row, shown, access.readers([row.agenda_id]))]
    tx.record(drafts + _cancel_referral(row))
    return CancelAppointmentResult(appointment=_view(actor, row, tx))


def _write(row: Appointment, patient: Patient, actor: Actor, reason: str, tx: Transaction) -> None:
    key = vault.key(queries.owner(patient.id))
    row.state, row.cancelled_at, row.cancelled_by_id = AppointmentState.CANCELLED, tx.now, access.person(actor)
    row.sealed_cancellation = key.seal(reason.encode(), f"cancellation {row.id}")
    row.save(update_fields=["state", "cancelled_at", "cancelled_by", "sealed_cancellation"])


def _cancel_referral(row: Appointment) -> list[Draft]:
    """A referral goes with its appointment."""
    referral = Referral.objects.filter(id=row.referral).first() if row.referral else None
    if referral is None:
        return []
    lifecycle.require(ReferralState(referral.state), ReferralState.CANCELLED)
    referral.state = ReferralState.CANCELLED
    referral.save(update_fields=["state"])
    event = ReferralCancelled(referral=referral.id, appointment=row.id)
    people: set[UUID] = {referral.referrer_id, referral.practitioner_id}
    return [Draft(stream_name("i", person), event, [person]) for person in sorted(people)]


def _view(actor: Actor, row: Appointment, tx: Transaction) -> AppointmentView:
    levels = access.levels(access.person(actor), [row.agenda_id])
    patient = patient_for(row, levels[row.agenda_id])
    if patient is not None:
        tx.audit(actor, "patient.read", patient.id, by="appointment")
    return appointment_views(actor, [row], levels)[row.id]
