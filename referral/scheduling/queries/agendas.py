"""Agendas, what can be booked in them, and when they are free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
from django.db import connection

from identity.directory import queries as directory_queries
from referral.scheduling import access
from referral.scheduling.access import LevelledAgenda
from referral.scheduling.lifecycle import OCCUPYING
from referral.scheduling.models import Absence, Agenda, VisitReason
from referral.scheduling.slots import (
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
from referral.scheduling.wire import (
    Agendas,
    AgendaView,
    AgendaWithReasons,
    FindSlots,
    GetReasons,
    ListAgendas,
    ReasonView,
    Slots,
    SlotView,
)
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import Invalid, NotFound

EARLIEST, LATEST = 2000, 2200
"""Years within which days and instants are meant seriously, and can be calculated with."""
LONGEST_SEARCH = 62
"""Days in one question for slots."""


def list_agendas(actor: Actor, command: ListAgendas, tx: Transaction) -> Agendas:
    """The agendas on which the caller has a level of their own, theirs first."""
    found = access.shared_agendas(actor).order_by("resource__name", "pk")
    own_first = sorted(found, key=lambda agenda: agenda.practitioner_id != actor.person)
    return Agendas(agendas=with_reasons(own_first))


def reasons(actor: Actor, command: GetReasons, tx: Transaction) -> Agendas:
    """What can be booked, in one agenda or in all of a practitioner's."""
    return Agendas(agendas=with_reasons(_asked_for(actor, command.practitioner, command.agenda)))


def find_slots(actor: Actor, command: FindSlots, tx: Transaction) -> Slots:
    """The free slots of the days asked for, for the given reason, or for the first of each agenda."""
    days = asked_days(command.from_, command.to, LONGEST_SEARCH)
    agendas = [agenda for agenda in _asked_for(actor, command.practitioner, command.agenda) if _at(agenda, command)]
    chosen = _chosen_reasons(agendas, command.reason)
    agendas = [agenda for agenda in agendas if agenda.id in chosen]
    found = _sweep(agendas, chosen, days, tx.now)
    if found or not agendas:
        return Slots(slots=found)
    later = Days(days.until, days.until + timedelta(days=LONGEST_SEARCH))
    beyond = _sweep(agendas, chosen, later, tx.now)
    return Slots(slots=[], next=beyond[0].start.date() if beyond else None)


def bookable(people: Collection[UUID] | None) -> set[UUID]:
    """Which of these people (of all, without any) have an agenda that a colleague may book. One statement."""
    offered = Agenda.objects.filter(access.BOOKABLE, reasons__ended_at=None, reasons__for_referrers=True)
    if people is not None:
        offered = offered.filter(practitioner__in=people)
    return set(offered.values_list("practitioner", flat=True))


def agenda_view(agenda: LevelledAgenda) -> AgendaView:
    """An agenda as the caller sees it, for whom ``access`` returned it."""
    site = agenda.site
    return AgendaView(
        id=agenda.id,
        practitioner=agenda.practitioner_id,
        practitioner_name=agenda.practitioner.name,
        name=agenda.resource.name,
        time_zone=site.time_zone,
        abilities=access.ABILITIES[agenda.level],
        place=site.name,
        address=site.address or None,
        postal_code=site.postal_code or None,
        city=site.city or None,
        level=None if agenda.level == "refer" else agenda.level,
    )


def visit(reason: VisitReason) -> Visit:
    return Visit(
        timedelta(minutes=reason.minutes),
        timedelta(minutes=reason.before_minutes),
        timedelta(minutes=reason.after_minutes),
    )


