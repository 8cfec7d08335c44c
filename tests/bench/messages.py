"""Messages over real sockets: how many, how fast, at what cost; beside what they are compared with.

    python -m tests.bench.messages [--web uvicorn|daphne] [--seconds 10] [--only NAME ...]

Everything of the server (web process, PostgreSQL with its usual durability, Redis) is pinned to one core, the load to
the other. Every figure is of the whole: authorised, encrypted, audited, stored, delivered.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import uvloop

from relais_client import uuid7, wire
from relais_client.events import Described, Event, StreamEvent
from server.ops import datadir, embedded
from tests.asgi_server import Someone, Web, database, people, web
from tests.bench.line import Bare, Line
from tests.services_plugin import ENVIRONMENT

SERVER, LOAD = [0], [1]
TEXT = "x" * 150
STORM_SECONDS = 120.0
"""After that a storm is over, and what is missing is reported."""
Figures = dict[str, Any]


def run(server: str = "uvicorn", seconds: float = 10, only: list[str] | None = None) -> Figures:
    """The figures under one web server, measured in a process of its own."""
    words = ["--web", server, "--seconds", str(seconds), *(["--only", *only] if only else [])]
    command = [sys.executable, "-m", "tests.bench.messages", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: Figures = json.loads(done.stdout)
    return found


@dataclass
class Bench:
    """What every scenario needs."""

    kind: str
    seconds: float
    environment: dict[str, str]
    people: list[Someone]
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def serve(self, *module: str, kind: str | None = None) -> Web:
        """One more web process on the server's core, until the scenario is over."""
        return self.stack.enter_context(web(kind or self.kind, self.environment, SERVER, module or ("server.ops.web",)))

    def some(self, count: int) -> list[Someone]:
        """People whom no other scenario has used."""
        taken, self.people[:] = self.people[:count], self.people[count:]
        return taken


class Reader:
    """A line that notes when which message came."""

    def __init__(self, address: str, who: Someone) -> None:
        self.line = Line(address, who.token, self.hear)
        self.who = who
        self.seen: dict[UUID, float] = {}
        self.order: dict[str, list[int]] = {}
        self.following: defaultdict[UUID, asyncio.Event] = defaultdict(asyncio.Event)
        """Set as soon as the line knows where a conversation stands."""
        self._waiting: dict[UUID, asyncio.Future[float]] = {}

    def hear(self, event: Event, now: float) -> None:
        if isinstance(event, Described):
            self.following[event.conversation.id].set()
        elif isinstance(event, StreamEvent) and isinstance(event.data, wire.MessageSent):
            message = event.data.message.id
            self.seen[message] = now
            self.order.setdefault(event.stream, []).append(event.seq)
            if (waiting := self._waiting.pop(message, None)) is not None:
                waiting.set_result(now)

    async def arrival(self, message: UUID) -> float:
        """When the message came."""
        if message not in self.seen:
            self._waiting[message] = asyncio.get_running_loop().create_future()
            await asyncio.wait_for(self._waiting[message], 15)
        return self.seen[message]

    async def say(self, conversation: UUID, message: UUID | None = None) -> UUID:
        message = message or uuid7()
        await self.line.call(wire.SendMessage(id=message, conversation=conversation, body=TEXT))
        return message

    async def open(self, *others: Someone) -> UUID:
        command = wire.OpenConversation(
            id=uuid7(), kind="group", members=[UUID(one.id) for one in others], title="Mesure"
        )
        return (await self.line.call(command)).conversation.id


async def readers(address: str, who: list[Someone]) -> list[Reader]:
    """Connected and welcomed, each of them."""
    found = [Reader(address, one) for one in who]
    for reader in found:
        await reader.line.connect()
    return found


async def followed(conversation: UUID, everybody: list[Reader]) -> None:
    """Returns once each of them follows the conversation: what was said before is no event to them."""
    async with asyncio.timeout(15):
        for reader in everybody:
            await reader.following[conversation].wait()


def milliseconds(delays: list[float], *shares: float) -> Figures:
    ordered = sorted(delays)
    return {
        f"p{share * 100:g}_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2)
        for share in shares
    }


async def sequential(bench: Bench) -> Figures:
    """One sender, one reader, one message at a time: from sending to delivery."""
    writer, reader = await readers(bench.serve().address, bench.some(2))
    room = await writer.open(reader.who)
    await followed(room, [writer, reader])
    delays = []
    for number in range(320):
        began, message = time.perf_counter(), uuid7()
        sending = asyncio.create_task(writer.say(room, message))
        delay = await reader.arrival(message) - began
        await sending
        await asyncio.sleep(0.01)
        if number >= 20:
            delays.append(delay)
    return milliseconds(delays, 0.5, 0.99)


