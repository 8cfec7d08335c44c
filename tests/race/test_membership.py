"""Removed while a request is on its way: it does nothing more, and nothing more is delivered.

The removal holds the lock of the conversation's stream on one connection, not yet committed; the request begins on
another one, sees the member still, and waits for the lock. Then the removal is committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from referral.referrals.models import Referral
from server.kernel import audit
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.models import StreamEvent
from server.kernel.outcomes import Outbound, Outcome
from server.kernel.wire import Command, stream_name
from server.registry import ACTIONS
from team.conversations.models import Member, Message
from team.conversations.wire import (
    AddMember,
    HideConversation,
    LeaveConversation,
    RemoveMember,
    SetRole,
    UpdateConversation,
)
from team.conversations.wire_cases import CloseCase, HandOverCases, ReopenCase, TurnCase
from team.messages.wire import GetHistory, ReadMessages, SendMessage, Typing
from tests.factories import Account, account, acquainted, group
from tests.referral.practice import Practice, booking, practice

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Scene:
    """A group of the practitioner and three more people who look after it, in which something was said."""

    clinic: Practice
    owner: Account
    actor: Account
    member: Account
    newcomer: Account
    conversation: UUID
    hold: UUID


@pytest.fixture
def scene() -> Scene:
    clinic = practice()
    owner, actor, member = account(), account(), account()
    conversation = group(owner, actor, member, clinic.practitioner)
    Member.objects.filter(conversation=conversation).update(role="owner")
    dispatch(owner.actor, SendMessage(id=uuid7(), conversation=conversation, body="Bonjour"))
    newcomer = account()
    acquainted(actor, newcomer)
    return Scene(clinic, owner, actor, member, newcomer, conversation, clinic.hold(actor, "09:20").hold)


WRITING: dict[str, Callable[[Scene], Command[Any]]] = {
    "message.send": lambda s: SendMessage(id=uuid7(), conversation=s.conversation, body="x"),
    "message.read": lambda s: ReadMessages(conversation=s.conversation, seq=2),
    "typing": lambda s: Typing(conversation=s.conversation),
    "conversation.add": lambda s: AddMember(conversation=s.conversation, person=s.newcomer.id),
    "conversation.remove": lambda s: RemoveMember(conversation=s.conversation, person=s.clinic.practitioner.id),
    "conversation.hide": lambda s: HideConversation(conversation=s.conversation),
    "conversation.leave": lambda s: LeaveConversation(conversation=s.conversation),
    "conversation.role": lambda s: SetRole(conversation=s.conversation, person=s.clinic.practitioner.id, role="member"),
    "conversation.update": lambda s: UpdateConversation(conversation=s.conversation, title="x"),
    "referral.book": lambda s: booking(s.hold, conversation=s.conversation, message="x"),
}
IN_CASES: dict[str, Callable[[Scene], Command[Any]]] = {
    "case.close": lambda s: CloseCase(conversation=s.conversation, outcome="advice", summary="x"),
    "case.reopen": lambda s: ReopenCase(conversation=s.conversation, reason="x"),
    "case.turn": lambda s: TurnCase(conversation=s.conversation, to="asker"),
    "case.handover": lambda s: HandOverCases(conversations=[s.conversation], to=s.member.id),
}
"""What a group is not there for: whoever is a member still is told so, and who is none any more is told nothing."""
READING = {"conversation.get", "message.history"}
SILENT = {"conversation.hide"}
"""What is of the caller's own list alone: nobody else is told."""
ANSWERING = {"conversation.accept", "conversation.decline"}
"""By somebody who is asked into a group and no member of it: there is no membership to lose meanwhile."""


def test_every_command_that_names_a_conversation_is_here() -> None:
    naming = {one.command.method for one in ACTIONS if "conversation" in one.command.__struct_fields__}
    assert naming | {"case.handover"} == WRITING.keys() | IN_CASES.keys() | READING | ANSWERING


@contextmanager
def removal_under_way(scene: Scene, removed: Account) -> Iterator[None]:
    """Somebody is removed; it is committed at the end of the block."""
    with transaction.atomic():
        removal = RemoveMember(conversation=scene.conversation, person=removed.id)
        [outcome], _ = dispatch_batch([Call(scene.owner.actor, removal)])
        assert outcome.refused is None
        yield


