"""A PostgreSQL that says nothing is found out long before a statement may end, and then nobody waits for it."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from server.kernel.postgres import base, liveness
from tests.kill.conftest import postgres_socket
from tests.relais_process import eventually
from tests.stand_ins.cuttable import Network

pytestmark = pytest.mark.django_db(transaction=True)

LONG = 3600.0
"""Seconds that a statement may take in these tests: none ends because of it."""
Connect = Callable[[], base.DatabaseWrapper]


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(postgres_socket(os.environ["DATABASE_URL"])).serving() as made:
        yield made
        made.refuse()  # whoever still asks whether it answers is told


@pytest.fixture
def connect(network: Network, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Connections to the test's database over the network; patience with it is short."""
    monkeypatch.setattr(base, "PATIENCE", 0.3 / LONG)
    made: list[base.DatabaseWrapper] = []

    def connected() -> base.DatabaseWrapper:
        settings = deepcopy(connections["default"].settings_dict)
        settings |= {"HOST": "127.0.0.1", "PORT": network.port}
        settings["OPTIONS"] |= {"statement_seconds": LONG, "connect_timeout": 2}
        one = base.DatabaseWrapper(settings, alias="default")
        made.append(one)
        one.inc_thread_sharing()
        one.ensure_connection()
        return one

    yield connected
    for one in made:
        one.close()


def ask(of: base.DatabaseWrapper, statement: str = "SELECT 1") -> None:
    with of.cursor() as cursor:
        cursor.execute(statement)


class Thread(threading.Thread):
    """Asks in a thread of its own, and keeps what became of it."""

    def __init__(self, of: base.DatabaseWrapper, statement: str = "SELECT 1") -> None:
        super().__init__()
        self.failed: BaseException | None = None
        self._work = (of, statement)
        self.start()

    def run(self) -> None:
        try:
            ask(*self._work)
        except OperationalError as error:
            self.failed = error.__cause__

    def outcome(self) -> BaseException | None:
        self.join(30)
        assert not self.is_alive()
        return self.failed


def answers_over(network: Network, connect: Connect) -> bool:
    with contextlib.suppress(OperationalError):
        ask(connect())
        return True
    return False


def test_everybody_who_waits_for_a_silent_server_is_told_and_nobody_begins_to(
    network: Network, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [connect() for _ in range(4)]
    network.swallow()
    assert [type(one.outcome()) for one in [Thread(one) for one in made[:3]]] == [liveness.SilentServerError] * 3
    tries: list[object] = []
    monkeypatch.setattr(base.BoundedConnection, "connect", lambda **_: tries.append(1))
    with pytest.raises(OperationalError, match="silent"):
        ask(made[3])  # kept from before, and not trusted any more
    with pytest.raises(OperationalError, match="silent"):
        connect()
    assert not tries, "it is refused, and not tried"
    monkeypatch.undo()
    network.recover()
    eventually(lambda: answers_over(network, connect), 20)


def test_a_slow_statement_goes_on_as_long_as_the_server_answers_somebody(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    really_answers = liveness.answers

    def answers(parameters: Mapping[str, Any]) -> bool:
        asked.append(really_answers(parameters))
        return asked[-1]

    monkeypatch.setattr(liveness, "answers", answers)
    ask(connect(), "SELECT pg_sleep(1.5)")
    assert asked
    assert all(asked)


def test_a_statement_that_waits_beside_others_that_are_answered_asks_nobody(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = connect(), connect()
    monkeypatch.setattr(liveness, "answers", lambda _: pytest.fail("there was no reason to ask"))
    slow = Thread(one, "SELECT pg_sleep(1)")
    while slow.is_alive():
        ask(other)
    assert slow.outcome() is None


def test_a_server_that_takes_no_connection_in_time_is_silent_for_everybody(network: Network, connect: Connect) -> None:
    network.swallow()
    with pytest.raises(OperationalError, match="timeout"):
        connect()
    with pytest.raises(OperationalError, match="silent"):
        connect()
    network.recover()
    eventually(lambda: answers_over(network, connect), 20)


def test_a_refusal_is_an_answer() -> None:
    parameters = connection.get_connection_params()
    assert liveness.answers(parameters)
    assert liveness.answers({**parameters, "dbname": "of_nobody"})
    assert liveness.answers({**parameters, "host": "127.0.0.1", "port": 1})


def test_of_several_servers_those_that_are_silent_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = liveness.Server({})
    silent.is_silent = True
    monkeypatch.setattr(liveness, "_servers", {("first", 5432): silent})
    of_both = {"host": "first,second", "port": "5432,6432", "dbname": "relais"}
    assert liveness.without_silent_ones(of_both) == {"host": "second", "port": "6432", "dbname": "relais"}
    assert liveness.without_silent_ones({"host": "second"}) == {"host": "second"}
    with pytest.raises(liveness.SilentServerError):
        liveness.without_silent_ones({"host": "first"})
