"""Nobody holds more than a few slots at a time, nor one for ever; and one's own holds are found again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import TimestamptzRange

from referral.scheduling.hold_limits import A_DAY, AHEAD, LEAST, LIVE_HOLDS, LIVE_HOLDS_IN_AGENDA, PAUSE, TRIES
from referral.scheduling.internal_commands import ReapHolds
from referral.scheduling.models import Appointment
from referral.scheduling.refusals import HoldPaused, SlotTaken, TooManyBookings, TooManyHolds
from referral.scheduling.wire import HoldSlotResult, ListHolds, ReleaseSlot
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.outcomes import Outbound
from server.kernel.wire import stream_name
from server.kernel.wire.errors import RateLimited, Refusal
from server.kernel.wire.handshake import Client, Hello, Sync
from tests.factories import Account, account
from tests.referral.practice import Practice, booking, expire, patient, practice

pytestmark = pytest.mark.django_db

CLOCKS = [f"{hour:02d}:{minute:02d}" for hour in (9, 10, 11, 14, 15, 16) for minute in (0, 20, 40)]


def release(who: Account, held: HoldSlotResult) -> None:
    dispatch(who.actor, ReleaseSlot(hold=held.hold))


def earlier(held: HoldSlotResult, by: timedelta) -> None:
    """Everything about the hold happened that much earlier."""
    row = Appointment.objects.get(id=held.hold)
    row.hold_until -= by
    row.released_at = row.released_at and row.released_at - by
    row.save()


def greeted(who: Account) -> Any:
    return dispatch(who.actor, Hello(protocol=1, client=Client(name="t"))).me


def inbox(who: Account) -> list[Any]:
    return list(dispatch(who.actor, Sync(stream=stream_name("i", who.id), after=0)).events)


def test_one_person_holds_five_slots_in_all_and_three_in_one_agenda() -> None:
    ada, grace, clinics = account(), account(), [practice() for _ in range(3)]
    for clock in CLOCKS[:LIVE_HOLDS_IN_AGENDA]:
        clinics[0].hold(ada, clock)
    with pytest.raises(TooManyHolds) as refused:
        clinics[0].hold(ada, CLOCKS[5])
    assert refused.value.data == {"limit": 3, "of": "agenda"}
    clinics[1].hold(ada, CLOCKS[0])
    last = clinics[1].hold(ada, CLOCKS[1])
    with pytest.raises(TooManyHolds) as refused:
        clinics[2].hold(ada, CLOCKS[0])
    assert refused.value.data == {"limit": LIVE_HOLDS, "of": "person"} == {"limit": 5, "of": "person"}
    clinics[2].hold(grace, CLOCKS[0])
    release(ada, last)
    clinics[2].hold(ada, CLOCKS[1])


def test_a_hold_that_is_booked_or_over_counts_no_longer() -> None:
    ada, clinic = account(), practice()
    first, second, _ = (clinic.hold(ada, clock) for clock in CLOCKS[:3])
    dispatch(ada.actor, booking(first.hold))
    clinic.hold(ada, CLOCKS[3])
    expire(second.hold)
    clinic.hold(ada, CLOCKS[4])
    with pytest.raises(TooManyHolds):
        clinic.hold(ada, CLOCKS[5])


def test_holds_of_one_batch_count_together() -> None:
    ada, clinic = account(), practice()
    commands = [clinic.holding(clock) for clock in CLOCKS[:5]]
    outcomes, _ = dispatch_batch([Call(ada.actor, command) for command in (*commands, commands[0])])
    refused = [one.refused.reason if one.refused else None for one in outcomes]
    assert refused == [None, None, None, "too_many_holds", "too_many_holds", None], "the last repeats the first"


@pytest.mark.django_db(transaction=True)
def test_many_requests_of_one_person_at_once_hold_no_more() -> None:
    ada, clinics = account(), [practice() for _ in range(6)]
    gate = threading.Barrier(len(clinics))

    def run(clinic: Practice) -> list[str]:
        gate.wait(30)
        try:
            calls = [Call(ada.actor, clinic.holding(clock)) for clock in CLOCKS[:2]]
            return [outcome.refused.reason if outcome.refused else "held" for outcome in dispatch_batch(calls)[0]]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clinics)) as threads:
        answers = [one for share in threads.map(run, clinics) for one in share]
    assert answers.count("held") == LIVE_HOLDS == Appointment.objects.filter(state="held").count()
    assert set(answers) == {"held", "too_many_holds"}


def test_a_slot_taken_again_is_held_until_it_would_have_ended_at_first() -> None:
    ada, clinic = account(), practice()
    first = clinic.hold(ada, "09:20")
    earlier(first, timedelta(minutes=6))
    ends = Appointment.objects.get(id=first.hold).hold_until
    release(ada, first)
    again = clinic.hold(ada, "09:20")
    assert again.expires_at == ends
    release(ada, again)
    assert "09:20" in clinic.free(account())
    other = clinic.hold(ada, "10:20")
    assert other.expires_at > ends, "another slot is another slot"


def test_a_slot_held_for_its_whole_time_is_free_to_others_before_the_same_person_holds_it_again() -> None:
    ada, clinic = account(), practice()
    first = clinic.hold(ada, "09:20")
    earlier(first, timedelta(minutes=15) - LEAST / 2)
    release(ada, first)
    for clock, reason in (("09:20", clinic.short), ("09:00", clinic.long)):
        with pytest.raises(HoldPaused) as refused:
            clinic.hold(ada, clock, reason)
        assert 0 < refused.value.data["retry_after"] <= PAUSE.total_seconds()  # type: ignore[operator]
    assert "09:20" in clinic.free(ada)
    grace = account()
    release(grace, clinic.hold(grace, "09:20"))
    clinic.hold(ada, "10:20")
    earlier(first, PAUSE)
    assert clinic.hold(ada, "09:20").expires_at - datetime.now(UTC) > timedelta(minutes=14)


@pytest.mark.parametrize("swept", [False, True])
def test_a_slot_whose_hold_has_expired_is_free_to_others_first(swept: bool) -> None:
    ada, clinic = account(), practice()
    first = clinic.hold(ada, "09:20")
    expire(first.hold)
    if swept:
        dispatch(SYSTEM, ReapHolds())
    with pytest.raises(HoldPaused):
        clinic.hold(ada, "09:20")
    earlier(first, PAUSE)
    clinic.hold(ada, "09:20")


def test_giving_back_and_taking_again_never_makes_a_hold_longer() -> None:
    ada, clinic = account(), practice()
    held = clinic.hold(ada, "09:20")
    ends = held.expires_at
    for _ in range(5):
        release(ada, held)
        held = clinic.hold(ada, "09:20")
        assert held.expires_at <= ends


def test_who_holds_and_lets_go_without_end_is_told_to_wait() -> None:
    ada, clinic = account(), practice()
    for _ in range(TRIES):
        release(ada, clinic.hold(ada, "09:20"))
    with pytest.raises(RateLimited) as refused:
        clinic.hold(ada, "11:20")
    assert refused.value.data == {"retry_after": 60.0}


def test_ones_own_hold_is_named_when_the_slot_is_wanted_again() -> None:
    ada, clinic = account(), practice()
    held = clinic.hold(ada, "09:20")
    with pytest.raises(SlotTaken) as refused:
        clinic.hold(ada, "09:20")
    assert refused.value.data == {"hold": str(held.hold)}
    with pytest.raises(SlotTaken) as refused:
        clinic.hold(account(), "09:20")
    assert refused.value.data == {}, "whose it is, is nobody else's to know"


def test_hello_and_the_list_show_what_one_holds_and_it_can_be_booked_from_there() -> None:
    ada, clinic = account(), practice()
    later, sooner = clinic.hold(ada, "10:20", clinic.long), clinic.hold(ada, "09:00")
    earlier(sooner, timedelta(minutes=3))
    clinic.hold(account(), "11:20")
    shown = greeted(ada).holds
    assert [one.hold for one in shown] == [sooner.hold, later.hold]
    assert dispatch(ada.actor, ListHolds()).holds == shown
    one = shown[1]
    assert (one.agenda, one.agenda_name, one.practitioner) == (
        clinic.agenda,
        "Consultations de cardiologie",
        clinic.practitioner.id,
    )
    assert (one.practitioner_name, one.reason, one.reason_name) == (
        clinic.practitioner.actor.name,
        clinic.long,
        "Écho et consultation",
    )
    assert (one.start, one.end, one.expires_at, one.time_zone) == (
        later.start,
        later.end,
        later.expires_at,
        "Europe/Paris",
    )
    assert (one.place, one.city) == ("Clinique du Marais, centre de cardiologie", "Redon")
    assert one.start.isoformat().endswith(("+01:00", "+02:00"))
    dispatch(ada.actor, booking(one.hold))
    expire(sooner.hold)
    assert greeted(ada).holds == dispatch(ada.actor, ListHolds()).holds == []


def test_what_one_holds_is_one_statement() -> None:
    ada, clinic = account(), practice()
    dispatch(ada.actor, ListHolds())
    with CaptureQueriesContext(connection) as none:
        dispatch(ada.actor, ListHolds())
    clinic.hold(ada, "09:00")
    clinic.hold(ada, "09:20")
    with CaptureQueriesContext(connection) as two:
        dispatch(ada.actor, ListHolds())
    assert len(none) == len(two)


def test_the_other_devices_of_the_person_learn_that_a_hold_has_ended_and_nobody_else() -> None:
    ada, clinic = account(), practice()
    given_back, over, booked = (clinic.hold(ada, clock) for clock in CLOCKS[:3])
    expire(over.hold)
    ended: list[Outbound] = [
        dispatch_batch([Call(ada.actor, ReleaseSlot(hold=given_back.hold))])[1],
        dispatch_batch([Call(SYSTEM, ReapHolds())])[1],
    ]
    for news in ended:
        [told] = [one for one in news.events if one.stream.startswith("i:")]
        assert told.stream == stream_name("i", ada.id)
        assert told.audience == {ada.id}
    dispatch(ada.actor, booking(booked.hold))
    types = [event.type for event in inbox(ada)]
    assert types.count("hold.ended") == 2, "what is booked is told as referral.booked"
    first, second = (bytes(event.data).decode() for event in inbox(ada) if event.type == "hold.ended")
    assert f'"hold":"{given_back.hold}"' in first
    assert '"why":"released"' in first
    assert f'"hold":"{over.hold}"' in second
    assert '"why":"expired"' in second


def test_the_new_refusals_say_what_to_do() -> None:
    refusals: list[Refusal] = [TooManyHolds(5, "person"), TooManyHolds(3, "agenda"), HoldPaused(12.3)]
    assert [one.as_data() for one in refusals] == [
        {"reason": "too_many_holds", "limit": 5, "of": "person"},
        {"reason": "too_many_holds", "limit": 3, "of": "agenda"},
        {"reason": "hold_paused", "retry_after": 13},
    ]


def booked_before(clinic: Practice, who: Account, ahead: int = 0, made: int = 0) -> None:
    """One more booking finds so many of theirs, as the statement would count them."""
    booked = clinic.book(who, "09:00").appointment.id
    row = Appointment.objects.get(id=booked)
    for number in range(1, max(ahead, made)):
        row.pk, row.starts_at = uuid7(), row.starts_at + timedelta(days=7)
        row.ends_at = row.starts_at + timedelta(minutes=20)
        row.occupied = TimestamptzRange(row.starts_at, row.ends_at)
        row.state = "booked" if number < ahead else "cancelled"
        row.save(force_insert=True)
    if not made:
        Appointment.objects.exclude(booked_at=None).update(booked_at=datetime.now(UTC) - timedelta(days=2))


@pytest.mark.parametrize(
    ("ahead", "made", "of", "limit"), [(AHEAD - 1, 0, "ahead", AHEAD), (0, A_DAY - 1, "day", A_DAY)]
)
def test_nobody_fills_the_agenda_of_a_colleague(ahead: int, made: int, of: str, limit: int) -> None:
    ada, clinic = account(), practice()
    booked_before(clinic, ada, ahead, made)
    last = clinic.hold(ada, "09:20")
    with pytest.raises(TooManyBookings) as refused:
        clinic.hold(ada, "09:40")
    assert refused.value.data == {"limit": limit, "of": of}
    clinic.hold(account(), "09:40")
    practice().hold(ada, "09:40")
    dispatch(ada.actor, booking(last.hold, patient=patient(phone="06 39 98 41 08")))
    with pytest.raises(TooManyBookings):
        clinic.hold(ada, "10:00")
    clinic.grant(ada, "read")
    with pytest.raises(TooManyBookings):
        clinic.hold(ada, "10:00")
    clinic.hold(clinic.grant(ada, "book"), "10:00")


def test_bookings_are_counted_in_one_statement_and_those_who_may_book_in_one_more() -> None:
    clinic, people = practice(), [account() for _ in range(4)]
    booked_before(clinic, people[0], AHEAD)

    def statements(people: list[Account], clocks: list[str]) -> int:
        calls = [Call(who.actor, clinic.holding(clock)) for who, clock in zip(people, clocks, strict=True)]
        with CaptureQueriesContext(connection) as captured:
            dispatch_batch(calls)
        return sum("kernel_datakey" not in query["sql"] for query in captured)  # keys are kept once they are read

    one, more = statements(people[1:2], CLOCKS[1:2]), statements(people[1:], CLOCKS[2:5])
    assert more == one
    assert statements(people, CLOCKS[5:9]) == one + 1
