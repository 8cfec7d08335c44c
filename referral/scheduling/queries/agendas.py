"""Agendas, and what can be booked in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from identity.directory import queries as directory_queries
from referral.scheduling import access
from referral.scheduling.access import LevelledAgenda
from referral.scheduling.bounds import EARLIEST, LATEST
from referral.scheduling.models import Absence, Agenda, VisitReason
from referral.scheduling.slots import Days
from referral.scheduling.wall_clock import Span
from referral.scheduling.wire_agendas import Agendas, AgendaView, AgendaWithReasons, GetReasons, ListAgendas, ReasonView
from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.composed_query import ComposedQuery, one_of
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import Invalid

PAGE = 50
"""Agendas in one answer."""


def list_agendas(actor: Actor, command: ListAgendas, tx: Transaction) -> Agendas:
    """A page of the agendas on which the caller has a level of their own, theirs first."""
    found = access.shared_agendas(actor)
    own_first = sorted(found, key=lambda agenda: agenda.practitioner_id != actor.person)
    return _page(own_first, command.cursor)


def reasons(actor: Actor, command: GetReasons, tx: Transaction) -> Agendas:
    """What can be booked, in one agenda or in all of a practitioner's."""
    return _page(asked_for(actor, command.practitioner, command.agenda), command.cursor)


def _page(agendas: Sequence[LevelledAgenda], cursor: str | None) -> Agendas:
    """As many of these as make one answer, after the one that the cursor names."""
    if cursor is not None:
        last = paging.decode(cursor, UUID)
        place = next((number for number, agenda in enumerate(agendas, start=1) if agenda.id == last), len(agendas))
        agendas = agendas[place:]
    shown = paging.fitting(with_reasons(agendas[:PAGE]))
    more = len(shown) < len(agendas)
    return Agendas(agendas=shown, cursor=paging.encode(shown[-1].id) if more else None)


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
        organisation=agenda.organisation_id if access.allows(agenda.level, "read") else None,
    )


def asked_for(actor: Actor, practitioner: UUID | None, agenda: UUID | None) -> list[LevelledAgenda]:
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
