"""Nobody holds more than a few slots at a time, nor one for ever; and one's own holds are found again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referral.scheduling.hold_limits import LEAST, LIVE_HOLDS, LIVE_HOLDS_IN_AGENDA, PAUSE, TRIES
from referral.scheduling.internal_commands import ReapHolds
from referral.scheduling.models import Appointment
from referral.scheduling.refusals import HoldPaused, SlotTaken, TooManyHolds
from referral.scheduling.wire import HoldSlotResult, ListHolds, ReleaseSlot
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import Call, Outbound, dispatch, dispatch_batch
from server.kernel.wire import stream_name
from server.kernel.wire.errors import RateLimited, Refusal
from server.kernel.wire.handshake import Client, Hello, Sync
from tests.factories import Account, account
from tests.referral.practice import Practice, booking, expire, practice

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
