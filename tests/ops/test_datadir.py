"""What one Relais keeps on this machine is its own, closed to others, and used by one at a time."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from server.ops import datadir
from server.ops.datadir import BusyError, DataDirectoryError
from tests.relais_process import ROOT


def test_a_data_directory_is_closed_to_others_even_when_it_was_not(place: Path) -> None:
    path = place / "data"
    path.mkdir(mode=0o755)
    datadir.open_directory(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_secrets_are_made_once_and_readable_by_the_owner_only(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    first = data.secret("master-key", 32).read_text()
    assert data.secret("master-key", 32).read_text() == first
    assert datadir.open_directory(place / "other").secret("master-key", 32).read_text() != first
    assert stat.S_IMODE((data.path / "master-key").stat().st_mode) == 0o600


def test_the_servers_files_are_closed_and_stay_where_they_are(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    again = datadir.open_directory(place / "data")
    assert again == data
    assert stat.S_IMODE(data.home.stat().st_mode) == 0o700
    assert data.home.stat().st_uid == (os.geteuid() if data.uid is None else data.uid)


def test_a_socket_fits_into_its_address_however_deep_the_directory(place: Path) -> None:
    deep = place / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    data = datadir.open_directory(deep / "data")
    assert len(os.fsencode(data.sockets / ".s.PGSQL.5432.lock")) <= 107
    assert stat.S_IMODE(data.sockets.stat().st_mode) == 0o700
    assert datadir.open_directory(deep / "data").sockets == data.sockets


def test_a_file_in_the_place_of_a_directory_is_refused(place: Path) -> None:
    (place / "data").write_text("")
    with pytest.raises(DataDirectoryError, match="cannot be a data directory"):
        datadir.open_directory(place / "data")


def test_only_one_at_a_time_runs_the_servers_of_a_directory(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    with data.held("up"):
        holder = f"process {os.getpid()} \\(relais up\\)"
        with pytest.raises(BusyError, match=holder), data.held("once", wait=60):
            pass
    with data.held("once"):
        pass


def test_a_killed_holder_lets_go(place: Path) -> None:
    path = place / "data"
    program = f"""
import os, pathlib, signal
from server.ops import datadir
with datadir.open_directory(pathlib.Path({str(path)!r})).held("up"):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert killed.returncode == -9
    with datadir.open_directory(path).held("once"):
        pass
