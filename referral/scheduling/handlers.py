"""What patients are told when something happens to their appointments: due rows, written in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from identity.organisations.wire_members import RightsChanged
from identity.patients import queries as patients
from identity.patients.wire import PatientForm
from referral.notices import actions as notices
from referral.scheduling import agenda_events, notice_delivery
from referral.scheduling.models import Agenda, Appointment
from referral.scheduling.wire import AppointmentBooked
from server.kernel.delivery import message_bounds, queue
from server.kernel.dispatch import Transaction
from server.kernel.models import Delivery
from server.kernel.streams import Draft


def announce_bookings(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """A confirmation and reminders become due to each patient. One statement: the event holds all that is asked for."""
    booked = [draft.event.appointment for draft in drafts if isinstance(draft.event, AppointmentBooked)]
    queue.enqueue(
        [
            notice
            for one in booked
            if one.patient is not None
            for notice in notices.of_booking(one.id, one.start, one.patient, tx.now)
        ],
        tx,
    )
    return []


def announce_cancellations(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """Each patient is to be told that the visit is off, and nobody needs to call them any more about what was said
    before. A cancellation is never refused for its messages: those that are too many of one person's doing are not
    sent, and are work for somebody who calls.
    """
    notice_delivery.no_longer_unreachable([draft.subject for draft in drafts if draft.subject is not None], tx)
    reachable = _reachable(drafts)
    bounds = message_bounds.take(
        [
            notices.sendings(row.cancelled_by_id, form, f"cancel:{row.id}") if row.cancelled_by_id else []
            for row, form in reachable
        ],
        tx.now,
    )
    due: list[Delivery] = []
    unsent: list[Delivery] = []
    for (row, form), bound in zip(reachable, bounds, strict=True):
        (due if bound is None else unsent).extend(notices.of_cancellation(row.id, form, tx.now))
    queue.enqueue(due, tx)
    return list(notice_delivery.give_up(unsent, "too_many_by_person", tx))


def tell_of_rights(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """Whoever follows an agenda on which somebody was given or lost a level learns that it changed. One statement."""
    changed = [draft.event for draft in drafts if isinstance(draft.event, RightsChanged)]
    named = {resource for event in changed for resource in event.resources}
    agendas = Agenda.objects.filter(pk__in=named).order_by("pk").values_list("pk", flat=True)
    return [agenda_events.agenda_changed(agenda) for agenda in agendas]


def _reachable(drafts: Sequence[Draft]) -> list[tuple[Appointment, PatientForm]]:
    """The appointments, each with its patient. Nobody can be told anything whose details are erased."""
    rows = Appointment.objects.select_related("agenda__resource__site", "patient").filter(
        id__in=[draft.subject for draft in drafts]
    )
    known = [(row, row.patient) for row in rows if row.patient is not None]
    keys = patients.reading_keys(patient.id for _, patient in known)
    return [(row, form) for row, patient in known if (form := patients.opened(patient, keys)) is not None]
