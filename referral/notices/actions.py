"""What a patient is to be told: written as due in the transaction of its cause, handed over afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.core.mail import EmailMessage

from identity.patients import queries
from identity.patients.rules import is_mobile
from identity.patients.wire import PatientForm
from referral.notices import internal_commands
from referral.notices.models import Notice
from referral.notices.texts import Kind, Visit, reminders, subject, text
from referral.scheduling import internal_commands as scheduling_internal_commands
from referral.scheduling.lifecycle import AppointmentState
from referral.scheduling.models import Appointment
from server.kernel.authentication import Actor
from server.kernel.delivery import sms
from server.kernel.dispatch import Transaction

log = logging.getLogger("referral.notices")

ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)


def of_booking(row: Appointment, form: PatientForm, now: datetime) -> list[Notice]:
    """A confirmation now and reminders before the visit, by each channel that reaches the patient."""
    zone = row.agenda.zone
    moments = [(Kind.BOOKED, now), *((Kind.REMINDER, due) for due in reminders(row.starts_at, now, zone))]
    return list(_notices(row, form, moments))


def of_cancellation(row: Appointment, form: PatientForm, now: datetime) -> list[Notice]:
    """Tells the patient that the visit is off. What was due before is dropped when its time comes."""
    return list(_notices(row, form, [(Kind.CANCELLED, now)]))


def _notices(row: Appointment, form: PatientForm, moments: Sequence[tuple[Kind, datetime]]) -> Iterable[Notice]:
    channels = [Notice.Channel.SMS] if is_mobile(form.phone) else []
    channels += [Notice.Channel.EMAIL] if form.email else []
    for number, (kind, due) in enumerate(moments):
        for channel in channels:
            key = f"{row.id}/{kind}/{channel}/{number}"
            yield Notice(key=key, appointment=row, kind=kind, channel=channel, due_at=due)


def deliver_notice(
    actor: Actor, command: internal_commands.DeliverNotice, tx: Transaction
) -> scheduling_internal_commands.Count:
    """Hands over the notice that has been due longest. Workers pass over each other's.

    The row stays locked until the carrier has answered: a worker that dies leaves it due, and the next one
    hands it over under the same key, which a carrier that has it already recognises.
    """
    notice = (
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(settled_at=None, due_at__lte=tx.now)
        .select_related(
            "appointment__agenda__resource__site", "appointment__agenda__practitioner", "appointment__patient"
        )
        .order_by("due_at", "id")
        .first()
    )
    if notice is None:
        return scheduling_internal_commands.Count(count=0)
    if _still_true(notice, tx.now):
        _send(notice, tx.now)
        tx.audit(actor, "notice.hand_over", notice.appointment_id, notice=notice.key, outcome=notice.outcome)
    else:
        notice.outcome, notice.settled_at = Notice.Outcome.DROPPED, tx.now
    notice.save(update_fields=["outcome", "settled_at", "attempts", "due_at"])
    return scheduling_internal_commands.Count(count=1)


def _still_true(notice: Notice, now: datetime) -> bool:
    """Whether what the notice says is so: a cancelled visit is neither confirmed nor reminded of, nor one
    that is over.
    """
    row = notice.appointment
    if notice.kind == Kind.CANCELLED:
        return row.state == AppointmentState.CANCELLED
    return row.state == AppointmentState.BOOKED and now < row.starts_at


def _send(notice: Notice, now: datetime) -> None:
    """Hands it over, or notes when to try again: later each time, and not for ever."""
    try:
        _deliver(notice)
        notice.outcome, notice.settled_at = Notice.Outcome.HANDED, now
    except (sms.SendError, SMTPException, OSError) as error:
        notice.attempts += 1
        log.warning("notice not handed over", extra={"key": notice.key, "error": type(error).__name__})
        if notice.attempts >= ATTEMPTS or getattr(error, "final", False):
            notice.outcome, notice.settled_at = Notice.Outcome.FAILED, now
        else:
            notice.due_at = now + min(FIRST_WAIT * 2 ** (notice.attempts - 1), LONGEST_WAIT)


def _deliver(notice: Notice) -> None:
    row, kind = notice.appointment, Kind(notice.kind)
    site = row.agenda.site
    address = ", ".join(part for part in (site.address, f"{site.postal_code} {site.city}".strip()) if part)
    visit = Visit(row.agenda.practitioner.name, address, row.starts_at, row.agenda.zone)
    if row.patient is None:
        raise sms.SendError("A notice about nobody.", final=True)
    form = queries.opened(row.patient)
    if form is None:
        raise sms.SendError("The patient's details are erased.", final=True)
    if notice.channel == Notice.Channel.SMS:
        sms.send(form.phone, text(kind, visit), notice.key)
    else:
        message = EmailMessage(
            subject(kind, visit), text(kind, visit), to=[form.email or ""], headers={"X-Relais-Key": notice.key}
        )
        message.send()
