"""What becomes of appointments."""

from __future__ import annotations

from uuid import UUID

from referral.notices import actions
from referral.notices.models import Notice
from referral.patients import queries
from referral.referrals.models import Referral
from referral.referrals.wire import ReferralCancelled
from referral.scheduling import access, agenda_events, lifecycle
from referral.scheduling.lifecycle import AppointmentState, ReferralState
from referral.scheduling.models import Appointment
from referral.scheduling.queries.appointments import appointment_views
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
    _write(row, actor, command.reason, tx)
    view = _view(actor, row, tx)
    drafts = [agenda_events.appointment_cancelled(row, view, access.readers([row.agenda_id]))]
    tx.record(drafts + _cancel_referral(row))
    return CancelAppointmentResult(appointment=view)


def _write(row: Appointment, actor: Actor, reason: str, tx: Transaction) -> None:
    if row.patient is None:
        raise NotFound
    key = vault.key(queries.owner(row.patient.id))
    row.state, row.cancelled_at, row.cancelled_by_id = AppointmentState.CANCELLED, tx.now, access.person(actor)
    row.sealed_cancellation = key.seal(reason.encode(), f"cancellation {row.id}")
    row.save(update_fields=["state", "cancelled_at", "cancelled_by", "sealed_cancellation"])
    Notice.objects.bulk_create(actions.of_cancellation(row, queries.opened(row.patient), tx.now), ignore_conflicts=True)


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
    tx.audit(actor, "patient.read", str(row.patient_id), by="appointment")
    levels = access.levels(access.person(actor), [row.agenda_id])
    return appointment_views(actor, [row], levels)[row.id]
