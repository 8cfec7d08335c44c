"""Many at once on many connections, as many processes would: one effect, one order, no deadlock, no gap."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from server.kernel import audit
from server.kernel.authentication import Actor
from server.kernel.dispatch import Call, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.models import StreamEvent
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Refusal
from team.conversations.models import Conversation, Member, Message
from team.conversations.wire import AddMember, LeaveConversation, OpenConversation, RemoveMember
from team.messages.wire import ReadMessages, SendMessage
from tests.factories import Account, account, acquainted, group

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 12
Work = Callable[[int], Any]


def at_once(work: Work, count: int = THREADS) -> list[Any]:
    """What ``work`` returns for each number, each on a connection of its own, all begun together."""
    gate = threading.Barrier(count)

    def run(number: int) -> Any:
        try:
            gate.wait(30)
            return work(number)
        finally:
            audit.chain.start_new_chain()
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def done(actor: Actor, *commands: Any) -> list[Any]:
    """The results of one batch, or the reasons of its refusals."""
    outcomes, _ = dispatch_batch([Call(actor, command) for command in commands])
    return [one.refused.reason if isinstance(one.refused, Refusal) else one.result for one in outcomes]


def numbers(conversation: UUID) -> list[int]:
    """The numbers of a conversation's stream, in order."""
    found = StreamEvent.objects.filter(stream=stream_name("c", conversation)).order_by("seq")
    return list(found.values_list("seq", flat=True))


def gapless(conversation: UUID) -> bool:
    found = numbers(conversation)
    return found == list(range(1, len(found) + 1))


def test_two_people_who_open_their_conversation_at_once_share_one() -> None:
    ada, grace = account(), account()

    def open_it(number: int) -> Any:
        one, other = (ada, grace) if number % 2 else (grace, ada)
        [opened] = done(one.actor, OpenConversation(id=uuid7(), kind="direct", members=[other.id]))
        return opened.conversation.id

    assert len(set(at_once(open_it))) == 1
    assert Conversation.objects.count() == 1
    assert Member.objects.count() == 2


def test_a_message_sent_by_many_at_once_under_one_id_exists_once_with_one_answer() -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    command = SendMessage(id=uuid7(), conversation=conversation, body="Une fois")
    answers = [answer for [answer] in at_once(lambda _: done(ada.actor, command))]
    assert all(answer == answers[0] for answer in answers)
    assert Message.objects.count() == 1
    assert numbers(conversation) == [1, 2]


def test_one_id_for_two_messages_at_once_stands_for_one_of_them() -> None:
    ada, grace = account(), account()
    conversation, used = group(ada, grace), uuid7()
    answers = [
        answer
        for [answer] in at_once(
            lambda number: done(ada.actor, SendMessage(id=used, conversation=conversation, body=f"{number % 2}"))
        )
    ]
    kept = Message.objects.get(pk=used)
    assert answers.count("id_taken") == THREADS // 2
    assert {answer.message.seq for answer in answers if answer != "id_taken"} == {kept.seq}
    assert gapless(conversation)


def test_a_group_opened_by_many_at_once_under_one_id_exists_once() -> None:
    ada, grace = account(), account()
    acquainted(ada, grace)
    command = OpenConversation(id=uuid7(), kind="group", members=[grace.id], title="Garde")
    answers = [answer for [answer] in at_once(lambda _: done(ada.actor, command))]
    assert {answer if isinstance(answer, str) else answer.conversation.id for answer in answers} == {command.id}
    assert Member.objects.count() == 2
    assert numbers(command.id) == [1]


def test_batches_over_conversations_in_opposed_order_neither_deadlock_nor_leave_gaps() -> None:
    people = [account() for _ in range(3)]
    rooms = [group(people[0], *people[1:]) for _ in range(6)]

    def talk(number: int) -> list[Any]:
        mine = rooms if number % 2 else rooms[::-1]
        author = people[number % 3].actor
        return [
            answer
            for _ in range(5)
            for answer in done(author, *(SendMessage(id=uuid7(), conversation=room, body="x") for room in mine))
        ]

    answers = [answer for batch in at_once(talk) for answer in batch]
    assert [answer for answer in answers if isinstance(answer, str)] == []
    assert len(answers) == THREADS * 5 * 6
    assert all(gapless(room) for room in rooms)
    assert all(len(numbers(room)) == 1 + THREADS * 5 for room in rooms)


def test_reading_and_writing_at_once_do_not_wait_for_each_other_for_ever() -> None:
    ada, grace = account(), account()
    rooms = [group(ada, grace) for _ in range(3)]

    def work(number: int) -> list[Any]:
        found: list[Any] = []
        for seq in range(10):
            if number % 2:
                found += done(ada.actor, *(SendMessage(id=uuid7(), conversation=room, body="x") for room in rooms))
            else:
                found += done(grace.actor, *(ReadMessages(conversation=room, seq=seq * 6) for room in rooms[::-1]))
        return found

    answers = [answer for batch in at_once(work) for answer in batch]
    assert [answer for answer in answers if isinstance(answer, str)] == []
    assert all(gapless(room) for room in rooms)


def removal(conversation: UUID) -> int:
    """The number of the removal in the conversation's stream."""
    return StreamEvent.objects.get(stream=stream_name("c", conversation), type="member.removed").seq


@pytest.mark.parametrize("attempt", range(3))
def test_nothing_a_removed_member_sent_comes_after_the_removal(attempt: int) -> None:
    owner, removed = account(), account()
    conversation = group(owner, removed)

    def work(number: int) -> list[Any]:
        if number == 0:
            return done(owner.actor, RemoveMember(conversation=conversation, person=removed.id))
        return [
            answer
            for _ in range(6)
            for answer in done(removed.actor, SendMessage(id=uuid7(), conversation=conversation, body="x"))
        ]

    at_once(work)
    last = removal(conversation)
    late = Message.objects.filter(conversation=conversation, author=removed.id, seq__gt=last)
    assert list(late) == []
    assert gapless(conversation)


def test_whoever_is_added_and_removed_at_once_is_in_it_once_or_not_at_all() -> None:
    owner, other = account(), account()
    conversation = group(owner, account())

    def work(number: int) -> list[Any]:
        change = AddMember if number % 2 else RemoveMember
        return done(owner.actor, change(conversation=conversation, person=other.id))

    answers: Sequence[Any] = [answer for [answer] in at_once(work)]
    assert [answer for answer in answers if isinstance(answer, str)] == []
    assert Member.objects.filter(conversation=conversation, person=other.id, ended_at=None).count() <= 1
    assert gapless(conversation)


def test_when_all_leave_at_once_whoever_is_left_looks_after_it() -> None:
    people: list[Account] = [account() for _ in range(6)]
    conversation = group(people[0], *people[1:])
    at_once(lambda number: done(people[number].actor, LeaveConversation(conversation=conversation)), 5)
    left = Member.objects.get(conversation=conversation, ended_at=None)
    assert (left.person_id, left.role) == (people[5].id, "owner")
    assert gapless(conversation)