async def talk(bench: Bench, address: str, rooms: int) -> Figures:
    """Everybody of so many rooms of two sends one message after the other, and everybody reads."""
    pairs, talkers = [], bench.some(2 * rooms)
    everybody = await readers(address, talkers)
    for at in range(0, len(everybody), 2):
        one, other = everybody[at : at + 2]
        pairs += [(one, room := await one.open(other.who)), (other, room)]
        await followed(room, [one, other])
    delays: list[float] = []
    sent: list[UUID] = []
    end = time.perf_counter() + bench.seconds

    async def send(reader: Reader, room: UUID) -> None:
        while (began := time.perf_counter()) < end:
            sent.append(await reader.say(room))
            delays.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(send(reader, room) for reader, room in pairs))
    took = time.perf_counter() - began
    await asyncio.sleep(1)
    delivered = sum(len(reader.seen) for reader in everybody)
    gaps = sum(order != sorted(set(order)) for reader in everybody for order in reader.order.values())
    for reader in everybody:
        reader.line.drop()
    return {
        "sent_per_s": round(len(sent) / took, 1),
        **milliseconds(delays, 0.5, 0.99),
        "lost": 2 * len(sent) - delivered,
        "out_of_order": gaps,
    }


async def rooms25(bench: Bench) -> Figures:
    """25 rooms, 50 senders and readers."""
    process = bench.serve()
    figures = await talk(bench, process.address, 25)
    return {**figures, "rss_mib": memory(process) // 1024}


async def persisted(bench: Bench) -> Figures:
    """100 senders: as it is, and the same way with nothing that keeps a message. In turns, medians."""
    kept, lost = bench.serve(), bench.serve("tests.bench.stand_ins", "nothing")
    rates: dict[str, list[float]] = {"persisted_per_s": [], "not_persisted_per_s": []}
    shorter = Bench(bench.kind, max(2.0, bench.seconds / 3), bench.environment, bench.people)
    for _ in range(3):
        for name, process in (("persisted_per_s", kept), ("not_persisted_per_s", lost)):
            rates[name].append((await talk(shorter, process.address, 50))["sent_per_s"])
    found = {name: statistics.median(values) for name, values in rates.items()}
    return {**found, "ratio": round(found["persisted_per_s"] / found["not_persisted_per_s"], 2)}


async def fanout50(bench: Bench) -> Figures:
    """One message to a room of 50: until the last has it."""
    everybody = await readers(bench.serve().address, bench.some(50))
    room = await everybody[0].open(*(reader.who for reader in everybody[1:]))
    await followed(room, everybody)
    last = []
    for _ in range(100):
        began, message = time.perf_counter(), uuid7()
        await everybody[0].say(room, message)
        last.append(max([await reader.arrival(message) for reader in everybody]) - began)
        await asyncio.sleep(0.03)
    found = milliseconds(last, 0.5, 0.99)
    return {f"last_{name}": value for name, value in found.items()}


async def removal(bench: Bench) -> Figures:
    """Removed on one process: how long the removed member's socket on another still hears the conversation.

    And how long a socket stays open after its session was ended on another process.
    """
    here, there = bench.serve(), bench.serve()
    # Three pairs in turns: a person opens few groups a day, and sends few bytes a second for long.
    everybody = await readers(here.address, bench.some(6))
    pairs = list(zip(everybody[::2], everybody[1::2], strict=True))
    silent, told = [], []
    for number, one in enumerate(bench.some(60)):
        owner, speaker = pairs[number % len(pairs)]
        heard: dict[str, float] = {}

        def hear(event: Event, now: float, heard: dict[str, float] = heard) -> None:
            if isinstance(event, StreamEvent):
                heard[event.stream[:2]] = now

        room = await owner.open(one, speaker.who)
        line = await Line(there.address, one.token, hear).connect()
        stop = asyncio.Event()

        async def flood(speaker: Reader = speaker, room: UUID = room, stop: asyncio.Event = stop) -> None:
            while not stop.is_set():
                await speaker.say(room)

        flooding = asyncio.create_task(flood())
        await asyncio.sleep(0.05)
        await owner.line.call(wire.RemoveMember(conversation=room, person=UUID(one.id)))
        committed = time.perf_counter()
        await asyncio.sleep(0.3)
        stop.set()
        await flooding
        silent.append(max(0.0, heard.get("c:", committed) - committed))
        told.append(max(0.0, heard["i:"] - committed))
        line.drop()
    return {"silent": milliseconds(silent, 0.5, 0.99), "told": milliseconds(told, 0.5, 0.99)}


async def ended(bench: Bench) -> Figures:
    """From the answer to `session.end` on one process to the close with 4401 on another."""
    here, there = bench.serve(), bench.serve()
    delays = []
    for one in bench.some(60):
        ender = await Line(here.address, one.token).connect()
        line = await Line(there.address, one.token).connect()
        sessions = await ender.call(wire.ListSessions())
        began = time.perf_counter()
        ending = asyncio.ensure_future(ender.call(wire.EndSession(session=sessions.sessions[0].id)))
        code, at = await asyncio.wait_for(line.closed, 10)
        assert code == wire.NOT_SIGNED_IN
        delays.append(at - began)
        ending.cancel()
        with contextlib.suppress(asyncio.CancelledError, RuntimeError):
            await ending
    return milliseconds(delays, 0.5, 0.99)


async def idle(bench: Bench, count: int = 5000) -> Figures:
    """Memory for each of so many signed-in sockets that say nothing."""
    process, who = bench.serve(), bench.some(200)
    warm = [await Line(process.address, one.token).connect() for one in who[:100]]
    for line in warm:
        line.drop()
    await asyncio.sleep(2)
    before = memory(process)
    lines: list[Line] = []
    for at in range(0, count, 50):
        opening = [Line(process.address, who[n % len(who)].token) for n in range(at, at + 50)]
        await asyncio.gather(*(line.connect() for line in opening))
        lines += opening
    await asyncio.sleep(2)
    kib = (memory(process) - before) / count
    alive = sum(not line.closed.done() for line in lines)
    for line in lines:
        line.drop()
    return {"sockets": alive, "kib_per_socket": round(kib, 1)}


async def storm(bench: Bench, count: int = 2000) -> Figures:
    """So many sockets connect again at once after a kill -9, each with something missed: until all have it."""
    rooms, each = 20, 10
    target, other = bench.serve(), bench.serve()
    who = bench.some(rooms * each)
    speakers = [await Line(other.address, one.token).connect() for one in who[::each]]
    conversations = []
    for number, speaker in enumerate(speakers):
        members = [UUID(one.id) for one in who[number * each + 1 : (number + 1) * each]]
        command = wire.OpenConversation(id=uuid7(), kind="group", members=members, title="Mesure")
        conversations.append((await speaker.call(command)).conversation.id)
    heard: list[list[UUID]] = [[] for _ in range(count)]
    lines = [Line(target.address, who[n % len(who)].token, _note(heard[n])) for n in range(count)]
    for at in range(0, count, 50):
        await asyncio.gather(*(line.connect() for line in lines[at : at + 50]))
    _analyse(bench)
    target.kill()
    missed = []
    for speaker, conversation in zip(speakers, conversations, strict=True):
        sent = [wire.SendMessage(id=uuid7(), conversation=conversation, body=TEXT) for _ in range(5)]
        for message in sent:
            await speaker.call(message)
        missed.append([message.id for message in sent])
    await asyncio.to_thread(target.restart)
    wanted = [missed[(n % len(who)) // each] for n in range(count)]
    welcomed, synced = await _weathered(lines, lambda: sum(map(len, heard)) >= 5 * count)
    bare = bench.serve("tests.bench.stand_ins", "bare")
    began = time.perf_counter()
    shakes = [Bare(bare.address, "") for _ in range(count)]
    await asyncio.gather(*(line.connect() for line in shakes))
    handshakes = time.perf_counter() - began
    found = {
        "bare_handshakes_s": round(handshakes, 2),
        "welcomed_s": round(welcomed, 2),
        "synced_s": round(synced, 2),
        "ratio": round(synced / handshakes, 2),
        "not_connected": sum(not line.engine.ready for line in lines),
        "lost": sum(len(set(want) - set(got)) for want, got in zip(wanted, heard, strict=True)),
        "doubled": sum(len(got) - len(set(got)) for got in heard),
    }
    for line in [*lines, *shakes]:
        line.drop()
    return found


def _analyse(bench: Bench) -> None:
    """What autovacuum does within a minute of such many rows; whoever restarts has been running for longer."""
    with psycopg.connect(bench.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("ANALYZE")


async def _weathered(lines: list[Line], is_synced: Callable[[], bool]) -> tuple[float, float]:
    """Seconds until all lines were welcomed, and until all were synced, both at most ``STORM_SECONDS``.

    Every line behaves as a real client: one that is cut or gives up waiting comes back after its back-off.
    """
    began = time.perf_counter()
    welcomed = 0.0
    for line in lines:
        line.engine.tick(began)
        line.engine.reconnect_now()
    while (now := time.perf_counter() - began) < STORM_SECONDS:
        for at in range(0, len(lines), 50):
            attending = [line.attend() for line in lines[at : at + 50]]
            await asyncio.gather(*attending, return_exceptions=True)
        if not welcomed and all(line.engine.ready for line in lines):
            welcomed = time.perf_counter() - began
        if is_synced():
            return welcomed or now, time.perf_counter() - began
        await asyncio.sleep(0.02)
    return welcomed or STORM_SECONDS, STORM_SECONDS


def _note(heard: list[UUID]) -> Callable[[Event, float], None]:
    def hear(event: Event, now: float) -> None:
        if isinstance(event, StreamEvent) and isinstance(event.data, wire.MessageSent):
            heard.append(event.data.message.id)

    return hear


async def echo(bench: Bench) -> Figures:
    """The session engine's echo beside a bare ASGI echo on the same server: 50 sockets, 200-byte frames, in turns."""
    bare = bench.serve("tests.bench.stand_ins", "bare")
    engine = bench.serve("tests.bench.stand_ins", "engine")
    rates: dict[str, list[float]] = {"engine_per_s": [], "bare_per_s": []}
    for _ in range(3):
        rates["engine_per_s"].append(await _echo_rate(engine.address))
        rates["bare_per_s"].append(await _echo_rate(bare.address))
    found = {name: round(statistics.median(values)) for name, values in rates.items()}
    return {**found, "ratio": round(found["engine_per_s"] / found["bare_per_s"], 2)}


async def _echo_rate(address: str, seconds: float = 2.0) -> float:
    hello = '{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1,"client":{"name":"bench"}}}'
    said = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "say", "params": {"text": "x" * 135}})
    lines = [Bare(address, "bench") for _ in range(50)]
    count, end = 0, time.perf_counter() + seconds + 0.5

    for line in lines:

        def again(_: Any, now: float, line: Bare = line) -> None:
            nonlocal count
            count += now < end
            if now < end:
                line.send(said)

        line.listener = again
        await line.connect()
    began = time.perf_counter()
    end = began + seconds
    for line in lines:
        line.send(hello)
    await asyncio.sleep(seconds + 0.3)
    for line in lines:
        line.drop()
    return count / seconds


def memory(process: Web) -> int:
    """Resident memory of a web process in KiB."""
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


SCENARIOS: dict[str, Callable[[Bench], Awaitable[Figures]]] = {
    "sequential": sequential,
    "rooms25": rooms25,
    "fanout50": fanout50,
    "persisted": persisted,
    "echo": echo,
    "idle": idle,
    "storm": storm,
    "removal": removal,
    "ended": ended,
}


@contextlib.contextmanager
def deployment() -> Iterator[dict[str, str]]:
    """PostgreSQL as people run it, with everything written through to the disk, and Redis, on the server's core."""
    os.sched_setaffinity(0, SERVER)
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as directory:
        data = datadir.open_directory(Path(directory) / "data")
        with embedded.running(data) as servers:
            os.environ.update({**ENVIRONMENT, "REDIS_URL": servers.redis_url})
            with database(servers.owner_url, empty=True) as address:
                yield {"DATABASE_URL": address}


def measure(kind: str, seconds: float, only: list[str] | None) -> Figures:
    figures: Figures = {}
    with deployment() as environment:
        os.sched_setaffinity(0, LOAD)
        environment = {**ENVIRONMENT, "REDIS_URL": os.environ["REDIS_URL"], **environment}
        who = people(1400, environment, "--migrate")
        for name in only or SCENARIOS:
            bench = Bench(kind, seconds, environment, who)
            with bench.stack:
                print(f"{kind} {name} …", file=sys.stderr, flush=True)
                figures[name] = uvloop.run(_scenario(SCENARIOS[name], bench))
                print(f"{kind} {name} {json.dumps(figures[name])}", file=sys.stderr, flush=True)
    return figures


async def _scenario(scenario: Callable[[Bench], Awaitable[Figures]], bench: Bench) -> Figures:
    return await scenario(bench)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.messages", description=__doc__)
    parser.add_argument("--web", choices=["daphne", "uvicorn"], default="uvicorn")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", nargs="+", choices=sorted(SCENARIOS), metavar="NAME")
    options = parser.parse_args()
    print(json.dumps(measure(options.web, options.seconds, options.only)))


if __name__ == "__main__":
    main()