def begin(threads: ThreadPoolExecutor, who: Account, command: Command[Any]) -> Future[tuple[Outcome[Any], Outbound]]:
    """Carries a command out on another connection, and returns when it waits for a lock."""

    def run() -> tuple[Outcome[Any], Outbound]:
        try:
            [outcome], news = dispatch_batch([Call(who.actor, command)])
            return outcome, news
        finally:
            audit.chain.start_new_chain()
            connection.close()

    begun = threads.submit(run)
    until = time.monotonic() + 20
    while not _somebody_waits():
        assert not begun.done(), begun.result()
        assert time.monotonic() < until
        time.sleep(0.01)
    return begun


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        return bool(cursor.fetchone()[0])


def raced(scene: Scene, removed: Account, who: Account, command: Command[Any]) -> tuple[Outcome[Any], Outbound]:
    """What becomes of a command that began before the removal was committed."""
    with ThreadPoolExecutor(1) as threads:
        with removal_under_way(scene, removed):
            begun = begin(threads, who, command)
        return begun.result()


def events(conversation: UUID) -> list[tuple[int, str]]:
    found = StreamEvent.objects.filter(stream=stream_name("c", conversation)).order_by("seq")
    return list(found.values_list("seq", "type"))


@pytest.mark.parametrize("name", WRITING | IN_CASES)
def test_whoever_was_removed_meanwhile_does_nothing(scene: Scene, name: str) -> None:
    command = (WRITING | IN_CASES)[name](scene)
    outcome, news = raced(scene, scene.actor, scene.actor, command)
    assert outcome.refused is not None
    assert outcome.refused.reason == "not_found"
    assert not news
    assert events(scene.conversation)[2:] == [(3, "member.removed")]
    assert not Referral.objects.exists()
    ended = Member.objects.get(conversation=scene.conversation, person=scene.actor.id)
    assert (ended.read, ended.ended_at is None) == (0, False)
    assert Member.objects.filter(conversation=scene.conversation, ended_at=None).count() == 3


@pytest.mark.parametrize("name", WRITING)
def test_whoever_was_removed_meanwhile_is_told_nothing_of_what_others_do(scene: Scene, name: str) -> None:
    outcome, news = raced(scene, scene.member, scene.actor, WRITING[name](scene))
    assert outcome.refused is None
    stream = stream_name("c", scene.conversation)
    sent = [set(one.audience) for one in news.events if one.stream == stream]
    sent += [set(one.audience) for one in news.signals if one.stream == stream]
    if name in SILENT:
        assert not sent
        return
    assert len(sent) == 1
    assert scene.owner.id in sent[0]
    assert scene.member.id not in sent[0]


def test_a_booking_is_decided_again_when_its_practitioner_was_removed_meanwhile(scene: Scene) -> None:
    command = booking(scene.hold, conversation=scene.conversation, message="Pour le cardiologue")
    outcome, news = raced(scene, scene.clinic.practitioner, scene.actor, command)
    assert outcome.refused is not None
    assert outcome.refused.reason == "unavailable"
    assert not news
    assert not Referral.objects.exists()
    assert Message.objects.count() == 1
    booked = dispatch(scene.actor.actor, command)
    assert booked.referral.conversation != scene.conversation
    assert booked.referral.conversation is not None
    history = dispatch(scene.clinic.practitioner.actor, GetHistory(conversation=booked.referral.conversation))
    assert [message.body for message in history.messages] == ["Pour le cardiologue"]


def test_in_a_batch_of_bookings_only_that_of_the_removed_one_is_refused(scene: Scene) -> None:
    other = scene.clinic.hold(scene.member, "10:00").hold
    calls = [
        Call(scene.actor.actor, booking(scene.hold, conversation=scene.conversation)),
        Call(scene.member.actor, booking(other, conversation=scene.conversation)),
    ]

    def run() -> list[Outcome[Any]]:
        try:
            return dispatch_batch(calls)[0]
        finally:
            audit.chain.start_new_chain()
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with removal_under_way(scene, scene.actor):
            begun = threads.submit(run)
            while not _somebody_waits():
                time.sleep(0.01)
        outcomes = begun.result()
    assert [one.refused.reason if one.refused else None for one in outcomes] == ["not_found", None]
    assert Referral.objects.count() == 1
