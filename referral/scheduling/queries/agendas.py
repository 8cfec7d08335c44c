"""Agendas, what can be booked in them, and when they are free."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Q, QuerySet

from identity.directory import queries as directory_queries
from referral.scheduling import access
from referral.scheduling.access import LevelledAgenda
from referral.scheduling.bounds import AGENDA_DAYS, EARLIEST, LATEST, SLOTS
from referral.scheduling.lifecycle import OCCUPYING
from referral.scheduling.models import Absence, Agenda, VisitReason
from referral.scheduling.slots import (
    DAY,
    Calendar,
    Days,
    Once,
    Span,
    Visit,
    Wanted,
    Weekly,
    at_site,
    day_span,
    find_free_slots,
)
from referral.scheduling.wire import FindSlots, Slots, SlotView
from referral.scheduling.wire_agendas import Agendas, AgendaView, AgendaWithReasons, GetReasons, ListAgendas, ReasonView
from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.composed_query import ComposedQuery, one_of
from server.kernel.dispatch import Transaction
from server.kernel.pg_arrays import uuids
from server.kernel.wire.errors import Invalid, NotFound

log = logging.getLogger("referral.scheduling")

LONGEST_SEARCH = 62
"""Days in one question for slots."""
PAGE = 50
"""Agendas in one answer."""


def list_agendas(actor: Actor, command: ListAgendas, tx: Transaction) -> Agendas:
    """A page of the agendas on which the caller has a level of their own, theirs first."""
    found = access.shared_agendas(actor)
    own_first = sorted(found, key=lambda agenda: agenda.practitioner_id != actor.person)
    return _page(own_first, command.cursor)


def reasons(actor: Actor, command: GetReasons, tx: Transaction) -> Agendas:
    """What can be booked, in one agenda or in all of a practitioner's."""
    return _page(_asked_for(actor, command.practitioner, command.agenda), command.cursor)


def _page(agendas: Sequence[LevelledAgenda], cursor: str | None) -> Agendas:
    """As many of these as make one answer, after the one that the cursor names."""
    if cursor is not None:
        last = paging.decode(cursor, UUID)
        place = next((number for number, agenda in enumerate(agendas, start=1) if agenda.id == last), len(agendas))
        agendas = agendas[place:]
    shown = paging.fitting(with_reasons(agendas[:PAGE]))
    more = len(shown) < len(agendas)
    return Agendas(agendas=shown, cursor=paging.encode(shown[-1].id) if more else None)


