"""A process that stands still (SIGSTOP) holds up nobody else, and when it goes on nothing is lost or doubled.

Three web processes and a worker; one part stands still for a few seconds while people write and book.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection

from referral.scheduling.models import Appointment
from server import celery
from server.kernel.delivery import queue
from server.kernel.identifiers import uuid7
from server.kernel.models import Delivery
from tests.asgi_server import Someone, Web, web
from tests.factories import Account, account, group
from tests.kill.test_delivery import own_database, worker
from tests.referral.practice import Practice, booking, practice
from tests.relais_process import eventually
from tests.stand_ins.sms_gateway import SmsGateway
from tests.wire.device import Device, connected

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]
T = TypeVar("T")

STANDS_STILL = {"web": 1.5, "worker": 1.5, "backends": 2.5, "redis": 4.0}
"""Seconds for each part: longer than a statement may take here, and than a process waits for its own heartbeat."""
SERVED = 3
"""Messages, at least, that are acknowledged meanwhile: were each to wait for the part, or until it is given up, there
would not be time for so many."""
CLOCKS = ("09:00", "09:20", "09:40")


@dataclass
class Deployment:
    webs: list[Web]
    worker: int
    gateway: SmsGateway


@pytest.fixture(scope="module")
def deployed(django_db_setup: None) -> Iterator[Deployment]:
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(SmsGateway().serving())
        process = stack.enter_context(worker(gateway, RELAIS_STATEMENT_SECONDS="2"))
        webs = [stack.enter_context(web(kind, environment(number))) for number, kind in enumerate(KINDS)]
        yield Deployment(webs, process.pid, gateway)


KINDS = ("uvicorn", "daphne", "uvicorn")


def environment(number: int) -> dict[str, str]:
    """Each web process has a name of its own in PostgreSQL."""
    address = own_database()
    mark = "&" if "?" in address else "?"
    return {"DATABASE_URL": f"{address}{mark}application_name=web{number}", "RELAIS_STATEMENT_SECONDS": "2"}


@contextlib.contextmanager
def stopped(*pids: int) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def backends(number: int) -> list[int]:
    """The processes of PostgreSQL that serve one web process, while none of them holds a lock."""
    question = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
        " AND state = 'idle'"
    )
    with psycopg.connect(own_database()) as watching:
        return [pid for (pid,) in watching.execute(question, [f"web{number}"]).fetchall()]


def redis_process() -> int:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return int(client.info("server")["process_id"])


async def in_thread(work: Callable[[], T]) -> T:
    """What touches the database, in a thread that keeps no connection."""

    def run() -> T:
        try:
            return work()
        finally:
            connection.close()

    return await asyncio.to_thread(run)


def someone(who: Account) -> Someone:
    return Someone(str(who.id), "", who.token)


async def persistent(device: Device, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """A request under one id until it is carried out: while its own process finds out, it is ``unavailable``."""
    async with asyncio.timeout(20):
        while True:
            answer = await device.answer(await device.send(method, params))
            if "result" in answer:
                found: dict[str, Any] = answer["result"]
                return found
            assert answer["error"]["data"]["reason"] == "unavailable"
            await asyncio.sleep(0.1)


@dataclass
class People:
    conversation: str
    clinic: Practice
    writer: Device
    near: Device
    """A reader at the process of the writer."""
    far: Device
    """The same person, at the process that is held up."""


async def write(people: People, until: float) -> list[int]:
    """Messages one after the other."""
    acknowledged = []
    while time.monotonic() < until:
        began = time.monotonic()
        acknowledged.append((await people.writer.say(people.conversation, f"message {began}"))["seq"])
        await asyncio.sleep(0.1)
    return acknowledged


async def book(people: People, clock: str) -> None:
    holding = people.clinic.holding(clock)
    await people.near.call("slot.hold", msgspec.to_builtins(holding))
    await people.near.call("referral.book", msgspec.to_builtins(booking(holding.id)))


async def heard(device: Device, stream: str, wanted: list[int]) -> list[int]:
    """The numbers of the messages that came, in their order, once all of these have."""
    numbers: list[int] = []
    async with asyncio.timeout(15):
        while not set(wanted) <= set(numbers):
            numbers.append((await device.event("message.sent", stream))["seq"])
    await device.silence(2.5)  # a sweep, and a heartbeat of each
    again = [one for one in device.events if (one["type"], one["stream"]) == ("message.sent", stream)]
    return [*numbers, *(one["seq"] for one in again)]


@pytest.mark.parametrize("part", ["web", "worker", "backends", "redis"])
async def test_while_one_part_stands_still_everybody_else_is_served_and_nothing_is_lost_or_doubled(
    part: str, deployed: Deployment
) -> None:
    made = await in_thread(lambda: (account(), account(), practice()))
    ada, grace, clinic = made
    conversation = str(await in_thread(lambda: group(ada, grace)))
    running, other, held_up = deployed.webs
    sent_before = set(deployed.gateway.sent)
    async with (
        connected(running, someone(ada)) as writer,
        connected(other, someone(grace)) as near,
        connected(held_up, someone(grace)) as far,
    ):
        people = People(conversation, clinic, writer, near, far)
        message = {"id": str(uuid7()), "conversation": conversation, "body": "from there"}
        first = await write(people, time.monotonic() + 0.5)
        pids = {
            "web": lambda: [held_up.process.pid],
            "worker": lambda: [deployed.worker],
            "backends": lambda: backends(2),
            "redis": lambda: [redis_process()],
        }[part]
        pids_now = await asyncio.to_thread(pids)
        assert pids_now
        with stopped(*pids_now):
            writing = asyncio.create_task(write(people, time.monotonic() + STANDS_STILL[part]))
            for clock in CLOCKS:
                await book(people, clock)
            if part == "backends":
                # Its process gives them up, and goes on with others while they still stand.
                first.append((await persistent(far, "message.send", message))["message"]["seq"])
            meanwhile = await writing
        assert len(meanwhile) >= SERVED
        acknowledged = sorted(first + meanwhile)
        after = (await persistent(far, "message.send", {**message, "id": str(uuid7())}))["message"]["seq"]
        everything = [*acknowledged, after]
        assert everything == list(range(everything[0], everything[0] + len(everything)))
        for came in await asyncio.gather(*(heard(one, f"c:{conversation}", everything) for one in (near, far))):
            assert sorted(came) == everything
    await in_thread(lambda: each_booking_is_there_and_told_once(clinic, deployed.gateway, sent_before))


def all_are_settled() -> bool:
    """Whether nothing is due any more. What asks for the task may have been lost while Redis stood still: the sweep
    that asks for it again every few seconds is played here, for there is no beat."""
    celery.request_task(queue.task("sms"))
    with contextlib.suppress(AssertionError):
        eventually(lambda: not Delivery.objects.filter(kind="appointment.booked", settled_at=None).exists(), 2)
        return True
    return False


def each_booking_is_there_and_told_once(clinic: Practice, gateway: SmsGateway, before: set[str]) -> None:
    booked = Appointment.objects.filter(agenda=clinic.agenda, state="booked")
    assert booked.count() == len(CLOCKS)
    eventually(all_are_settled, 30)
    told = [sms.key for sms in gateway.requests if sms.key not in before]
    assert sorted(told) == sorted(Delivery.objects.filter(kind="appointment.booked").values_list("key", flat=True))
    assert len(told) == len(CLOCKS)