def calendars(agendas: Sequence[Agenda]) -> dict[UUID, Calendar]:
    """The calendars of these agendas, in two statements: written out, since to compose them took longer than to run
    them, at every question for slots.
    """
    ids = [agenda.id for agenda in agendas]
    openings: dict[UUID, list[Weekly | Once]] = defaultdict(list)
    absences: dict[UUID, list[Span | Days]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT agenda_id, day, weekday, opens, closes, since, until, every FROM referral_opening"
            " WHERE agenda_id = ANY(%s) ORDER BY id",
            [ids],
        )
        for agenda_id, day, weekday, opens, closes, *weeks in cursor.fetchall():
            once = day is not None
            openings[agenda_id].append(Once(day, opens, closes) if once else Weekly(weekday, opens, closes, *weeks))
        cursor.execute(
            "SELECT agenda_id, first_day, until_day, starts_at, ends_at FROM referral_absence"
            " WHERE agenda_id = ANY(%s)",
            [ids],
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
            " WHERE agenda_id = ANY(%s) AND state = ANY(%s) AND occupied && tstzrange(%s, %s)"
            " AND (state <> 'held' OR hold_until > %s) GROUP BY agenda_id",
            [list(agendas), OCCUPYING, span.start, span.end, now],
        )
        rows = cursor.fetchall()
    return {agenda: [Span(_instant(a), _instant(b)) for a, b in zip(*edges, strict=True)] for agenda, *edges in rows}


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _asked_for(actor: Actor, practitioner: UUID | None, agenda: UUID | None) -> list[LevelledAgenda]:
    """One agenda, or all of a practitioner's by name; ``not_found`` for an agenda that is not there."""
    if (practitioner is None) == (agenda is None):
        raise Invalid("$.params.practitioner", "Give either a practitioner or an agenda.")
    agendas = access.agendas(actor).order_by("resource__name", "pk")
    if practitioner is not None:
        return list(agendas.filter(practitioner=directory_queries.person_of(practitioner)))
    found = list(agendas.filter(pk=agenda))
    if not found:
        raise NotFound
    return found


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
    names = {name.casefold() for name in (agenda.site.name, agenda.site.city, agenda.site.postal_code)}
    return place is None or place.strip().casefold() in names


def _chosen_reasons(agendas: Iterable[LevelledAgenda], wanted: UUID | None) -> dict[UUID, VisitReason]:
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


def _offered(agendas: Iterable[LevelledAgenda]) -> dict[UUID, list[VisitReason]]:
    """The visit reasons that the caller may book in each agenda, in the order in which it shows them."""
    by_id = {agenda.id: agenda for agenda in agendas}
    offered: dict[UUID, list[VisitReason]] = {agenda: [] for agenda in by_id}
    rows = VisitReason.objects.filter(agenda__in=by_id, ended_at=None).order_by("position", "name", "id")
    for reason in rows:
        if may_book(by_id[reason.agenda_id], reason):
            offered[reason.agenda_id].append(reason)
    return offered


def may_book(agenda: LevelledAgenda, reason: VisitReason) -> bool:
    """Whether the caller may book this reason: colleagues those that are open to them, the agenda's staff
    all.
    """
    return reason.ended_at is None and (reason.for_referrers or access.allows(agenda.level, "book"))


def _sweep(
    agendas: Sequence[LevelledAgenda], chosen: Mapping[UUID, VisitReason], days: Days, now: datetime
) -> list[SlotView]:
    by_calendar = calendars(agendas)
    zones = {agenda.id: agenda.zone for agenda in agendas}
    day_spans = [day_span(day, zone) for zone in set(zones.values()) for day in days]
    around = timedelta(days=1)
    taken = busy(zones, Span(min(day_spans).start - around, max(day_spans).end + around), now) if zones else {}
    wanted = [
        Wanted(agenda, calendar, visit(chosen[agenda]), taken.get(agenda, ()))
        for agenda, calendar in by_calendar.items()
    ]
    return [
        SlotView(
            agenda=agenda,
            reason=chosen[agenda].id,
            start=at_site(start, zones[agenda]),
            end=at_site(end, zones[agenda]),
        )
        for start, end, agenda in find_free_slots(wanted, days, now)
    ]


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


def _reason(reason: VisitReason) -> ReasonView:
    return ReasonView(id=reason.id, name=reason.name, minutes=reason.minutes, instructions=reason.instructions or None)


def absence_of(row: Absence) -> Span | Days:
    if row.first_day is not None and row.until_day is not None:
        return Days(row.first_day, row.until_day)
    assert row.starts_at is not None  # noqa: S101  (``absence_is_of_days_or_instants``)
    assert row.ends_at is not None  # noqa: S101
    return Span(row.starts_at, row.ends_at)
