"""The executor: nobody's requests hold up another person's, and what takes too long is said and not closed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, ClassVar

import pytest
from django.db import connection

from server.kernel import executor as executor_module
from server.kernel.authentication import Actor
from server.kernel.dispatch import Action, Call, Transaction, dispatch_batch, dispatcher
from server.kernel.executor import BATCH, OF_ONE, CommandExecutor, carry_out, serve_process
from server.kernel.identifiers import uuid7
from server.kernel.outcomes import Outcome
from server.kernel.rates import Rates
from server.kernel.wire import Command, Done
from server.kernel.wire.errors import RateLimited, Refusal, Unavailable
from server.kernel.wire.handshake import Client, Hello
from tests.factories import Account, account
from tests.kernel.test_dispatch import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


class _Wait(Command[Done]):
    """Waits at a gate of the test, or in the database."""

    name: str = ""
    gate: bool = False
    sleep: float = 0.0
    lock: int = 0


class Ordinary(_Wait):
    method = "test.ordinary"


class Heavy(_Wait):
    method = "test.heavy"


class Batched(_Wait):
    method = "test.batched"


class Gate:
    """Where commands wait until a test lets them go; and which were carried out, in order."""

    opened: ClassVar[threading.Event] = threading.Event()
    carried_out: ClassVar[list[list[str]]] = []


def act(actor: Actor, command: _Wait, tx: Transaction) -> Done:
    if command.gate:
        assert Gate.opened.wait(20)
    with connection.cursor() as cursor:
        if command.sleep:
            cursor.execute("SELECT pg_sleep(%s)", [command.sleep])
        if command.lock:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [command.lock])
        cursor.execute("SELECT 1")
    return Done()


def act_together(calls: Sequence[Call[_Wait]], tx: Transaction) -> list[Done | Refusal]:
    Gate.carried_out.append([call.command.name for call in calls])
    return [act(call.actor, call.command, tx) for call in calls]


@pytest.fixture(autouse=True)
def _commands(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    actions: dict[type[Command[Any]], Action[Any]] = {
        **dispatcher.actions,
        Ordinary: Action(Ordinary, act),
        Heavy: Action(Heavy, act, heavy=True),
        Batched: Action(Batched, batch_handler=act_together),
    }
    monkeypatch.setattr(dispatcher, "actions", actions)
    Gate.opened.clear()
    Gate.carried_out.clear()
    yield
    Gate.opened.set()


class Lanes:
    """An executor, and the answers that have come."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.executor = CommandExecutor(lambda news: None, self.loop)
        self.answers: list[asyncio.Future[Outcome[Any]]] = []

    def send(self, who: Account, command: Command[Any], size: int = 0) -> asyncio.Future[Outcome[Any]]:
        answer: asyncio.Future[Outcome[Any]] = self.loop.create_future()
        self.executor.submit(Call(who.actor, command), answer.set_result, size)
        self.answers.append(answer)
        return answer

    async def end(self) -> None:
        Gate.opened.set()
        await asyncio.wait_for(asyncio.gather(*self.answers), 20)
        gate = threading.Barrier(executor_module.ORDINARY + executor_module.HEAVY)

        def let_go() -> None:
            gate.wait(10)
            connection.close()

        jobs = [self.loop.run_in_executor(self.executor._threads, let_go) for _ in range(gate.parties)]
        await asyncio.gather(*jobs, self.loop.run_in_executor(self.executor._batch_thread, lambda: connection.close()))
        await self.loop.run_in_executor(None, self.executor.stop)


@pytest.fixture
async def lanes() -> AsyncIterator[Lanes]:
    made = Lanes()
    yield made
    await made.end()


@pytest.fixture
def people() -> list[Account]:
    return [account() for _ in range(6)]


async def soon(answer: asyncio.Future[Outcome[Any]]) -> Outcome[Any]:
    return await asyncio.wait_for(asyncio.shield(answer), 8)


async def test_nobody_waits_for_another_persons_many(people: list[Account], lanes: Lanes) -> None:
    ada, grace = people[:2]
    many = [lanes.send(grace, Ordinary(gate=True)) for _ in range(60)]
    assert (await soon(lanes.send(ada, Ordinary()))).refused is None
    assert not any(one.done() for one in many)


async def test_heavy_commands_take_no_place_of_the_others(people: list[Account], lanes: Lanes) -> None:
    for who in people:
        for _ in range(3):
            lanes.send(who, Heavy(gate=True))
    assert (await soon(lanes.send(people[0], Ordinary()))).refused is None
    assert (await soon(lanes.send(people[0], Batched()))).refused is None


async def test_a_batch_takes_from_everybody_and_keeps_each_ones_order(people: list[Account], lanes: Lanes) -> None:
    ada, grace = people[:2]
    for number in range(BATCH + 50):
        lanes.send(grace, Batched(name=f"g{number}"))
    await soon(lanes.send(ada, Batched(name="a")))
    assert "a" in Gate.carried_out[0]
    await asyncio.gather(*lanes.answers)
    in_order = [name for batch in Gate.carried_out for name in batch if name != "a"]
    assert in_order == [f"g{number}" for number in range(BATCH + 50)]
    assert len(Gate.carried_out) == 2, "what waits shares a transaction"


