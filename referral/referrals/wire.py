"""Commands, events and views of referrals."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from identity.patients.wire import PatientForm, PatientView
from referral.notices.refusals import TooManyNotices
from referral.notices.wire import NoticeChannel, NoticeKind, NoticeState, NoticeView
from referral.scheduling.wire import AppointmentView
from referral.scheduling.wire_agendas import Note
from server.kernel.wire import Command, Cursor, Event, Id, Instant, NewId, Page, View
from team.files.refusals import FileGone, FileRefused, UploadUnfinished
from team.files.wire import Attachments, FileView

ReferralState: TypeAlias = Literal[
    "draft", "sent", "proposed", "booked", "seen", "answered", "closed", "declined", "cancelled", "no_show"
]


class ReferralView(View):
    """A referral as both sides see it.

    ``erased``: what was written about the patient is erased or can no longer be opened; ``patient`` and ``message``
    are then absent. ``notes_hidden``: an owner of the organisation keeps what was written about patients from the
    caller; ``message``, ``documents``, and why the visit was cancelled, are then absent. ``documents`` are the files
    that went with it, as they are now: whoever is shown them here may open them. ``notices`` are the messages to the
    patient about its appointment, as they stand when a referral is read; the answer to a booking has none. ``place``
    and ``address`` are those of the visit.
    """

    id: Id
    state: ReferralState
    referrer: Id
    referrer_name: str
    practitioner: Id
    practitioner_name: str
    created_at: Instant
    seen_before: bool
    patient: PatientView | None = None
    conversation: Id | None = None
    message: str | None = None
    documents: list[FileView] = msgspec.field(default_factory=list)
    appointment: AppointmentView | None = None
    speciality: str | None = None
    """The practitioner's."""
    place: str | None = None
    address: str | None = None
    time_zone: str | None = None
    """The site's, in which the appointment's times are said."""
    notices: list[NoticeView] = msgspec.field(default_factory=list)
    erased: bool = False
    notes_hidden: bool = False
    abilities: list[str] = msgspec.field(default_factory=list)


class BookReferralResult(View):
    referral: ReferralView
    appointment: AppointmentView


class BookReferral(Command[BookReferralResult]):
    """Turns a hold into an appointment, with its referral and the message to the practitioner: all or
    nothing.

    ``patient`` is the id of a patient the caller may read, or the form of a new one. The patient is told at once; when
    that is one message too many of the caller's doing, it is refused with ``too_many_notices``.

    ``documents`` are files that the caller uploads and nothing holds yet, or that they may read elsewhere; each may
    still be on its way through the checks. Whoever may read what is written in the referral may open them.
    """

    method = "referral.book"
    refuses = (TooManyNotices, FileGone, UploadUnfinished, FileRefused)
    added = ("documents",)

    id: NewId
    hold: Id
    patient: Id | PatientForm
    seen_before: bool
    message: Note | None = None
    conversation: Id | None = None
    documents: Attachments = msgspec.field(default_factory=list)


class GetReferralResult(View):
    referral: ReferralView


class GetReferral(Command[GetReferralResult]):
    method = "referral.get"

    referral: Id


class Referrals(View):
    """A page, the newest first: as many as fit into 256 KiB. ``cursor`` when there are more."""

    referrals: list[ReferralView]
    cursor: str | None = None


class ListReferrals(Command[Referrals]):
    """Referrals, the newest first: those that the caller made, or those that they or an agenda that they may read
    received.
    """

    method = "referral.list"

    side: Literal["made", "received"] = "made"
    limit: Page = 20
    cursor: Cursor | None = None


class ReferralBooked(Event):
    """In the inbox of the practitioner and of the referrer."""

    type = "referral.booked"
    stream = "i"

    referral: Id
    appointment: Id
    agenda: Id
    start: Instant


class ReferralCancelled(Event):
    type = "referral.cancelled"
    stream = "i"

    referral: Id
    appointment: Id


class ReferralNotice(Event):
    """A message to the patient was settled; in the inboxes of both sides, without a word about the patient."""

    type = "referral.notice"
    stream = "i"

    referral: Id
    appointment: Id
    kind: NoticeKind
    channel: NoticeChannel
    state: NoticeState
    reason: str | None = None


class ReferralFilesChecked(Event):
    """A document of the referral that was still being checked can be opened, or was refused; in the inboxes of both
    sides, without a word about the patient."""

    type = "referral.files_checked"
    stream = "i"

    referral: Id
