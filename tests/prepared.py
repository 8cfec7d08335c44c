"""Data directories that a run of pytest makes once and copies: a cluster with Relais's tables, and the demo world.

Making them takes most of the time that a Relais needs to start in an empty directory. A copy has its own user,
sockets and files; the secrets are those of the original, because what is kept is encrypted with them.

Unless it is ``durable``, PostgreSQL does not wait for the disk in a copy (``fsync``). It still writes everything to the
operating system before it answers, so what was acknowledged is there after a kill -9 of any process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from server.ops import datadir, embedded
from tests.relais_process import Running, relais, remove, running

PLACE = "TEST_PREPARED"
"""The environment variable with the directory of the originals: one for all processes of a run."""
WHILE_IT_IS_MADE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "min_wal_size": "32MB",
    "max_wal_size": "48MB",
}
NOT_COPIED = ("lock", "log", "metrics", "origins", "servers")

Prepared = Literal["tables", "demo"]


@contextlib.contextmanager
def place_for_prepared() -> Iterator[dict[str, str]]:
    """An empty directory for the originals, as an environment variable; removed with them."""
    place = Path(tempfile.mkdtemp(prefix="relais-prepared-"))
    try:
        yield {PLACE: str(place)}
    finally:
        remove(place)


def copy(what: Prepared, to: Path, *, durable: bool = False) -> None:
    """``to``, which does not exist yet, is a data directory with the tables of this version and nothing in them, or
    with the demo world. The first one to ask makes the original, and the others wait."""
    place = Path(os.environ[PLACE])
    with (place / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        original = _made(what, place)
    _copy(original, to, durable=durable)


def _made(what: Prepared, place: Path) -> Path:
    """Where the original is; it is there whole or not at all."""
    original, whole = place / what, place / f"{what}-is-whole"
    if whole.exists():
        return original
    if original.exists():
        remove(original)
    if what == "demo":
        _copy(_made("tables", place), original, durable=False)
    data = datadir.open_directory(original)
    # As of a `relais up`: the command uses the servers that run.
    with data.held("up"), embedded.running(data, **WHILE_IT_IS_MADE):
        done = relais("migrate" if what == "tables" else "demo", data=original)
        assert done.returncode == 0, done.stderr
    whole.touch()
    return original


def _copy(original: Path, to: Path, *, durable: bool) -> None:
    source, target = datadir.open_directory(original), datadir.open_directory(to)
    for found in original.iterdir():
        if found.name in NOT_COPIED:
            continue
        if found.is_dir():
            shutil.copytree(found, to / found.name)
        else:
            shutil.copy2(found, to / found.name)
    subprocess.run(["cp", "--archive", "--reflink=auto", source.postgres, target.postgres], check=True)
    (target.postgres / "postgresql.auto.conf").write_text("" if durable else "fsync = off\n")
    if target.uid is not None:
        for one in (target.postgres, *target.postgres.rglob("*")):
            os.chown(one, target.uid, target.uid, follow_symlinks=False)


def running_demo(*options: str, durable: bool = False) -> contextlib.AbstractContextManager[Running]:
    """A `relais up --demo` in a copy of the demo world, ready to be used; nothing of it is left afterwards."""
    return running("--demo", *options, prepare=partial(copy, "demo", durable=durable))
