"""The only way to an agenda, a hold or an appointment: each function returns it or refuses.

What the caller may not know of is ``not_found``, in the same words as what does not exist. What they may see but not do
is ``forbidden``. Role *and* object are checked: a secretary's level counts for the agendas it was given on, and for no
other of the same practitioner. Levels themselves are said in ``identity.organisations``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal, NamedTuple, TypeAlias, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce

from identity.accounts import access as accounts_access
from identity.accounts.models import shown_name
from identity.accounts.wire import PROFESSIONAL
from identity.contacts import access as contacts_access
from identity.organisations import access as organisations_access
from identity.organisations.refusals import VouchedOnly
from identity.organisations.wire import AgendaLevel
from identity.patients import access as patients_access
from referral.scheduling.bounds import AGENDAS
from referral.scheduling.models import Agenda, Appointment
from server.kernel.authentication import Actor
from server.kernel.composed_query import ComposedQuery, one_of
from server.kernel.events import Audience
from server.kernel.pg_arrays import uuids
from server.kernel.statements import Statement
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


class LevelledAgenda(NamedTuple):
    """An agenda as this module returns it: with the caller's ``level``, its practitioner and where it is."""

    id: UUID
    level: Need
    can_be_booked: bool
    """Whether time may be taken in it, by the caller: one without a level whom the practitioner blocks takes none."""
    practitioner_id: UUID
    practitioner_name: str
    name: str
    step_minutes: int | None
    notice_minutes: int
    horizon_days: int
    place: str
    address: str
    postal_code: str
    city: str
    time_zone: str
    organisation_id: UUID
    notes_hidden: bool
    """Whether what was written about patients is kept from the caller."""
    own_only: bool
    """Whether the caller is a practitioner who sees times here, and more of patients of their own."""

    @property
    def zone(self) -> ZoneInfo:
        """The clock by which its openings, its days and its visits are told."""
        return ZoneInfo(self.time_zone)


def allows(level: str, need: Need) -> bool:
    return NEEDS.index(need) <= NEEDS.index(level)


def person(actor: Actor) -> UUID:
    """The caller, whose identity is verified: the condition of everything in this room."""
    return accounts_access.verified(actor)


def agendas_of(actor: Actor, practitioner: UUID) -> list[LevelledAgenda]:
    """A practitioner's agendas that can be booked, by name, with the caller's level on each: never less than ``refer``.
    One statement.
    """
    return [agenda for agenda in _levelled(_OF_PRACTITIONER(person(actor), practitioner)) if agenda.can_be_booked]


def shared_agendas(actor: Actor) -> list[LevelledAgenda]:
    """The open agendas on which the caller has a level, by name. One statement."""
    return _levelled(_SHARED(person(actor)))


def agenda(actor: Actor, wanted: UUID, to: Need) -> LevelledAgenda:
    """One open agenda on which the caller may do this. Without a level they may ``refer``, where it can be booked."""
    rows = _levelled(_ONE(person(actor), wanted))
    if not rows:
        raise NotFound
    [found] = rows
    if found.level == "refer" and (to != "refer" or not found.can_be_booked):
        raise NotFound  # that it exists is known from its slots; what it has inside is not
    if not allows(found.level, to):
        raise Forbidden("Your access to this agenda does not go that far: ask whoever manages it.")
    return found


def bookable_agenda(actor: Actor, wanted: UUID) -> LevelledAgenda:
    """One agenda that can be booked, with the caller's level on it."""
    found = agenda(actor, wanted, to="refer")
    if not found.can_be_booked:
        raise NotFound
    return found


_LOCK = Statement(
    "SELECT resource_id FROM referral_agenda WHERE resource_id = ANY(%b::uuid[]) ORDER BY resource_id FOR NO KEY UPDATE"
)


def require_referrer(actor: Actor, wanted: UUID) -> None:
    """Returns when the caller may take time in an agenda: by a level on it, or as a professional who refers. Staff who
    are vouched for refer nobody in their own name. No statement for a professional."""
    if PROFESSIONAL not in actor.scopes and not allows(agenda(actor, wanted, to="refer").level, "book"):
        raise VouchedOnly("Staff book in the agendas of their organisation: have your identity verified to refer.")


def lock_agendas(agendas: Iterable[UUID]) -> None:
    """Locks the agendas' rows in the order of their ids: the first step of whatever takes or gives back
    time.
    """
    _LOCK.send(uuids(set(agendas)))()


class BookableAgenda(NamedTuple):
    """An agenda in which time may be taken, with what its slots are made by."""

    id: UUID
    practitioner_id: UUID
    step_minutes: int | None
    notice_minutes: int
    horizon_days: int
    time_zone: str

    @property
    def zone(self) -> ZoneInfo:
        """The clock by which its openings and its visits are told."""
        return ZoneInfo(self.time_zone)


def _bookable(wanted: UUID) -> QuerySet[Any, Any]:
    rows = Agenda.objects.filter(one_of("pk", wanted), BOOKABLE)
    columns = ("step_minutes", "notice_minutes", "horizon_days", "resource__site__time_zone")
    return rows.values_list("pk", "practitioner", *columns)


_BOOKABLE = ComposedQuery(_bookable, parameters=1)


def bookable(wanted: Collection[UUID]) -> dict[UUID, BookableAgenda]:
    """Those of these agendas in which time may be taken. One statement."""
    return {row[0]: BookableAgenda(*row) for row in _BOOKABLE(wanted)}