def find_slots(actor: Actor, command: FindSlots, tx: Transaction) -> Slots:
    """The free slots of the days asked for, for the given reason, or for the first of each agenda.

    The number of statements is constant. What is looked at, and what is answered, is bounded for each question: what is
    left over is asked for again from ``next`` on.
    """
    days = asked_days(command.from_, command.to, LONGEST_SEARCH)
    agendas = [agenda for agenda in _asked_for(actor, command.practitioner, command.agenda) if _at(agenda, command)]
    chosen = _chosen_reasons(agendas, command.reason)
    agendas = [agenda for agenda in agendas if agenda.id in chosen]
    if not agendas:
        return Slots(slots=[])
    longest = timedelta(days=min(LONGEST_SEARCH, max(1, AGENDA_DAYS // len(agendas))))
    by_calendar = calendars(agendas, Days(days.first, days.until + longest))
    asked = Days(days.first, min(days.until, days.first + longest))
    found, until = _sweep(agendas, by_calendar, chosen, asked, tx.now)
    if found:
        return Slots(slots=found, next=until if until < days.until else None)
    later = Days(asked.until, asked.until + longest)
    beyond, _ = _sweep(agendas, by_calendar, chosen, later, tx.now)
    if beyond:
        return Slots(slots=[], next=beyond[0].start.date())
    # With many agendas fewer days are looked at than can be asked for: further ones are another question.
    last = max((tx.now + calendar.horizon).date() for calendar in by_calendar.values())
    looked_at_all = longest.days == LONGEST_SEARCH or later.until > last
    return Slots(slots=[], next=None if looked_at_all else later.until)


def bookable(people: Collection[UUID] | None) -> set[UUID]:
    """Which of these people (of all, without any) have an agenda that a colleague may book. One statement."""
    offered = Agenda.objects.filter(access.BOOKABLE, reasons__ended_at=None, reasons__for_referrers=True)
    if people is not None:
        offered = offered.filter(practitioner__in=people)
    return set(offered.values_list("practitioner", flat=True))


def agenda_view(agenda: LevelledAgenda) -> AgendaView:
    """An agenda as the caller sees it, for whom ``access`` returned it."""
    return AgendaView(
        id=agenda.id,
        practitioner=agenda.practitioner_id,
        practitioner_name=agenda.practitioner_name,
        name=agenda.name,
        time_zone=agenda.time_zone,
        abilities=access.ABILITIES[agenda.level],
        place=agenda.place,
        address=agenda.address or None,
        postal_code=agenda.postal_code or None,
        city=agenda.city or None,
        level=None if agenda.level == "refer" else agenda.level,
    )


def visit(reason: VisitReason | OfferedReason) -> Visit:
    return Visit(
        timedelta(minutes=reason.minutes),
        timedelta(minutes=reason.before_minutes),
        timedelta(minutes=reason.after_minutes),
    )


def calendars(agendas: Sequence[Agenda | LevelledAgenda], days: Days) -> dict[UUID, Calendar]:
    """The calendars of these agendas, with the absences of these days and of those beside them. Two statements: written
    out, since to compose them took longer than to run them, at every question for slots.
    """
    ids = [agenda.id for agenda in agendas]
    around = days.first - 2 * DAY, days.until + 2 * DAY
    openings: dict[UUID, list[Weekly | Once]] = defaultdict(list)
    absences: dict[UUID, list[Span | Days]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT agenda_id, day, weekday, opens, closes, since, until, every FROM referral_opening"
            " WHERE agenda_id = ANY(%b::uuid[]) ORDER BY id",
            [uuids(ids)],
        )
        for agenda_id, day, weekday, opens, closes, *weeks in cursor.fetchall():
            once = day is not None
            openings[agenda_id].append(Once(day, opens, closes) if once else Weekly(weekday, opens, closes, *weeks))
        cursor.execute(
            "SELECT agenda_id, first_day, until_day, starts_at, ends_at FROM referral_absence"
            " WHERE agenda_id = ANY(%b::uuid[]) AND (until_day > %s AND first_day < %s"
            " OR ends_at > %s AND starts_at < %s)",
            [uuids(ids), *around, *around],
        )
        for agenda_id, first_day, until_day, start, end in cursor.fetchall():
            absences[agenda_id].append(Days(first_day, until_day) if first_day is not None else Span(start, end))
    return {
        agenda.id: Calendar(
            zone=agenda.zone,
            openings=tuple(openings[agenda.id]),
            absences=tuple(absences[agenda.id]),
            notice=timedelta(minutes=agenda.notice_minutes),
            horizon=timedelta(days=agenda.horizon_days),
            step=timedelta(minutes=agenda.step_minutes) if agenda.step_minutes else None,
        )
        for agenda in agendas
    }


def busy(agendas: Iterable[UUID], span: Span, now: datetime) -> dict[UUID, list[Span]]:
    """What appointments and live holds occupy of these agendas in ``span``, in one statement.

    A hold whose time is over no longer counts, whether it has been reaped yet or not. Seconds since the
    epoch, one row for an agenda: reading ranges one by one would take longer than everything else about a
    question for slots.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT agenda_id, array_agg(extract(epoch FROM lower(occupied))::float8),"
            " array_agg(extract(epoch FROM upper(occupied))::float8) FROM referral_appointment"
            " WHERE agenda_id = ANY(%b::uuid[]) AND state = ANY(%s) AND occupied && tstzrange(%s, %s)"
            " AND (state <> 'held' OR hold_until > %s) GROUP BY agenda_id",
            [uuids(agendas), OCCUPYING, span.start, span.end, now],
        )
        rows = cursor.fetchall()
    return {agenda: [Span(_instant(a), _instant(b)) for a, b in zip(*edges, strict=True)] for agenda, *edges in rows}


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _asked_for(actor: Actor, practitioner: UUID | None, agenda: UUID | None) -> list[LevelledAgenda]:
    """One agenda, or all of a practitioner's by name; ``not_found`` for an agenda that is not there."""
    if (practitioner is None) == (agenda is None):
        raise Invalid("$.params.practitioner", "Give either a practitioner or an agenda.")
    if agenda is not None:
        return [access.bookable_agenda(actor, agenda)]
    person = directory_queries.person_of(practitioner) if practitioner is not None else None
    return [] if person is None else access.agendas_of(actor, person)


def asked_days(first: date, until: date, longest: int) -> Days:
    if not first < until:
        raise Invalid("$.params.to", "The last day is excluded: it comes after the first.")
    if first.year < EARLIEST or until.year > LATEST:
        raise Invalid("$.params.from", f"Ask for days between {EARLIEST} and {LATEST}.")
    if (until - first).days > longest:
        raise Invalid("$.params.to", f"Ask for {longest} days at most.")
    return Days(first, until)


def _at(agenda: LevelledAgenda, command: FindSlots) -> bool:
    """Whether the agenda is at the place asked for: the site's name, town or postal code."""
    place = command.place
    names = {name.casefold() for name in (agenda.place, agenda.city, agenda.postal_code)}
    return place is None or place.strip().casefold() in names


def _chosen_reasons(agendas: Iterable[LevelledAgenda], wanted: UUID | None) -> dict[UUID, OfferedReason]:
    """The reason for which each agenda is searched; agendas that do not offer it to the caller are left
    out.
    """
    offered = _offered(agendas)
    if wanted is None:
        return {agenda: found[0] for agenda, found in offered.items() if found}
    chosen = {agenda: reason for agenda, found in offered.items() for reason in found if reason.id == wanted}
    if not chosen:
        raise NotFound
    return chosen


class OfferedReason(NamedTuple):
    """A visit reason that has not ended."""

    agenda_id: UUID
    id: UUID
    name: str
    minutes: int
    before_minutes: int
    after_minutes: int
    instructions: str
    for_referrers: bool


def _reasons_of(agendas: UUID) -> QuerySet[Any, Any]:
    rows = VisitReason.objects.filter(one_of("agenda", agendas), ended_at=None).order_by("position", "name", "id")
    return rows.values_list(*OfferedReason._fields)


_REASONS_OF = ComposedQuery(_reasons_of, parameters=1)


def _offered(agendas: Iterable[LevelledAgenda]) -> dict[UUID, list[OfferedReason]]:
    """The visit reasons that the caller may book in each agenda, in the order in which it shows them. Colleagues may
    book those that are open to them, the agenda's staff all. One statement.
    """
    by_id = {agenda.id: agenda for agenda in agendas}
    offered: dict[UUID, list[OfferedReason]] = {agenda: [] for agenda in by_id}
    for reason in map(OfferedReason._make, _REASONS_OF(by_id)):
        if reason.for_referrers or access.allows(by_id[reason.agenda_id].level, "book"):
            offered[reason.agenda_id].append(reason)
    return offered


def _sweep(
    agendas: Sequence[LevelledAgenda],
    by_calendar: Mapping[UUID, Calendar],
    chosen: Mapping[UUID, OfferedReason],
    days: Days,
    now: datetime,
) -> tuple[list[SlotView], date]:
    """The free slots of as many of the days as make one answer, and the first day that is left out. One statement."""
    zones = {agenda.id: agenda.zone for agenda in agendas}
    day_spans = [day_span(day, zone) for zone in set(zones.values()) for day in days]
    taken = busy(zones, Span(min(day_spans).start - DAY, max(day_spans).end + DAY), now)
    wanted = [
        Wanted(agenda, calendar, visit(chosen[agenda]), taken.get(agenda, ()))
        for agenda, calendar in by_calendar.items()
    ]
    found, until = find_free_slots(wanted, days, now, SLOTS, _left_out)
    views = [
        SlotView(
            agenda=agenda,
            reason=chosen[agenda].id,
            start=at_site(start, zones[agenda]),
            end=at_site(end, zones[agenda]),
        )
        for start, end, agenda in found
    ]
    return views, until


def _left_out(agenda: UUID, error: Exception) -> None:
    """One agenda that cannot be calculated shows no slots, and takes none of the others with it."""
    log.error("agenda cannot be calculated", exc_info=error, extra={"fields": {"agenda": str(agenda)}})


def with_reasons(agendas: Sequence[LevelledAgenda]) -> list[AgendaWithReasons]:
    """Agendas with what the caller may book in them. One statement."""
    offered = _offered(agendas)
    return [
        AgendaWithReasons(
            **msgspec.structs.asdict(agenda_view(agenda)),
            reasons=[_reason(reason) for reason in offered[agenda.id]],
        )
        for agenda in agendas
    ]


def _reason(reason: OfferedReason) -> ReasonView:
    return ReasonView(id=reason.id, name=reason.name, minutes=reason.minutes, instructions=reason.instructions or None)


def absences(agenda: UUID, span: Span, days: Days) -> QuerySet[Absence]:
    """The absences of an agenda that have a part in these days, given as instants too."""
    in_days = Q(until_day__gt=days.first, first_day__lt=days.until)
    return Absence.objects.filter(in_days | Q(ends_at__gt=span.start, starts_at__lt=span.end), agenda=agenda)


def absence_of(row: Absence) -> Span | Days:
    if row.first_day is not None and row.until_day is not None:
        return Days(row.first_day, row.until_day)
    assert row.starts_at is not None  # noqa: S101  (``absence_is_of_days_or_instants``)
    assert row.ends_at is not None  # noqa: S101
    return Span(row.starts_at, row.ends_at)
