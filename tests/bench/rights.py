"""A change of rights at open sockets: how long until a screen on another process knows, and until it is silent, both
from the moment at which the change is asked for.

    python -m tests.bench.rights [--times 200]

A practice with an agenda, whose practitioner gives and takes levels on one process; those who are given them listen on
another one, fifty of them on that agenda. For the silence, slots are held and given back without a pause while a level
is taken, by two other referrers each time: nobody makes more than sixty holds within twenty minutes. Servers,
PostgreSQL with its usual durability and Redis are on the first core, the load on the second. Beside the times stands
how busy both cores were, with whatever else: near 1, the times are those of a machine without room.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
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
HOLDS = 55
"""Of one referrer, at most: below ``hold_limits.TRIES``, beyond which they are told to wait for a minute."""


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
        self.heard = asyncio.Event()
        self.told_at = self.full_at = 0.0

    def hear(self, event: Event, now: float) -> None:
        if not isinstance(event, StreamEvent):
            return
        if isinstance(event.data, wire.RightsChanged):
            self.told_at = now
            self.told.set()
        elif isinstance(event.data, wire.SlotHeld):  # Not ``SlotHeldMasked``, which says no more than the times.
            self.full_at = now
            self.heard.set()

    async def watch(self, agenda: UUID) -> None:
        """Follows the agenda from where its stream stands."""
        watched = await self.line.call(wire.WatchAgenda(agenda=agenda))
        self.line.engine.follow(watched.stream, watched.head)


def measure(times: int) -> Figures:
    with deployment() as environment:
        os.sched_setaffinity(0, LOAD)
        environment = {**ENVIRONMENT, "REDIS_URL": os.environ["REDIS_URL"], **environment}
        bench = Bench("uvicorn", 0, environment, people(3 * LISTENERS + 1, environment, "--migrate"))
        with bench.stack:
            return uvloop.run(_measure(bench, times))


async def _measure(bench: Bench, times: int) -> Figures:
    here, there = bench.serve(), bench.serve()
    owner = await Line(here.address, bench.some(1)[0].token).connect()
    referrers = [Line(here.address, one.token) for one in bench.some(2 * LISTENERS)]
    agenda, reason = await _agenda(owner)
    screens = [Screen(there.address, one) for one in bench.some(LISTENERS)]
    for screen in screens:
        await screen.line.connect()
        await owner.call(wire.GrantAccess(agenda=agenda, person=screen.id, level="read"))
        await screen.watch(agenda)
    others, began = _busy(), time.perf_counter()
    changed, silent = [], []
    for number in range(times):
        screen = screens[number % len(screens)]
        screen.told.clear()
        level: Literal["busy", "read"] = "busy" if number // len(screens) % 2 == 0 else "read"
        asked = time.perf_counter()
        await owner.call(wire.GrantAccess(agenda=agenda, person=screen.id, level=level))
        await asyncio.wait_for(screen.told.wait(), 10)
        changed.append(screen.told_at - asked)
    for screen, *pair in zip(screens, referrers[::2], referrers[1::2], strict=True):
        await owner.call(wire.GrantAccess(agenda=agenda, person=screen.id, level="read"))
        screen.heard.clear()
        stop = asyncio.Event()
        floods = asyncio.gather(*(_flood(one, agenda, reason, week, stop) for week, one in enumerate(pair)))
        await asyncio.wait_for(screen.heard.wait(), 10)  # It is not silent because nothing is said.
        await asyncio.sleep(random.random() * 0.05)  # not always just after a slot was held
        asked = time.perf_counter()
        await owner.call(wire.GrantAccess(agenda=agenda, person=screen.id, level="busy"))
        await asyncio.sleep(0.2)
        stop.set()
        await floods
        silent.append(max(0.0, screen.full_at - asked))
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


async def _flood(referrer: Line, agenda: UUID, reason: UUID, week: int, stop: asyncio.Event) -> None:
    """Holds a slot of that week and gives it back, another one each time. A refusal is an error of the bench."""
    first = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=3, weeks=week)
    await referrer.connect()
    for number in range(HOLDS):
        if stop.is_set():
            break
        hold = uuid7()
        start = first + timedelta(minutes=20 * (number % 20), days=number // 20)
        async with asyncio.timeout(10):
            await referrer.call(wire.HoldSlot(id=hold, agenda=agenda, reason=reason, start=start))
            await referrer.call(wire.ReleaseSlot(hold=hold))
        await asyncio.sleep(0.005)
    referrer.drop()


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
