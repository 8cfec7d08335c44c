"""`relais up`: one whole Relais in the foreground of this machine."""

import contextlib
import os
import resource
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from server.ops import local
from server.ops.datadir import DataDirectory, open_directory
from server.ops.embedded import Servers
from server.ops.environment import is_given
from server.ops.processes import Program, StartError
from server.ops.supervisor import StoppedError, Supervisor, log

SECONDS_FOR_THE_PORT = 15.0
SOCKETS = 65_536
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")
"""Workers do not talk to each other: nobody listens, and each word would have to be waited for when Redis is silent."""
QUEUES = "celery,delivery,files"
"""One worker takes both: delivery occupies at most one thread for each channel, and four are left for the rest."""


@dataclass(frozen=True)
class Options:
    """What `relais up` was asked for."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    web: Literal["daphne", "uvicorn"] = "daphne"
    workers: int = 1
    demo: bool = False


def run(choice: Options) -> int:
    """Everything runs until somebody ends it; then nothing of it is left."""
    data = open_directory(choice.data)
    _allow_many_sockets()
    with data.held("up", wait=local.SECONDS_TO_WAIT), Supervisor() as supervisor:
        try:
            with _bound(choice) as listener:
                _start(choice, data, supervisor, listener)
                supervisor.run()
        except StoppedError as stopped:
            log(f"{stopped}: ending.")
    return 0


def _start(choice: Options, data: DataDirectory, supervisor: Supervisor, listener: socket.socket) -> None:
    servers = Servers(data)
    if not is_given("REDIS_URL"):
        supervisor.start(servers.redis())
    if not is_given("DATABASE_URL"):
        supervisor.start(servers.postgres())
        servers.make_database()
    port = listener.getsockname()[1]
    local.configure(data, port)
    if choice.demo:
        os.environ["RELAIS_DEMO"] = "1"
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_emptied(data.path / "metrics"))
    # Only what migrates knows the owner of the tables; the processes that serve people do not.
    names = ("DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE")
    owner = {name: os.environ.pop(name) for name in names if name in os.environ}
    supervisor.finish(_relais("demo" if choice.demo else "migrate", owner))
    # Threads, not processes: the work is waiting for others, and nothing is left behind when it is killed.
    supervisor.start(_celery("worker", "--pool=threads", "--concurrency=6", *QUIET, f"--queues={QUEUES}"))
    supervisor.start(_celery("beat", "--scheduler=celery.beat:Scheduler"))
    door = _Door(listener)
    for number in range(1, choice.workers + 1):
        supervisor.start(_web(choice, door, number))
    origin = os.environ["RELAIS_ORIGINS"].split(",")[0]
    print(f"\nRelais is at {origin} (Ctrl-C ends it)", flush=True)


def _relais(command: str, environment: dict[str, str]) -> Program:
    return Program(f"relais {command}", (sys.executable, "-m", "server.cli", command), environment=environment)


class _Door:
    """The socket that all web processes share. Each opens it once it can serve; when none is left it is closed, so that
    whoever comes is refused at once, and a proxy asks another machine, instead of waiting for one to start again."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self._behind_it = 0

    def process_begins(self) -> None:
        self._behind_it += 1

    def process_ended(self) -> None:
        self._behind_it -= 1
        if not self._behind_it:
            # It keeps its port. Whoever waits to be taken is refused too; where that cannot be done they go on waiting.
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RD)


def _web(choice: Options, door: _Door, number: int) -> Program:
    descriptor = door.listener.fileno()
    return Program(
        f"web {number}" if choice.workers > 1 else "web",
        (sys.executable, "-m", "server.ops.web", choice.web, "--descriptor", str(descriptor)),
        descriptors=(descriptor,),
        before=door.process_begins,
        after=door.process_ended,
        ready=lambda: answers(door.listener),
    )


def _celery(command: str, *options: str) -> Program:
    arguments = ("celery", "--app=server.celery:application", "--quiet", command, "--loglevel=WARNING", *options)
    return Program(command, (sys.executable, "-m", *arguments))


def _bound(choice: Options) -> socket.socket:
    """A socket with the address that was asked for, which takes no connections yet."""
    listener = socket.socket(socket.AF_INET6 if ":" in choice.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    deadline = time.monotonic() + SECONDS_FOR_THE_PORT
    while True:
        try:
            listener.bind((choice.host, choice.port))
            break
        except OSError as error:
            # The web process of a killed run may need a moment to end.
            if time.monotonic() > deadline:
                listener.close()
                said = f"Port {choice.port} of {choice.host} cannot be used ({error.strerror})"
                raise StartError(f"{said}: choose another one with --port.") from error
        time.sleep(0.2)
    listener.setblocking(False)
    return listener


def _allow_many_sockets() -> None:
    """Each socket is an open file, and a login shell's limit of 1,024 is soon reached."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = SOCKETS if hard == resource.RLIM_INFINITY else min(SOCKETS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _emptied(directory: Path) -> Path:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700)
    return directory


def answers(listener: socket.socket) -> bool:
    """Whether a web process answers on this socket; not another program, or another Relais, that has taken its port."""
    if not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return False
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    try:
        with urllib.request.urlopen(f"{address}/health/live", timeout=1):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, OSError):
        return False
