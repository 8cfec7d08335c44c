"""Nobody is kept in a group, or added to one again, by somebody they declined; nobody opens groups without end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Refusal
from team.conversations.models import Conversation, Member
from team.conversations.refusals import Declined, TooManyGroups
from team.conversations.wire import GROUPS_A_DAY, AddMember, LeaveConversation, ListConversations, OpenConversation
from tests.factories import Account, account, acquainted, direct, group

pytestmark = pytest.mark.django_db


def add(by: Account, conversation: object, who: Account) -> None:
    acquainted(by, who)
    dispatch(by.actor, AddMember(conversation=conversation, person=who.id))  # type: ignore[arg-type]


def rooms(who: Account) -> int:
    return len(dispatch(who.actor, ListConversations()).conversations)


def test_whoever_is_declined_adds_them_to_no_group_again_until_they_write_themselves() -> None:
    stranger, ada, grace = account(), account(), account()
    first, second = group(stranger, ada, grace), group(stranger, grace)
    dispatch(ada.actor, LeaveConversation(conversation=first, decline=True))
    assert rooms(ada) == 0
    for again in (lambda: add(stranger, first, ada), lambda: add(stranger, second, ada), lambda: group(stranger, ada)):
        with pytest.raises(Declined):
            again()
    assert rooms(ada) == 0
    # Others may, and the two can write to each other.
    group(grace, ada)
    assert rooms(ada) == 1
    direct(stranger, ada)
    with pytest.raises(Declined):
        group(stranger, ada)
    direct(ada, stranger)
    group(stranger, ada)
    assert rooms(ada) == 3


def test_who_was_added_later_declines_the_one_who_added_them() -> None:
    owner, second, ada = account(), account(), account()
    room = group(owner, second)
    Member.objects.filter(conversation=room, person=second.id).update(role="owner")
    add(second, room, ada)
    dispatch(ada.actor, LeaveConversation(conversation=room, decline=True))
    with pytest.raises(Declined):
        add(second, room, ada)
    add(owner, room, ada)
    assert rooms(ada) == 1


def test_who_only_leaves_can_be_added_again() -> None:
    owner, ada = account(), account()
    room = group(owner, ada)
    dispatch(ada.actor, LeaveConversation(conversation=room))
    add(owner, room, ada)
    assert rooms(ada) == 1


def test_a_person_opens_so_many_groups_a_day_and_the_next_when_one_is_a_day_old() -> None:
    ada, grace = account(), account()
    ids = [group(ada, grace) for _ in range(GROUPS_A_DAY)]
    refused = uuid7()
    with pytest.raises(TooManyGroups) as refusal:
        dispatch(ada.actor, OpenConversation(id=refused, kind="group", members=[grace.id]))
    assert refusal.value.data["limit"] == GROUPS_A_DAY
    # Sent again, what was opened is answered; conversations of two and other people's groups are not counted.
    dispatch(ada.actor, OpenConversation(id=ids[0], kind="group", members=[grace.id], title="Équipe"))
    direct(ada, grace)
    group(grace, ada)
    oldest = Conversation.objects.get(pk=ids[0])
    Conversation.objects.filter(pk=ids[0]).update(created_at=oldest.created_at - timedelta(days=1, seconds=1))
    dispatch(ada.actor, OpenConversation(id=refused, kind="group", members=[grace.id]))


def test_the_refusals_have_codes_of_their_own() -> None:
    found: list[Refusal] = [Declined(), TooManyGroups(50, "2026-11-27T10:00:00+00:00")]
    assert [one.as_data()["reason"] for one in found] == ["declined", "too_many_groups"]
