"""Slots taken for a quarter of an hour, given back, and freed when the time is over.

The order is always the same: lock the agendas' rows, then those of the people who ask, free what has expired, look,
write. Whoever waits for the lock then finds the slot taken and is told so in words; the exclusion constraint behind it
needs no lock to be right. What one person holds is counted under the lock of their own row, whichever agenda it is in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import F, QuerySet
from psycopg.types.range import TimestamptzRange

from identity.accounts import access as accounts_access
from identity.accounts.wire import VERIFIED
from identity.authentication import actions as authentication_actions
from identity.organisations.wire import Me
from referral.scheduling import access, agenda_events, internal_commands, lifecycle
from referral.scheduling.hold_limits import BOOKING_DAY, PAUSE, OwnBookings, OwnHold, held_until, is_near, require_room
from referral.scheduling.lifecycle import OCCUPYING, UNBOOKED, AppointmentState
from referral.scheduling.models import Agenda, Appointment, VisitReason
from referral.scheduling.queries import agendas
from referral.scheduling.queries.holds import held_slots
from referral.scheduling.refusals import SlotTaken
from referral.scheduling.slots import DAY, Days, Span, Verdict, check
from referral.scheduling.wire import HoldSlot, HoldSlotResult, ReleaseSlot, ReleaseSlotResult
from server.kernel.authentication import Actor
from server.kernel.bulk_insert import insert
from server.kernel.dispatch import Call, Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.pg_arrays import uuids
from server.kernel.wire.errors import Conflict, NotFound, Refusal

RELEASED_RETENTION = timedelta(days=1)
"""How long the row of a hold that came to nothing is kept, so that its request may be repeated."""
MAX_LOOKAHEAD = timedelta(days=1000)
"""Beyond every horizon: what is asked for later than this is not looked up."""
LOOKAROUND = "28 hours"
"""The longest visit and its longest buffer: what is farther away cannot be in the way."""

WHY = {
    Verdict.PAST: "This slot is in the past: choose a later one.",
    Verdict.TOO_FAR: "This agenda cannot be booked that far ahead yet.",
    Verdict.OUTSIDE: "The agenda is not open at that time: choose one of its slots.",
    Verdict.ABSENT: "The practitioner is away at that time: choose another slot.",
    Verdict.OFF_GRID: "No slot begins at that time: choose one of the agenda's slots.",
    Verdict.TOO_SOON: "This agenda asks for more notice: choose a later slot.",
}


def greet(wanted: Sequence[tuple[Actor, UUID | None]]) -> Callable[[], list[Me | Refusal]]:
    """Each caller as ``hello`` shows them, with the slots that they hold; the function returned waits for the
    statements."""
    mes = authentication_actions.greet(wanted)
    verified = [actor for actor, _ in wanted if VERIFIED in actor.scopes]
    held = held_slots(verified) if verified else dict

    def greeted() -> list[Me | Refusal]:
        found, theirs = mes(), held()
        return [
            me if isinstance(me, Refusal) or me.id not in theirs else msgspec.structs.replace(me, holds=theirs[me.id])
            for me in found
        ]

    return greeted


def hold_slots(calls: Sequence[Call[HoldSlot]], tx: Transaction) -> list[HoldSlotResult | Refusal]:
    """Holds each slot for its caller, first come first served: of many for one slot, one is held, the
    others refused.

    A constant number of statements for the whole batch.
    """
    commands = [call.command for call in calls]
    access.lock_agendas(command.agenda for command in commands)
    accounts_access.lock(call.actor.person for call in calls)
    freed = reap(Appointment.objects.filter(agenda__in={command.agenda for command in commands}), tx.now)
    book = _HoldBatch(calls, tx.now)
    answers = [_answer(call, book) for call in calls]
    lost = _lost(list(book.made.values()))
    held = [row for row in book.made.values() if row.id not in lost]
    names = {call.command.id: call.actor.name for call in calls}
    tx.record(
        [draft for row in freed for draft in agenda_events.hold_ended(row, "expired")]
        + [agenda_events.slot_held(row, names[row.id]) for row in held]
    )
    return [SlotTaken() if command.id in lost else answer for command, answer in zip(commands, answers, strict=True)]


def release_slot(actor: Actor, command: ReleaseSlot, tx: Transaction) -> ReleaseSlotResult:
    """Gives a hold of the caller's own back. One that is over already stays over."""
    access.lock_agendas([access.hold(actor, command.hold).agenda_id])
    row = access.hold(actor, command.hold)
    if row.state != AppointmentState.RELEASED:
        lifecycle.require(AppointmentState(row.state), AppointmentState.RELEASED)
        ended = min(tx.now, row.hold_until)
        Appointment.objects.filter(id=row.id).update(state=AppointmentState.RELEASED, released_at=ended)
        tx.record(agenda_events.hold_ended(row, "released" if tx.now < row.hold_until else "expired"))
    return ReleaseSlotResult(hold=row.id)


