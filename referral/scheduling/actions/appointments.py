"""What becomes of appointments."""

from __future__ import annotations

from identity.patients import queries as patients
from referral.scheduling import access, agenda_events, lifecycle
from referral.scheduling.lifecycle import AppointmentState
from referral.scheduling.models import Appointment
from referral.scheduling.queries.appointments import (
    appointment_views,
    cancellation_context,
    opened_appointments,
    patient_for,
)
from referral.scheduling.wire import AppointmentView, CancelAppointment, CancelAppointmentResult
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import InvalidState


def cancel_appointment(actor: Actor, command: CancelAppointment, tx: Transaction) -> CancelAppointmentResult:
    """Frees the time. Cancelled again, it stays as it is.

    What else follows (the referral, the notice to the patient) hangs on the event ``appointment.cancelled``.
    """
    access.lock_agendas([access.appointment(actor, command.appointment, to="cancel").agenda_id])
    row = access.appointment(actor, command.appointment, to="cancel")
    if row.state == AppointmentState.CANCELLED:
        return CancelAppointmentResult(appointment=_view(actor, row, tx))
    lifecycle.require(AppointmentState(row.state), AppointmentState.CANCELLED)
    if row.starts_at <= tx.now:
        raise InvalidState("This visit has begun: note that the patient did not come instead.", state=row.state)
    _write(row, actor, command.reason, tx)
    # Who reads the agenda sees the record of its organisation; who cancels may see another one. Why it was cancelled is
    # not for all of them, and an event is the same for everybody.
    details = opened_appointments([row], {row.id: row.patient}, notes=False)[row.id]
    tx.record([agenda_events.appointment_cancelled(row, details)])
    return CancelAppointmentResult(appointment=_view(actor, row, tx))


def _write(row: Appointment, actor: Actor, reason: str, tx: Transaction) -> None:
    row.state, row.cancelled_at, row.cancelled_by_id = AppointmentState.CANCELLED, tx.now, access.person(actor)
    owner = patients.owner(row.patient_id) if row.patient_id else ""
    if owner in vault.keys_for_reading([owner]):  # Nothing more is written about somebody who is erased.
        sealed = vault.key_for_sealing(owner).seal(reason.encode(), cancellation_context(row.id))
        row.sealed_cancellation = sealed
    row.save(update_fields=["state", "cancelled_at", "cancelled_by", "sealed_cancellation"])


def _view(actor: Actor, row: Appointment, tx: Transaction) -> AppointmentView:
    caller = access.person(actor)
    levels = access.levels(caller, [row.agenda_id])
    patient = patient_for(row, levels[row.agenda_id])
    if patient is not None:
        tx.audit(actor, "patient.read", row.id, [patient.id], by="appointment")
    # What somebody wrote themselves is not kept from them.
    notes = not access.notes_hidden(row) or row.cancelled_by_id == caller
    return appointment_views(actor, [row], {row.id: patient}, levels, notes=notes)[row.id]
