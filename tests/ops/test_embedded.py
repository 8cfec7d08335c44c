"""PostgreSQL and Redis of our own: safe, private, and back after whatever killed them."""

import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from server.ops import datadir, embedded
from server.ops.processes import StartError
from tests.relais_process import eventually, is_alive


def test_what_was_committed_is_there_after_kill_9_of_everything(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    servers = embedded.Servers(data)
    program = servers.postgres()
    process = program.start()
    eventually(lambda: program.has_started(process))
    servers.make_database()
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('acknowledged')")
        connection.commit()
        settings = {name: connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")}
        assert set(settings.values()) == {("on",)}
    process.kill()
    process.wait()
    with embedded.running(data) as again, psycopg.connect(again.database_url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("acknowledged",)]


def test_servers_that_a_killed_run_left_working_are_ended_and_followed(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    program = embedded.Servers(data).postgres()
    orphan = program.start()
    eventually(lambda: program.has_started(orphan))
    with embedded.running(data) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert orphan.poll() is not None


def test_a_stale_pid_file_that_names_another_program_does_not_keep_postgresql_from_starting(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    with embedded.running(data):
        lines = (data.postgres / "postmaster.pid").read_text().splitlines()
    (data.postgres / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with embedded.running(data) as servers:
        assert servers.postgres_ready()


def test_a_half_made_cluster_is_made_anew(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    half = data.make(data.home / "postgres.new")
    (half / "PG_VERSION").write_text("18\n")
    with embedded.running(data) as servers:
        assert servers.database_ready()


def test_two_data_directories_know_nothing_of_each_other(place: Path) -> None:
    one, two = (datadir.open_directory(place / name) for name in ("one", "two"))
    with embedded.running(one) as first, embedded.running(two) as second:
        with psycopg.connect(first.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE only_here ()")
        with psycopg.connect(second.database_url) as connection:
            assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
        with redis.Redis.from_url(first.redis_url) as client:
            client.set("only", "here")
        with redis.Redis.from_url(second.redis_url) as client:
            assert client.get("only") is None


def test_no_port_is_open_and_the_sockets_are_closed_to_others(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    with embedded.running(data) as servers:
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.config_get("port") == {"port": "0"}
        for name in (".s.PGSQL.5432", "redis.sock"):
            assert stat.S_IMODE((data.sockets / name).stat().st_mode) & 0o077 == 0
        assert stat.S_IMODE(data.sockets.stat().st_mode) == 0o700


def test_the_database_asks_for_a_password(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    with embedded.running(data):
        for user in ("relais", "postgres"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(host=str(data.sockets), user=user, dbname="relais", password="wrong")


def test_the_extensions_we_use_are_there_for_the_application_s_role(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    with embedded.running(data) as servers, psycopg.connect(servers.database_url) as connection:
        for name in ("btree_gist", "pg_trgm", "unaccent", "fuzzystrmatch", "citext", "cube"):
            connection.execute(f"CREATE EXTENSION {name}")
        assert connection.execute("SELECT lower('ÉÀÇ'), unaccent('É')").fetchone() == ("éàç", "E")
        role = connection.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert role.fetchone() == (False, False)


def test_a_postgresql_of_one_s_own_must_be_there_and_new_enough(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = embedded.Servers(datadir.open_directory(place / "data"))
    monkeypatch.setenv("RELAIS_POSTGRES_BIN", str(place / "nowhere"))
    with pytest.raises(StartError, match="no initdb"):
        servers.postgres()
    binaries = place / "bin"
    binaries.mkdir()
    for name in ("initdb", "postgres"):
        (binaries / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.9 (Debian)'\n")
        (binaries / name).chmod(0o755)
    monkeypatch.setenv("RELAIS_POSTGRES_BIN", str(binaries))
    with pytest.raises(StartError, match="15 is too old"):
        servers.postgres().start()


def test_a_server_that_cannot_start_says_where_it_says_why(place: Path) -> None:
    data = datadir.open_directory(place / "data")
    with embedded.running(data):
        pass
    said = r"PostgreSQL exited at once \(status 1\): see .*postgresql.log"
    with pytest.raises(StartError, match=said), embedded.running(data, shared_buffers="nonsense"):
        pass
    assert "nonsense" in (data.path / "log" / "postgresql.log").read_text()


def test_servers_end_with_the_process_that_started_them(place: Path) -> None:
    child = os.fork()
    if child == 0:
        data = datadir.open_directory(place / "data")
        with embedded.running(data):
            (place / "pid").write_text((data.postgres / "postmaster.pid").read_text().splitlines()[0])
            signal.pause()
        os._exit(0)
    eventually((place / "pid").exists)
    eventually(lambda: (place / "pid").read_text())
    postmaster = int((place / "pid").read_text())
    assert is_alive(postmaster)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    eventually(lambda: not is_alive(postmaster))
