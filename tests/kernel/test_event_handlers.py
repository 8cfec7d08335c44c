"""What rooms do in the transaction of an event of a room below: once for a batch, before any stream is locked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from server.kernel.authentication import SYSTEM, Actor
from server.kernel.dispatch import Action, Call, EventHandler, Transaction, dispatch_batch, dispatcher
from server.kernel.events import EventType, registry
from server.kernel.identifiers import uuid7
from server.kernel.models import CapturedMessage, Stream, StreamEvent
from server.kernel.streams import Draft, Numbered
from server.kernel.wire import Command, Done, Event, InternalCommand, stream_name
from server.kernel.wire.errors import Conflict
from server.registry import EVENT_HANDLERS

pytestmark = pytest.mark.django_db(transaction=True)
STREAM, OTHER = stream_name("c", uuid7()), stream_name("i", uuid7())

Handle = Callable[[Sequence[Draft], Transaction], Sequence[Draft]]


class Happened(Event):
    type = "it.happened"
    stream = "c"

    number: int = 0


class Followed(Event):
    type = "it.followed"
    stream = "i"


class Happen(InternalCommand[Done]):
    method = "test.happen"

    ahead: bool = False


def draft() -> Draft:
    return Draft(STREAM, Numbered(Happened, lambda seq: Happened(number=seq)), {})


def followed() -> Draft:
    return Draft(OTHER, Followed(), {})


def happen(calls: Sequence[Call[Happen]], tx: Transaction) -> list[Done]:
    CapturedMessage.objects.create(channel="test", to="", text="", at=tx.now)
    if calls[0].command.ahead:
        tx.lock_streams([STREAM])
    tx.record([draft() for _ in calls])
    return [Done() for _ in calls]


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for event in (Happened, Followed):
        monkeypatch.setitem(registry.types, event.type, EventType(event))
    command: type[Command[Any]] = Happen
    monkeypatch.setitem(dispatcher.actions, command, Action(Happen, batch_handler=happen))
    kept = dispatcher.handlers
    yield
    dispatcher.handlers = kept


def handled_by(*handlers: tuple[type[Event], Handle], inserts_only: bool = False) -> None:
    dispatcher.handlers = [EventHandler(event, handle, inserts_only) for event, handle in handlers]


def outcomes(count: int = 1, *, ahead: bool = False, actor: Actor = SYSTEM) -> list[str | None]:
    found, _ = dispatch_batch([Call(actor, Happen(ahead=ahead)) for _ in range(count)])
    return [one.refused.reason if one.refused else None for one in found]


def types() -> list[str]:
    return list(StreamEvent.objects.order_by("stream", "seq").values_list("type", flat=True))


def test_these_are_all() -> None:
    assert [(one.event.type, one.handle.__module__, one.handle.__name__) for one in EVENT_HANDLERS] == [
        ("membership.ended", "identity.patients.handlers", "end_care_links"),
        ("rights.changed", "referral.scheduling.handlers", "tell_of_rights"),
        ("appointment.booked", "referral.scheduling.handlers", "announce_bookings"),
        ("appointment.cancelled", "referral.scheduling.handlers", "announce_cancellations"),
        ("appointment.cancelled", "referral.referrals.handlers", "cancel_referrals"),
        ("appointment.notice", "referral.referrals.handlers", "tell_of_notices"),
        ("file.changed", "referral.referrals.handlers", "tell_of_checked_documents"),
        ("file.changed", "team.conversations.handlers", "tell_of_checked_files"),
        ("membership.ended", "team.conversations.handlers", "leave_groups"),
    ]


def test_a_handler_is_called_once_with_all_drafts_of_its_type() -> None:
    seen: list[int] = []

    def handle(drafts: Sequence[Draft], tx: Transaction) -> Sequence[Draft]:
        seen.append(len(drafts))
        return []

    handled_by((Happened, handle))
    assert outcomes(3) == [None, None, None]
    assert seen == [3]


def test_what_a_handler_adds_is_recorded_along_and_handled_by_the_rooms_above() -> None:
    order: list[str] = []

    def lower(drafts: Sequence[Draft], tx: Transaction) -> Sequence[Draft]:
        order.append("lower")
        return [followed() for _ in drafts]

    def upper(drafts: Sequence[Draft], tx: Transaction) -> Sequence[Draft]:
        order.append(f"upper {len(drafts)}")
        return []

    handled_by((Happened, lower), (Followed, upper))
    assert outcomes(2) == [None, None]
    assert order == ["lower", "upper 2"]
    assert types() == ["it.happened"] * 2 + ["it.followed"] * 2


def test_the_numbers_an_action_gets_are_those_of_its_own_drafts() -> None:
    handled_by((Happened, lambda drafts, tx: [followed()]))
    tx = Transaction(timezone.now())
    with transaction.atomic():
        assert tx.record([draft(), draft()]) == [1, 2]


def test_a_handler_runs_before_any_stream_is_locked() -> None:
    outcomes()
    free: list[bool] = []

    def handle(drafts: Sequence[Draft], tx: Transaction) -> Sequence[Draft]:
        name = connection.settings_dict["NAME"]
        with psycopg.connect(os.environ["DATABASE_URL"], dbname=name) as other:
            row = other.execute("SELECT 1 FROM kernel_stream WHERE name = %s FOR UPDATE SKIP LOCKED", (STREAM,))
            free.append(row.fetchone() is not None)
        return []

    handled_by((Happened, handle))
    assert outcomes() == [None]
    assert free == [True]


def test_a_handler_that_refuses_leaves_nothing_behind() -> None:
    def handle(drafts: Sequence[Draft], tx: Transaction) -> Sequence[Draft]:
        raise Conflict("Not now.")

    handled_by((Happened, handle))
    assert outcomes(2) == ["conflict", "conflict"]
    assert (types(), CapturedMessage.objects.count(), Stream.objects.count()) == ([], 0, 0)


def test_an_action_that_locks_streams_ahead_says_first_what_it_will_record() -> None:
    handled_by((Happened, lambda drafts, tx: []))
    assert outcomes(ahead=True) == ["internal"]
    assert types() == []


def test_after_streams_are_locked_only_handlers_run_that_lock_no_row() -> None:
    handled_by((Happened, lambda drafts, tx: [followed()]), inserts_only=True)
    assert outcomes(ahead=True) == [None]
    assert types() == ["it.happened", "it.followed"]


def test_what_was_handled_ahead_is_not_handled_again_and_its_streams_are_locked_too() -> None:
    seen: list[Any] = []

    def handle(drafts: Sequence[Draft], tx: Transaction) -> Sequence[Draft]:
        seen.extend(drafts)
        return [followed()]

    outcomes()
    Stream.objects.create(name=OTHER, head=0, moved_at=timezone.now())
    handled_by((Happened, handle))
    tx, one = Transaction(timezone.now()), draft()
    with transaction.atomic():
        tx.handle([one])
        tx.lock_streams([])
        assert tx._locked is not None
        assert set(tx._locked()) == {STREAM, OTHER}
        assert tx.record([one]) == [2]
    assert seen == [one]
    assert types() == ["it.happened", "it.happened", "it.followed"]