def kept_out(wanted: Collection[BookableAgenda], people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Agenda and person for each who is blocked by the practitioner of the agenda and has no level on it: to them it is
    one that cannot be booked. One statement, and one for each person who is blocked."""
    found: dict[UUID, list[UUID]] = {}
    for practitioner, blocked in contacts_access.blocks({one.practitioner_id for one in wanted}, people):
        found.setdefault(blocked, []).extend(one.id for one in wanted if one.practitioner_id == practitioner)
    return {
        (agenda, blocked)
        for blocked, theirs in found.items()
        for agenda, level in levels(blocked, theirs).items()
        if level == "refer"
    }


def levels(person: UUID, wanted: Collection[UUID]) -> dict[UUID, Need]:
    """The person's level on each of these agendas, open or not; ``refer`` without one."""
    return dict(_LEVELS(person, wanted))


_BOOKING = ComposedQuery(lambda wanted: organisations_access.holders(wanted, "agenda", "book"), parameters=1)


def bookers(wanted: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Agenda and person for each who has at least the level ``book`` on one of these agendas. One statement."""
    return {(agenda, person) for agenda, person, _ in _BOOKING(wanted)}


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
    """The appointments of which the caller may know more than the time: theirs to read, referred by them, or, where
    practitioners see their own patients alone, of a patient of theirs.

    Each comes with ``notes_hidden``: what was written about the patient is then not theirs to see.
    """
    caller = person(actor)
    readable = organisations_access.resources(caller, "agenda", "read")
    hidden = organisations_access.notes_hidden(caller, "agenda__resource__organisation")
    return (
        Appointment.objects.exclude(booked_at=None)
        .filter(
            Q(agenda__in=readable.values("pk"))
            | Q(patients_access.is_own(caller, "booker_patient"), booked_by=caller, referral__isnull=False)
            | Q(pk__in=of_own_patients(caller).values("pk"))
        )
        .annotate(notes_hidden=hidden)
    )


def notes_hidden(found: Appointment) -> bool:
    """Whether what was written about the patient is kept from the caller for whom this module returned the row."""
    return bool(found.notes_hidden)  # type: ignore[attr-defined]  # annotated in ``appointments``


def of_own_patients(person: UUID) -> QuerySet[Appointment]:
    """Appointments of this practitioner's own patients with colleagues of an organisation in which practitioners see
    their own patients alone."""
    kept = organisations_access.kept_to_own(person)
    return Appointment.objects.filter(
        agenda__resource__organisation__in=kept.values("pk"), patient__in=patients_access.own(person).values("pk")
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


def _rows(person: UUID) -> QuerySet[Any, Any]:
    """Every agenda, with the person's level on it and whether it can be booked: what ``LevelledAgenda`` is made of."""
    rows: QuerySet[Any, Any] = Agenda.objects.annotate(
        level=Coalesce(organisations_access.level(person), Value("refer")),
        can_be_booked=Exists(Agenda.objects.filter(BOOKABLE, pk=OuterRef("pk"))),
        notes_hidden=organisations_access.notes_hidden(person, "resource__organisation"),
        blocked=contacts_access.blocked_by("practitioner", person),
        own_only=Exists(organisations_access.kept_to_own(person).filter(pk=OuterRef("resource__organisation"))),
    )
    return rows


_COLUMNS = (
    *("pk", "level", "can_be_booked", "practitioner", "resource__name"),
    *("step_minutes", "notice_minutes", "horizon_days"),
    *(f"resource__site__{column}" for column in ("name", "address", "postal_code", "city", "time_zone")),
    *("resource__organisation", "notes_hidden", "own_only"),
    "blocked",
    *(f"practitioner__{column}" for column in ("title", "first_name", "last_name")),
)


def _one(person: UUID, agenda: UUID) -> QuerySet[Any, Any]:
    return _rows(person).filter(pk=agenda, closed_at=None).values_list(*_COLUMNS)


def _of_practitioner(person: UUID, practitioner: UUID) -> QuerySet[Any, Any]:
    rows = _rows(person).filter(BOOKABLE, practitioner=practitioner)
    return rows.order_by("resource__name", "pk").values_list(*_COLUMNS)[:AGENDAS]


def _shared(person: UUID) -> QuerySet[Any, Any]:
    rows = _rows(person).filter(closed_at=None).exclude(level="refer")
    return rows.order_by("resource__name", "pk").values_list(*_COLUMNS)


def _levels(person: UUID, agendas: UUID) -> QuerySet[Any, Any]:
    return _rows(person).filter(one_of("pk", agendas)).values_list("pk", "level")


_ONE = ComposedQuery(_one, parameters=2)
_OF_PRACTITIONER = ComposedQuery(_of_practitioner, parameters=2)
_SHARED = ComposedQuery(_shared, parameters=1)
_LEVELS = ComposedQuery(_levels, parameters=2)


def _levelled(rows: Iterable[tuple[Any, ...]]) -> list[LevelledAgenda]:
    found = []
    for agenda, level, can_be_booked, practitioner, *columns, blocked, title, first_name, last_name in rows:
        booked = can_be_booked and not (blocked and level == "refer")
        name = shown_name(title, first_name, last_name)
        found.append(LevelledAgenda(agenda, level, booked, practitioner, name, *columns))
    return found
