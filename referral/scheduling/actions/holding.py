"""Slots taken for a quarter of an hour.

The order is always the same: lock the agendas' rows, then those of the people who ask, free what has expired, look,
write. Whoever waits for the lock then finds the slot taken and is told so in words; the exclusion constraint behind it
needs no lock to be right. What one person holds is counted under the lock of their own row, whichever agenda it is in.

Many may want one slot at the same moment. Who can see that it is taken waits for no lock and holds up nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from identity.accounts import access as accounts_access
from identity.accounts.wire import PROFESSIONAL
from referral.scheduling import access, agenda_events
from referral.scheduling.access import BookableAgenda
from referral.scheduling.actions.holds import reap
from referral.scheduling.hold_limits import BOOKING_DAY, PAUSE, OwnBookings, OwnHold, held_until, is_near, require_room
from referral.scheduling.lifecycle import OCCUPYING, UNBOOKED
from referral.scheduling.models import Appointment
from referral.scheduling.queries.calendars import Reason, setups
from referral.scheduling.refusals import SlotTaken
from referral.scheduling.slots import Days, Verdict, check
from referral.scheduling.wall_clock import DAY, Span
from referral.scheduling.wire import HoldSlot, HoldSlotResult
from server.kernel.authentication import Actor
from server.kernel.dispatch import Call, Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.pg_arrays import byte_strings, moments, texts, uuids
from server.kernel.statements import Rows, Statement
from server.kernel.wire.errors import Conflict, NotFound, Refusal

MAX_LOOKAHEAD = timedelta(days=1000)
"""Beyond every horizon: what is asked for later than this is not looked up."""

WHY = {
    Verdict.PAST: "This slot is in the past: choose a later one.",
    Verdict.TOO_FAR: "This agenda cannot be booked that far ahead yet.",
    Verdict.OUTSIDE: "The agenda is not open at that time: choose one of its slots.",
    Verdict.ABSENT: "The practitioner is away at that time: choose another slot.",
    Verdict.OFF_GRID: "No slot begins at that time: choose one of the agenda's slots.",
    Verdict.TOO_SOON: "This agenda asks for more notice: choose a later slot.",
}
_TAKES_TIME = f"IN ({', '.join(repr(state) for state in OCCUPYING)})"
"""As the exclusion constraint says it, so that its index answers."""


def hold_slots(calls: Sequence[Call[HoldSlot]], tx: Transaction) -> list[HoldSlotResult | Refusal]:
    """Holds each slot for its caller, first come first served: of many for one slot, one is held, the
    others refused.

    A constant number of statements for the whole batch.
    """
    open_ = _without_taken(range(len(calls)), calls, tx.now)
    if open_:
        access.lock_agendas(calls[number].command.agenda for number in open_)
        open_ = _without_taken(open_, calls, tx.now)  # Whoever waited for the lock is told without further delay.
    answers = _hold_open([calls[number] for number in open_], tx) if open_ else []
    by_number = dict(zip(open_, answers, strict=True))
    return [by_number.get(number) or SlotTaken() for number in range(len(calls))]


_TAKEN = Statement(
    "SELECT asked.nth, asked.agenda FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::timestamptz[], %b::uuid[])"  # noqa: S608  (states of our own)
    " WITH ORDINALITY AS asked (id, agenda, reason, start, person, nth)"
    " JOIN referral_appointment taken ON taken.agenda_id = asked.agenda AND taken.starts_at = asked.start"
    " AND taken.reason_id = asked.reason AND taken.booked_by_id <> asked.person"
    f" AND taken.state {_TAKES_TIME} AND (taken.state <> 'held' OR taken.hold_until > %b)"
    " JOIN referral_visitreason reason ON reason.id = asked.reason AND reason.ended_at IS NULL AND reason.for_referrers"
    " JOIN referral_agenda agenda ON agenda.resource_id = asked.agenda"
    " AND asked.start >= %b + agenda.notice_minutes * interval '1 minute'"
    " AND asked.start < %b + agenda.horizon_days * interval '24 hours'"
    " WHERE NOT EXISTS (SELECT FROM referral_appointment known WHERE known.id = asked.id)"
)


def _without_taken(numbers: Sequence[int], calls: Sequence[Call[HoldSlot]], now: datetime) -> Sequence[int]:
    """Which of these calls are not refused for good by what is committed: somebody else has this very slot, for the
    same reason, in an agenda that the caller may book like any professional. All others are decided under the lock.

    One statement, and two more when there are any.
    """
    asked = [calls[number] for number in numbers]
    rows = _TAKEN.send(
        uuids(call.command.id for call in asked),
        uuids(call.command.agenda for call in asked),
        uuids(call.command.reason for call in asked),
        moments(call.command.start for call in asked),
        uuids(call.actor.person for call in asked),
        now,
        now,
        now,
    )()
    if not rows:
        return numbers
    bookable = access.bookable({agenda for _, agenda in rows})
    kept_out = access.kept_out(bookable.values(), {call.actor.person for call in asked})
    refused = {
        numbers[nth - 1]
        for nth, agenda in rows
        if agenda in bookable and (agenda, asked[nth - 1].actor.person) not in kept_out
    }
    return [number for number in numbers if number not in refused or PROFESSIONAL not in calls[number].actor.scopes]


def _hold_open(calls: Sequence[Call[HoldSlot]], tx: Transaction) -> list[HoldSlotResult | Refusal]:
    """Decides on each of these calls, their agendas being locked."""
    accounts_access.lock(call.actor.person for call in calls)
    freed = reap({call.command.agenda for call in calls}, tx.now)
    book = _HoldBatch(calls, tx.now)
    answers = [_answer(call, book) for call in calls]
    lost = _insert(book.made)
    names = {call.command.id: call.actor.name for call in calls}
    tx.record(
        [draft for row in freed for draft in agenda_events.hold_ended(row, "expired")]
        + [
            agenda_events.slot_held(slot.result, slot.by, names[slot.result.hold])
            for slot in book.made
            if slot.result.hold not in lost
        ]
    )
    return [SlotTaken() if call.command.id in lost else answer for call, answer in zip(calls, answers, strict=True)]


class _NewHold(NamedTuple):
    """A slot that this batch holds."""

    result: HoldSlotResult
    occupied: Span
    by: UUID
    request: bytes


_KNOWN = Statement("SELECT id FROM referral_appointment WHERE id = ANY(%b::uuid[])")
_OWN = Statement(
    "SELECT booked_by_id, id, agenda_id, starts_at, ends_at, hold_until,"
    " CASE WHEN state = 'released' THEN coalesce(released_at, hold_until)"
    " WHEN hold_until <= %b THEN hold_until END"
    " FROM referral_appointment WHERE booked_by_id = ANY(%b::uuid[]) AND state = ANY(%b::text[]) AND hold_until > %b"
)
_BOOKINGS = Statement(
    "SELECT agenda_id, booked_by_id, count(*) FILTER (WHERE state = 'booked' AND starts_at > %b),"
    " count(*) FILTER (WHERE booked_at > %b) FROM referral_appointment WHERE booked_by_id = ANY(%b::uuid[])"
    " AND agenda_id = ANY(%b::uuid[]) AND starts_at > %b AND booked_at IS NOT NULL GROUP BY agenda_id, booked_by_id"
)
_BUSY = Statement(
    "SELECT DISTINCT taken.agenda_id, lower(taken.occupied), upper(taken.occupied)"  # noqa: S608  (states of our own)
    " FROM unnest(%b::uuid[], %b::timestamptz[], %b::timestamptz[]) AS wanted (agenda, start, until)"
    " JOIN referral_appointment taken ON taken.agenda_id = wanted.agenda"
    f" AND taken.occupied && tstzrange(wanted.start, wanted.until) WHERE taken.state {_TAKES_TIME}"
)


class _HoldBatch:
    """What a batch of holds looks at: agendas, reasons, calendars, what is taken, and what the batch takes
    itself.
    """

    def __init__(self, calls: Sequence[Call[HoldSlot]], now: datetime) -> None:
        commands = [call.command for call in calls]
        self.now = now
        wanted = {command.agenda for command in commands}
        people = {call.actor.person for call in calls}
        known = _KNOWN.send(uuids(command.id for command in commands))
        own = _OWN.send(now, uuids(people), texts(UNBOOKED), now - PAUSE)
        bookings = _BOOKINGS.send(now, now - BOOKING_DAY, uuids(people), uuids(wanted), now - BOOKING_DAY)
        self.agendas = access.bookable(wanted)
        self.kept_out = access.kept_out(self.agendas.values(), people)
        self.setups = setups(list(self.agendas.values()), self._days(commands))
        self.reasons = {
            (agenda, reason.id): reason for agenda, setup in self.setups.items() for reason in setup.reasons
        }
        self.known = self._known([hold for (hold,) in known()])
        self.made: list[_NewHold] = []
        self.busy = self._busy(commands)
        self.own = self._own(own)
        self.bookings = self._bookings(bookings)

    def _is_near(self, start: datetime) -> bool:
        """Whether an instant can be looked up."""
        return self.now <= start < self.now + MAX_LOOKAHEAD

    def _days(self, commands: Sequence[HoldSlot]) -> Days:
        """From the first to the last day that is asked for, among those that can be looked up."""
        starts = [one.start.date() for one in commands if self._is_near(one.start)]
        return Days(min(starts, default=self.now.date()), max(starts, default=self.now.date()) + DAY)

    def _known(self, ids: Sequence[UUID]) -> dict[UUID, tuple[HoldSlotResult, bytes]]:
        """What is there already under these ids, with the digest of its request. One statement, if there is any."""
        rows = Appointment.objects.select_related("agenda__resource__site").filter(id__in=ids) if ids else ()
        return {row.id: (_held(row), bytes(row.request_digest)) for row in rows}

    def _own(self, rows: Rows) -> defaultdict[UUID, list[OwnHold]]:
        """What each of these people holds, and has held a little while ago."""
        found: defaultdict[UUID, list[OwnHold]] = defaultdict(list)
        for person, *hold in rows():
            found[person].append(OwnHold(*hold))
        return found

    def _bookings(self, rows: Rows) -> dict[tuple[UUID, UUID], OwnBookings]:
        """What each of these people has booked in each of these agendas, without those where they have the level
        ``book``. One statement more when somebody has booked as much as others may."""
        found = {(agenda, person): OwnBookings(*counts) for agenda, person, *counts in rows()}
        if not any(is_near(bookings) for bookings in found.values()):
            return found
        exempt = access.bookers({agenda for agenda, _ in found})
        return {pair: bookings for pair, bookings in found.items() if pair not in exempt}

    def _busy(self, commands: Iterable[HoldSlot]) -> defaultdict[UUID, list[Span]]:
        """What is in the way of what is asked for, in one statement; holds that are over are freed already."""
        wanted: list[tuple[UUID, Span]] = []
        for one in commands:
            reason = self.reasons.get((one.agenda, one.reason))
            if reason is not None and self._is_near(one.start):
                wanted.append((one.agenda, reason.visit.occupied(one.start)))
        rows = _BUSY.send(
            uuids(agenda for agenda, _ in wanted),
            moments(span.start for _, span in wanted),
            moments(span.end for _, span in wanted),
        )
        found: defaultdict[UUID, list[Span]] = defaultdict(list)
        for agenda, start, end in rows():
            found[agenda].append(Span(start, end))
        return found

    def take(self, agenda: BookableAgenda, reason: Reason, actor: Actor, command: HoldSlot, request: bytes) -> None:
        """Holds a free slot, if the caller may hold one more; ``known`` has the answer."""
        caller, start = actor.person, command.start.astimezone(UTC)
        visit, own = reason.visit.at(start), self.own[caller]
        require_room(self.bookings.get((agenda.id, caller), OwnBookings()), agenda.id, own)
        until = held_until(agenda.id, *visit, own, self.now)
        result = HoldSlotResult(
            hold=command.id,
            expires_at=until,
            agenda=agenda.id,
            reason=reason.id,
            start=start.astimezone(agenda.zone),
            end=visit.end.astimezone(agenda.zone),
        )
        occupied = reason.visit.occupied(start)
        self.made.append(_NewHold(result, occupied, caller, request))
        self.known[command.id] = result, request
        self.busy[agenda.id].append(occupied)
        own.append(OwnHold(command.id, agenda.id, *visit, until, None))


def _answer(call: Call[HoldSlot], book: _HoldBatch) -> HoldSlotResult | Refusal:
    try:
        return _hold(call.actor, call.command, book)
    except Refusal as refusal:
        return refusal


def _hold(actor: Actor, command: HoldSlot, book: _HoldBatch) -> HoldSlotResult:
    caller, request = access.person(actor), request_digest(actor, command)
    if command.id not in book.known:
        agenda, reason = book.agendas.get(command.agenda), book.reasons.get((command.agenda, command.reason))
        if agenda is None or reason is None or (agenda.id, caller) in book.kept_out:
            raise NotFound
        if not reason.for_referrers:
            access.agenda(actor, agenda.id, to="book")
        access.require_referrer(actor, agenda.id)
        calendar, visit = book.setups[agenda.id].calendar, reason.visit
        verdict = check(calendar, visit, book.busy[agenda.id], command.start, book.now)
        if verdict is Verdict.TAKEN:
            raise _taken(caller, agenda.id, visit.at(command.start), book)
        if verdict is not Verdict.FREE:
            raise Conflict(WHY[verdict], why=verdict.value)
        book.take(agenda, reason, actor, command, request)
    result, stored = book.known[command.id]
    require_same(stored, request)
    return result


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


_INSERT = Statement(
    "INSERT INTO referral_appointment (id, agenda_id, reason_id, starts_at, ends_at, occupied, state, booked_by_id,"
    " hold_until, request_digest, sealed_cancellation)"
    " SELECT id, agenda, reason, starts, ends, tstzrange(since, until), 'held', person, hold_until, request, ''::bytea"
    " FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[],"
    " %b::timestamptz[], %b::uuid[], %b::timestamptz[], %b::bytea[])"
    " AS slot (id, agenda, reason, starts, ends, since, until, person, hold_until, request)"
    " ON CONFLICT DO NOTHING RETURNING id"
)


def _insert(made: Sequence[_NewHold]) -> set[UUID]:
    """Inserts the rows and returns the ids of those that a constraint kept out: somebody was quicker.

    Under the agenda's lock there are none; should anything ever book without it, the constraint still holds.
    """
    if not made:
        return set()
    results = [slot.result for slot in made]
    rows = _INSERT.send(
        uuids(one.hold for one in results),
        uuids(one.agenda for one in results),
        uuids(one.reason for one in results),
        moments(one.start for one in results),
        moments(one.end for one in results),
        moments(slot.occupied.start for slot in made),
        moments(slot.occupied.end for slot in made),
        uuids(slot.by for slot in made),
        moments(one.expires_at for one in results),
        byte_strings(slot.request for slot in made),
    )
    return {one.hold for one in results} - {hold for (hold,) in rows()}
