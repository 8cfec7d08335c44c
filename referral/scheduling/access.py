"""The only way to an agenda, a hold or an appointment: each function returns it or refuses.

What the caller may not know of is ``not_found``, in the same words as what does not exist. What they may see but not do
is ``forbidden``. Role *and* object are checked: a secretary's level counts for the agendas it was given on, and for no
other of the same practitioner. Levels themselves are said in ``identity.organisations``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal, TypeAlias, get_args
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce

from identity.accounts import access as accounts_access
from identity.organisations import access as organisations_access
from identity.organisations.wire import AgendaLevel
from referral.scheduling.models import Agenda, Appointment
from server.kernel.authentication import Actor
from server.kernel.composed_query import ComposedQuery, one_of
from server.kernel.events import Audience
from server.kernel.wire.errors import Forbidden, NotFound

Need: TypeAlias = Literal["refer"] | AgendaLevel
"""``refer`` is what every verified professional may do with every agenda that can be booked: see when it is free,
hold a slot and book a patient of their own. It is what is left without a level, and each level includes it.
"""

NEEDS: tuple[Need, ...] = ("refer", *get_args(AgendaLevel))

ABILITIES: dict[str, list[str]] = {
    "refer": ["hold"],
    "busy": ["hold", "see_busy"],
    "read": ["hold", "see_busy", "read"],
    "book": ["hold", "see_busy", "read", "book", "cancel"],
    "manage": ["hold", "see_busy", "read", "book", "cancel", "manage"],
}
"""What travels with an agenda's view, so that clients never work it out again."""


BOOKABLE = Q(closed_at=None) & organisations_access.practises("practitioner", "resource__organisation")
"""Agendas in which time may be taken: open ones of a practitioner who is verified, and a practitioner of the agenda's
organisation now. Nobody is sent to one whose identity is withdrawn, who has left, or who is no clinician.
"""


class LevelledAgenda(Agenda):
    """An agenda as this module returns it: with the caller's ``level``, its practitioner and its site."""

    level: Need

    class Meta:
        proxy = True


def allows(level: str, need: Need) -> bool:
    return NEEDS.index(need) <= NEEDS.index(level)


def person(actor: Actor) -> UUID:
    """The caller, whose identity is verified: the condition of everything in this room."""
    return accounts_access.verified(actor)


def agendas(actor: Actor) -> QuerySet[LevelledAgenda]:
    """The agendas that can be booked, with the caller's level on each, never less than ``refer``."""
    return _levelled(person(actor)).filter(BOOKABLE)


def shared_agendas(actor: Actor) -> QuerySet[LevelledAgenda]:
    """The open agendas on which the caller has a level."""
    return _levelled(person(actor)).filter(closed_at=None).exclude(level="refer")


def agenda(actor: Actor, wanted: UUID, to: Need) -> LevelledAgenda:
    """One open agenda on which the caller may do this. Without a level they may ``refer``, where it can be booked."""
    rows = _levelled(person(actor)).annotate(bookable=Exists(Agenda.objects.filter(BOOKABLE, pk=OuterRef("pk"))))
    found: Any = rows.filter(pk=wanted, closed_at=None).first()
    if found is None:
        raise NotFound
    if found.level == "refer" and (to != "refer" or not found.bookable):
        raise NotFound  # that it exists is known from its slots; what it has inside is not
    if not allows(found.level, to):
        raise Forbidden("Your access to this agenda does not go that far: ask whoever manages it.")
    levelled: LevelledAgenda = found
    return levelled


def lock_agendas(agendas: Iterable[UUID]) -> None:
    """Locks the agendas' rows in the order of their ids: the first step of whatever takes or gives back
    time.
    """
    list(Agenda.objects.select_for_update(no_key=True).filter(pk__in=set(agendas)).order_by("pk").values_list("pk"))


def levels(person: UUID, wanted: Collection[UUID]) -> dict[UUID, Need]:
    """The person's level on each of these agendas, open or not; ``refer`` without one."""
    return dict(_levelled(person).filter(pk__in=wanted).values_list("pk", "level"))


def _watching(wanted: UUID) -> QuerySet[Any, Any]:
    """Rows of agenda, person and level, from ``busy`` up; without a person, an agenda that can be booked."""
    nobody = (Value(None, output_field=UUIDField()), Value("refer", output_field=CharField()))
    bookable = Agenda.objects.filter(one_of("pk", wanted), BOOKABLE).values_list("pk", *nobody)
    return organisations_access.holders(wanted, "agenda", "busy").union(bookable, all=True)


_WATCHING = ComposedQuery(_watching, parameters=1)


def audiences(wanted: Collection[UUID]) -> dict[UUID, Audience]:
    """For each agenda, who is sent what happens in it, as things stand in this very transaction. One statement.

    Its readers get it in full, and who may see that it is busy, masked. Everybody else may know of it as long as it
    can be booked: of one that is closed, or whose practitioner cannot be booked any more, they are sent nothing.
    """
    levels: dict[UUID, dict[UUID | None, Need]] = {agenda: {} for agenda in wanted}
    for agenda, person, level in _WATCHING(levels):
        known = levels[agenda].get(person, "refer")
        levels[agenda][person] = level if allows(level, known) else known
    return {
        agenda: Audience(
            full={person: 1 for person, level in people.items() if person and allows(level, "read")},
            masked=frozenset(person for person, level in people.items() if person and not allows(level, "read")),
            public=None in people,
        )
        for agenda, people in levels.items()
    }


RELATED = ("agenda__resource__site", "reason", "booked_by", "patient", "booker_patient")
"""What every view of an appointment shows beside its own row."""


def appointments(actor: Actor) -> QuerySet[Appointment]:
    """The appointments of which the caller may know more than the time: theirs to read, or referred by
    them.
    """
    readable = organisations_access.resources(person(actor), "agenda", "read")
    return Appointment.objects.exclude(booked_at=None).filter(
        Q(agenda__in=readable.values("pk")) | Q(booked_by=actor.person, referral__isnull=False)
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
    return allows(level, "book") or (found.referral is not None and found.booked_by_id == actor.person)


def hold(actor: Actor, wanted: UUID) -> Appointment:
    """A hold of the caller's own, whatever became of it: nobody else's is theirs to know of."""
    found = Appointment.objects.filter(id=wanted, booked_by=person(actor)).first()
    if found is None:
        raise NotFound
    return found


def _levelled(person: UUID) -> QuerySet[Any]:
    """Every agenda, with what ``LevelledAgenda`` adds to it."""
    rows: QuerySet[Any] = LevelledAgenda.objects.select_related("practitioner", "resource__site")
    levelled: QuerySet[Any] = rows.annotate(level=Coalesce(organisations_access.level(person), Value("refer")))
    return levelled
