"""Agendas, their slots, and who may do what with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from identity.accounts.models import Person
from identity.accounts.refusals import NotVerified
from identity.directory.models import RegisterEntry
from identity.organisations.models import Membership, Organisation, Resource
from referral.scheduling import access, slots
from referral.scheduling.models import Agenda, Appointment, Opening
from referral.scheduling.queries.agendas import bookable
from referral.scheduling.queries.calendars import setups
from referral.scheduling.slots import Days, Once, Visit, Weekly
from referral.scheduling.wall_clock import Span
from referral.scheduling.wire import FindSlots, WatchAgenda
from referral.scheduling.wire_agendas import (
    AddAbsence,
    CreateAgenda,
    GetReasons,
    GrantAccess,
    ListAgendas,
    OpeningForm,
    ReasonForm,
    RemoveAbsence,
    UpdateAgenda,
)
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire import Command
from server.kernel.wire.errors import Conflict, Forbidden, IdTaken, Invalid, NotFound
from tests.factories import account
from tests.referral.practice import Practice, booking, join, leave, monday, opening, practice

pytestmark = pytest.mark.django_db


def test_slots_carry_the_sites_offset_and_the_reasons_length() -> None:
    clinic, ada = practice("Indian/Reunion"), account()
    slot = clinic.slots(ada, reason=clinic.long)[0]
    assert slot.start.isoformat() == f"{monday()}T09:00:00+04:00"
    assert slot.end - slot.start == timedelta(minutes=40)
    assert (slot.agenda, slot.reason) == (clinic.agenda, clinic.long)


def test_slots_of_a_practitioner_are_those_of_all_their_agendas() -> None:
    clinic, ada = practice(), account()
    second = CreateAgenda(
        id=uuid7(),
        site=clinic.site,
        name="Épreuves d'effort",
        reasons=[ReasonForm(id=uuid7(), name="Épreuve", minutes=60)],
        openings=[OpeningForm(day=monday(), opens="08:00", closes="09:00")],
    )
    dispatch(clinic.practitioner.actor, second)
    command = FindSlots(practitioner=clinic.practitioner.id, from_=monday(), to=monday() + timedelta(days=1))
    found = dispatch(ada.actor, command).slots
    assert found[0].agenda == second.id
    assert {slot.agenda for slot in found} == {clinic.agenda, second.id}
    assert [slot.start for slot in found] == sorted(slot.start for slot in found)


def test_slots_can_be_asked_for_at_a_place() -> None:
    clinic, ada = practice(), account()
    for place, there in (("Redon", True), ("redon", True), ("35600", True), ("Rennes", False)):
        command = FindSlots(
            practitioner=clinic.practitioner.id, place=place, from_=monday(), to=monday() + timedelta(days=1)
        )
        assert bool(dispatch(ada.actor, command).slots) is there


def test_when_the_days_have_no_slot_the_next_day_that_has_one_is_named() -> None:
    clinic, ada = practice(), account()
    saturday = monday() + timedelta(days=5)
    command = FindSlots(agenda=clinic.agenda, from_=saturday, to=saturday + timedelta(days=2))
    found = dispatch(ada.actor, command)
    assert (found.slots, found.next) == ([], monday() + timedelta(days=7))


@pytest.mark.parametrize(
    ("first", "until"),
    [
        (monday(), monday()),
        (monday(), monday() - timedelta(days=1)),
        (monday(), monday() + timedelta(days=63)),
        (date(1, 1, 1), date(1, 1, 2)),
        (date(9999, 12, 30), date(9999, 12, 31)),
    ],
)
def test_days_that_make_no_sense_are_refused(first: date, until: date) -> None:
    clinic, ada = practice(), account()
    with pytest.raises(Invalid):
        dispatch(ada.actor, FindSlots(agenda=clinic.agenda, from_=first, to=until))


def test_either_a_practitioner_or_an_agenda_is_asked_for() -> None:
    clinic, ada = practice(), account()
    for practitioner, agenda in ((None, None), (clinic.practitioner.id, clinic.agenda)):
        with pytest.raises(Invalid):
            dispatch(ada.actor, GetReasons(practitioner=practitioner, agenda=agenda))


def test_an_agenda_that_is_not_there_is_not_found() -> None:
    ada = account()
    with pytest.raises(NotFound):
        dispatch(ada.actor, GetReasons(agenda=uuid7()))
    with pytest.raises(NotFound):
        dispatch(ada.actor, FindSlots(agenda=uuid7(), from_=monday(), to=monday() + timedelta(days=1)))
    assert dispatch(ada.actor, GetReasons(practitioner=uuid7())).agendas == []


def test_who_is_not_verified_sees_no_agenda() -> None:
    clinic, impostor = practice(), account(verified=False)
    with pytest.raises(NotVerified):
        dispatch(impostor.actor, GetReasons(agenda=clinic.agenda))


def test_reasons_for_staff_are_shown_to_staff() -> None:
    clinic, ada = practice(), account()
    asked = GetReasons(agenda=clinic.agenda)
    assert [one.name for one in dispatch(ada.actor, asked).agendas[0].reasons] == ["Suivi", "Écho et consultation"]
    staff = dispatch(clinic.grant(ada, "book").actor, asked).agendas[0]
    assert [one.name for one in staff.reasons] == ["Suivi", "Écho et consultation", "Réunion"]
    assert staff.abilities == ["hold", "see_busy", "read", "book", "cancel"]


@pytest.mark.parametrize("agendas", [1, 4])
def test_slots_take_a_constant_number_of_statements(agendas: int) -> None:
    clinic, ada = practice(), account()
    for _ in range(agendas - 1):
        clinic.another_agenda()
    command = FindSlots(practitioner=clinic.practitioner.id, from_=monday(), to=monday() + timedelta(days=5))
    with CaptureQueriesContext(connection) as captured:
        found = dispatch(ada.actor, command).slots
    assert len({slot.agenda for slot in found}) == agendas
    assert len([one for one in captured if "SAVEPOINT" not in one["sql"]]) == 5


def test_levels_go_to_agendas_one_by_one() -> None:
    clinic, other, ada = practice(), practice(), account()
    assert dispatch(ada.actor, ListAgendas()).agendas == []
    clinic.grant(ada, "read")
    [listed] = dispatch(ada.actor, ListAgendas()).agendas
    assert (listed.id, listed.level) == (clinic.agenda, "read")
    with pytest.raises(NotFound):
        dispatch(ada.actor, UpdateAgenda(agenda=other.agenda, name="À moi"))
    with pytest.raises(Forbidden):
        dispatch(ada.actor, UpdateAgenda(agenda=clinic.agenda, name="À moi"))


def test_ones_own_agendas_come_first() -> None:
    clinic, other = practice(), practice()
    other.grant(clinic.practitioner, "busy")
    levels = [one.level for one in dispatch(clinic.practitioner.actor, ListAgendas()).agendas]
    assert levels == ["manage", "busy"]


def test_an_owner_of_the_organisation_manages_its_agendas_while_they_are_one() -> None:
    clinic = practice()
    owner = join(account(), clinic.organisation, "administrative", owner=True)
    assert dispatch(owner.actor, ListAgendas()).agendas[0].level == "manage"
    leave(owner, clinic.organisation)
    assert dispatch(owner.actor, ListAgendas()).agendas == []


def test_a_name_may_be_as_long_as_the_protocol_says() -> None:
    clinic, longest = practice(), "Œ" * 200
    command = opening(clinic.site, name=longest)
    dispatch(clinic.practitioner.actor, command)
    dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, name=longest))
    names = [one.name for one in dispatch(clinic.practitioner.actor, ListAgendas()).agendas]
    assert names == [longest, longest]


def test_who_manages_an_agenda_grants_where_the_organisation_lets_them_and_nobody_else() -> None:
    clinic, grace = practice(), account()
    ada = clinic.grant(join(account(), clinic.organisation, "secretary"), "book")
    command = GrantAccess(agenda=clinic.agenda, person=grace.id, level="read")
    with pytest.raises(Forbidden):
        dispatch(ada.actor, command)
    clinic.grant(ada, "manage")
    with pytest.raises(Forbidden):  # The rule of a practice, until it says otherwise: its owners decide.
        dispatch(ada.actor, command)
    Organisation.objects.filter(pk=clinic.organisation.pk).update(access_rule="agenda_managers")
    dispatch(ada.actor, command)
    dispatch(ada.actor, GrantAccess(agenda=clinic.agenda, person=grace.id, level="none"))
    assert dispatch(grace.actor, ListAgendas()).agendas == []
    clinic.grant(ada, "book")
    with pytest.raises(Forbidden):
        dispatch(ada.actor, command)


def test_the_practitioners_own_access_cannot_be_taken() -> None:
    clinic = practice()
    with pytest.raises(Invalid):
        clinic.grant(clinic.practitioner, "busy")


def test_an_absence_closes_and_its_removal_opens_again() -> None:
    clinic, ada = practice(), account()
    absence = AddAbsence(id=uuid7(), agenda=clinic.agenda, start=clinic.start("09:30"), end=clinic.start("16:30"))
    for _ in range(2):
        dispatch(clinic.practitioner.actor, absence)
    assert clinic.free(ada) == ["09:00", "16:40"]
    for _ in range(2):
        dispatch(clinic.practitioner.actor, RemoveAbsence(agenda=clinic.agenda, absence=absence.id))
    assert len(clinic.free(ada)) == 18


def test_an_absence_that_cannot_be_is_refused() -> None:
    clinic = practice()
    edges: list[dict[str, Any]] = [
        {},
        {"first": monday()},
        {"first": monday(), "until": monday()},
        {"start": clinic.start("10:00"), "end": clinic.start("09:00")},
        {"first": monday(), "until": monday() + timedelta(days=1), "start": clinic.start("10:00")},
        {"first": date(1, 1, 1), "until": date(9999, 12, 31)},
    ]
    for fields in edges:
        with pytest.raises(Invalid):
            dispatch(clinic.practitioner.actor, AddAbsence(id=uuid7(), agenda=clinic.agenda, **fields))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"day": date(9999, 12, 31)}, "day"),
        ({"day": date(1, 1, 1)}, "day"),
        ({"day": date(2200, 1, 1)}, "day"),
        ({"weekday": 0, "since": date(1999, 12, 31)}, "since"),
        ({"weekday": 0, "since": date(9999, 12, 31)}, "since"),
        ({"weekday": 0, "since": date(2026, 1, 1), "until": date(9999, 12, 31)}, "until"),
        ({"weekday": 0, "since": date(2027, 1, 1), "until": date(2026, 1, 1)}, "until"),
        ({"weekday": 0, "since": date(2027, 1, 1), "until": date(2027, 1, 1)}, "until"),
    ],
)
def test_an_opening_on_days_that_make_no_sense_is_refused(fields: dict[str, Any], field: str) -> None:
    clinic = practice()
    good, wrong = (OpeningForm(opens="08:00", closes="09:00", **one) for one in ({"day": monday()}, fields))
    for command in (
        opening(clinic.site, openings=[good, wrong]),
        UpdateAgenda(agenda=clinic.agenda, openings=[good, wrong]),
    ):
        with pytest.raises(Invalid) as refused:
            dispatch(clinic.practitioner.actor, command)
        assert refused.value.as_data()["path"] == f"$.params.openings[1].{field}"
    assert len(clinic.free(account())) == 18
    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.create(agenda_id=clinic.agenda, opens=time(8), closes=time(9), **fields)


def test_openings_on_the_first_and_the_last_day_can_be_calculated_with() -> None:
    clinic, ada = practice(), account()
    edges = [OpeningForm(opens="22:00", closes="06:00", day=day) for day in (date(2000, 1, 1), date(2199, 12, 31))]
    edges.append(OpeningForm(opens="22:00", closes="06:00", weekday=0, since=edges[0].day, until=edges[1].day))
    dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, openings=edges))
    assert len(clinic.free(ada)) == 6


def test_an_agenda_that_cannot_be_calculated_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clinic, ada = practice(), account()
    broken = clinic.another_agenda()
    command = FindSlots(practitioner=clinic.practitioner.id, from_=monday(), to=monday() + timedelta(days=1))
    assert {slot.agenda for slot in dispatch(ada.actor, command).slots} == {clinic.agenda, broken}
    for name in ("forbid", "add_free", "grid"):
        real = getattr(slots._Search, name)

        def fails(search: Any, *rest: Any, real: Any = real) -> Any:
            if search.key == broken:
                raise OverflowError("date value out of range")
            return real(search, *rest)

        with monkeypatch.context() as patched:
            patched.setattr(slots._Search, name, fails)
            found = dispatch(ada.actor, command).slots
        assert {slot.agenda for slot in found} == {clinic.agenda}
        assert len(found) == 18
        assert "agenda cannot be calculated" in caplog.text
        caplog.clear()


def test_changing_openings_takes_the_place_of_what_was_there() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "11:40")
    openings = [OpeningForm(day=monday(), opens="08:00", closes="09:00")]
    dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, openings=openings))
    assert clinic.free(ada) == ["08:00", "08:20", "08:40"]
    assert Appointment.objects.get(id=booked.appointment.id).state == "booked"


def test_a_reason_left_out_can_no_longer_be_booked() -> None:
    clinic, ada = practice(), account()
    reasons = [ReasonForm(id=clinic.short, name="Suivi court", minutes=10)]
    dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, reasons=reasons))
    [listed] = dispatch(ada.actor, GetReasons(agenda=clinic.agenda)).agendas
    assert [(one.id, one.minutes) for one in listed.reasons] == [(clinic.short, 10)]
    with pytest.raises(NotFound):
        clinic.hold(ada, "09:00", clinic.long)


def test_a_reason_of_another_agenda_is_not_taken_over() -> None:
    clinic, other = practice(), practice()
    reasons = [ReasonForm(id=other.short, name="Volé", minutes=10)]
    with pytest.raises(IdTaken):
        dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, reasons=reasons))


@pytest.mark.parametrize("opening", [{}, {"weekday": 1}, {"day": date(2027, 1, 4), "weekday": 1}])
def test_an_opening_is_weekly_or_once(opening: dict[str, Any]) -> None:
    clinic = practice()
    forms = [OpeningForm(opens="08:00", closes="09:00", **opening)]
    with pytest.raises(Invalid):
        dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, openings=forms))


def test_an_agenda_is_made_once_and_at_a_site_of_ones_own() -> None:
    clinic, ada = practice(), account()
    site = clinic.site
    command = CreateAgenda(
        id=uuid7(), site=site, name="Bis", reasons=[ReasonForm(id=uuid7(), name="A", minutes=20)], openings=[]
    )
    for caller, wanted in ((ada, site), (clinic.practitioner, uuid7())):
        with pytest.raises(NotFound):
            dispatch(
                caller.actor, CreateAgenda(id=uuid7(), site=wanted, name="X", reasons=command.reasons, openings=[])
            )
    assert dispatch(clinic.practitioner.actor, command) == dispatch(clinic.practitioner.actor, command)
    assert Agenda.objects.count() == 2
    with pytest.raises(IdTaken):
        dispatch(
            clinic.practitioner.actor,
            CreateAgenda(id=command.id, site=site, name="Ter", reasons=command.reasons, openings=[]),
        )


def test_a_practitioner_is_found_under_the_id_of_the_directory() -> None:
    clinic, ada = practice(), account()
    Person.objects.filter(id=clinic.practitioner.id).update(national_id="810000000001")
    entry = RegisterEntry.objects.create(
        id=uuid7(),
        national_id="810000000001",
        source="local",
        title="Dr",
        last_name="Belkhadra",
        first_name="Samir",
        profession="10",
        profession_label="Médecin",
        speciality="Cardiologie",
        digest=0,
    )
    [found] = dispatch(ada.actor, GetReasons(practitioner=entry.id)).agendas
    assert found.id == clinic.agenda


def test_who_can_be_booked_is_who_has_an_open_agenda_for_colleagues() -> None:
    clinic, other, ada = practice(), practice(), account()
    people = [clinic.practitioner.id, other.practitioner.id, ada.id]
    assert bookable(people) == bookable(None) == set(people[:2])
    Agenda.objects.filter(pk=other.agenda).update(closed_at=datetime.now(UTC))
    staff_only = [ReasonForm(id=clinic.staff_only, name="Réunion", minutes=20, for_referrers=False)]
    assert bookable(people) == {clinic.practitioner.id}
    dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, reasons=staff_only))
    assert bookable(people) == set()


def test_a_secretary_opens_no_agenda_and_nobody_is_sent_to_one() -> None:
    clinic = practice()
    secretary = join(account(), clinic.organisation, "secretary")
    Person.objects.filter(id=secretary.id).update(function="secretary")
    with pytest.raises(Forbidden):
        dispatch(secretary.actor, opening(clinic.site, name="Cardiologie"))
    assert not Resource.objects.exclude(id=clinic.agenda).exists()


@pytest.mark.parametrize(
    ("account_function", "member_function"), [("secretary", "practitioner"), ("practitioner", "secretary")]
)
def test_the_account_and_the_membership_are_both_a_practitioners(account_function: str, member_function: str) -> None:
    clinic = practice()
    colleague = join(account(), clinic.organisation, member_function)
    Person.objects.filter(id=colleague.id).update(function=account_function)
    with pytest.raises(Forbidden):
        dispatch(colleague.actor, opening(clinic.site))


def no_longer_a_practitioner(clinic: Practice, change: str) -> None:
    people, members = (
        Person.objects.filter(id=clinic.practitioner.id),
        Membership.objects.filter(person=clinic.practitioner.id),
    )
    changed: dict[str, Callable[[], object]] = {
        "left": lambda: leave(clinic.practitioner, clinic.organisation),
        "other function here": lambda: members.update(function="administrative"),
        "other function": lambda: people.update(function="dispatcher"),
        "suspended": lambda: people.update(suspended_at=datetime.now(UTC)),
        "not verified": lambda: people.update(verified_at=None),
        "gone": lambda: people.update(is_active=False),
    }
    changed[change]()


@pytest.mark.parametrize(
    "change", ["left", "other function here", "other function", "suspended", "not verified", "gone"]
)
def test_who_is_no_longer_a_practitioner_there_is_not_booked(change: str) -> None:
    clinic, ada = practice(), account()
    held = clinic.hold(ada, "09:20").hold
    no_longer_a_practitioner(clinic, change)
    assert bookable([clinic.practitioner.id]) == set()
    assert dispatch(ada.actor, GetReasons(practitioner=clinic.practitioner.id)).agendas == []
    commands: list[Command[Any]] = [
        GetReasons(agenda=clinic.agenda),
        clinic.holding("09:40"),
        WatchAgenda(agenda=clinic.agenda),
    ]
    for command in commands:
        with pytest.raises(NotFound):
            dispatch(ada.actor, command)
    with pytest.raises(Conflict):
        dispatch(ada.actor, booking(held))
    assert not Appointment.objects.exclude(booked_at=None).exists()


def test_staff_still_see_the_agenda_of_who_has_left() -> None:
    clinic, secretary = practice(), account()
    clinic.grant(secretary, "read")
    leave(clinic.practitioner, clinic.organisation)
    assert [one.id for one in dispatch(secretary.actor, ListAgendas()).agendas] == [clinic.agenda]


def test_an_id_that_stands_for_another_resource_makes_no_agenda() -> None:
    clinic = practice()
    room = Resource.objects.create(
        id=uuid7(), organisation=clinic.organisation, site_id=clinic.site, kind="room", name="Salle 2"
    )
    with pytest.raises(IdTaken):
        dispatch(clinic.practitioner.actor, opening(clinic.site, id=room.id))
    assert not Agenda.objects.filter(pk=room.id).exists()


def test_an_agenda_is_read_back_as_it_was_set_up() -> None:
    """Openings come packed from the database: every column of theirs arrives as it was written."""
    clinic, since, day = practice(step=15, notice=90), monday(), monday() + timedelta(days=2)
    forms = [
        OpeningForm(weekday=6, opens="23:30", closes="00:00", since=since, until=since + timedelta(days=70), every=3),
        OpeningForm(weekday=0, opens="08:05", closes="12:55", since=since),
        OpeningForm(day=day, opens="20:00", closes="08:00"),
    ]
    reasons = [ReasonForm(id=uuid7(), name=name, minutes=45, before=5, after=10) for name in ("B", "A")]
    dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, openings=forms, reasons=reasons))
    start, end = datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2199, 1, 1, 0, 0, 30, 500_000, tzinfo=UTC)
    for away in ({"start": start, "end": end}, {"first": since, "until": day}):
        dispatch(clinic.practitioner.actor, AddAbsence(id=uuid7(), agenda=clinic.agenda, **away))
    agenda = access.agenda(clinic.practitioner.actor, clinic.agenda, to="manage")
    calendar, offered = setups([agenda], Days(since, day))[clinic.agenda]
    assert calendar.hours.openings == (
        Weekly(6, time(23, 30), time(0), since, since + timedelta(days=70), 3),
        Weekly(0, time(8, 5), time(12, 55), since),
        Once(day, time(20), time(8)),
    )
    assert calendar.absences == (Days(since, day), Span(start, end))
    assert (calendar.step, calendar.notice) == (timedelta(minutes=15), timedelta(minutes=90))
    assert [(one.id, one.for_referrers) for one in offered] == [(one.id, True) for one in reasons]
    assert offered[0].visit == Visit(timedelta(minutes=45), timedelta(minutes=5), timedelta(minutes=10))
    assert setups([agenda], Days(since, day))[clinic.agenda].calendar.hours is calendar.hours, "and is made once"
