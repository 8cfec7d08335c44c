"""Commands, events and views of agendas, their slots and their appointments."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.organisations.wire import AgendaLevel
from identity.patients.wire import PatientView
from referral.notices.wire import NoticeChannel, NoticeKind, NoticeState
from server.kernel.wire import NO_NUL, Command, Event, Id, Instant, Line, MaskedEvent, NewId, View

AppointmentState: TypeAlias = Literal["booked", "cancelled", "no_show", "arrived", "done"]
Note: TypeAlias = Annotated[str, msgspec.Meta(max_length=4_000, pattern=NO_NUL)]
Clock: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A wall-clock time of the site: ``09:20``."""
Minutes: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=24 * 60)]
Buffer: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=4 * 60)]
Reasons: TypeAlias = Annotated[list["ReasonForm"], msgspec.Meta(min_length=1, max_length=100)]
Openings: TypeAlias = Annotated[list["OpeningForm"], msgspec.Meta(max_length=400)]


class ReasonView(View):
    """Why a patient comes, and how long it takes."""

    id: Id
    name: str
    minutes: int
    instructions: str | None = None


class AgendaView(View):
    """An agenda at a place. ``level`` is what the caller may do with it, absent when they may only book as
    a referrer.
    """

    id: Id
    practitioner: Id
    practitioner_name: str
    name: str
    time_zone: str
    abilities: list[str]
    place: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    level: AgendaLevel | None = None


class AgendaWithReasons(AgendaView):
    reasons: list[ReasonView] = msgspec.field(default_factory=list)


class Agendas(View):
    agendas: list[AgendaWithReasons]


class ListAgendas(Command[Agendas]):
    """The agendas on which the caller has a level of access: their own first."""

    method = "agenda.list"


class GetReasons(Command[Agendas]):
    """What can be booked with a practitioner (the id of a directory hit or of a person), or in one agenda."""

    method = "agenda.reasons"

    practitioner: Id | None = None
    agenda: Id | None = None


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A visit reason as whoever manages the agenda writes it; the buffers stay free of other visits."""

    id: NewId
    name: Line
    minutes: Minutes
    before: Buffer = 0
    after: Buffer = 0
    instructions: Note | None = None
    for_referrers: bool = True


class OpeningForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an agenda is open, by the site's clocks: on a ``weekday`` (Monday is 0) or on one ``day``.

    A weekly opening holds from ``since`` until just before ``until``; with ``every`` = 2 the week of
    ``since`` is open and the next is not. ``closes`` at or before ``opens`` is a time of the next day.
    """

    opens: Clock
    closes: Clock
    weekday: Annotated[int, msgspec.Meta(ge=0, le=6)] | None = None
    since: date | None = None
    until: date | None = None
    every: Annotated[int, msgspec.Meta(ge=1, le=52)] = 1
    day: date | None = None


class AgendaResult(View):
    agenda: AgendaWithReasons


class CreateAgenda(Command[AgendaResult]):
    """Opens an agenda of the caller at a site of their organisation."""

    method = "agenda.create"

    id: NewId
    site: Id
    name: Line
    reasons: Reasons
    openings: Openings
    step: Minutes | None = None
    notice: Annotated[int, msgspec.Meta(ge=0, le=60 * 24 * 90)] = 0
    horizon: Annotated[int, msgspec.Meta(ge=1, le=730)] = 180


class UpdateAgenda(Command[AgendaResult]):
    """Changes what is given and leaves the rest. Lists take the place of what was there.

    A visit reason that is left out can no longer be booked; what is booked stays.
    """

    method = "agenda.update"

    agenda: Id
    name: Line | None = None
    reasons: Reasons | None = None
    openings: Openings | None = None
    step: Minutes | None = None
    notice: Annotated[int, msgspec.Meta(ge=0, le=60 * 24 * 90)] | None = None
    horizon: Annotated[int, msgspec.Meta(ge=1, le=730)] | None = None


class AddAbsence(Command[AgendaResult]):
    """Closes an agenda for whole days (``until`` excluded) or between two instants. What is booked stays."""

    method = "absence.add"

    id: NewId
    agenda: Id
    first: date | None = None
    until: date | None = None
    start: Instant | None = None
    end: Instant | None = None


class RemoveAbsence(Command[AgendaResult]):
    """Opens again what an absence closed; removing it again changes nothing."""

    method = "absence.remove"

    agenda: Id
    absence: Id


class GrantAccess(Command[AgendaResult]):
    """Gives a colleague a level on an agenda, or takes it away with ``none``."""

    method = "agenda.grant"

    agenda: Id
    person: Id
    level: AgendaLevel | Literal["none"]


class SlotView(View):
    """A free slot; ``start`` and ``end`` carry the site's offset."""

    agenda: Id
    reason: Id
    start: Instant
    end: Instant


class Slots(View):
    slots: list[SlotView]
    next: date | None = None
    """When the days asked for have no free slot: the first of the 62 days from ``to`` on that has one."""


class FindSlots(Command[Slots]):
    """Free slots from one day of the site to another, ``to`` excluded; at most 62 days."""

    method = "agenda.slots"

    from_: date = msgspec.field(name="from")
    to: date
    practitioner: Id | None = None
    agenda: Id | None = None
    reason: Id | None = None
    place: Line | None = None


