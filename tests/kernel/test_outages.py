"""A server that is away is a warning, said once in a process with its length at the end; anything else is a defect."""

from __future__ import annotations

import json
import logging

import django.db
import psycopg
import pytest
import redis
from django.http import HttpRequest
from django.test import AsyncClient

from server.kernel import logs, outages
from server.kernel.dispatch import Call, dispatch_batch
from server.kernel.http import server_error
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Unavailable
from team.messages.wire import SendMessage
from tests.factories import account, group


def wrapped(cause: Exception, by: Exception) -> Exception:
    try:
        raise by from cause
    except Exception as error:
        return error


AWAY = [
    (psycopg.OperationalError("connection refused"), "PostgreSQL"),
    (psycopg.errors.AdminShutdown("terminating"), "PostgreSQL"),
    (psycopg.errors.CannotConnectNow("starting up"), "PostgreSQL"),
    (psycopg.errors.TooManyConnections("too many clients"), "PostgreSQL"),
    (psycopg.errors.ReadOnlySqlTransaction("a standby"), "PostgreSQL"),
    (psycopg.InterfaceError("the connection is closed"), "PostgreSQL"),
    (django.db.InterfaceError("connection already closed"), "PostgreSQL"),
    (wrapped(psycopg.OperationalError("lost"), django.db.OperationalError("lost")), "PostgreSQL"),
    (wrapped(psycopg.errors.ReadOnlySqlTransaction("a standby"), django.db.InternalError("a standby")), "PostgreSQL"),
    (redis.ConnectionError("refused"), "Redis"),
    (redis.BusyLoadingError("loading"), "Redis"),
    (redis.TimeoutError("silent"), "Redis"),
    (redis.ReadOnlyError("a replica"), "Redis"),
    (redis.OutOfMemoryError("OOM command not allowed"), "Redis"),
    (redis.ResponseError("MISCONF it cannot save"), "Redis"),
    (psycopg.errors.DiskFull("no space"), "PostgreSQL's disk"),
    (wrapped(psycopg.errors.DiskFull("no space"), django.db.OperationalError("no space")), "PostgreSQL's disk"),
    (wrapped(redis.ConnectionError("refused"), RuntimeError("of kombu")), "Redis"),
]
DEFECTS: list[Exception] = [
    psycopg.errors.DeadlockDetected("deadlock"),
    psycopg.errors.QueryCanceled("took too long"),
    psycopg.errors.UndefinedTable("no such table"),
    psycopg.InterfaceError("wrong parameters"),
    wrapped(psycopg.errors.QueryCanceled("took too long"), django.db.OperationalError("took too long")),
    redis.ResponseError("wrong type"),
    ConnectionRefusedError("somebody else"),
    TimeoutError("somebody else"),
    KeyError("of ours"),
]


@pytest.mark.parametrize(("error", "peer"), [*AWAY, *((error, None) for error in DEFECTS)], ids=repr)
def test_which_server_is_away_is_known_by_the_exception(error: Exception, peer: str | None) -> None:
    assert outages.peer_of(error) == peer


def test_a_defect_that_follows_an_outage_is_one() -> None:
    try:
        try:
            raise redis.ConnectionError("refused")
        except redis.ConnectionError:
            raise KeyError("of ours")  # noqa: B904 - that is what is tested
    except KeyError as error:
        found = outages.peer_of(error)
    assert found is None


