"""A data directory: everything that a Relais keeps on this machine when it runs its own PostgreSQL and Redis.

    DIR/               0700, belongs to whoever runs `relais`
      lock             held while the servers of this directory run
      secret-key       master-key       0600
      log/             output of PostgreSQL and Redis
      servers/         data of PostgreSQL and Redis

PostgreSQL refuses to run as root. When root runs `relais`, both servers run as a user id without an account. That id
cannot enter DIR, so `servers` is then a link to a directory outside it.
"""

import base64
import contextlib
import fcntl
import os
import pwd
import secrets
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# User ids that Debian, Ubuntu and systemd leave unused, low enough to exist inside a container
# (systemd: "Users, groups, UIDs and GIDs on systemd systems").
UNUSED_IDS = range(60706, 61184)
# A unix socket's path is at most 107 bytes, and PostgreSQL adds ".s.PGSQL.5432.lock" to the directory's.
LONGEST_SOCKET_DIRECTORY = 85


class DataDirectoryError(Exception):
    """The directory cannot be used; the message says what to do."""


@dataclass(frozen=True)
class DataDirectory:
    """An existing data directory, owned by us and closed to others."""

    path: Path
    home: Path
    uid: int | None
    """The user id PostgreSQL and Redis run as; None: our own."""

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def redis(self) -> Path:
        return self.home / "redis"

    @property
    def sockets(self) -> Path:
        """Where the servers listen: a short path elsewhere when the usual one is too long for a socket."""
        return (self.home / "run").resolve()

    def log(self, name: str) -> Path:
        """The file that `name` writes to, rotated when it exceeds 16 MiB."""
        path = self.path / "log" / f"{name}.log"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.exists() and path.stat().st_size > 16 * 1024 * 1024:
            path.replace(path.with_suffix(".log.1"))
        return path

    def make(self, directory: Path) -> Path:
        """Create `directory` for the servers' user alone."""
        directory.mkdir(mode=0o700, exist_ok=True)
        if self.uid is not None:
            os.chown(directory, self.uid, self.uid)
        return directory

    def secret(self, name: str, size: int) -> Path:
        """The file `name` of this directory, created with `size` random bytes in base64 if it does not exist."""
        path = self.path / name
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(base64.b64encode(secrets.token_bytes(size)).decode() + "\n")
        return path

    @contextlib.contextmanager
    def held(self, purpose: str, wait: float = 0) -> Iterator[None]:
        """Hold the directory exclusively, or raise `BusyError`.

        The kernel releases the lock when the holder dies, in whatever way.
        """
        with (self.path / "lock").open("a+") as file:
            deadline = time.monotonic() + wait
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    holder = self._holder()
                    if holder.purpose == "up" or time.monotonic() > deadline:
                        raise holder from None
                time.sleep(0.1)
            file.truncate(0)
            file.write(f"{purpose} {os.getpid()}\n")
            file.flush()
            yield

    def _holder(self) -> "BusyError":
        purpose, _, pid = (self.path / "lock").read_text().strip().partition(" ")
        return BusyError(self.path, purpose, pid)


class BusyError(DataDirectoryError):
    """Another process runs the servers of this directory."""

    def __init__(self, path: Path, purpose: str, pid: str) -> None:
        super().__init__(f"{path} is in use by process {pid or 'unknown'} (relais {purpose}).")
        self.purpose = purpose


def open_directory(path: Path) -> DataDirectory:
    """The data directory at `path`, created if needed and closed to others."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow a link that the owner chose
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.stat()
        if status.st_uid != os.geteuid():
            raise DataDirectoryError(f"{path} belongs to another user. Choose another one with --data.")
        path.chmod(0o700)
    except (NotADirectoryError, FileExistsError, PermissionError) as error:
        raise DataDirectoryError(f"{path} cannot be a data directory: {error.strerror}.") from error
    uid = _unused_id(path) if os.geteuid() == 0 else None
    home = path / "servers"
    if not home.is_symlink() and not home.is_dir():
        if uid is None:
            home.mkdir(mode=0o700)
        else:
            home.symlink_to(_home_for_root(path, uid))
    data = DataDirectory(path, _checked_home(path, home), uid)
    _make_socket_directory(data)
    return data


def _unused_id(path: Path) -> int:
    """A user id without an account; always the same for a directory once its files exist."""
    home = path / "servers"
    if home.is_symlink() and home.is_dir():
        return home.stat().st_uid
    start = zlib.crc32(os.fsencode(path))
    for offset in range(len(UNUSED_IDS)):
        uid = UNUSED_IDS[(start + offset) % len(UNUSED_IDS)]
        try:
            pwd.getpwuid(uid)
        except KeyError:
            return uid
    raise DataDirectoryError("No unused user id was found to run PostgreSQL as; run relais as an ordinary user.")


def _home_for_root(path: Path, uid: int) -> Path:
    """A new directory that only `uid` and root can enter; it survives a reboot unless DIR is temporary."""
    temporary = Path(tempfile.gettempdir()).resolve()
    candidates = [Path("/var/lib"), Path("/var/tmp"), temporary]  # noqa: S108 - mkdtemp makes it ours alone
    if path.resolve().is_relative_to(temporary):
        candidates = [temporary]
    for parent in candidates:
        with contextlib.suppress(OSError):
            home = Path(tempfile.mkdtemp(prefix="relais-", dir=parent))
            (home / "belongs-to").write_text(str(path))
            os.chown(home, uid, uid)
            return home
    raise DataDirectoryError("Neither /var/lib nor /var/tmp can be written: run relais as an ordinary user.")


def _checked_home(path: Path, home: Path) -> Path:
    """The directory of the servers' files; raises if it is gone or belongs to another data directory."""
    if not home.is_symlink():
        return home
    target = home.resolve()
    if not target.is_dir():
        raise DataDirectoryError(f"{target} is gone. Remove {home} to start with an empty database.")
    note = target / "belongs-to"
    owner = Path(note.read_text())
    if owner != path:
        if (owner / "servers").is_symlink() and (owner / "servers").resolve() == target:
            raise DataDirectoryError(f"{path} is a copy of {owner}: both would use {target}. Remove {home}.")
        note.write_text(str(path))  # the data directory was moved
    return target


def _make_socket_directory(data: DataDirectory) -> None:
    run = data.home / "run"
    if len(os.fsencode(run)) <= LONGEST_SOCKET_DIRECTORY:
        data.make(run)
    elif not run.is_dir():
        run.unlink(missing_ok=True)
        short = Path(tempfile.mkdtemp(prefix="relais-", dir="/tmp"))
        data.make(short)
        run.symlink_to(short)
