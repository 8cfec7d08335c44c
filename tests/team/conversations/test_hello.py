"""``hello`` asks for everything at once, for callers as they stood when they came; it shows what they may see now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from identity.accounts.models import Person
from identity.accounts.wire import VERIFIED
from server.kernel import statements, vault
from server.kernel.dispatch import Call, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.outcomes import Outcome
from server.kernel.wire import stream_name
from server.kernel.wire.handshake import Client, Hello, Welcome
from team.messages.wire import SendMessage
from tests.factories import Account, account, direct, summaries

pytestmark = pytest.mark.django_db(transaction=True)


def greeted(*calls: Call[Hello]) -> list[Outcome[Welcome]]:
    return dispatch_batch(calls, 10)[0]


def call(who: Account, *, verified: bool | None = None) -> Call[Hello]:
    """Of somebody, who was or was not verified when they came."""
    scopes = (
        who.actor.scopes if verified is None else who.actor.scopes - {VERIFIED} | ({VERIFIED} if verified else set())
    )
    return Call(replace(who.actor, scopes=frozenset(scopes)), Hello(protocol=1, client=Client(name="test")))


def shown(outcome: Outcome[Welcome]) -> list[Any]:
    assert outcome.result is not None, outcome.refused
    return [view.id for view in summaries(outcome.result)]


@pytest.fixture
def pair() -> tuple[Account, Account, Any]:
    ada, grace = account(), account()
    room = direct(ada, grace)
    dispatch_batch([Call(ada.actor, SendMessage(id=uuid7(), conversation=room, body="Bonjour"))])
    return ada, grace, room


def test_whoever_is_verified_by_now_is_shown_everything(pair: tuple[Account, Account, Any]) -> None:
    ada, grace, room = pair
    late, before = greeted(call(grace, verified=False), call(ada))
    assert shown(late) == shown(before) == [room]
    assert late.listening


def test_whoever_is_no_longer_verified_is_shown_nothing_that_was_asked_for_them(
    pair: tuple[Account, Account, Any],
) -> None:
    ada, grace, _ = pair
    Person.objects.filter(pk=grace.id).update(verified_at=None)
    Person.objects.filter(pk=ada.id).update(suspended_at=datetime.now(UTC))
    lost, suspended, other = greeted(call(grace, verified=True), call(ada), call(account()))
    assert lost.result is not None
    assert (lost.result.streams, lost.result.unread, lost.listening) == ([], 0, False)
    assert suspended.refused is not None
    assert shown(other) == []


def test_two_exchanges_with_the_database_whatever_there_is_to_show(pair: tuple[Account, Account, Any]) -> None:
    """Everything that is asked, and then names and keys with the commit."""
    _, grace, room = pair
    greeted(call(grace))
    exchange, times = statements._Pipeline._exchange, []

    def counted(pipeline: Any) -> None:
        times.append(1)
        exchange(pipeline)

    vault.clear_cache()
    with mock.patch.object(statements._Pipeline, "_exchange", counted):
        [outcome] = greeted(call(grace))
        assert shown(outcome) == [room]
    assert len(times) == 2


def test_its_views_are_made_when_the_transaction_is_over(pair: tuple[Account, Account, Any]) -> None:
    _, grace, room = pair
    opened: list[bool] = []
    open_sealed = vault.Key.open

    def noted(key: vault.Key, *what: Any) -> bytes:
        opened.append(connection.in_atomic_block)
        return open_sealed(key, *what)

    with mock.patch.object(vault.Key, "open", noted):
        assert shown(greeted(call(grace))[0]) == [room]
    assert opened == [False]


def test_everybody_of_a_batch_has_their_own_inbox() -> None:
    people: Sequence[Account] = [account() for _ in range(3)]
    command = Hello(protocol=1, client=Client(name="test"))
    found = [one.result for one in greeted(*(Call(one.actor, command) for one in people))]
    assert [[state.stream for state in one.streams] for one in found if one] == [
        [stream_name("i", one.id)] for one in people
    ]
