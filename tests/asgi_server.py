"""Web processes on a database of their own, as a deployment runs them: for what is only true over real sockets."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg

from tests.relais_process import eventually

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "relais_template"
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Someone:
    """Somebody with an account, and the token of one device."""

    id: str
    email: str
    token: str


def template(address: str) -> str:
    """The name of a database on the server at ``address`` with Relais's tables and nothing in them, to be copied. The
    first one to ask makes it, and the others wait: tables are made once, however many databases are wanted."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is None:
            unfinished = f"{TEMPLATE}_unfinished"
            connection.execute(f'DROP DATABASE IF EXISTS "{unfinished}"')
            connection.execute(f'CREATE DATABASE "{unfinished}"')
            run_module("django", "migrate", "--verbosity=0", environment={"DATABASE_URL": _named(address, unfinished)})
            connection.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{TEMPLATE}"')
    return TEMPLATE


def _named(address: str, name: str) -> str:
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


@contextlib.contextmanager
def database(address: str, *, empty: bool = False) -> Iterator[str]:
    """A new database on the server at ``address``, with Relais's tables or ``empty``; dropped afterwards."""
    name = f"relais_{uuid4().hex[:12]}"
    like = "template1" if empty else template(address)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    try:
        yield _named(address, name)
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run_module(module: str, *words: str, environment: dict[str, str]) -> str:
    """What a module prints that has Relais's settings."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "server.settings", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def people(count: int, environment: dict[str, str], *options: str) -> list[Someone]:
    """New people, verified unless ``--unverified`` is among the options."""
    made: list[dict[str, Any]] = json.loads(
        run_module("tests.make_people", str(count), *options, environment=environment)
    )
    return [Someone(**one) for one in made]


class Newcomers:
    """Verified people whom no other test uses, with ``PASSWORD``; however many are asked for."""

    BATCH = 50

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._made: list[Someone] = []

    def __call__(self) -> Someone:
        """One more."""
        if not self._made:
            self._made = people(self.BATCH, self._environment, "--password", PASSWORD)
        return self._made.pop()


class Web:
    """One web process."""

    def __init__(
        self,
        kind: str,
        environment: dict[str, str],
        cores: Sequence[int] | None = None,
        module: Sequence[str] = ("server.ops.web",),
    ) -> None:
        self.kind = kind
        self._module = module
        self._environment = {**os.environ, "RELAIS_LOG_LEVEL": "WARNING", **environment}
        self._cores = cores
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(2048)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        descriptor = self._listener.fileno()
        command = [sys.executable, "-m", *self._module, self.kind, "--descriptor", str(descriptor)]
        process = subprocess.Popen(command, cwd=ROOT, env=self._environment, pass_fds=[descriptor])
        if self._cores is not None:
            os.sched_setaffinity(process.pid, self._cores)
        return process

    @property
    def address(self) -> str:
        return f"ws://localhost:{self.port}/ws"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def wait_ready(self) -> None:
        """Returns when it answers."""

        def answers() -> bool:
            assert self.process.poll() is None, f"{self.kind} ended with {self.process.returncode}"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                probe.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                probe.settimeout(1)
                return b" 200 " in probe.recv(100)
            return False

        eventually(answers, 180)

    def kill(self) -> None:
        """kill -9; whoever connects meanwhile waits for ``restart``."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.process = self._start()
        self.wait_ready()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        self._listener.close()


@contextlib.contextmanager
def web(
    kind: str,
    environment: dict[str, str],
    cores: Sequence[int] | None = None,
    module: Sequence[str] = ("server.ops.web",),
) -> Iterator[Web]:
    """One web process that answers, ended afterwards."""
    process = Web(kind, environment, cores, module)
    try:
        process.wait_ready()
        yield process
    finally:
        process.stop()
