"""The dispatcher: what becomes of each call when something is refused, breaks, or is cut off in the middle."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from identity.sessions.models import Session
from server.kernel import audit, streams
from server.kernel.authentication import Actor
from server.kernel.dispatch import Action, Call, Transaction, dispatch, dispatch_batch, dispatcher
from server.kernel.events import EventType, registry
from server.kernel.identifiers import uuid7
from server.kernel.logs import JsonFormatter
from server.kernel.models import Announcement, AuditLink, CapturedMessage, StreamEvent
from server.kernel.outcomes import InternalError, Outbound, Outcome
from server.kernel.streams import Draft
from server.kernel.wire import Command, Event, NewId, View, frame
from server.kernel.wire.errors import Conflict, Forbidden, IdTaken, NotFound, Refusal, Unavailable
from tests.factories import account

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Mme Dupont, douleur thoracique"
STREAM = "a:0193a000-0000-7000-8000-000000000001"


class Kept(View):
    id: UUID
    text: str


class Noted(Event):
    type = "it.noted"
    stream = "a"

    text: str


class _Keep(Command[Kept]):
    """Keeps a text under an id, once, and tells of it; ``trouble`` happens on the way the first time."""

    id: NewId
    text: str = SECRET
    trouble: str = ""


class Keep(_Keep):
    method = "test.keep"


class KeepMany(_Keep):
    method = "test.keep_many"


def elsewhere() -> psycopg.Connection[Any]:
    """Another connection to the same database, of nobody's transaction."""
    name = connection.settings_dict["NAME"]
    return psycopg.connect(os.environ["DATABASE_URL"], dbname=name, autocommit=True)


class Troubles:
    """What goes wrong, by name; each as often as ``times`` says."""

    times: ClassVar[dict[str, int]] = {}

    @classmethod
    def happen(cls, name: str) -> None:
        if name and cls.times.get(name, 1) > 0:
            cls.times[name] = cls.times.get(name, 1) - 1
            getattr(cls, name)()

    @staticmethod
    def refused() -> None:
        raise Conflict("Somebody was faster.")

    @staticmethod
    def defect() -> None:
        raise ZeroDivisionError(SECRET)

    @staticmethod
    def cut_off() -> None:
        """The server ends our connection, as an administrator or a crash does."""
        pid = connection.connection.info.backend_pid
        with elsewhere() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    @staticmethod
    def cut_off_after_the_commit() -> None:
        def lose() -> None:
            connection.close()
            raise OperationalError("server closed the connection unexpectedly")

        transaction.on_commit(lose)

    @staticmethod
    def _raise(code: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$")

    @classmethod
    def deadlock(cls) -> None:
        cls._raise("40P01")

    @classmethod
    def sessions_end_in_a_deadlock(cls) -> None:
        with elsewhere() as other:
            other.execute("UPDATE identity_session SET ended_at = now()")
        cls.deadlock()

    @classmethod
    def beyond_a_limit(cls) -> None:
        cls._raise("54000")

    @classmethod
    def disk_full(cls) -> None:
        cls._raise("53100")

    @classmethod
    def violation(cls) -> None:
        cls._raise("23505")


def _keep(calls: Sequence[Call[_Keep]], tx: Transaction) -> list[Any]:
    known = {
        row.key: row.text for row in CapturedMessage.objects.filter(key__in=[str(call.command.id) for call in calls])
    }
    results: list[Any] = []
    drafts = []
    for call in calls:
        command = call.command
        if command.trouble == "returned":
            results.append(NotFound())
            continue
        Troubles.happen(command.trouble)
        if known.get(str(command.id), command.text) != command.text:
            results.append(IdTaken())
            continue
        if str(command.id) not in known:
            CapturedMessage.objects.create(channel="test", to="", text=command.text, at=tx.now, key=str(command.id))
            drafts.append(Draft(STREAM, Noted(text=command.text), {}))
        results.append(Kept(id=command.id, text=command.text))
    tx.record(drafts)
    return results


def keep(actor: Actor, command: Keep, tx: Transaction) -> Kept:
    [result] = _keep([Call(actor, command)], tx)
    if isinstance(result, Refusal):
        raise result
    kept: Kept = result
    return kept


@pytest.fixture(autouse=True)
def _commands() -> Iterator[None]:
    before = dict(dispatcher.actions)
    dispatcher.actions[Keep] = Action(Keep, keep, subject="id")
    dispatcher.actions[KeepMany] = Action(KeepMany, batch_handler=_keep, subject="id")
    Troubles.times = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.types, Noted.type, EventType(Noted))
        yield
    dispatcher.actions = before


@pytest.fixture
def ada() -> Actor:
    return account().actor


