"""Booking: how fast free slots are found, holds are raced for, and bookings are carried out, all through the door.

    python -m tests.bench.booking

A PostgreSQL of its own, with its usual settings and everything written through to the disk. What is timed is what one
process does for a socket between the decoded request and the encoded answer; the wire itself is measured elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from tests.bench.deployment import installed

if TYPE_CHECKING:  # Nothing of these can be imported before Django is set up.
    from referral.scheduling.wire import HoldSlot, HoldSlotResult
    from server.kernel.dispatch import Call
    from server.kernel.outcomes import Outcome
    from tests.bench.clinics import Clinics

AGENDAS = 50
RACERS = 200
BATCH = 128
BOOKINGS = 4_000
Figures = dict[str, Any]
C = TypeVar("C")


def run() -> Figures:
    """The figures, measured in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.booking"], stdout=subprocess.PIPE, check=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def measure() -> Figures:
    with installed():
        from referral.scheduling import hold_limits
        from server.kernel.delivery import message_bounds
        from server.ops.web import freeze_gc
        from tests.bench.clinics import Clinics

        # A hundred people book what ten thousand do.
        message_bounds.BY_ONE_PERSON = message_bounds.BY_ONE_PERSON_TO_ONE_ADDRESS = BOOKINGS
        hold_limits.AHEAD = hold_limits.A_DAY = BOOKINGS
        clinics = Clinics(AGENDAS)
        freeze_gc()  # As every web process does.
        return {
            "slots_one_agenda_30_days": _slots(lambda: clinics.slots(agendas=1, days=30), times=300),
            "slots_50_agendas_14_days": _slots(lambda: clinics.slots(agendas=AGENDAS, days=14), times=60),
            "race_of_200_in_one_process": _race_in_one_process(clinics),
            "race_of_200_on_20_connections": _race_on_connections(clinics),
            "race_of_200_on_20_sockets": _race_on_sockets(clinics),
            "bookings": _bookings(clinics),
        }


def _slots(find: Callable[[], int], times: int) -> Figures:
    """How long one question takes, answer encoded."""
    slots = find()
    samples = []
    for _ in range(times):
        started = time.perf_counter()
        find()
        samples.append((time.perf_counter() - started) * 1000)
    return {"slots": slots, **_spread(samples)}


def _race_in_one_process(clinics: Clinics) -> Figures:
    """As the sockets of one web process: all at once into its lanes."""
    from server.kernel.dispatch import Call
    from server.kernel.executor import CommandExecutor

    async def race() -> tuple[list[Outcome[HoldSlotResult]], float]:
        loop = asyncio.get_running_loop()
        lanes = CommandExecutor(lambda news: None, loop)
        calls = clinics.race(RACERS)
        started = time.perf_counter()
        answers = []
        for actor, command in calls:
            answer: asyncio.Future[Outcome[HoldSlotResult]] = loop.create_future()
            lanes.submit(Call(actor, command), answer.set_result)
            answers.append(answer)
        outcomes = await asyncio.gather(*answers)
        elapsed = time.perf_counter() - started
        lanes.stop()
        return outcomes, elapsed

    samples, counted = [], Counter[str]()
    for _ in range(7):
        outcomes, elapsed = asyncio.run(race())
        samples.append(elapsed * 1000)
        counted = _outcomes(outcomes)
    return {**counted, "last_answer_ms": round(statistics.median(samples), 1)}


def _race_on_connections(clinics: Clinics, connections: int = 20) -> Figures:
    """As many processes: each call in a transaction of its own."""
    from django.db import connection

    from server.kernel.dispatch import Call, dispatch_batch

    gate = threading.Barrier(connections + 1)
    calls = [Call(actor, command) for actor, command in clinics.race(RACERS)]

    def compete(mine: list[Call[HoldSlot]]) -> list[Outcome[HoldSlotResult]]:
        connection.ensure_connection()
        gate.wait()
        try:
            return [dispatch_batch([call])[0][0] for call in mine]
        finally:
            connection.close()

    with ThreadPoolExecutor(connections) as threads:
        shares = [threads.submit(compete, calls[number::connections]) for number in range(connections)]
        gate.wait()
        started = time.perf_counter()
        outcomes = [one for share in shares for one in share.result()]
        elapsed = time.perf_counter() - started
    return {**_outcomes(outcomes), "last_answer_ms": round(elapsed * 1000, 1)}


def _race_on_sockets(clinics: Clinics, sockets: int = 20) -> Figures:
    """Over the wire: so many people on sockets of one web process, each sending its share of the requests at once."""
    from tests.asgi_server import web
    from tests.factories import account

    tokens = [account().token for _ in range(sockets)]
    with web("uvicorn", {}) as process:
        return asyncio.run(_race_over(process.address, tokens, clinics))


async def _race_over(address: str, tokens: Sequence[str], clinics: Clinics) -> Figures:
    import relais_client
    from relais_client import wire
    from tests.bench.line import Line

    samples, counted = [], Counter[str]()
    lines = [await Line(address, token).connect() for token in tokens]
    for _ in range(5):
        slot = clinics.race(1)[0][1]

        async def ask(line: Line, slot: HoldSlot = slot) -> str:
            command = wire.HoldSlot(id=relais_client.uuid7(), agenda=slot.agenda, reason=slot.reason, start=slot.start)
            try:
                await line.call(command)
            except RuntimeError as refused:
                return str(refused)
            return "carried_out"

        started = time.perf_counter()
        answers = await asyncio.gather(*(ask(lines[number % len(lines)]) for number in range(RACERS)))
        samples.append((time.perf_counter() - started) * 1000)
        counted = Counter(answers)
    for line in lines:
        line.drop()
    return {**counted, "last_answer_ms": round(statistics.median(samples), 1)}


def _bookings(clinics: Clinics) -> Figures:
    """Holds and bookings over all agendas, in batches as the lanes make them; each batch is one durable transaction."""
    from referral.scheduling.models import Appointment
    from server.kernel.dispatch import Call, dispatch_batch
    from server.kernel.outcomes import Outcome

    holds = [Call(actor, command) for actor, command in clinics.holds(BOOKINGS)]
    holding, booking, booked = 0.0, 0.0, list[Outcome[Any]]()
    for batch in _batches(holds):
        started = time.perf_counter()
        held = dispatch_batch(batch)[0]
        holding += time.perf_counter() - started
        results = [outcome.result for outcome in held if outcome.result is not None]
        assert len(results) == len(batch), _outcomes(held)
        bookings = [Call(actor, command) for actor, command in clinics.bookings(results)]
        started = time.perf_counter()
        booked += dispatch_batch(bookings)[0]
        booking += time.perf_counter() - started
    return {
        **_outcomes(booked),
        "rows": Appointment.objects.filter(referral__isnull=False).count(),
        "agendas": AGENDAS,
        "batch": BATCH,
        "holds_per_second": round(len(holds) / holding),
        "bookings_per_second": round(len(holds) / booking),
        "hold_and_booking_per_second": round(len(holds) / (holding + booking)),
    }


def _batches(calls: list[C]) -> list[list[C]]:
    return [calls[place : place + BATCH] for place in range(0, len(calls), BATCH)]


def _outcomes(outcomes: Sequence[Outcome[Any]]) -> Counter[str]:
    return Counter(outcome.refused.reason if outcome.refused else "carried_out" for outcome in outcomes)


def _spread(samples: list[float]) -> Figures:
    ordered = sorted(samples)
    return {
        "p50_ms": round(statistics.median(ordered), 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2),
        "times": len(ordered),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
