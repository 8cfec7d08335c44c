"""A change of rights at open sockets: how long until a screen on another process knows, and until it is silent.

    python -m tests.bench.rights [--times 200]

A practice with an agenda, whose practitioner gives and takes levels on one process; those who are given them listen on
another one, fifty of them on that agenda. Servers, PostgreSQL with its usual durability and Redis are on the first
core, the load on the second. Beside the times stands how busy both cores were, with whatever else: near 1, the times
are those of a machine without room.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import uvloop

from relais_client import uuid7, wire
from relais_client.events import Event, StreamEvent
from tests.asgi_server import Someone, people
from tests.bench.line import Line
from tests.bench.messages import LOAD, Bench, deployment, milliseconds
from tests.services_plugin import ENVIRONMENT

Figures = dict[str, Any]
LISTENERS = 50


def run(times: int = 200) -> Figures:
    """The figures, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.rights", "--times", str(times)]
    figures: Figures = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return figures


class Screen:
    """Somebody's open screen: when it was last told of its rights, and when it last heard the agenda in full."""

    def __init__(self, address: str, who: Someone) -> None:
        self.id = UUID(who.id)
        self.line = Line(address, who.token, self.hear)
        self.told = asyncio.Event()
        self.told_at = self.full_at = 0.0

    def hear(self, event: Event, now: float) -> None:
        if not isinstance(event, StreamEvent):
            return
        if isinstance(event.data, wire.RightsChanged):
            self.told_at = now
            self.told.set()
        elif isinstance(event.data, wire.SlotHeld) and getattr(event.data, "by", None) is not None:
            self.full_at = now


def measure(times: int) -> Figures:
    with deployment() as environment:
        os.sched_setaffinity(0, LOAD)
        environment = {**ENVIRONMENT, "REDIS_URL": os.environ["REDIS_URL"], **environment}
        bench = Bench("uvicorn", 0, environment, people(LISTENERS + 2, environment, "--migrate"))
        with bench.stack:
            return uvloop.run(_measure(bench, times))


async def _measure(bench: Bench, times: int) -> Figures:
    here, there = bench.serve(), bench.serve()
    owner = await Line(here.address, bench.some(1)[0].token).connect()
    referrer = await Line(here.address, bench.some(1)[0].token).connect()
    agenda, reason = await _agenda(owner)
    screens = [Screen(there.address, one) for one in bench.some(LISTENERS)]
    for screen in screens:
        await screen.line.connect()
        await owner.call(wire.GrantAccess(agenda=agenda, person=screen.id, level="read"))
        await screen.line.call(wire.WatchAgenda(agenda=agenda))
    others, began = _busy(), time.perf_counter()
    changed, silent = [], []
    for number in range(times):
        screen = screens[number % len(screens)]
        screen.told.clear()
        level: Literal["busy", "read"] = "busy" if number // len(screens) % 2 == 0 else "read"
        await owner.call(wire.GrantAccess(agenda=agenda, person=screen.id, level=level))
        answered = time.perf_counter()
        await asyncio.wait_for(screen.told.wait(), 10)
        changed.append(max(0.0, screen.told_at - answered))
    for screen in screens:
        await owner.call(wire.GrantAccess(agenda=agenda, person=screen.id, level="read"))
        stop = asyncio.Event()
        flood = asyncio.gather(_flood(referrer, agenda, reason, stop), _keep_going(referrer, stop))
        await asyncio.sleep(0.05)
        await owner.call(wire.GrantAccess(agenda=agenda, person=screen.id, level="busy"))
        answered = time.perf_counter()
        await asyncio.sleep(0.2)
        stop.set()
        await flood
        silent.append(max(0.0, screen.full_at - answered))
    seconds = time.perf_counter() - began
    return {
        "listeners": LISTENERS,
        "changes": times,
        "told": milliseconds(changed, 0.5, 0.99),
        "silent": milliseconds(silent, 0.5, 0.99),
        "busy_of_both_cores": round((_busy() - others) / seconds / 2, 2),
    }


async def _agenda(owner: Line) -> tuple[UUID, UUID]:
    """A practice of the owner's with an agenda; its id, and that of its visit reason."""
    practice, site, agenda, reason = uuid7(), uuid7(), uuid7(), uuid7()
    await owner.call(
        wire.CreateOrganisation(
            id=practice,
            name="Cabinet de la Mesure",
            kind="practice",
            site=wire.SiteForm(id=site, name="Redon", postal_code="35600", city="Redon"),
        )
    )
    since = datetime.now(UTC).date()
    openings = [wire.OpeningForm(opens="08:00", closes="20:00", weekday=weekday, since=since) for weekday in range(7)]
    reasons = [wire.ReasonForm(id=reason, name="Suivi", minutes=20)]
    await owner.call(wire.CreateAgenda(id=agenda, site=site, name="Mesure", reasons=reasons, openings=openings))
    return agenda, reason


async def _flood(referrer: Line, agenda: UUID, reason: UUID, stop: asyncio.Event) -> None:
    """Holds a slot and gives it back, again and again, another one each time."""
    first = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=3)
    number = 0
    while not stop.is_set():
        number += 1
        hold = uuid7()
        start = first + timedelta(minutes=20 * (number % 20), days=number // 20 % 100)
        with contextlib.suppress(RuntimeError, TimeoutError):
            async with asyncio.timeout(2):
                await referrer.call(wire.HoldSlot(id=hold, agenda=agenda, reason=reason, start=start))
                await referrer.call(wire.ReleaseSlot(hold=hold))
        await asyncio.sleep(0.005)


async def _keep_going(line: Line, stop: asyncio.Event) -> None:
    """What was put off is asked for again: the engine does it as time passes, and the line as it is attended to."""
    while not stop.is_set():
        await line.attend()
        await asyncio.sleep(0.02)


def _busy() -> float:
    """Seconds in which the cores were not idle, of everybody, since the machine started."""
    user, nice, system, _idle, _wait, *rest = (
        int(one) for one in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + sum(rest[:3])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rights", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    print(json.dumps(measure(parser.parse_args().times)))


if __name__ == "__main__":
    main()
