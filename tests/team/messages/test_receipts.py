"""Who has read a message, and when."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from identity.contacts.wire import BlockPerson
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import NotFound
from team.conversations.models import Member, Reading
from team.conversations.wire import AddMember, RemoveMember
from team.messages.wire import DeleteMessage, GetMessageReceipts, MessageReceipts, ReadMessages, SendMessage
from tests.factories import Account, account, acquainted, direct, group

pytestmark = pytest.mark.django_db(transaction=True)


def send(who: Account, conversation: UUID) -> tuple[UUID, int]:
    """The id and the number of a new message."""
    message = dispatch(who.actor, SendMessage(id=uuid7(), conversation=conversation, body="INR à 2,4")).message
    return message.id, message.seq


def read(who: Account, conversation: UUID, seq: int) -> None:
    dispatch(who.actor, ReadMessages(conversation=conversation, seq=seq))


def receipts(who: Account, message: UUID) -> MessageReceipts:
    found: MessageReceipts = dispatch(who.actor, GetMessageReceipts(message=message))
    return found


def ids(found: MessageReceipts) -> tuple[list[UUID], list[UUID]]:
    return [one.person for one in found.read], [one.person for one in found.unread]


def test_who_has_read_a_message_is_shown_with_when_and_who_has_not_without() -> None:
    ada, grace, alan = account(), account(), account()
    conversation = group(ada, grace, alan)
    message, seq = send(ada, conversation)
    began = timezone.now()
    read(grace, conversation, seq)
    ended = timezone.now()
    read(ada, conversation, seq)  # An author has read what they wrote: it is not said.
    found = receipts(ada, message)
    assert ids(found) == ([grace.id], [alan.id])
    assert found.read[0].at is not None
    assert began - timedelta(seconds=5) <= found.read[0].at <= ended + timedelta(seconds=5)
    assert (found.unread[0].at, found.more) == (None, False)


def test_a_message_was_read_when_the_pointer_first_came_to_it_or_beyond() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    (first, one), (second, two), (third, _) = (send(ada, conversation) for _ in range(3))
    read(grace, conversation, one)
    read(grace, conversation, two)
    read(grace, conversation, one)  # Never back: nothing changes.
    kept = dict(Reading.objects.values_list("seq", "at"))
    assert sorted(kept) == [one, two]
    assert [one.at for one in receipts(ada, first).read] == [kept[one]]
    assert [one.at for one in receipts(ada, second).read] == [kept[two]]
    assert ids(receipts(ada, third)) == ([], [grace.id])


def test_who_has_read_first_comes_first() -> None:
    ada, grace, alan = account(), account(), account()
    conversation = group(ada, grace, alan)
    message, seq = send(ada, conversation)
    read(alan, conversation, seq)
    read(grace, conversation, seq)
    # Their names are the other way round, or the same: only the moments tell.
    Reading.objects.filter(member__person=alan.id).update(at=timezone.now() - timedelta(minutes=5))
    assert ids(receipts(ada, message))[0] == [alan.id, grace.id]
    Reading.objects.filter(member__person=alan.id).update(at=timezone.now() + timedelta(minutes=5))
    assert ids(receipts(ada, message))[0] == [grace.id, alan.id]


def test_who_came_later_without_history_could_not_read_it_and_who_sees_it_has_read_once_they_read_on() -> None:
    ada, grace, late, later = account(), account(), account(), account()
    acquainted(ada, late, later)
    conversation = group(ada, grace)
    message, _ = send(ada, conversation)
    dispatch(ada.actor, AddMember(conversation=conversation, person=late.id))
    dispatch(ada.actor, AddMember(conversation=conversation, person=later.id, history=True))
    assert set(ids(receipts(ada, message))[1]) == {grace.id, later.id}
    _, seq = send(ada, conversation)
    read(later, conversation, seq)
    read(late, conversation, seq)
    assert ids(receipts(ada, message)) == ([later.id], [grace.id])


def test_a_former_member_who_had_read_it_is_still_said_and_once_when_they_are_back() -> None:
    ada, grace, alan = account(), account(), account()
    acquainted(ada, grace, alan)
    conversation = group(ada, grace, alan)
    message, seq = send(ada, conversation)
    read(grace, conversation, seq)
    for gone in (grace, alan):
        dispatch(ada.actor, RemoveMember(conversation=conversation, person=gone.id))
        with pytest.raises(NotFound):
            receipts(gone, message)
    [one] = receipts(ada, message).read
    assert (one.person, one.former) == (grace.id, True)
    assert receipts(ada, message).unread == []
    dispatch(ada.actor, AddMember(conversation=conversation, person=grace.id, history=True))
    [one] = receipts(ada, message).read
    assert (one.person, one.former) == (grace.id, False)


def test_what_was_read_before_moments_were_kept_has_been_read_without_one() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    message, seq = send(ada, conversation)
    Member.objects.filter(person=grace.id).update(read=seq)
    [one] = receipts(ada, message).read
    assert (one.person, one.at) == (grace.id, None)


def test_a_deleted_message_says_who_had_read_it_and_a_block_hides_nothing_of_it() -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    message, seq = send(ada, conversation)
    read(grace, conversation, seq)
    dispatch(grace.actor, BlockPerson(person=ada.id))
    dispatch(ada.actor, DeleteMessage(message=message))
    assert ids(receipts(ada, message)) == ([grace.id], [])
    assert ids(receipts(grace, message)) == ([grace.id], [])


def test_a_message_that_one_may_not_see_has_no_receipts() -> None:
    ada, grace, late, stranger = account(), account(), account(), account()
    acquainted(ada, late)
    conversation = group(ada, grace)
    message, _ = send(ada, conversation)
    dispatch(ada.actor, AddMember(conversation=conversation, person=late.id))
    for who in (late, stranger):
        with pytest.raises(NotFound):
            receipts(who, message)
    with pytest.raises(NotFound):
        receipts(ada, uuid7())