Kind = type[_Keep]
kinds = pytest.mark.parametrize("kind", [Keep, KeepMany], ids=["handler", "batch_handler"])


def rows() -> list[str]:
    return [row.key or "" for row in CapturedMessage.objects.order_by("pk")]


def numbers() -> list[int]:
    return list(StreamEvent.objects.filter(stream=STREAM).order_by("seq").values_list("seq", flat=True))


def one(outcomes: list[Outcome[Kept]]) -> Outcome[Kept]:
    [outcome] = outcomes
    return outcome


def ids(outcomes: list[Outcome[Kept]]) -> list[UUID]:
    """Of what was kept, in order."""
    return [outcome.result.id for outcome in outcomes if outcome.result is not None]


def batch(ada: Actor, *troubles: str) -> tuple[list[Call[KeepMany]], list[Outcome[Kept]], Outbound]:
    calls = [Call(ada, KeepMany(id=uuid7(), trouble=trouble)) for trouble in troubles]
    outcomes, news = dispatch_batch(calls)
    assert len(outcomes) == len(calls)
    return calls, outcomes, news


# One and the others


@pytest.mark.parametrize(
    ("trouble", "refusal"),
    [
        ("returned", NotFound),
        ("refused", Conflict),
        ("defect", InternalError),
        ("violation", InternalError),
        ("beyond_a_limit", Unavailable),
    ],
)
def test_what_goes_wrong_with_one_harms_no_other(ada: Actor, trouble: str, refusal: type[Refusal]) -> None:
    Troubles.times[trouble] = 1000
    calls, outcomes, news = batch(ada, "", trouble, "", "")
    assert [type(outcome.refused) for outcome in outcomes] == [type(None), refusal, type(None), type(None)]
    good = [call.command.id for call, outcome in zip(calls, outcomes, strict=True) if outcome.refused is None]
    assert ids(outcomes) == good
    assert rows() == [str(kept) for kept in good]
    assert numbers() == [1, 2, 3] == [told.seq for told in news.events]
    entered = "".join(AuditLink.objects.values_list("entries", flat=True))
    assert [str(call.command.id) in entered for call in calls] == [True, False, True, True]
    assert not audit.verify().broken