class Clock:
    """A monotonic clock that a test moves."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(outages, "time", made)
    return made


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, object]]:
    """The lines that were written, and their fields."""
    assert {one.levelname for one in caplog.records} <= {"WARNING"}
    assert not any(one.exc_info for one in caplog.records)
    return [(one.getMessage(), getattr(one, "fields", None)) for one in caplog.records]


def test_an_outage_is_said_once_and_its_length_when_it_is_over(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    for _ in range(50):
        assert outages.noted(redis.ConnectionError("refused"))
        clock.now += 0.2
    assert outages.noted(psycopg.OperationalError("lost"))
    outages.answered("Redis")  # something else failed a moment ago
    clock.now += 1
    outages.answered("Redis")
    outages.answered("Redis")
    assert said(caplog) == [
        ("Redis cannot be used", {"error": "ConnectionError"}),
        ("PostgreSQL cannot be used", {"error": "OperationalError"}),
        ("Redis can be used again", {"seconds": 11.0, "errors": 50}),
    ]


def test_an_outage_that_lasts_is_said_again_once_a_minute_with_its_length(
    caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    for _ in range(601):
        outages.note("Redis")
        clock.now += 0.25
    assert said(caplog) == [
        ("Redis cannot be used", {}),
        ("Redis cannot be used, still", {"seconds": 60.0, "errors": 241}),
        ("Redis cannot be used, still", {"seconds": 120.0, "errors": 481}),
    ]


def test_a_full_disk_is_said_once_although_questions_and_some_writes_succeed(
    caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    for _ in range(20):
        assert outages.noted(psycopg.errors.DiskFull("no space"))
        clock.now += 2
        outages.answered("PostgreSQL")
        outages.answered("PostgreSQL's disk")
    clock.now += 30
    outages.answered("PostgreSQL")
    assert [text for text, _ in said(caplog)] == ["PostgreSQL's disk is full"]
    outages.answered("PostgreSQL's disk")
    assert said(caplog)[1:] == [("PostgreSQL's disk has room again", {"seconds": 70.0, "errors": 20})]


def record(name: str, message: str, error: Exception | None = None) -> logging.LogRecord:
    info = None if error is None else (type(error), error, error.__traceback__)
    return logging.getLogger(name).makeRecord(name, logging.ERROR, "file", 1, message, (), info)


@pytest.mark.parametrize(
    "made",
    [
        record("channels_redis.pubsub", "Unexpected exception in receive task", redis.ConnectionError("refused")),
        record("celery.app.trace", "raised unexpected", wrapped(redis.TimeoutError("silent"), RuntimeError())),
        record("celery.worker.consumer.consumer", "consumer: Cannot connect to redis://: refused. Trying again in 2 s"),
        record("celery.beat", "beat: Connection error: refused. Trying again in 2.0 seconds..."),
    ],
    ids=lambda made: made.name,
)
def test_an_outage_of_which_a_library_tells_is_noted_in_its_place(
    made: logging.LogRecord, caplog: pytest.LogCaptureFixture
) -> None:
    assert [logs._is_worth_a_line(made) for _ in range(3)] == [False] * 3
    assert [message for message, _ in said(caplog)] == ["Redis cannot be used"]


def test_a_defect_of_which_a_library_tells_is_written() -> None:
    assert logs._is_worth_a_line(record("channels_redis.pubsub", "Unexpected exception", KeyError("of ours")))


@pytest.mark.django_db
@pytest.mark.parametrize("cause", [psycopg.OperationalError("lost"), psycopg.errors.ReadOnlySqlTransaction("standby")])
def test_a_command_meanwhile_is_unavailable_and_no_defect(
    cause: psycopg.Error, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, grace = account(), account()
    sending = SendMessage(id=uuid7(), conversation=group(ada, grace), body="Bonjour")
    wrapping = django.db.OperationalError if isinstance(cause, psycopg.OperationalError) else django.db.InternalError

    def away(*_: object) -> object:
        raise wrapped(cause, wrapping())

    monkeypatch.setattr("server.kernel.dispatch._in_transaction", away)
    monkeypatch.setattr("server.kernel.dispatch.connection.close", lambda: None)
    caplog.clear()
    [outcome], _ = dispatch_batch([Call(ada.actor, sending)])
    assert isinstance(outcome.refused, Unavailable)
    assert [message for message, _ in said(caplog)] == ["PostgreSQL cannot be used"]
    # A task that asked for it has raised this, and Celery logs it.
    assert not logs._is_worth_a_line(record("celery.app.trace", "raised unexpected", outcome.refused))
    assert [message for message, _ in said(caplog)] == ["PostgreSQL cannot be used"]


def answered(error: Exception) -> tuple[int, str, str | None]:
    try:
        raise error
    except Exception:
        response = server_error(HttpRequest())
    return response.status_code, json.loads(response.content)["reason"], response.headers.get("Retry-After")


def test_over_http_an_outage_is_503_and_a_defect_500() -> None:
    assert answered(redis.ConnectionError("refused")) == (503, "unavailable", "2")
    assert answered(KeyError("of ours")) == (500, "internal", None)


async def test_a_view_that_meets_an_outage_is_answered_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object, **__: object) -> object:
        raise redis.ConnectionError("refused")

    monkeypatch.setattr("identity.sessions.store.SessionStore.load", away)
    client = AsyncClient(raise_request_exception=False)
    client.cookies["relais"] = "k" * 40
    response = await client.get("/auth/browser/v1/auth/session")
    assert (response.status_code, json.loads(response.content)["reason"]) == (503, "unavailable")
    written = [one for one in caplog.records if logs._is_worth_a_line(one)]
    assert [one.getMessage() for one in written] == ["Redis cannot be used"]
