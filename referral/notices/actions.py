"""What a patient is to be told: due rows, written in the transaction of their cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from identity.fields import is_mobile
from referral.notices.queries import key_of
from referral.notices.texts import Kind, reminders
from server.kernel.delivery import sms_bounds
from server.kernel.delivery.message_bounds import Sending
from server.kernel.models import Delivery
from server.kernel.wire.errors import Invalid


class Reachable(Protocol):
    """A patient's form or view, as far as it says how they are reached."""

    @property
    def phone(self) -> str: ...

    @property
    def email(self) -> str | None: ...


def receives_sms(form: Reachable) -> bool:
    """Whether the patient is told by SMS: they have a mobile, of a country to which SMS are sent."""
    return is_mobile(form.phone) and sms_bounds.is_allowed(form.phone)


def require_channel(form: Reachable, path: str) -> None:
    """A patient whom no SMS reaches has an e-mail address, or is refused: nobody is booked who cannot be told."""
    if not form.email and not receives_sms(form):
        raise Invalid(f"{path}.email", "SMS are not sent to this number: type an e-mail address.", code="sms_country")


def of_booking(appointment: UUID, start: datetime, form: Reachable, now: datetime) -> list[Delivery]:
    """A confirmation now and reminders before the visit, by each channel that reaches the patient. ``start`` is by the
    clock of the agenda."""
    moments = [(Kind.BOOKED, now), *((Kind.REMINDER, due) for due in reminders(start, now, start.tzinfo or UTC))]
    return list(_notices(appointment, form, moments))


def of_cancellation(appointment: UUID, form: Reachable, now: datetime) -> list[Delivery]:
    """Tells the patient that the visit is off. What was due before is dropped when its time comes."""
    return list(_notices(appointment, form, [(Kind.CANCELLED, now)]))


def sendings(person: UUID, form: Reachable, cause: str) -> list[Sending]:
    """What is sent to a patient at once when this person books or cancels a visit of theirs; ``cause`` tells that one
    time from others."""
    sms = [Sending(person, "sms", form.phone, cause)] if receives_sms(form) else []
    return [*sms, *([Sending(person, "email", form.email, cause)] if form.email else [])]


def _notices(appointment: UUID, form: Reachable, moments: Sequence[tuple[Kind, datetime]]) -> Iterable[Delivery]:
    channels = [Delivery.Channel.SMS] if receives_sms(form) else []
    channels += [Delivery.Channel.EMAIL] if form.email else []
    for number, (kind, due) in enumerate(moments):
        for channel in channels:
            key = key_of(appointment, kind, channel, number)
            yield Delivery(key=key, channel=channel, kind=kind, subject=appointment, not_before=due)