def test_when_the_disk_is_full_everybody_is_told_at_once_and_nothing_is_tried_again(
    ada: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    Troubles.times["disk_full"] = 1000
    _, outcomes, _ = batch(ada, "", "disk_full", "")
    assert [type(outcome.refused) for outcome in outcomes] == [Unavailable] * 3
    assert Troubles.times["disk_full"] == 999
    for _ in range(5):
        batch(ada, "disk_full")
    said = [one.getMessage() for one in caplog.records if one.name != "psycopg"]
    assert said == ["PostgreSQL's disk is full"]
    assert rows() == []
    Troubles.times["disk_full"] = 0
    assert [outcome.refused for outcome in batch(ada, "", "")[1]] == [None, None]


def test_every_announcement_of_a_batch_that_was_taken_apart_can_be_marked(ada: Actor) -> None:
    Troubles.times["defect"] = 1000
    _, _, news = batch(ada, "", "defect", "")
    assert set(news.announcements) == set(Announcement.objects.values_list("pk", flat=True))
    assert len(news.announcements) == 2


def test_the_same_request_twice_in_a_batch_is_one(ada: Actor) -> None:
    command = KeepMany(id=uuid7())
    other = KeepMany(id=command.id, text="other")
    dispatch_batch([Call(ada, command)])
    outcomes, news = dispatch_batch([Call(ada, command), Call(ada, other), Call(ada, command)])
    assert [outcome.refused is None for outcome in outcomes] == [True, False, True]
    assert outcomes[0].result == outcomes[2].result
    assert (rows(), news.events) == ([str(command.id)], [])


# Defects


@kinds
def test_of_a_defect_the_client_learns_an_incident_and_nothing_else(
    ada: Actor, kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "kernel.dispatch"):
        outcomes, news = dispatch_batch([Call(ada, kind(id=uuid7(), trouble="defect"))])
    refused = one(outcomes).refused
    assert refused is not None
    error = json.loads(frame.refusal(7, refused))["error"]
    assert set(error) == {"code", "message", "data"}
    assert (error["code"], set(error["data"])) == (-32603, {"incident"})
    assert "Dupont" not in json.dumps(error)
    assert "Zero" not in json.dumps(error)
    [record] = [record for record in caplog.records if record.name == "kernel.dispatch"]
    line = JsonFormatter().format(record)
    assert error["data"]["incident"] in line
    assert "ZeroDivisionError" in line
    assert kind.method in line
    assert "Dupont" not in line, "a log holds no patient"
    assert (news.events, rows(), numbers(), AuditLink.objects.count()) == ([], [], [], 0)


@kinds
def test_after_a_defect_the_next_request_is_carried_out(ada: Actor, kind: Kind) -> None:
    Troubles.times["defect"] = 1
    command = kind(id=uuid7(), trouble="defect")
    with pytest.raises(InternalError):
        dispatch(ada, command)
    assert dispatch(ada, command).id == command.id
    assert not audit.verify().broken


# The database


@kinds
@pytest.mark.parametrize("trouble", ["cut_off", "cut_off_after_the_commit", "deadlock", "violation"])
def test_what_was_cut_off_is_done_once_and_answered_the_same(ada: Actor, kind: Kind, trouble: str) -> None:
    command = kind(id=uuid7(), trouble=trouble)
    outcomes, _ = dispatch_batch([Call(ada, command)])
    assert one(outcomes).refused is None
    assert one(outcomes).result == dispatch(ada, command) == Kept(id=command.id, text=SECRET)
    assert (rows(), numbers()) == ([str(command.id)], [1])
    assert Announcement.objects.count() == 1
    assert not audit.verify().broken


@pytest.mark.parametrize("trouble", ["cut_off", "cut_off_after_the_commit", "deadlock"])
def test_a_batch_that_was_cut_off_is_done_once(ada: Actor, trouble: str) -> None:
    calls, outcomes, _ = batch(ada, "", trouble, "")
    assert ids(outcomes) == [call.command.id for call in calls]
    assert rows() == [str(call.command.id) for call in calls]
    assert numbers() == [1, 2, 3]


def test_what_was_committed_and_cut_off_is_announced_for_others_to_tell(ada: Actor) -> None:
    _, news = dispatch_batch([Call(ada, Keep(id=uuid7(), trouble="cut_off_after_the_commit"))])
    assert news.events == [], "this process does not know that it was committed"
    assert Announcement.objects.filter(published=False).count() == 1


@kinds
def test_while_the_database_stays_away_requests_are_unavailable_and_then_work_again(
    ada: Actor, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = kind(id=uuid7())
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "PORT", "1")
        outcomes, news = dispatch_batch(
            [Call(ada, command), Call(ada, command)] if kind is KeepMany else [Call(ada, command)]
        )
        assert {type(outcome.refused) for outcome in outcomes} == {Unavailable}
        assert not news
    assert dispatch(ada, command).id == command.id


# Callers


@kinds
def test_whoever_ended_their_session_is_refused_inside_the_transaction(ada: Actor, kind: Kind) -> None:
    grace = account().actor
    Session.objects.filter(person=ada.person).update(ended_at=timezone.now())
    outcomes, _ = dispatch_batch([Call(ada, kind(id=uuid7()))])
    assert isinstance(one(outcomes).refused, Forbidden)
    assert rows() == []
    if kind is KeepMany:
        outcomes, _ = dispatch_batch([Call(ada, kind(id=uuid7())), Call(grace, kind(id=uuid7()))])
        assert [outcome.refused is None for outcome in outcomes] == [False, True]
        assert len(rows()) == 1


def test_a_session_that_ends_while_a_request_is_retried_is_refused(ada: Actor) -> None:
    with pytest.raises(Forbidden):
        dispatch(ada, Keep(id=uuid7(), trouble="sessions_end_in_a_deadlock"))
    assert rows() == []


# The transaction


def test_streams_are_recorded_once_in_a_transaction() -> None:
    tx = Transaction(timezone.now())
    with transaction.atomic():
        tx.record([Draft(STREAM, Noted(text="x"), {})])
        with pytest.raises(RuntimeError):
            tx.record([Draft(STREAM, Noted(text="y"), {})])
    assert numbers() == [1]
    empty = Transaction(timezone.now())
    assert empty.record([]) == []
    with pytest.raises(RuntimeError):
        empty.record([])


def test_nothing_is_announced_when_there_is_nothing_to_tell(ada: Actor) -> None:
    command = Keep(id=uuid7())
    dispatch(ada, command)
    before = Announcement.objects.count()
    dispatch(ada, command)
    assert Announcement.objects.count() == before


def test_who_did_what_is_entered_by_ids_alone(ada: Actor) -> None:
    command = Keep(id=uuid7())
    dispatch(ada, command)
    [link] = AuditLink.objects.all()
    assert msgspec.json.decode(link.entries) == [
        {"person": str(ada.person), "session": str(ada.session), "act": "test.keep", "subject": str(command.id)}
    ]


def test_what_is_told_is_sealed_where_it_is_kept(ada: Actor) -> None:
    dispatch(ada, Keep(id=uuid7()))
    assert SECRET.encode() not in bytes(StreamEvent.objects.get().data)
    [recorded] = streams.since(STREAM, 0, 10)
    assert json.loads(bytes(recorded.data or b"")) == {"text": SECRET}
