"""What a patient is to be told: due rows, written in the transaction of their cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from identity.fields import is_mobile
from identity.patients.wire import PatientForm
from referral.notices.texts import Kind, reminders
from server.kernel.models import Delivery


def of_booking(appointment: UUID, start: datetime, zone: ZoneInfo, form: PatientForm, now: datetime) -> list[Delivery]:
    """A confirmation now and reminders before the visit, by each channel that reaches the patient."""
    moments = [(Kind.BOOKED, now), *((Kind.REMINDER, due) for due in reminders(start, now, zone))]
    return list(_notices(appointment, form, moments))


def of_cancellation(appointment: UUID, form: PatientForm, now: datetime) -> list[Delivery]:
    """Tells the patient that the visit is off. What was due before is dropped when its time comes."""
    return list(_notices(appointment, form, [(Kind.CANCELLED, now)]))


def _notices(appointment: UUID, form: PatientForm, moments: Sequence[tuple[Kind, datetime]]) -> Iterable[Delivery]:
    channels = [Delivery.Channel.SMS] if is_mobile(form.phone) else []
    channels += [Delivery.Channel.EMAIL] if form.email else []
    for number, (kind, due) in enumerate(moments):
        for channel in channels:
            key = f"{appointment}/{kind.word}/{channel}/{number}"
            yield Delivery(key=key, channel=channel, kind=kind, subject=appointment, not_before=due)
