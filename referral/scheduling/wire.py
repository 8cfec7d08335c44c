"""Commands, events and views of slots and appointments; how agendas are set up is in ``wire_agendas``."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

import msgspec

from identity.organisations.refusals import VouchedOnly
from identity.patients.wire import PatientView
from referral.notices.wire import NoticeChannel, NoticeKind, NoticeState
from referral.scheduling.refusals import HoldPaused, SlotTaken, TooManyBookings, TooManyHolds
from referral.scheduling.wire_agendas import AgendaView
from server.kernel.wire import Command, Cursor, Event, Id, Instant, Line, MaskedEvent, NewId, View

AppointmentState: TypeAlias = Literal["booked", "cancelled", "no_show", "arrived", "done"]


class SlotView(View):
    """A free slot; ``start`` and ``end`` carry the site's offset."""

    agenda: Id
    reason: Id
    start: Instant
    end: Instant


class Slots(View):
    """Free slots, earliest first, of whole days. An answer has 1,000 of them at most, unless one single day has more.

    ``next`` is the day from which to ask again. Beside slots: the days asked for go on there, and those before it are
    complete. Without any: nothing is free before it; it is the next day that has a slot or, when many agendas were
    asked for, the first that was not looked at. Without ``next`` the answer is complete; if it is also empty, nothing
    is free in the 62 days after ``to`` either.
    """

    slots: list[SlotView]
    next: date | None = None


class FindSlots(Command[Slots]):
    """Free slots from one day of the site to another, ``to`` excluded; at most 62 days, of at most 50 agendas.

    One answer looks at 1,000 days at most, counted for each agenda: ``next`` then says where to go on.
    """

    method = "agenda.slots"

    from_: date = msgspec.field(name="from")
    to: date
    practitioner: Id | None = None
    agenda: Id | None = None
    reason: Id | None = None
    place: Line | None = None


class WatchResult(View):
    """``head`` is the number up to which the stream can be read with ``sync``. It is 0 for who has no level on the
    agenda, and gets nothing of its stream but which slots are taken and freed from now on.
    """

    stream: str
    head: int


class WatchAgenda(Command[WatchResult]):
    """From now on the socket receives the agenda's events: in full for who may read it, and masked, as times alone, for
    who may see that it is busy.

    Without a level the socket receives ``slot.held``, ``slot.released`` and ``slot.booked``, masked, and nothing else:
    a booking comes as ``slot.booked``, and a cancellation as ``slot.released``. ``sync`` of the stream is refused,
    ``head`` is 0, and the numbers are the socket's own: they grow, and say nothing of what else happens in the agenda.
    Load the slots again when the screen is shown again, and after a reconnection. While the agenda cannot be booked
    nothing comes.

    The level counts as it is at each event: one that is given or taken while watching changes what comes next. A socket
    watches 100 agendas at most; one more is refused with ``too_large``.
    """

    method = "agenda.watch"

    agenda: Id


class UnwatchAgenda(Command[WatchResult]):
    """The socket no longer follows the agenda; ``head`` says nothing."""

    method = "agenda.unwatch"

    agenda: Id


class HeldSlot(View):
    """A slot that the caller holds, with all that it takes to go on with the booking, on another device or after a
    reload: ``referral.book`` takes ``hold`` until ``expires_at``.
    """

    hold: Id
    agenda: Id
    agenda_name: str
    practitioner: Id
    practitioner_name: str
    time_zone: str
    reason: Id
    reason_name: str
    start: Instant
    end: Instant
    expires_at: Instant
    place: str | None = None
    city: str | None = None


class Holds(View):
    holds: list[HeldSlot]


class ListHolds(Command[Holds]):
    """The slots that the caller holds now, on whichever device, the first to expire first.

    ``me.holds`` of ``hello`` says the same. One that ends without a booking is told to all devices of the caller by
    ``hold.ended`` in their inbox, one that is booked by ``referral.booked``, whose ``appointment`` is the hold's id.
    """

    method = "hold.list"


class HoldSlotResult(View):
    """``hold`` is the id the client chose; until ``expires_at`` nobody else can take the slot."""

    hold: Id
    expires_at: Instant
    agenda: Id
    reason: Id
    start: Instant
    end: Instant


class HoldSlot(Command[HoldSlotResult]):
    """Keeps a slot for fifteen minutes while the form is filled in.

    One person holds five slots at a time, and three in one agenda: one more is refused with ``too_many_holds``. Whoever
    takes a time again that they have given back holds it until it would have ended at first, and no longer; when less
    than a minute of that is left, it is refused with ``hold_paused`` until others have had five minutes to take it.
    A slot that the caller holds already is ``slot_taken`` with the id of that hold in ``data.hold``.
    Who has not the level ``book`` on the agenda has twenty appointments ahead in it, and makes thirty a day: one more
    is refused with ``too_many_bookings``.
    """

    method = "slot.hold"
    refuses = (SlotTaken, TooManyHolds, TooManyBookings, HoldPaused, VouchedOnly)

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
    """An appointment as everybody who may read it sees it; ``agenda_name``, ``place`` and ``city`` say where it is.

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
    agenda_name: str | None = None
    place: str | None = None
    city: str | None = None


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
    """Days of an agenda: ``head`` is the stream's number up to which this is complete.

    Appointments and holds in the order in which they begin, as many as fit into 256 KiB. With a ``cursor`` there are
    more: ask again with it. ``openings`` and ``absences`` stand on the first page.
    """

    agenda: AgendaView
    head: int
    appointments: list[AppointmentView]
    holds: list[BusySlot]
    openings: list[Window]
    absences: list[Window]
    cursor: str | None = None


class GetDay(Command[Day]):
    """What an agenda holds from one day of the site to another, ``to`` excluded; at most 31 days."""

    method = "agenda.day"

    agenda: Id
    from_: date = msgspec.field(name="from")
    to: date
    cursor: Cursor | None = None


class CancelAppointmentResult(View):
    appointment: AppointmentView


class CancelAppointment(Command[CancelAppointmentResult]):
    """Cancels an appointment; the patient is told, and the slot is free again. Why is a matter of health: the agenda's
    event does not say it, and whoever sees no clinical notes is not shown it."""

    method = "appointment.cancel"

    appointment: Id
    reason: Line


class HoldEnded(Event):
    """In the inbox of whoever held the slot: it was given back, or its time is over. What is booked is not told so."""

    type = "hold.ended"
    stream = "i"

    hold: Id
    agenda: Id
    start: Instant
    end: Instant
    why: Literal["released", "expired"]


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


class SlotBookedMasked(MaskedEvent):
    start: Instant
    end: Instant


class SlotBooked(Event):
    """The slot is booked. This is how ``appointment.booked`` is told to those who watch without a level."""

    type = "slot.booked"
    stream = "a"
    masked = SlotBookedMasked

    start: Instant
    end: Instant


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
