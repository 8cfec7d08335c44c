"""Commands, events and views of agendas, patients, bookings and referrals."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from identity.patients.wire import PatientForm, PatientView
from referral.scheduling.wire import AppointmentView, Note
from server.kernel.wire import Command, Cursor, Event, Id, Instant, Page, View

ReferralState: TypeAlias = Literal[
    "draft", "sent", "proposed", "booked", "seen", "answered", "closed", "declined", "cancelled", "no_show"
]


class ReferralView(View):
    """A patient handed on, as both sides see it."""

    id: Id
    state: ReferralState
    referrer: Id
    referrer_name: str
    practitioner: Id
    practitioner_name: str
    patient: PatientView
    created_at: Instant
    seen_before: bool
    conversation: Id | None = None
    message: str | None = None
    appointment: AppointmentView | None = None
    abilities: list[str] = msgspec.field(default_factory=list)


class BookReferralResult(View):
    referral: ReferralView
    appointment: AppointmentView


class BookReferral(Command):
    """Turns a hold into an appointment, with its referral and the message to the practitioner: all or
    nothing.

    ``patient`` is the id of a patient the caller may read, or the form of a new one.
    """

    method = "referral.book"
    result = BookReferralResult

    id: Id
    hold: Id
    patient: Id | PatientForm
    seen_before: bool
    message: Note | None = None
    conversation: Id | None = None


class GetReferralResult(View):
    referral: ReferralView


class GetReferral(Command):
    method = "referral.get"
    result = GetReferralResult

    referral: Id


class Referrals(View):
    referrals: list[ReferralView]
    cursor: str | None = None


class ListReferrals(Command):
    """Referrals the caller made or received, the newest first."""

    method = "referral.list"
    result = Referrals

    side: Literal["made", "received"] = "made"
    limit: Page = 20
    cursor: Cursor | None = None


class ReferralBooked(Event):
    """In the inbox of the practitioner and of the referrer."""

    type = "referral.booked"

    referral: Id
    appointment: Id
    agenda: Id
    start: Instant


class ReferralCancelled(Event):
    type = "referral.cancelled"

    referral: Id
    appointment: Id
