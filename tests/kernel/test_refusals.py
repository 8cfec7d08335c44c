"""Refusals are in the audit, and no flood of them can fill it."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.db import DatabaseError, connection

from server.kernel import audit
from server.kernel import refusals as module
from server.kernel.authentication import SYSTEM, Person
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import AuditLink
from server.kernel.refusals import RefusalLog, refusals
from server.kernel.wire.errors import Conflict, Forbidden, NotFound
from server.kernel.wire.handshake import Sync
from team.conversations.wire import GetConversation, RemoveMember
from tests.factories import account, group

pytestmark = pytest.mark.django_db


def entries() -> list[dict[str, Any]]:
    refusals.flush()
    found = [entry for link in AuditLink.objects.order_by("at") for entry in msgspec.json.decode(link.entries)]
    return [entry for entry in found if entry["act"] == "refused"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the log goes by."""
    seconds = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


def test_a_refused_command_is_entered_with_who_asked_for_what_and_why() -> None:
    ada, grace, eve = account(), account(), account()
    conversation = group(ada, grace)
    with pytest.raises(NotFound):
        dispatch(eve.actor, GetConversation(conversation=conversation))
    with pytest.raises(Forbidden):
        dispatch(grace.actor, RemoveMember(conversation=conversation, person=ada.id))
    assert AuditLink.objects.filter(entries__contains="refused").count() == 0, "nothing is written in the request"
    assert entries() == [
        {
            "person": str(who.id),
            "session": str(who.actor.session),
            "act": "refused",
            "subject": "",
            "about": sorted(map(str, named)),
            "command": command,
            "reason": reason,
            "count": "1",
        }
        for who, command, reason, named in (
            (eve, "conversation.get", "not_found", {conversation}),
            (grace, "conversation.remove", "forbidden", {conversation, ada.id}),
        )
    ]
    assert not audit.verify().broken


def test_a_flood_makes_one_entry_a_minute_that_counts_it(clock: list[float]) -> None:
    eve = account()
    for _ in range(module.SUBJECTS + 50):
        with pytest.raises(NotFound):
            dispatch(eve.actor, Sync(stream=f"c:{uuid7()}", after=0, limit=1))
    first = entries()
    assert [entry["count"] for entry in first] == [str(module.SUBJECTS + 50)]
    assert len(first[0]["about"]) == module.SUBJECTS
    for _ in range(3):
        with pytest.raises(NotFound):
            dispatch(eve.actor, Sync(stream=f"c:{uuid7()}", after=0, limit=1))
    clock[0] += module.WINDOW - 1
    assert len(entries()) == 1
    clock[0] += 2
    assert [entry["count"] for entry in entries()] == [str(module.SUBJECTS + 50), "3"]


def test_other_reasons_and_relais_itself_are_not_entered() -> None:
    ada = account()
    refusals.note(ada.actor, "message.send", Conflict("Load again."))
    refusals.note(SYSTEM, "message.send", Forbidden("Ask an owner."))
    assert entries() == []


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    monkeypatch.setattr(module, "KINDS", 3)
    for _ in range(5):
        refusals.note(Person(uuid4()), "message.send", Forbidden("Ask an owner."))
    assert len(entries()) == 3
    clock[0] += module.WINDOW + 1
    assert len(entries()) == 3
    refusals.note(Person(uuid4()), "message.send", Forbidden("Ask an owner."))
    assert len(entries()) == 4, "what was written long ago leaves room"


def test_a_database_that_is_away_loses_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    log = RefusalLog()
    log.note(Person(uuid4()), "message.send", Forbidden("Ask an owner."), [uuid4()])

    def away(*_: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", away)
        with pytest.raises(DatabaseError):
            log.flush()
    log.flush()
    assert AuditLink.objects.filter(entries__contains='"refused"').count() == 1