def reap_holds(actor: Actor, command: internal_commands.ReapHolds, tx: Transaction) -> internal_commands.Count:
    """Frees the slots whose quarter of an hour is over and says so in their agendas."""
    over = Appointment.objects.filter(state=AppointmentState.HELD, hold_until__lte=tx.now)
    waiting = set(over.order_by("hold_until").values_list("agenda_id", flat=True)[: command.limit])
    access.lock_agendas(waiting)
    freed = reap(Appointment.objects.filter(agenda__in=waiting), tx.now)
    tx.record([draft for row in freed for draft in agenda_events.hold_ended(row, "expired")])
    Appointment.objects.filter(state=AppointmentState.RELEASED, hold_until__lt=tx.now - RELEASED_RETENTION).delete()
    return internal_commands.Count(count=len(freed))


def reap(rows: QuerySet[Appointment], now: datetime) -> list[Appointment]:
    """Frees those of ``rows`` that are holds whose time is over; their agendas are locked. Tell ``hold_ended``."""
    over = rows.filter(state=AppointmentState.HELD, hold_until__lte=now).select_related("agenda__resource__site")
    freed = list(over)
    if freed:
        ids = [row.id for row in freed]
        Appointment.objects.filter(id__in=ids).update(state=AppointmentState.RELEASED, released_at=F("hold_until"))
    return freed


