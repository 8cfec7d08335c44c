"""Whoever sets up an agenda, and whatever is asked of it: the work of one question and its answer are bounded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from identity.organisations.models import Right
from referral.scheduling import access, bounds
from referral.scheduling.actions import agendas as actions
from referral.scheduling.models import Absence, Agenda, VisitReason
from referral.scheduling.queries import agendas as agenda_queries
from referral.scheduling.queries import slots as queries
from referral.scheduling.wire import FindSlots, Slots, SlotView
from referral.scheduling.wire_agendas import (
    AddAbsence,
    GetReasons,
    GrantAccess,
    ListAgendas,
    OpeningForm,
    ReasonForm,
    UpdateAgenda,
)
from server.kernel import paging
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Invalid, TooLarge
from tests.factories import Account, account
from tests.referral.practice import Practice, monday, opening, practice

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
A_DAY = 285
"""Visits of twenty minutes that may begin on one day, one every five minutes, all of them within the day."""
ALL_DAY = [OpeningForm(weekday=weekday, opens="00:00", closes="00:00", since=monday(0)) for weekday in range(7)]


def busy_practice(**fields: Any) -> Practice:
    """Open day and night, a slot every five minutes: the most that an agenda can have."""
    return practice(step=5, openings=ALL_DAY, horizon=730, **fields)


def ask(who: Account, first: date, days: int, **about: Any) -> Slots:
    found: Slots = dispatch(who.actor, FindSlots(from_=first, to=first + days * DAY, **about))
    return found


def pages(who: Account, first: date, days: int, **about: Any) -> Iterator[Slots]:
    """As a client goes on."""
    until = first + days * DAY
    while first < until:
        page = ask(who, first, (until - first).days, **about)
        yield page
        if page.next is None:
            return
        assert page.next > first, "each question goes on from a later day"
        first = page.next


def test_an_answer_has_whole_days_and_next_says_where_to_go_on() -> None:
    ada, clinic = account(), busy_practice()
    reason = {"agenda": clinic.agenda, "reason": clinic.short}
    first = ask(ada, monday(), 7, **reason)
    days = {slot.start.date() for slot in first.slots}
    assert len(first.slots) == 3 * A_DAY <= bounds.SLOTS
    assert days == {monday() + number * DAY for number in range(3)}
    assert first.next == monday() + 3 * DAY
    everything = [slot for page in pages(ada, monday(), 7, **reason) for slot in page.slots]
    assert len(everything) == 7 * A_DAY == len({slot.start for slot in everything})
    assert [slot.start for slot in everything] == sorted(slot.start for slot in everything)


def test_days_that_fit_are_answered_at_once() -> None:
    ada, clinic = account(), practice()
    found = ask(ada, monday(), 30, agenda=clinic.agenda, reason=clinic.short)
    assert found.next is None
    assert len(found.slots) == 18 * 22


def test_a_single_day_is_whole_however_many_slots_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, clinic = account(), busy_practice()
    monkeypatch.setattr(queries, "SLOTS", 100)
    found = ask(ada, monday(), 2, agenda=clinic.agenda, reason=clinic.short)
    assert (len(found.slots), found.next) == (A_DAY, monday() + DAY)


def test_of_many_agendas_fewer_days_are_looked_at_and_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, clinic = account(), practice()
    clinic.another_agenda()
    monkeypatch.setattr(queries, "AGENDA_DAYS", 6)
    about = {"practitioner": clinic.practitioner.id}
    first = ask(ada, monday(), 10, **about)
    assert first.next == monday() + 3 * DAY
    assert len(first.slots) == 2 * 3 * 18
    found = [slot for page in pages(ada, monday(), 10, **about) for slot in page.slots]
    monkeypatch.setattr(queries, "AGENDA_DAYS", 1_000)
    assert found == ask(ada, monday(), 10, **about).slots


def test_when_nothing_is_free_next_is_the_next_day_that_has_a_slot_or_where_to_look_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, clinic = account(), practice()
    second = clinic.another_agenda()
    for agenda in (clinic.agenda, second):
        away = AddAbsence(id=uuid7(), agenda=agenda, first=monday() - 7 * DAY, until=monday() + 20 * DAY)
        dispatch(clinic.practitioner.actor, away)
    about = {"practitioner": clinic.practitioner.id}
    free_again = monday() + 21 * DAY
    assert ask(ada, monday(), 5, **about) == Slots(slots=[], next=free_again)
    monkeypatch.setattr(queries, "AGENDA_DAYS", 10)
    asked = [page.next for page in pages(ada, monday(), 28, **about) if not page.slots]
    assert asked == [monday() + 10 * DAY, monday() + 20 * DAY]
    Absence.objects.update(until_day=monday() + 3_000 * DAY)
    answers = list(pages(ada, monday(), 62, **about))
    assert len(answers) <= 7, "ten days and more at a time"
    assert all(not page.slots for page in answers)
    after_the_horizon = monday() + 200 * DAY
    assert ask(ada, after_the_horizon, 5, **about) == Slots(slots=[]), "there the search ends"


def test_the_number_of_statements_does_not_grow_with_agendas_days_or_slots() -> None:
    ada, clinic = account(), busy_practice()
    ask(ada, monday(), 1, agenda=clinic.agenda)
    ask(ada, monday(), 1, practitioner=clinic.practitioner.id)
    with CaptureQueriesContext(connection) as one:
        ask(ada, monday(), 1, agenda=clinic.agenda)
    for _ in range(3):
        clinic.another_agenda()
    with CaptureQueriesContext(connection) as many:
        ask(ada, monday(), 60, practitioner=clinic.practitioner.id)
    # A practitioner is first found in the register: two statements.
    assert len(many) <= len(one) + 2


@pytest.mark.parametrize("step", [1, 4])
def test_a_step_of_less_than_five_minutes_is_refused(step: int) -> None:
    clinic = practice()
    for command in (
        opening(clinic.site, step=step),
        UpdateAgenda(agenda=clinic.agenda, step=step),
    ):
        with pytest.raises(Invalid) as refused:
            dispatch(clinic.practitioner.actor, command)
        assert refused.value.data == {"path": "$.params.step"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Agenda.objects.update(step_minutes=step)
    dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, step=5))


def test_a_visit_of_less_than_five_minutes_is_refused() -> None:
    clinic = practice()
    reasons = [ReasonForm(id=uuid7(), name="Suivi", minutes=20), ReasonForm(id=uuid7(), name="Éclair", minutes=4)]
    with pytest.raises(Invalid) as refused:
        dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, reasons=reasons))
    assert refused.value.data == {"path": "$.params.reasons[1].minutes"}
    with pytest.raises(IntegrityError), transaction.atomic():
        VisitReason.objects.update(minutes=4)


def test_one_practitioner_opens_so_many_agendas(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = practice()
    monkeypatch.setattr(actions, "AGENDAS", 3)
    commands = [opening(clinic.site) for _ in range(3)]
    for command in commands[:2]:
        dispatch(clinic.practitioner.actor, command)
    with pytest.raises(TooLarge) as refused:
        dispatch(clinic.practitioner.actor, commands[2])
    assert refused.value.data == {"limit": 3}
    dispatch(clinic.practitioner.actor, commands[1])  # repeated, it opens nothing more
    Agenda.objects.filter(pk=clinic.agenda).update(closed_at=datetime.now(UTC))
    dispatch(clinic.practitioner.actor, commands[2])


def test_openings_of_one_day_are_so_many_and_last_so_long() -> None:
    clinic = practice()

    def openings(count: int, closes: str, **when: Any) -> UpdateAgenda:
        given = {"weekday": 0, "since": monday(0), **when}
        forms = [OpeningForm(opens="08:00", closes=closes, **given) for _ in range(count)]
        return UpdateAgenda(agenda=clinic.agenda, openings=forms)

    dispatch(clinic.practitioner.actor, openings(24, "08:20"))
    dispatch(clinic.practitioner.actor, openings(4, "08:00"))
    for command, limit in ((openings(25, "08:20"), 24), (openings(5, "08:00"), 96)):
        with pytest.raises(TooLarge) as refused:
            dispatch(clinic.practitioner.actor, command)
        assert refused.value.data == {"path": "$.params.openings", "limit": limit}
    once = openings(25, "08:20", weekday=None, since=None, day=monday())
    with pytest.raises(TooLarge):
        dispatch(clinic.practitioner.actor, once)
    over = openings(25, "08:20", since=monday(0) - 14 * DAY, until=monday(0) - 7 * DAY)
    dispatch(clinic.practitioner.actor, over)


def test_instructions_absences_and_levels_of_an_agenda_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = practice()
    reasons = [ReasonForm(id=uuid7(), name="Suivi", minutes=20, instructions="x" * 4_000) for _ in range(6)]
    with pytest.raises(TooLarge):
        dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, reasons=reasons))
    dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=clinic.agenda, reasons=reasons[:5]))

    monkeypatch.setattr(actions, "ABSENCES", 2)
    away = [AddAbsence(id=uuid7(), agenda=clinic.agenda, first=monday(), until=monday(3)) for _ in range(3)]
    for command in (*away[:2], away[0]):
        dispatch(clinic.practitioner.actor, command)
    with pytest.raises(TooLarge):
        dispatch(clinic.practitioner.actor, away[2])
    Absence.objects.filter(id=away[0].id).update(first_day=date(2020, 1, 1), until_day=date(2020, 1, 2))
    dispatch(clinic.practitioner.actor, away[2])

    monkeypatch.setattr(actions, "RIGHTS", 2)
    first = clinic.grant(account(), "busy")  # beside the practitioner's own
    with pytest.raises(TooLarge):
        clinic.grant(account(), "busy")
    clinic.grant(first, "book")
    dispatch(clinic.practitioner.actor, GrantAccess(agenda=clinic.agenda, person=first.id, level="none"))
    clinic.grant(account(), "busy")
    assert Right.objects.filter(resource=clinic.agenda).count() == 2


def test_agendas_come_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = practice()
    agendas = [clinic.agenda, *(clinic.another_agenda() for _ in range(4))]
    monkeypatch.setattr(agenda_queries, "PAGE", 2)
    for make in (
        lambda cursor: ListAgendas(cursor=cursor),
        lambda cursor: GetReasons(practitioner=clinic.practitioner.id, cursor=cursor),
    ):
        seen, cursor, answers = [], None, 0
        while answers == 0 or cursor is not None:
            page = dispatch(clinic.practitioner.actor, make(cursor))
            assert len(page.agendas) <= 2
            seen += [one.id for one in page.agendas]
            cursor, answers = page.cursor, answers + 1
        assert sorted(seen) == sorted(agendas)
        assert answers == 3


def test_a_page_of_agendas_is_cut_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = practice()
    clinic.another_agenda()
    monkeypatch.setattr(paging.fitting, "__defaults__", (10,))
    page = dispatch(clinic.practitioner.actor, ListAgendas())
    assert len(page.agendas) == 1
    assert page.cursor is not None


def test_an_agenda_with_the_callers_level_is_one_statement() -> None:
    clinic, ada = practice(), account()
    access.agenda(ada.actor, clinic.agenda, to="refer")
    with CaptureQueriesContext(connection) as captured:
        access.agenda(ada.actor, clinic.agenda, to="refer")
    assert len(captured) == 1


def test_what_a_composed_query_finds_follows_its_parameters() -> None:
    """The statement is made once, the caller and the agenda are of each question."""
    one, other, ada = practice(), practice(), account()
    one.grant(ada, "read")
    assert access.agenda(ada.actor, one.agenda, to="refer").level == "read"
    assert access.agenda(ada.actor, other.agenda, to="refer").level == "refer"
    assert access.agenda(one.practitioner.actor, one.agenda, to="refer").level == "manage"
    assert access.levels(ada.id, [one.agenda, other.agenda]) == {one.agenda: "read", other.agenda: "refer"}
    assert [agenda.id for agenda in access.agendas_of(ada.actor, other.practitioner.id)] == [other.agenda]
    assert [agenda.id for agenda in access.shared_agendas(ada.actor)] == [one.agenda]


def test_two_agendas_of_one_practitioner_can_be_told_apart() -> None:
    clinic = practice()
    second = clinic.another_agenda()
    dispatch(clinic.practitioner.actor, UpdateAgenda(agenda=second, name="Échographies"))
    shown = dispatch(account().actor, GetReasons(practitioner=clinic.practitioner.id)).agendas
    assert [(one.name, one.place, one.city) for one in shown] == [
        ("Consultations de cardiologie", "Clinique du Marais, centre de cardiologie", "Redon"),
        ("Échographies", "Clinique du Marais, centre de cardiologie", "Redon"),
    ]


def test_an_appointment_says_in_which_agenda_and_where_it_is() -> None:
    clinic, ada = practice(), account()
    shown = clinic.book(ada, "09:20").appointment
    assert (shown.agenda_name, shown.place, shown.city) == (
        "Consultations de cardiologie",
        "Clinique du Marais, centre de cardiologie",
        "Redon",
    )


def test_the_bounds_let_the_answer_fit() -> None:
    ada, clinic = account(), busy_practice()
    page = ask(ada, monday(), 7, agenda=clinic.agenda, reason=clinic.short)
    assert isinstance(page.slots[0], SlotView)
    assert len(msgspec.json.encode(page)) < paging.PAGE_BYTES
