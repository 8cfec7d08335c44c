"""When agendas are free."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from struct import Struct
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from referral.scheduling import access
from referral.scheduling.access import LevelledAgenda
from referral.scheduling.bounds import AGENDA_DAYS, SLOTS
from referral.scheduling.lifecycle import OCCUPYING
from referral.scheduling.queries.agendas import asked_days, asked_for
from referral.scheduling.queries.calendars import Reason, Setup, setups
from referral.scheduling.slots import Calendar, Days, Stretch, Wanted, find_free_slots
from referral.scheduling.wall_clock import at_site
from referral.scheduling.wire import FindSlots, Slots, SlotView
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.pg_arrays import texts, uuids
from server.kernel.statements import Statement
from server.kernel.wire.errors import NotFound

log = logging.getLogger("referral.scheduling")

LONGEST_SEARCH = 62
"""Days in one question for slots."""


def find_slots(actor: Actor, command: FindSlots, tx: Transaction) -> Slots:
    """The free slots of the days asked for, for the given reason, or for the first of each agenda.

    The number of statements is constant. What is looked at, and what is answered, is bounded for each question: what is
    left over is asked for again from ``next`` on.
    """
    days = asked_days(command.from_, command.to, LONGEST_SEARCH)
    agendas = [agenda for agenda in asked_for(actor, command.practitioner, command.agenda) if _at(agenda, command)]
    longest = timedelta(days=min(LONGEST_SEARCH, max(1, AGENDA_DAYS // max(1, len(agendas)))))
    search = _search(agendas, setups(agendas, Days(days.first, days.until + longest)), command.reason)
    if not search:
        return Slots(slots=[])
    asked = Days(days.first, min(days.until, days.first + longest))
    found, until = _find(search, asked, tx.now)
    if found:
        return Slots(slots=found, next=until if until < days.until else None)
    later = Days(asked.until, asked.until + longest)
    beyond, _ = _find(search, later, tx.now)
    if beyond:
        return Slots(slots=[], next=beyond[0].start.date())
    # With many agendas fewer days are looked at than can be asked for: further ones are another question.
    last = max((tx.now + one.calendar.horizon).date() for one in search.values())
    looked_at_all = longest.days == LONGEST_SEARCH or later.until > last
    return Slots(slots=[], next=None if looked_at_all else later.until)


class _Searched(NamedTuple):
    """An agenda that is looked at, and for which reason."""

    calendar: Calendar
    reason: Reason


def _at(agenda: LevelledAgenda, command: FindSlots) -> bool:
    """Whether the agenda is at the place asked for: the site's name, town or postal code."""
    place = command.place
    if place is None:
        return True
    return place.strip().casefold() in {name.casefold() for name in (agenda.place, agenda.city, agenda.postal_code)}


def _search(
    agendas: Sequence[LevelledAgenda], by_agenda: Mapping[UUID, Setup], wanted: UUID | None
) -> dict[UUID, _Searched]:
    """What each agenda is looked at for; agendas that do not offer it to the caller are left out."""
    found: dict[UUID, _Searched] = {}
    for agenda in agendas:
        calendar, reasons = by_agenda[agenda.id]
        staff = access.allows(agenda.level, "book")
        for reason in reasons:
            if (wanted is None or reason.id == wanted) and (reason.for_referrers or staff):
                found[agenda.id] = _Searched(calendar, reason)
                break
    if wanted is not None and not found:
        raise NotFound
    return found


def _find(search: Mapping[UUID, _Searched], days: Days, now: datetime) -> tuple[list[SlotView], date]:
    """The free slots of as many of the days as make one answer, and the first day that is left out. One statement, and
    one more when so much is taken that more days have to be looked at."""
    wanted = [Wanted(agenda, one.calendar, one.reason.visit) for agenda, one in search.items()]
    found, until = find_free_slots(wanted, lambda some: busy(search, some, now), days, now, SLOTS, _left_out)
    shown = {agenda: _shown(*one) for agenda, one in search.items()}
    return [_slot_view(agenda, start, *shown[agenda]) for start, agenda in found], until


def _shown(calendar: Calendar, reason: Reason) -> tuple[UUID, int, ZoneInfo]:
    return reason.id, int(reason.visit.duration.total_seconds()), calendar.zone


def _slot_view(agenda: UUID, start: int, reason: UUID, duration: int, zone: ZoneInfo) -> SlotView:
    return SlotView(agenda=agenda, reason=reason, start=at_site(start, zone), end=at_site(start + duration, zone))


def _left_out(agenda: UUID, error: Exception) -> None:
    """One agenda that cannot be calculated shows no slots, and takes none of the others with it."""
    log.error("agenda cannot be calculated", exc_info=error, extra={"fields": {"agenda": str(agenda)}})


_BUSY = Statement(
    "SELECT agenda_id, string_agg(timestamptz_send(lower(occupied)) || timestamptz_send(upper(occupied)), '')"
    " FROM referral_appointment WHERE agenda_id = ANY(%b::uuid[]) AND state = ANY(%b::text[])"
    " AND starts_at > %b AND starts_at < %b AND (state <> 'held' OR hold_until > %b) GROUP BY agenda_id"
)
_EDGES = Struct(">qq")
_FROM_2000 = 946_684_800
"""Seconds from 1970 to 2000, from which PostgreSQL counts microseconds."""
_MICROSECONDS = 1_000_000
AROUND = timedelta(days=2, hours=4)
"""Farther from a day of UTC nothing is in the way of what begins on that day of any site: the longest visit, its
longest buffer, and the clocks that are farthest from UTC."""


def busy(agendas: Mapping[UUID, object], days: Days, now: datetime) -> dict[UUID, list[Stretch]]:
    """What appointments and live holds occupy of these agendas on these days, and around them. One statement.

    A hold whose time is over no longer counts, whether it has been reaped yet or not. All of an agenda comes packed in
    one row: to read ranges one by one would take longer than everything else about a question for slots.
    """
    first, until = (datetime.combine(day, datetime.min.time(), UTC) for day in days)
    rows = _BUSY.send(uuids(agendas), texts(OCCUPYING), first - AROUND, until + AROUND, now)()
    return {agenda: [_stretch(*edges) for edges in _EDGES.iter_unpack(packed)] for agenda, packed in rows}


def _stretch(start: int, end: int) -> Stretch:
    return start // _MICROSECONDS + _FROM_2000, -(-end // _MICROSECONDS) + _FROM_2000