class _HoldBatch:
    """What a batch of holds looks at: agendas, reasons, calendars, what is taken, and what the batch takes
    itself.
    """

    def __init__(self, calls: Sequence[Call[HoldSlot]], now: datetime) -> None:
        commands = [call.command for call in calls]
        self.now = now
        wanted = {command.agenda for command in commands}
        open_agendas = Agenda.objects.select_related("resource__site").filter(access.BOOKABLE, pk__in=wanted)
        self.agendas = {agenda.id: agenda for agenda in open_agendas}
        self.calendars = agendas.calendars(list(self.agendas.values()), self._days(commands))
        rows = VisitReason.objects.filter(id__in={command.reason for command in commands}, ended_at=None)
        self.reasons = {reason.id: reason for reason in rows}
        known = Appointment.objects.select_related("agenda__resource__site").filter(id__in=[one.id for one in commands])
        self.known = {row.id: row for row in known}
        self.made: dict[UUID, Appointment] = {}
        self.busy = self._busy(commands)
        people = {call.actor.person for call in calls}
        self.own = self._own(people)
        self.bookings = self._bookings(people, set(self.agendas))
        practitioners = {agenda.id: agenda.practitioner_id for agenda in self.agendas.values()}
        self.kept_out = access.kept_out(practitioners, people)

    def _days(self, commands: Sequence[HoldSlot]) -> Days:
        """From the first to the last day that is asked for, among those that can be looked up."""
        starts = [one.start.date() for one in commands if self.now <= one.start < self.now + MAX_LOOKAHEAD]
        return Days(min(starts, default=self.now.date()), max(starts, default=self.now.date()) + DAY)

    def _own(self, people: set[UUID]) -> defaultdict[UUID, list[OwnHold]]:
        """What each of these people holds, and has held a little while ago, in one statement."""
        found: defaultdict[UUID, list[OwnHold]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT booked_by_id, id, agenda_id, starts_at, ends_at, hold_until,"
                " CASE WHEN state = 'released' THEN coalesce(released_at, hold_until)"
                " WHEN hold_until <= %s THEN hold_until END"
                " FROM referral_appointment"
                " WHERE booked_by_id = ANY(%b::uuid[]) AND state = ANY(%s) AND hold_until > %s",
                [self.now, uuids(people), UNBOOKED, self.now - PAUSE],
            )
            for person, *hold in cursor.fetchall():
                found[person].append(OwnHold(*hold))
        return found

    def _bookings(self, people: set[UUID], wanted: set[UUID]) -> dict[tuple[UUID, UUID], OwnBookings]:
        """What each of these people has booked in each of these agendas, without those where they have the level
        ``book``. One statement, and one more when somebody has booked as much as others may."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT agenda_id, booked_by_id, count(*) FILTER (WHERE state = 'booked' AND starts_at > %s),"
                " count(*) FILTER (WHERE booked_at > %s)"
                " FROM referral_appointment WHERE booked_by_id = ANY(%b::uuid[]) AND agenda_id = ANY(%b::uuid[])"
                " AND starts_at > %s AND booked_at IS NOT NULL GROUP BY agenda_id, booked_by_id",
                [self.now, self.now - BOOKING_DAY, uuids(people), uuids(wanted), self.now - BOOKING_DAY],
            )
            found = {(agenda, person): OwnBookings(*counts) for agenda, person, *counts in cursor.fetchall()}
        if not any(is_near(bookings) for bookings in found.values()):
            return found
        exempt = access.bookers({agenda for agenda, _ in found})
        return {pair: bookings for pair, bookings in found.items() if pair not in exempt}

    def _busy(self, commands: Sequence[HoldSlot]) -> defaultdict[UUID, list[Span]]:
        """What is taken around the starts asked for, in one statement; holds that are over are freed
        already.
        """
        near = [one for one in commands if self.now <= one.start < self.now + MAX_LOOKAHEAD]
        found: defaultdict[UUID, list[Span]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT taken.agenda_id, lower(taken.occupied), upper(taken.occupied)"
                " FROM unnest(%s::uuid[], %s::timestamptz[]) AS wanted (agenda, start)"
                " JOIN referral_appointment taken ON taken.agenda_id = wanted.agenda"
                " AND taken.occupied && tstzrange(wanted.start - %s::interval, wanted.start + %s::interval)"
                " WHERE taken.state = ANY(%s)",
                [[one.agenda for one in near], [one.start for one in near], LOOKAROUND, LOOKAROUND, OCCUPYING],
            )
            for agenda, start, end in cursor.fetchall():
                found[agenda].append(Span(start, end))
        return found


def _answer(call: Call[HoldSlot], book: _HoldBatch) -> HoldSlotResult | Refusal:
    try:
        return _hold(call.actor, call.command, book)
    except Refusal as refusal:
        return refusal


def _hold(actor: Actor, command: HoldSlot, book: _HoldBatch) -> HoldSlotResult:
    caller, request = access.person(actor), request_digest(actor, command)
    known = book.known.get(command.id)
    if known is not None:
        require_same(known.request_digest, request)
        return _held(known)
    agenda, reason = book.agendas.get(command.agenda), book.reasons.get(command.reason)
    if agenda is None or reason is None or reason.agenda_id != agenda.id or (agenda.id, caller) in book.kept_out:
        raise NotFound
    if not reason.for_referrers:
        access.agenda(actor, agenda.id, to="book")
    access.require_referrer(actor, agenda.id)
    visit = agendas.visit(reason)
    verdict = check(book.calendars[agenda.id], visit, book.busy[agenda.id], command.start, book.now)
    if verdict is Verdict.TAKEN:
        raise _taken(caller, agenda.id, visit.at(command.start), book)
    if verdict is not Verdict.FREE:
        raise Conflict(WHY[verdict], why=verdict.value)
    start = command.start.astimezone(UTC)
    occupied = visit.occupied(start)
    require_room(book.bookings.get((agenda.id, caller), OwnBookings()), agenda.id, book.own[caller])
    until = held_until(agenda.id, *visit.at(start), book.own[caller], book.now)
    row = Appointment(
        id=command.id,
        agenda=agenda,
        reason=reason,
        starts_at=start,
        ends_at=visit.at(start).end,
        occupied=TimestamptzRange(occupied.start, occupied.end),
        state=AppointmentState.HELD,
        booked_by_id=caller,
        hold_until=until,
        request_digest=request,
    )
    book.known[row.id] = book.made[row.id] = row
    book.busy[agenda.id].append(occupied)
    book.own[caller].append(OwnHold(row.id, agenda.id, row.starts_at, row.ends_at, until, None))
    return _held(row)


def _taken(caller: UUID, agenda: UUID, visit: Span, book: _HoldBatch) -> SlotTaken:
    """Somebody has the slot; if it is the caller, they are told by which hold."""
    own = [hold for hold in book.own[caller] if hold.ended_at is None and hold.overlaps(agenda, *visit)]
    return SlotTaken("You hold this slot already: go on with that hold.", hold=str(own[0].id)) if own else SlotTaken()


def _held(row: Appointment) -> HoldSlotResult:
    zone = row.agenda.zone
    return HoldSlotResult(
        hold=row.id,
        expires_at=row.hold_until,
        agenda=row.agenda_id,
        reason=row.reason_id,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
    )


def _lost(rows: list[Appointment]) -> set[UUID]:
    """Inserts the rows and returns the ids of those that a constraint kept out: somebody was quicker.

    Under the agenda's lock there are none; should anything ever book without it, the constraint still holds.
    """
    if not rows:
        return set()
    insert(rows, ignore_conflicts=True)
    kept = Appointment.objects.filter(id__in=[row.id for row in rows]).values_list("id", "request_digest")
    ours = {row.id: row.request_digest for row in rows}
    return set(ours) - {row for row, request in kept if bytes(request) == ours[row]}
