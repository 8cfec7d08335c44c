"""What became of the notices of appointments. Whoever asks has been allowed to read the appointments."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast
from uuid import UUID

from referral.notices.texts import REMINDERS, Kind
from referral.notices.wire import NoticeChannel, NoticeKind, NoticeState, NoticeView
from server.kernel.delivery.captured_mail import captured_keys
from server.kernel.models import Delivery


def keys_of(appointment: UUID) -> list[str]:
    """The key of every notice that an appointment can have."""
    numbers = {Kind.BOOKED: (0,), Kind.REMINDER: range(1, len(REMINDERS) + 1), Kind.CANCELLED: (0,)}
    return [
        key_of(appointment, kind, channel, number)
        for kind, counted in numbers.items()
        for channel in Delivery.Channel
        for number in counted
    ]


def key_of(appointment: UUID, kind: Kind, channel: str, number: int) -> str:
    return f"{appointment}/{kind.word}/{channel}/{number}"


def notices(appointments: Collection[UUID]) -> dict[UUID, list[NoticeView]]:
    """The notices of each of these appointments in the order in which they are due. Two statements at most.

    Rows are found by their keys, which are unique: there is no other index by appointment. Those that are past their
    keeping time are no longer there.
    """
    keys = [key for appointment in appointments for key in keys_of(appointment)]
    rows = list(Delivery.objects.filter(key__in=keys).order_by("not_before", "id")) if keys else []
    captured = captured_keys([row.key for row in rows if row.outcome == Delivery.Outcome.SENT])
    found: dict[UUID, list[NoticeView]] = {appointment: [] for appointment in appointments}
    for row in rows:
        found[row.subject].append(_view(row, row.key in captured))
    return found


def _view(row: Delivery, captured: bool) -> NoticeView:
    return NoticeView(
        kind=kind(row.kind),
        channel=cast(NoticeChannel, row.channel),
        state=state(row.outcome, captured),
        at=row.settled_at or row.not_before,
        reason=row.error or None,
    )


def kind(name: str) -> NoticeKind:
    """``booked`` of ``appointment.booked``."""
    return cast(NoticeKind, Kind(name).word)


def state(outcome: str, captured: bool) -> NoticeState:
    """How the outcome of a delivery is shown; an empty one is still queued."""
    if outcome == Delivery.Outcome.SENT and captured:
        return "captured"
    return cast(NoticeState, outcome or "queued")
