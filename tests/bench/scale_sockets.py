"""What a socket costs, and what web processes cost each other: memory, CPU and what goes over Redis.

    python -m tests.bench.scale_sockets

Web processes as they run, on a PostgreSQL and a Redis of their own. Fifty people of twenty-five rooms are connected to
the first process and talk; the others have no socket that is told anything, so that what they use is what hearing of it
costs. Everything of the server shares one core, and CPU is counted from /proc for each process.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Coroutine
from typing import Any

import psycopg
import redis
import uvloop

from tests.asgi_server import Web, people
from tests.bench.line import Line
from tests.bench.messages import LOAD, Bench, Figures, Reader, deployment, followed, readers
from tests.bench.proc import cpu, resident
from tests.services_plugin import ENVIRONMENT
from tests.stand_ins.pgbouncer import pgbouncer

SOCKETS = 2_000
ROOMS = 25
SECONDS = 6.0
PEERS = (0, 1, 3)


def redis_server() -> redis.Redis:
    return redis.Redis.from_url(os.environ["REDIS_URL"])


async def idle(bench: Bench) -> Figures:
    """So many signed-in sockets that say nothing, and their process without them."""
    process, who = bench.serve(), bench.some(200)
    warm = [await Line(process.address, one.token).connect() for one in who[:100]]
    for line in warm:
        line.drop()
    await asyncio.sleep(3)
    empty, kib = await _cpu_of_idling(process), resident(process.process.pid)
    lines: list[Line] = []
    for at in range(0, SOCKETS, 50):
        opening = [Line(process.address, who[n % len(who)].token) for n in range(at, at + 50)]
        await asyncio.gather(*(line.connect() for line in opening))
        lines += opening
    await asyncio.sleep(3)
    full = await _cpu_of_idling(process)
    found = {
        "sockets": sum(not line.closed.done() for line in lines),
        "kib_per_socket": round((resident(process.process.pid) - kib) / SOCKETS, 1),
        "process_kib": kib,
        "cpu_of_an_empty_process": round(empty, 4),
        "cpu_us_per_socket_and_second": round((full - empty) / SOCKETS * 1e6, 1),
    }
    for line in lines:
        line.drop()
    return found


async def _cpu_of_idling(process: Web, seconds: float = 8.0) -> float:
    """Seconds of CPU a second."""
    before, began = cpu(process.process.pid), time.perf_counter()
    await asyncio.sleep(seconds)
    return (cpu(process.process.pid) - before) / (time.perf_counter() - began)


async def beside(bench: Bench, peers: int) -> Figures:
    """What a message costs the process that carries it out, each of its peers, and Redis."""
    first, others = bench.serve(), [bench.serve() for _ in range(peers)]
    listening = [await Line(one.address, bench.some(1)[0].token).connect() for one in others]
    everybody = await readers(first.address, bench.some(2 * ROOMS))
    rooms = []
    for one, other in zip(everybody[::2], everybody[1::2], strict=True):
        rooms.append(await one.open(other.who))
        await followed(rooms[-1], [one, other])
    await asyncio.sleep(2)
    found = {"peers": peers, "50 senders": await _talk(everybody, rooms, first, others)}
    found["1 sender"] = await _talk(everybody[:1], rooms[:1], first, others)
    server = redis_server()
    found["redis_kib"] = server.info("memory")["used_memory"] // 1024
    found["redis_clients"] = server.info("clients")["connected_clients"]
    for line in [*listening, *(reader.line for reader in everybody)]:
        line.drop()
    return found


async def several(bench: Bench, address: str) -> Figures:
    """Four web processes, one of which is busy: what a message costs, and how many connections PostgreSQL has."""
    webs = [bench.serve() for _ in range(4)]
    lines = [await Line(one.address, who.token).connect() for one in webs for who in bench.some(5)]
    everybody = await readers(webs[0].address, bench.some(2 * ROOMS))
    rooms = []
    for one, other in zip(everybody[::2], everybody[1::2], strict=True):
        rooms.append(await one.open(other.who))
        await followed(rooms[-1], [one, other])
    found = {"50 senders": await _talk(everybody, rooms, webs[0], webs[1:]), "connections": _connections(address)}
    for line in [*lines, *(reader.line for reader in everybody)]:
        line.drop()
    return found


def _connections(address: str) -> int:
    """Of all web processes to PostgreSQL, now."""
    with psycopg.connect(address) as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        found = connection.execute(asked).fetchone()
    assert found is not None
    return int(found[0])


async def _talk(everybody: list[Reader], rooms: list[Any], first: Web, others: list[Web]) -> Figures:
    server = redis_server()
    pids = [first.process.pid, *(one.process.pid for one in others)]
    before, redis_before, began = [cpu(pid) for pid in pids], _redis(server), time.perf_counter()
    sent = 0

    async def send(reader: Reader, room: Any) -> None:
        nonlocal sent
        while time.perf_counter() < began + SECONDS:
            await reader.say(room)
            sent += 1

    await asyncio.gather(*(send(reader, rooms[at // 2]) for at, reader in enumerate(everybody)))
    await asyncio.sleep(1)
    used = [now - then for now, then in zip(map(cpu, pids), before, strict=True)]
    over = {name: value - redis_before[name] for name, value in _redis(server).items()}
    peers = used[1:]
    return {
        "messages": sent,
        "per_second": round(sent / SECONDS),
        "sender_cpu_us": round(used[0] / sent * 1e6),
        "peer_cpu_us": round(sum(peers) / len(peers) / sent * 1e6) if peers else 0,
        "redis_cpu_us": round(over["cpu"] / sent * 1e6),
        "redis_bytes_in": round(over["in"] / sent),
        "redis_bytes_out": round(over["out"] / sent),
    }


def _redis(server: redis.Redis) -> dict[str, float]:
    found = server.info("everything")
    return {
        "cpu": found["used_cpu_user"] + found["used_cpu_sys"],
        "in": found["total_net_input_bytes"],
        "out": found["total_net_output_bytes"],
    }


def measure() -> Figures:
    figures: Figures = {}
    with deployment() as servers:
        os.sched_setaffinity(0, LOAD)
        environment = {**ENVIRONMENT, "REDIS_URL": os.environ["REDIS_URL"], **servers}
        bench = Bench("uvicorn", SECONDS, environment, people(700, environment, "--migrate"))
        figures["idle"] = _run(bench, idle(bench), "idle")
        figures["beside"] = [_run(bench, beside(bench, peers), f"beside {peers}") for peers in PEERS]
        direct = servers["DATABASE_URL"]
        figures["direct"] = _run(bench, several(bench, direct), "direct")
        if shutil.which("pgbouncer") is not None:
            with pgbouncer(direct) as by_pooler:
                environment |= {"DATABASE_URL": by_pooler, "RELAIS_PREPARED_STATEMENTS": "0"}
                figures["pooled"] = _run(bench, several(bench, direct), "pooled")
    return figures


def _run(bench: Bench, scenario: Coroutine[Any, Any, Figures], name: str) -> Figures:
    with bench.stack:
        found = uvloop.run(scenario)
    print(name, json.dumps(found), file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    print(json.dumps({"sockets": measure()}))
