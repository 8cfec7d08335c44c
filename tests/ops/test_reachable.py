"""A PostgreSQL that is not there yet is waited for, with words; a pooler that would break things is refused."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from psycopg import OperationalError

from server.ops.reachable import why
from tests.asgi_server import database, people, web
from tests.relais_process import free_port, relais
from tests.services_plugin import ENVIRONMENT
from tests.stand_ins.cuttable import Network
from tests.stand_ins.debian import program
from tests.stand_ins.pgbouncer import over_tcp, pgbouncer, socket_directory
from tests.wire.device import connected

SETTINGS = {name: value for name, value in ENVIRONMENT.items() if name != "RELAIS_FAKE_DELIVERY"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with database(os.environ["DATABASE_URL"], empty=True) as made:
        yield made


def _recover_once_refused(network: Network) -> None:
    network.refused.wait(30)
    network.recover()


def test_migrating_waits_for_a_postgresql_that_is_starting_and_says_so(address: str, place: Path) -> None:
    with Network(f"{socket_directory(address)}/.s.PGSQL.5432").serving() as network:
        network.refuse()
        starting = threading.Thread(target=_recover_once_refused, args=[network])
        starting.start()
        changes = {**SETTINGS, "DATABASE_URL": over_tcp(address, network.port), "REDIS_URL": os.environ["REDIS_URL"]}
        done = relais("migrate", data=place / "data", **changes)
        starting.join()
    assert done.returncode == 0, done.stderr
    assert "waiting for PostgreSQL at 127.0.0.1:" in done.stderr


def test_a_postgresql_that_never_comes_is_named_without_a_traceback(address: str, place: Path) -> None:
    port = free_port()
    changes = {**SETTINGS, "DATABASE_URL": over_tcp(address, port), "REDIS_URL": os.environ["REDIS_URL"]}
    done = relais("migrate", "--wait", "1", data=place / "data", **changes)
    assert done.returncode == 1
    assert f"PostgreSQL at 127.0.0.1:{port}" in done.stderr
    assert "did not answer within 1 s" in done.stderr
    assert "The last it said: connection failed" in done.stderr
    assert "Connection refused\n" in done.stderr
    assert "Traceback" not in done.stderr
    password = unquote(urlsplit(address).password or "")
    assert password
    assert password not in done.stderr


REFUSED = """connection failed: connection to server at "10.0.0.7", port 5432 failed: Connection refused
\tIs the server running on that host and accepting TCP/IP connections?"""
STARTING = 'connection failed: connection to server at "10.0.0.7", port 5432 failed: FATAL:  it is starting up'
TWO_ADDRESSES = """connection failed: connection to server at "10.0.0.7", port 5432 failed: Connection refused
\tIs the server running on that host and accepting TCP/IP connections?
connection to server at "10.0.0.8", port 5432 failed: FATAL:  no pg_hba.conf entry for host "10.0.0.1\""""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (REFUSED, 'connection failed: connection to server at "10.0.0.7", port 5432 failed: Connection refused'),
        (STARTING, STARTING),
        (
            TWO_ADDRESSES,
            'connection failed: connection to server at "10.0.0.7", port 5432 failed: Connection refused; '
            + TWO_ADDRESSES.splitlines()[-1],
        ),
        ("connection timeout expired\n", "connection timeout expired"),
        ("", "OperationalError"),
    ],
)
def test_the_reason_is_what_failed_and_not_the_advice_below_it(said: str, reason: str) -> None:
    assert why(OperationalError(said)) == reason


def test_of_several_hosts_each_is_named_with_its_reason() -> None:
    with pytest.raises(OperationalError) as refused:
        psycopg.connect("host=127.0.0.1,127.0.0.1 port=1,2 user=nobody connect_timeout=2")
    reason = why(refused.value)
    assert "port: '1'" in reason
    assert "port: '2'" in reason
    assert reason.count("Connection refused") == 2
    assert "\n" not in reason
    assert "Is the server running" not in reason


def version(binary: str) -> tuple[int, ...]:
    words = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.split()
    return tuple(int(part) for part in words[1].split(".")[:2])


@pytest.fixture(scope="module")
def by_pooler(address: str) -> Iterator[dict[str, str]]:
    """The settings of a deployment behind the pooler."""
    with pgbouncer(address) as found:
        yield {"DATABASE_URL": found, "REDIS_URL": os.environ["REDIS_URL"]}


def test_a_pooler_that_loses_prepared_statements_is_refused_in_words(by_pooler: dict[str, str], place: Path) -> None:
    loses = version(program("pgbouncer", "pgbouncer")) < (1, 21)
    done = relais("migrate", data=place / "data", **SETTINGS, **by_pooler)
    assert ("RELAIS_PREPARED_STATEMENTS=0" in done.stderr) is loses, done.stderr
    assert done.returncode == int(loses)
    assert "Traceback" not in done.stderr


async def test_behind_any_pooler_relais_works_without_prepared_statements(by_pooler: dict[str, str]) -> None:
    settings = {**by_pooler, "RELAIS_PREPARED_STATEMENTS": "0"}
    ada, grace = await asyncio.to_thread(people, 2, settings, "--migrate")
    with web("uvicorn", settings) as process:
        async with connected(process, ada) as sender, connected(process, grace) as reader:
            conversation = await sender.open(grace)
            for number in range(20):  # a statement is prepared when it comes often
                await asyncio.gather(sender.say(conversation, str(number)), reader.call("session.list"))
            assert (await reader.call("message.history", {"conversation": conversation}))["messages"]
