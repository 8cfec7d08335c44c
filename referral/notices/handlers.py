"""What patients are told when something happens to their appointments: due rows, written in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from identity.patients import queries as patients
from identity.patients.wire import PatientForm
from referral.notices import actions
from referral.notices.models import Notice
from referral.scheduling.models import Appointment
from server.kernel.bulk_insert import insert
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft

Notices = Callable[[Appointment, PatientForm, datetime], Iterable[Notice]]


def announce_bookings(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """A confirmation and reminders are due to each patient. At most three statements."""
    return _write(drafts, actions.of_booking, tx)


def announce_cancellations(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """Each patient is to be told that the visit is off. At most three statements."""
    return _write(drafts, actions.of_cancellation, tx)


def _write(drafts: Sequence[Draft], notices: Notices, tx: Transaction) -> list[Draft]:
    rows = Appointment.objects.select_related("agenda__resource__site", "patient").filter(
        id__in=[draft.subject for draft in drafts]
    )
    known = {row.id: row.patient for row in rows if row.patient is not None}
    keys = patients.reading_keys(patient.id for patient in known.values())
    forms = {appointment: patients.opened(patient, keys) for appointment, patient in known.items()}
    # Nobody can be told anything whose number is erased.
    due = [one for row in rows if (form := forms.get(row.id)) is not None for one in notices(row, form, tx.now)]
    insert(due, ignore_conflicts=True)
    return []
