"""Asking for tasks after a commit: at once, once, and never at the price of the answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import LazySettings, settings
from kombu.exceptions import OperationalError

from server import celery
from server.kernel import task_requests
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import Action, Transaction, dispatch, dispatcher
from server.kernel.task_requests import TaskRequests
from server.kernel.wire import Command, Done, InternalCommand
from server.kernel.wire.errors import Conflict
from tests.relais_process import eventually

TASK = "test.task"


@pytest.fixture(autouse=True)
def _no_marks() -> Iterator[None]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(f"relais:asked:{TASK}")
        yield
        client.delete(f"relais:asked:{TASK}")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What this process puts onto the broker."""
    sent: list[str] = []
    monkeypatch.setattr(task_requests.requests, "send", sent.append)
    return sent


class Ask(InternalCommand[Done]):
    method = "test.ask"
    refuse: bool = False


def ask(_actor: Any, command: Ask, tx: Transaction) -> Done:
    tx.after_commit(TASK)
    if command.refuse:
        raise Conflict("Not now.")
    return Done()


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> None:
    actions: dict[type[Command[Any]], Action[Any]] = {**dispatcher.actions, Ask: Action(Ask, ask)}
    monkeypatch.setattr(dispatcher, "actions", actions)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("asking")
def test_a_task_is_asked_for_after_the_commit_and_not_after_a_refusal(sent: list[str]) -> None:
    with pytest.raises(Conflict):
        dispatch(SYSTEM, Ask(refuse=True))
    time.sleep(0.1)
    assert sent == []
    dispatch(SYSTEM, Ask())
    eventually(lambda: sent == [TASK], 5)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("asking")
def test_a_broker_that_hangs_delays_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, released = threading.Event(), threading.Event()

    def hang(_name: str) -> None:
        begun.set()
        released.wait(10)

    monkeypatch.setattr(task_requests.requests, "send", hang)
    dispatch(SYSTEM, Ask())
    assert begun.wait(5)
    before = time.perf_counter()
    for _ in range(20):
        dispatch(SYSTEM, Ask())
    assert time.perf_counter() - before < 2
    released.set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("asking")
def test_without_redis_a_commit_is_answered_as_ever(settings: LazySettings, sent: list[str]) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    before = time.perf_counter()
    assert dispatch(SYSTEM, Ask()) == Done()
    assert time.perf_counter() - before < 1
    assert sent == []


def test_many_commits_ask_once_until_the_task_begins() -> None:
    sent: list[str] = []
    requests = TaskRequests()
    requests.send = sent.append
    for _ in range(5):
        requests.ask([TASK])
        time.sleep(0.02)
    eventually(lambda: sent, 5)
    assert sent == [TASK]
    task_requests.begun(TASK)
    requests.ask([TASK])
    eventually(lambda: sent == [TASK, TASK], 5)


def test_a_request_that_was_lost_is_repeated_by_a_later_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_requests, "MARK_LASTS", 0.1)
    monkeypatch.setattr(task_requests, "PAUSE", 0.01)
    sent: list[str] = []

    def lose_the_first(name: str) -> None:
        sent.append(name)
        if len(sent) == 1:
            raise OSError("the broker is away")

    requests = TaskRequests()
    requests.send = lose_the_first
    requests.ask([TASK])
    eventually(lambda: sent, 5)
    time.sleep(0.15)
    requests.ask([TASK])
    eventually(lambda: len(sent) == 2, 5)


def test_a_broker_that_never_answers_is_given_up_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        monkeypatch.setattr(celery.application.conf, "broker_write_url", url)
        before = time.perf_counter()
        with pytest.raises((OSError, OperationalError)):
            celery.request_task(TASK)
        assert time.perf_counter() - before < 6


def test_every_sweep_is_a_task_that_the_worker_knows() -> None:
    celery.application.loader.import_default_modules()
    assert celery.SWEEPS.keys() <= celery.application.tasks.keys()