class WatchResult(View):
    """``head`` is the number up to which the stream can be read with ``sync``. It is 0 for who has no level on the
    agenda, and gets nothing of its stream but what happens from now on.
    """

    stream: str
    head: int


class WatchAgenda(Command[WatchResult]):
    """From now on the socket receives the agenda's events: in full for who may read it, else as times alone.

    Without a level, ``sync`` of the stream is refused and ``head`` is 0: a number that is missing between two events is
    no gap. Load the slots again instead.
    """

    method = "agenda.watch"

    agenda: Id


class UnwatchAgenda(Command[WatchResult]):
    """The socket no longer follows the agenda; ``head`` says nothing."""

    method = "agenda.unwatch"

    agenda: Id


class HoldSlotResult(View):
    """``hold`` is the id the client chose; until ``expires_at`` nobody else can take the slot."""

    hold: Id
    expires_at: Instant
    agenda: Id
    reason: Id
    start: Instant
    end: Instant


class HoldSlot(Command[HoldSlotResult]):
    """Keeps a slot for fifteen minutes while the form is filled in."""

    method = "slot.hold"

    id: NewId
    agenda: Id
    reason: Id
    start: Instant


class ReleaseSlotResult(View):
    hold: Id


class ReleaseSlot(Command[ReleaseSlotResult]):
    """Gives a held slot back; releasing again changes nothing."""

    method = "slot.release"

    hold: Id


class AppointmentDetails(View):
    """An appointment as everybody who may read it sees it.

    ``erased``: what was written about the patient is erased or can no longer be opened; ``patient`` and
    ``cancellation`` are then absent, and the time stands.
    """

    id: Id
    agenda: Id
    start: Instant
    end: Instant
    state: AppointmentState
    reason: Id | None = None
    reason_name: str | None = None
    patient: PatientView | None = None
    referral: Id | None = None
    seen_before: bool | None = None
    booked_by: Id | None = None
    booked_by_name: str | None = None
    booked_at: Instant | None = None
    cancelled_at: Instant | None = None
    cancellation: str | None = None
    erased: bool = False


class AppointmentView(AppointmentDetails):
    """An appointment, with what the caller may do with it. For whoever is busy-only it has times alone."""

    abilities: list[str] = msgspec.field(default_factory=list)


class BusySlot(View):
    """A held slot in a day's view. For whoever is busy-only it has times alone."""

    start: Instant
    end: Instant
    expires_at: Instant
    hold: Id | None = None
    by: Id | None = None
    by_name: str | None = None


class Window(View):
    """A stretch in which an agenda is open, or its practitioner absent (then ``id`` names the absence)."""

    start: Instant
    end: Instant
    id: Id | None = None


class Day(View):
    """Days of an agenda: ``head`` is the stream's number up to which this is complete."""

    agenda: AgendaView
    head: int
    appointments: list[AppointmentView]
    holds: list[BusySlot]
    openings: list[Window]
    absences: list[Window]


class GetDay(Command[Day]):
    """What an agenda holds from one day of the site to another, ``to`` excluded; at most 31 days."""

    method = "agenda.day"

    agenda: Id
    from_: date = msgspec.field(name="from")
    to: date


class CancelAppointmentResult(View):
    appointment: AppointmentView


class CancelAppointment(Command[CancelAppointmentResult]):
    """Cancels an appointment; the patient is told, and the slot is free again."""

    method = "appointment.cancel"

    appointment: Id
    reason: Line


class SlotHeldMasked(MaskedEvent):
    start: Instant
    end: Instant
    expires_at: Instant


class SlotHeld(Event):
    type = "slot.held"
    stream = "a"
    masked = SlotHeldMasked

    start: Instant
    end: Instant
    expires_at: Instant
    hold: Id
    by: Id
    by_name: str


class SlotReleasedMasked(MaskedEvent):
    start: Instant
    end: Instant


class SlotReleased(Event):
    """The slot is free again: given back, or the fifteen minutes are over."""

    type = "slot.released"
    stream = "a"
    masked = SlotReleasedMasked

    start: Instant
    end: Instant
    hold: Id


class AppointmentBookedMasked(MaskedEvent):
    start: Instant
    end: Instant


class AppointmentBooked(Event):
    """A hold became an appointment, which has its id."""

    type = "appointment.booked"
    stream = "a"
    masked = AppointmentBookedMasked

    start: Instant
    end: Instant
    hold: Id
    appointment: AppointmentDetails


class AppointmentCancelledMasked(MaskedEvent):
    start: Instant
    end: Instant


class AppointmentCancelled(Event):
    type = "appointment.cancelled"
    stream = "a"
    masked = AppointmentCancelledMasked

    start: Instant
    end: Instant
    appointment: AppointmentDetails


class AppointmentNoticeMasked(MaskedEvent):
    """Nothing about the times has changed."""


class AppointmentNotice(Event):
    """A message to the patient was settled: sent, dropped, or given up. Neither its words nor the address."""

    type = "appointment.notice"
    stream = "a"
    masked = AppointmentNoticeMasked

    appointment: Id
    kind: NoticeKind
    channel: NoticeChannel
    state: NoticeState
    reason: str | None = None


class AgendaChangedMasked(MaskedEvent):
    """Something of the agenda changed: load again what is shown."""


class AgendaChanged(Event):
    """Openings, absences, visit reasons or rights changed: load again what is shown."""

    type = "agenda.changed"
    stream = "a"
    masked = AgendaChangedMasked
