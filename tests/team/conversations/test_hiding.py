"""A conversation is put away by one of its people, for that person alone, until something happens in it."""

from __future__ import annotations

import pytest

from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import StreamEvent
from team.conversations.wire import GetConversation, HideConversation, ListConversations
from team.messages.wire import SendMessage
from tests.factories import Account, account, direct, group

pytestmark = pytest.mark.django_db


def hidden(who: Account) -> bool:
    [one] = dispatch(who.actor, ListConversations()).conversations
    return one.hidden is not None and one.hidden >= one.head


@pytest.mark.parametrize("opened", [direct, group])
def test_a_conversation_that_is_put_away_comes_back_with_the_next_message(opened: object) -> None:
    ada, grace = account(), account()
    conversation = opened(ada, grace)  # type: ignore[operator]  # both take the two people
    dispatch(grace.actor, SendMessage(id=uuid7(), conversation=conversation, body="x"))
    for _ in range(2):
        answer = dispatch(ada.actor, HideConversation(conversation=conversation)).conversation
        assert answer.hidden == answer.head == 2
    assert [hidden(ada), hidden(grace)] == [True, False]
    types = StreamEvent.objects.filter(stream=f"i:{ada.id}").values_list("type", flat=True)
    assert list(types).count("conversation.hidden") == 1
    assert not StreamEvent.objects.filter(stream=f"i:{grace.id}", type="conversation.hidden").exists()
    assert dispatch(ada.actor, GetConversation(conversation=conversation)).conversation.unread == 1
    dispatch(grace.actor, SendMessage(id=uuid7(), conversation=conversation, body="y"))
    assert not hidden(ada)
    dispatch(ada.actor, HideConversation(conversation=conversation))
    assert hidden(ada)
