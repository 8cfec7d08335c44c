"""The only way to an agenda, an appointment, a patient or a referral: each function returns it or refuses.

What the caller may not know of is ``not_found``, in the same words as what does not exist. What they may
see but not do is ``forbidden``. Role *and* object are checked: a secretary's level counts for the agendas
it was given on, and for no other of the same practitioner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal
from uuid import UUID

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from identity.accounts import access as accounts_access
from referral.scheduling.models import Agenda, AgendaAccess, Appointment
from server.kernel.authentication import Actor
from server.kernel.wire.errors import Forbidden, NotFound

Need = Literal["refer", "busy", "read", "book", "manage"]

LEVELS: tuple[Need, ...] = ("refer", "busy", "read", "book", "manage")
"""Each includes those before it. ``refer`` is what every verified professional may do with every agenda:
see when it is free, hold a slot and book a patient of their own. The practitioner manages their own
agendas, and an owner of the organisation those of its sites.
"""

_AT_LEAST = {need: LEVELS[place:] for place, need in enumerate(LEVELS)}

ABILITIES: dict[str, list[str]] = {
    "refer": ["hold"],
    "busy": ["hold", "see_busy"],
    "read": ["hold", "see_busy", "read"],
    "book": ["hold", "see_busy", "read", "book", "cancel"],
    "manage": ["hold", "see_busy", "read", "book", "cancel", "manage"],
}
"""What travels with an agenda's view, so that clients never work it out again."""


BOOKABLE = Q(closed_at=None, practitioner__suspended_at=None, practitioner__verified_at__isnull=False)
"""Agendas in which time may be taken: nobody is sent to a practitioner whose identity is withdrawn."""


class LevelledAgenda(Agenda):
    """An agenda as this module returns it: with the caller's ``level``, its practitioner and its site."""

    level: Need

    class Meta:
        proxy = True


def allows(level: str, need: Need) -> bool:
    return LEVELS.index(need) <= LEVELS.index(level)


def person(actor: Actor) -> UUID:
    """The caller, whose identity is verified: the condition of everything in this room."""
    return accounts_access.verified(actor)


def agendas(actor: Actor) -> QuerySet[LevelledAgenda]:
    """The agendas that can be booked, with the caller's level on each, never less than ``refer``."""
    return _levelled(person(actor)).filter(BOOKABLE)


def shared_agendas(actor: Actor) -> QuerySet[LevelledAgenda]:
    """The open agendas on which the caller has a level of their own."""
    return _levelled(person(actor)).filter(closed_at=None).exclude(level="refer")


def agenda(actor: Actor, wanted: UUID, to: Need) -> LevelledAgenda:
    """One open agenda on which the caller has at least the level ``to``."""
    found: LevelledAgenda | None = _levelled(person(actor)).filter(id=wanted, closed_at=None).first()
    if found is None:
        raise NotFound
    if not allows(found.level, to):
        if found.level == "refer":
            raise NotFound  # that it exists is known from its slots; that it has this inside is not
        raise Forbidden("Your access to this agenda does not go that far: ask whoever manages it.")
    return found


def lock_agendas(agendas: Iterable[UUID]) -> None:
    """Locks the agendas' rows in the order of their ids: the first step of whatever takes or gives back
    time.
    """
    list(Agenda.objects.select_for_update(no_key=True).filter(id__in=set(agendas)).order_by("id").values_list("id"))


def levels(person: UUID, wanted: Collection[UUID]) -> dict[UUID, Need]:
    """The person's level on each of these agendas, open or not."""
    return dict(_levelled(person).filter(id__in=wanted).values_list("id", "level"))


def readers(wanted: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """For each agenda, who may read it in this very transaction: the audience of its events in full."""
    found: dict[UUID, set[UUID]] = {agenda: set() for agenda in wanted}
    owner = Q(site__organisation__memberships__owner=True, site__organisation__memberships__left_at=None)
    agendas = Agenda.objects.filter(id__in=found)
    own = agendas.values_list("id", "practitioner")
    owners = agendas.filter(owner).values_list("id", "site__organisation__memberships__person")
    granted = AgendaAccess.objects.filter(agenda__in=found, level__in=_AT_LEAST["read"]).values_list("agenda", "person")
    for agenda, person in own.union(owners, granted):
        found[agenda].add(person)
    return found


RELATED = ("agenda__site", "reason", "held_by", "patient")
"""What every view of an appointment shows beside its own row."""


def appointments(actor: Actor) -> QuerySet[Appointment]:
    """The appointments of which the caller may know more than the time: theirs to read, or referred by
    them.
    """
    readable = _levelled(person(actor)).filter(level__in=_AT_LEAST["read"])
    return Appointment.objects.exclude(booked_at=None).filter(
        Q(agenda__in=readable.values("id")) | Q(held_by=actor.person, referral__isnull=False)
    )


def appointment(actor: Actor, wanted: UUID, to: Literal["read", "cancel"] = "read") -> Appointment:
    """One appointment; to cancel it takes the level ``book`` on its agenda, or to have referred the
    patient.
    """
    found = appointments(actor).select_related(*RELATED).filter(id=wanted).first()
    if found is None:
        raise NotFound
    if to == "cancel" and not may_cancel(actor, found, levels(person(actor), [found.agenda_id])[found.agenda_id]):
        raise Forbidden("Your access to this agenda does not go as far as cancelling: ask whoever manages it.")
    return found


def may_cancel(actor: Actor, found: Appointment, level: str) -> bool:
    """The rule behind ``to="cancel"``, and behind the ability that is shown."""
    return allows(level, "book") or (found.referral is not None and found.held_by_id == actor.person)


def hold(actor: Actor, wanted: UUID) -> Appointment:
    """A hold of the caller's own, whatever became of it: nobody else's is theirs to know of."""
    found = Appointment.objects.filter(id=wanted, held_by=person(actor)).first()
    if found is None:
        raise NotFound
    return found


def _levelled(person: UUID) -> QuerySet[Any]:
    """Every agenda, with what ``LevelledAgenda`` adds to it."""
    owned = Agenda.objects.filter(
        pk=OuterRef("pk"),
        site__organisation__memberships__person=person,
        site__organisation__memberships__owner=True,
        site__organisation__memberships__left_at=None,
    )
    granted = AgendaAccess.objects.filter(person=person, agenda=OuterRef("pk")).values("level")
    rows: QuerySet[Any] = LevelledAgenda.objects.select_related("practitioner", "site")
    levelled: QuerySet[Any] = rows.annotate(
        level=Case(
            When(practitioner=person, then=Value("manage")),
            When(Exists(owned), then=Value("manage")),
            default=Coalesce(Subquery(granted), Value("refer")),
            output_field=CharField(),
        )
    )
    return levelled
