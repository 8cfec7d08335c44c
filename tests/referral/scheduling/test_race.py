"""Two hundred want one slot, and one gets it."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

import pytest
from django.db import connection, transaction

from referral.referrals.models import Referral
from referral.scheduling import access
from referral.scheduling.models import Appointment
from referral.scheduling.wire import HoldSlot, HoldSlotResult
from server.kernel.authentication import Actor
from server.kernel.dispatch import Call, dispatch_batch
from server.kernel.executor import CommandExecutor
from server.kernel.outcomes import Outcome
from server.kernel.wire import Command
from tests.factories import account
from tests.referral.practice import booking, monday, practice

pytestmark = pytest.mark.django_db(transaction=True)

R = TypeVar("R")
CLIENTS = 200
CONNECTIONS = 20


def outcome(results: list[Outcome[R]]) -> Counter[str]:
    return Counter(result.refused.reason if result.refused else "won" for result in results)


def at_once(calls: Sequence[Call[Command[R]]]) -> list[Outcome[R]]:
    """Each call in a transaction of its own, on many connections that begin together: as many processes would."""
    gate = threading.Barrier(CONNECTIONS)

    def run(mine: Sequence[Call[Command[R]]]) -> list[Outcome[R]]:
        gate.wait(30)
        try:
            return [dispatch_batch([call])[0][0] for call in mine]
        finally:
            connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        shares = [calls[number::CONNECTIONS] for number in range(CONNECTIONS)]
        return [one for share in threads.map(run, shares) for one in share]


def test_of_two_hundred_on_many_connections_one_holds_the_slot() -> None:
    clinic, people = practice(), [account() for _ in range(10)]
    calls = [Call(people[number % 10].actor, clinic.holding("09:20")) for number in range(CLIENTS)]
    assert outcome(at_once(calls)) == {"won": 1, "slot_taken": CLIENTS - 1}
    assert Appointment.objects.filter(state="held").count() == 1


def test_who_sees_that_a_slot_is_taken_waits_for_nobody() -> None:
    clinic = practice()
    clinic.hold(account(), "09:20")
    locked, done = threading.Event(), threading.Event()

    def lock() -> None:
        try:
            with transaction.atomic():
                access.lock_agendas([clinic.agenda])
                locked.set()
                done.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(lock)
        assert locked.wait(30)
        late, free = clinic.holding("09:20"), clinic.holding("09:40")
        try:
            [refused] = dispatch_batch([Call(account().actor, late)], within=20)[0]
            [waited] = dispatch_batch([Call(account().actor, free)], within=1)[0]
        finally:
            done.set()
    assert outcome([refused]) == {"slot_taken": 1}
    assert outcome([waited]) == {"unavailable": 1}, "who can have the slot waits for the lock"


def test_of_two_hundred_visits_of_different_lengths_none_overlap() -> None:
    clinic, people = practice(step=10), [account() for _ in range(10)]
    clocks = ["09:00", "09:10", "09:20", "09:30"]
    calls = [
        Call(people[number % 10].actor, clinic.holding(clocks[number % 4], (clinic.short, clinic.long)[number % 2]))
        for number in range(CLIENTS)
    ]
    counted = outcome(at_once(calls))
    rows = list(Appointment.objects.order_by("starts_at"))
    assert counted == {"won": len(rows), "slot_taken": CLIENTS - len(rows)}
    for earlier, later in pairwise(rows):
        assert earlier.occupied.upper <= later.occupied.lower


def test_of_two_hundred_confirmations_of_one_hold_one_books() -> None:
    clinic, ada = practice(), account()
    hold = clinic.hold(ada, "09:20").hold
    calls = [Call(ada.actor, booking(hold)) for _ in range(60)]
    assert outcome(at_once(calls)) == {"won": 1, "invalid_state": 59}
    assert Referral.objects.count() == 1


def test_the_same_confirmation_sent_many_times_at_once_has_one_effect_and_one_answer() -> None:
    clinic, ada = practice(), account()
    command = booking(clinic.hold(ada, "09:20").hold)
    results = at_once([Call(ada.actor, command)] * 60)
    assert outcome(results) == {"won": 60}
    assert results[0].result is not None
    assert all(result.result == results[0].result for result in results)
    assert Referral.objects.count() == 1


def test_agendas_booked_in_opposed_order_wait_for_each_other_and_never_for_ever() -> None:
    one, other = practice(), practice()
    people = [account() for _ in range(20)]  # each holds four slots
    days = [monday() + timedelta(days=day) for day in range(5)]

    def batch(first: bool, number: int) -> list[Call[HoldSlot]]:
        pair = (one, other) if first else (other, one)
        clock = f"{9 + number % 3:02d}:{(number // 3) % 3 * 20:02d}"
        return [Call(people[number % 20].actor, clinic.holding(clock, day=days[number // 9])) for clinic in pair]

    batches = [batch(number % 2 == 0, number) for number in range(40)]
    gate = threading.Barrier(8)

    def run(mine: list[list[Call[HoldSlot]]]) -> list[Outcome[HoldSlotResult]]:
        gate.wait(30)
        try:
            return [result for calls in mine for result in dispatch_batch(calls)[0]]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        results = [one for share in threads.map(run, [batches[n::8] for n in range(8)]) for one in share]
    assert outcome(results) == {"won": 80}


async def through_the_lanes(calls: Sequence[tuple[Actor, Command[R]]]) -> list[Outcome[R]]:
    """As the sockets of one web process send them."""
    loop = asyncio.get_running_loop()
    lanes = CommandExecutor(lambda news: None, loop)
    answers: list[asyncio.Future[Outcome[R]]] = []
    for actor, command in calls:
        answer: asyncio.Future[Outcome[R]] = loop.create_future()
        lanes.submit(Call(actor, command), answer.set_result)
        answers.append(answer)
    found = await asyncio.gather(*answers)
    await loop.run_in_executor(lanes._batch_thread, lambda: connection.close())  # that thread's own
    await loop.run_in_executor(None, lanes.stop)
    return list(found)


def test_of_two_hundred_sockets_of_one_process_one_holds_the_slot_and_books_it() -> None:
    clinic, people = practice(), [account() for _ in range(10)]
    holds = [(people[number % 10].actor, clinic.holding("09:20")) for number in range(CLIENTS)]
    results = asyncio.run(through_the_lanes(holds))
    assert outcome(results) == {"won": 1, "slot_taken": CLIENTS - 1}
    actor, held = next(
        (actor, result.result) for (actor, _), result in zip(holds, results, strict=True) if result.result is not None
    )
    command = booking(held.hold)
    assert outcome(asyncio.run(through_the_lanes([(actor, command)] * 5))) == {"won": 5}