async def test_what_waits_too_long_is_unavailable_with_a_time_to_wait(
    people: list[Account], lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor_module, "WAIT_SECONDS", 0.2)
    ada = people[0]
    running = [lanes.send(ada, Ordinary(gate=True)) for _ in range(2)]
    outcome = await soon(lanes.send(ada, Ordinary()))
    assert isinstance(outcome.refused, Unavailable)
    assert outcome.refused.as_data() == {"reason": "unavailable", "retry_after": 2.0}
    assert not any(one.done() for one in running)


async def test_one_person_has_only_so_much_waiting(people: list[Account], lanes: Lanes) -> None:
    ada, grace = people[:2]
    for _ in range(OF_ONE):
        lanes.send(ada, Ordinary(gate=True))
    outcome = await soon(lanes.send(ada, Batched()))
    assert isinstance(outcome.refused, RateLimited)
    assert (await soon(lanes.send(grace, Batched()))).refused is None
    Gate.opened.set()
    await asyncio.gather(*lanes.answers)
    assert (await soon(lanes.send(ada, Batched()))).refused is None


@pytest.mark.parametrize("kind", [Ordinary, Batched])
def test_a_statement_that_takes_too_long_is_ended_and_the_connection_is_good(kind: type[_Wait]) -> None:
    ada, began = account(), time.monotonic()
    [outcome], _ = dispatch_batch([Call(ada.actor, kind(sleep=30))], 0.3)
    assert isinstance(outcome.refused, Unavailable)
    assert outcome.refused.data == {"retry_after": 2.0}
    assert time.monotonic() - began < 5
    [outcome], _ = dispatch_batch([Call(ada.actor, kind())], 0.3)
    assert outcome.refused is None
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",), "the limit ends with the transaction"


def test_many_short_statements_may_not_take_longer_than_one() -> None:
    ada = account()

    def act_slowly(actor: Actor, command: Command[Any], tx: Transaction) -> Done:
        while True:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.02)")

    dispatcher.actions[Ordinary] = Action(Ordinary, act_slowly)
    [outcome], _ = dispatch_batch([Call(ada.actor, Ordinary())], 0.3)
    assert isinstance(outcome.refused, Unavailable)


def test_whoever_waits_for_a_lock_holds_up_nobody_in_the_same_batch() -> None:
    ada, grace = account(), account()
    with elsewhere() as other:
        other.execute("SELECT pg_advisory_lock(77)")
        calls = [Call(ada.actor, Batched()), Call(grace.actor, Batched(lock=77)), Call(ada.actor, Batched())]
        outcomes, _ = dispatch_batch(calls, 2.0)
    assert [type(outcome.refused) for outcome in outcomes] == [type(None), Unavailable, type(None)]


async def test_a_command_without_a_socket_waits_for_its_turn_among_the_others(
    people: list[Account], lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, grace = people[:2]
    monkeypatch.setattr(executor_module._Process, "executor", None)
    serve_process(lanes.executor)
    for _ in range(2):
        lanes.send(ada, Ordinary(gate=True))
    hers = lanes.loop.run_in_executor(None, carry_out, ada.actor, Ordinary())
    assert await asyncio.wait_for(lanes.loop.run_in_executor(None, carry_out, grace.actor, Ordinary()), 8) == Done()
    assert not hers.done()
    Gate.opened.set()
    assert await hers == Done()


def test_without_a_socket_one_person_asks_only_so_often() -> None:
    ada, grace = account(), account()
    rates = executor_module._Process.rates
    assert any(rates.take(ada.id, time.monotonic()) for _ in range(1_000)), "there is a bound"
    with pytest.raises(RateLimited) as refused:
        carry_out(ada.actor, Ordinary())
    assert refused.value.data == {"retry_after": 1}
    assert carry_out(grace.actor, Ordinary()) == Done()


async def test_what_one_person_brings_is_bounded_in_bytes(lanes: Lanes, people: list[Account]) -> None:
    ada, grace = people[:2]
    taken = [lanes.send(ada, Ordinary(), 64 * 1024) for _ in range(33)]
    refused = taken.pop()
    assert refused.done()
    refusal = refused.result().refused
    assert isinstance(refusal, RateLimited)
    assert refusal.data["retry_after"] == 8
    others = lanes.send(grace, Ordinary(), 64 * 1024)
    lanes.executor._bytes._buckets[ada.id].at -= 8.0
    again = lanes.send(ada, Ordinary(), 64 * 1024)
    assert [(await one).refused for one in (*taken, others, again)] == [None] * 34


async def test_a_greeting_takes_none_of_the_bytes_of_what_is_written(lanes: Lanes, people: list[Account]) -> None:
    ada = people[0]
    hello = Hello(protocol=1, client=Client(name="test", version="1", device=uuid7()))
    greetings = [lanes.send(ada, hello, 64 * 1024) for _ in range(33)]
    written = lanes.send(ada, Ordinary(), 64 * 1024)
    assert [(await one).refused for one in (*greetings, written)] == [None] * 34


def test_short_messages_and_an_outbox_after_a_day_are_within_the_bytes() -> None:
    of_bytes, now = Rates(executor_module.BYTES_BURST, executor_module.BYTES_PER_SECOND), 1000.0
    assert [of_bytes.take("short", now + at / 60, 400) for at in range(600)] == [0.0] * 600
    assert [of_bytes.take("outbox", now, 1_000) for _ in range(2_000)] == [0.0] * 2_000
