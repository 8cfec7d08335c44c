"""Who may write to whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.accounts.models import Person
from identity.contacts import access, actions
from identity.contacts.models import Block, ContactRequest
from identity.contacts.wire import (
    AnswerContact,
    BlockPerson,
    GetContacts,
    RequestContact,
    SetContactRule,
    UnblockPerson,
)
from identity.directory.wire import GetEntry
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import StreamEvent
from server.kernel.wire.errors import NotFound
from team.conversations.wire import AddMember, GetConversation, LeaveConversation, OpenConversation
from team.messages.wire import SendMessage, Typing
from tests.factories import Account, account, acquainted, direct, group
from tests.identity.organisations.people import join, reason, team
from tests.referral.practice import booking, practice

pytestmark = pytest.mark.django_db


def opening(*members: Account, kind: Any = "direct") -> OpenConversation:
    title = None if kind == "direct" else "Garde"
    return OpenConversation(id=uuid7(), kind=kind, members=[one.id for one in members], title=title)


def told(who: Account) -> list[str]:
    return list(StreamEvent.objects.filter(stream=f"i:{who.id}").order_by("seq").values_list("type", flat=True))


def refusal(who: Account, command: Any) -> tuple[str, str]:
    from server.kernel.wire.errors import Refusal

    with pytest.raises(Refusal) as refused:
        dispatch(who.actor, command)
    return refused.value.reason, refused.value.message


def test_whoever_is_blocked_is_told_what_is_told_of_somebody_who_is_not_here() -> None:
    ada, grace, nobody = account(), account(), account(verified=False)
    conversation = group(grace, account())
    dispatch(ada.actor, BlockPerson(person=grace.id))
    assert refusal(grace, opening(ada)) == refusal(grace, opening(nobody))
    assert refusal(grace, opening(ada, kind="group")) == refusal(grace, opening(nobody, kind="group"))
    assert refusal(grace, AddMember(conversation=conversation, person=ada.id)) == refusal(
        grace, AddMember(conversation=conversation, person=nobody.id)
    )
    assert refusal(grace, GetEntry(practitioner=ada.id)) == refusal(grace, GetEntry(practitioner=nobody.id))
    assert told(grace) == ["conversation.added"]
    assert reason(account(), opening(ada)) is None


def test_whom_one_blocks_one_unblocks_before_one_writes() -> None:
    ada, grace = account(), account()
    for _ in range(2):
        settings = dispatch(ada.actor, BlockPerson(person=grace.id))
    assert [one.person for one in settings.blocked] == [grace.id]
    assert reason(ada, opening(grace)) == "blocked"
    assert dispatch(ada.actor, UnblockPerson(person=grace.id)).blocked == []
    assert reason(ada, opening(grace)) is None
    assert reason(ada, BlockPerson(person=ada.id)) == "invalid"
    assert reason(ada, BlockPerson(person=uuid7())) == "not_found"


def named(who: Account, other: Account) -> str | None:
    """By which name a list of those who are blocked shows somebody; None: they are told that there is nobody."""
    try:
        settings = dispatch(who.actor, BlockPerson(person=other.id))
    except NotFound:
        return None
    return next(one.name for one in settings.blocked if one.person == other.id)


def test_blocking_gives_nobody_the_name_of_somebody_of_whom_they_may_not_know() -> None:
    ada, hidden, blocking, staff = account(), account(), account(), account()
    suspended, unproven = account(), account(verified=False)
    dispatch(hidden.actor, SetContactRule(rule="my_organisations"))
    dispatch(blocking.actor, BlockPerson(person=ada.id))
    Person.objects.filter(pk=suspended.id).update(suspended_at="2026-01-01T00:00:00Z")
    here = team()
    join(here.organisation, "secretary", staff, vouched_by_id=here.owner.id)
    Person.objects.filter(pk=staff.id).update(national_id=None)
    for other in (hidden, blocking, staff, suspended, unproven):
        assert named(ada, other) is None
        assert refusal(ada, BlockPerson(person=other.id)) == refusal(ada, BlockPerson(person=uuid7()))
    assert named(here.owner, staff) is not None, "a colleague is known"
    assert named(here.owner, hidden) is None
    join(here.organisation, who=hidden)
    assert named(here.owner, hidden) is not None


def test_whom_one_has_met_or_who_asks_is_blocked_though_they_cannot_be_reached() -> None:
    ada, gone, asking, left, earlier = (account() for _ in range(5))
    direct(ada, gone)
    dispatch(ada.actor, SetContactRule(rule="ask_first"))
    dispatch(asking.actor, RequestContact(id=uuid7(), person=ada.id))
    owner = account()
    conversation = group(owner, left, earlier)
    dispatch(earlier.actor, LeaveConversation(conversation=conversation))
    grace = account()
    acquainted(owner, grace)
    dispatch(owner.actor, AddMember(conversation=conversation, person=grace.id))
    dispatch(left.actor, LeaveConversation(conversation=conversation))
    everybody = (gone, asking, left, earlier)
    Person.objects.filter(pk__in=[one.id for one in everybody]).update(suspended_at="2026-01-01T00:00:00Z")
    assert [named(ada, one) is not None for one in everybody] == [True, True, False, False]
    assert [named(grace, one) is not None for one in everybody] == [False, False, True, False]
    dispatch(grace.actor, LeaveConversation(conversation=conversation))
    assert named(grace, left) is not None, "who is blocked already stays named"


def writing(conversation: UUID) -> SendMessage:
    return SendMessage(id=uuid7(), conversation=conversation, body="x")


def test_in_a_conversation_of_two_nobody_writes_once_one_blocks_the_other_and_the_other_is_not_told_why() -> None:
    ada, grace, gone = account(), account(), account()
    conversation, other = direct(ada, grace), direct(gone, grace)
    accepted = writing(conversation)
    assert reason(grace, accepted) is None
    dispatch(ada.actor, BlockPerson(person=grace.id))
    Person.objects.filter(pk=gone.id).update(suspended_at="2026-01-01T00:00:00Z")
    assert refusal(grace, writing(conversation)) == refusal(grace, writing(other))
    assert refusal(grace, Typing(conversation=conversation)) == refusal(grace, Typing(conversation=other))
    assert refusal(grace, opening(ada)) == refusal(grace, opening(gone))
    assert reason(grace, writing(conversation)) == "unreachable"
    assert reason(ada, writing(conversation)) == "blocked"
    assert reason(grace, accepted) is None, "what was accepted before is still answered"
    shown = {one.actor: dispatch(one.actor, GetConversation(conversation=conversation)) for one in (ada, grace)}
    assert [shown[one.actor].conversation.blocked for one in (ada, grace)] == [True, False]
    assert shown[grace.actor].conversation.abilities == ["read", "post", "hide"]
    assert told(ada)[-1] == "contact.blocked"
    assert "contact.blocked" not in told(grace)
    dispatch(ada.actor, UnblockPerson(person=grace.id))
    assert told(ada).count("contact.blocked") == 2
    assert [reason(one, writing(conversation)) for one in (ada, grace)] == [None, None]


def test_in_a_group_whoever_is_blocked_and_whoever_blocks_go_on_reading_each_other() -> None:
    ada, grace = account(), account()
    conversation = group(account(), ada, grace)
    dispatch(ada.actor, BlockPerson(person=grace.id))
    assert [reason(one, writing(conversation)) for one in (ada, grace)] == [None, None]
    assert not dispatch(ada.actor, GetConversation(conversation=conversation)).conversation.blocked


def test_a_patient_is_booked_with_somebody_who_blocks_the_referrer_and_nothing_else_is_written() -> None:
    place, grace = practice(), account()
    held = place.hold(grace, "09:00")
    dispatch(place.practitioner.actor, BlockPerson(person=grace.id))
    assert reason(grace, opening(place.practitioner)) == "not_found"
    booked = dispatch(grace.actor, booking(held.hold))
    assert booked.referral.conversation is not None
    assert reason(grace, writing(booked.referral.conversation)) == "unreachable"


@pytest.mark.parametrize("rule", ["my_organisations", "ask_first"])
def test_a_conversation_of_two_that_there_is_goes_on_whatever_rule_comes_later(rule: Any) -> None:
    ada, grace = account(), account()
    conversation = direct(ada, grace)
    dispatch(ada.actor, SetContactRule(rule=rule))
    assert reason(grace, writing(conversation)) is None
    assert dispatch(grace.actor, opening(ada)).conversation.id == conversation
    taken = OpenConversation(id=group(grace, account()), kind="direct", members=[ada.id])
    assert reason(grace, taken) == "id_taken"


def test_whoever_asked_sees_what_they_were_told_and_no_more() -> None:
    people, grace = [account() for _ in range(4)], account()
    for one in people:
        dispatch(one.actor, SetContactRule(rule="ask_first"))
        dispatch(grace.actor, RequestContact(id=uuid7(), person=one.id, reason="Un patient commun"))
    accepting, telling, silent, waiting = people
    for one, answer in ((accepting, {"accept": True}), (telling, {"accept": False, "tell": True})):
        [asked] = dispatch(one.actor, GetContacts()).requests
        dispatch(one.actor, AnswerContact(request=asked.id, **answer))
    [asked] = dispatch(silent.actor, GetContacts()).requests
    dispatch(silent.actor, AnswerContact(request=asked.id, accept=False))

    def states() -> dict[UUID, str]:
        return {one.person: one.state for one in dispatch(grace.actor, GetContacts()).sent}

    expected = {accepting.id: "accepted", telling.id: "refused", silent.id: "sent", waiting.id: "sent"}
    assert states() == expected
    assert told(grace) == ["contact.accepted", "contact.refused"]
    for one in people:
        dispatch(one.actor, BlockPerson(person=grace.id))
    assert states() == expected, "a block is not told either"
    [sent] = [one for one in dispatch(grace.actor, GetContacts()).sent if one.person == waiting.id]
    assert (sent.reason, sent.again_at - sent.at) == ("Un patient commun", timedelta(days=30))
    ContactRequest.objects.filter(pk=sent.id).update(at=sent.at - timedelta(days=31))
    assert waiting.id not in states()


def test_whoever_wants_colleagues_alone_is_not_here_for_others() -> None:
    here = team()
    stranger = account()
    dispatch(here.practitioner.actor, SetContactRule(rule="my_organisations"))
    assert reason(stranger, opening(here.practitioner)) == "not_found"
    assert reason(stranger, GetEntry(practitioner=here.practitioner.id)) == "not_found"
    assert reason(here.secretary, opening(here.practitioner)) is None


def test_whoever_wants_to_be_asked_accepts_or_does_not() -> None:
    ada, grace, other = account(), account(), account()
    dispatch(ada.actor, SetContactRule(rule="ask_first"))
    assert reason(grace, opening(ada)) == "asks_first"
    assert reason(grace, GetEntry(practitioner=ada.id)) == "asks_first"
    command = RequestContact(id=uuid7(), person=ada.id, reason="Un patient commun")
    for _ in range(2):
        assert reason(grace, command) is None
    assert reason(grace, RequestContact(id=uuid7(), person=ada.id)) is None
    assert told(ada) == ["contact.requested"], "asked once in 30 days"
    [request] = dispatch(ada.actor, GetContacts()).requests
    assert (request.person, request.reason) == (grace.id, "Un patient commun")
    assert reason(other, AnswerContact(request=request.id, accept=True)) == "not_found"
    assert dispatch(ada.actor, AnswerContact(request=request.id, accept=True)).requests == []
    assert told(grace) == ["contact.accepted"]
    assert reason(grace, opening(ada)) is None
    dispatch(other.actor, RequestContact(id=uuid7(), person=ada.id))
    [request] = dispatch(ada.actor, GetContacts()).requests
    dispatch(ada.actor, AnswerContact(request=request.id, accept=False))
    assert told(other) == [], "whoever is refused is not told"
    assert reason(other, opening(ada)) == "asks_first"
    assert reason(other, RequestContact(id=uuid7(), person=account().id)) == "invalid_state"


def test_whoever_is_blocked_after_they_were_accepted_asks_in_vain() -> None:
    ada, grace = account(), account()
    dispatch(ada.actor, SetContactRule(rule="ask_first"))
    command = RequestContact(id=uuid7(), person=ada.id)
    dispatch(grace.actor, command)
    dispatch(ada.actor, AnswerContact(request=command.id, accept=True))
    dispatch(ada.actor, BlockPerson(person=grace.id))
    assert reason(grace, opening(ada)) == "not_found"
    dispatch(ada.actor, UnblockPerson(person=grace.id))
    assert reason(grace, opening(ada)) == "asks_first"


def vouched() -> tuple[Any, Account]:
    here = team()
    clara = join(here.organisation, "assistant", vouched_by_id=here.owner.id)
    Person.objects.filter(pk=clara.id).update(verification_method="vouched", vouched_by=here.owner.id)
    return here, clara


def test_staff_who_are_vouched_for_write_and_are_written_to_inside_alone() -> None:
    here, clara = vouched()
    stranger = account()
    assert reason(clara, opening(stranger)) == "not_found"
    assert reason(stranger, opening(clara)) == "not_found"
    assert reason(stranger, GetEntry(practitioner=clara.id)) == "not_found"
    assert reason(clara, opening(here.practitioner)) is None
    assert reason(here.practitioner, opening(clara, kind="group")) is None
    assert reason(here.practitioner, opening(clara, stranger, kind="group")) == "not_found"
    conversation = group(here.practitioner, stranger)
    assert reason(here.practitioner, AddMember(conversation=conversation, person=clara.id)) == "not_found"


def test_staff_who_are_vouched_for_book_where_they_have_a_level_and_refer_nobody_themselves() -> None:
    place = practice()
    clara = account()
    join(place.organisation, "assistant", clara, vouched_by_id=place.practitioner.id)
    Person.objects.filter(pk=clara.id).update(verification_method="vouched", vouched_by=place.practitioner.id)
    assert reason(clara, place.holding("09:00")) == "vouched_only"
    place.grant(clara, "read")
    assert reason(clara, place.holding("09:00")) == "vouched_only"
    place.grant(clara, "book")
    held = place.hold(clara, "09:00")
    assert reason(clara, booking(held.hold)) is None
    elsewhere = practice()
    assert reason(clara, elsewhere.holding("09:00")) == "vouched_only"


def test_one_person_blocks_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BLOCKS", 1)
    ada, grace = account(), account()
    assert reason(ada, BlockPerson(person=grace.id)) is None
    assert reason(ada, BlockPerson(person=account().id)) == "too_many_contacts"
    assert reason(ada, BlockPerson(person=grace.id)) is None
    assert Block.objects.count() == 1


def test_one_person_asks_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "REQUESTS_A_DAY", 1)
    ada = account()
    asked = [account(), account()]
    for who in asked:
        dispatch(who.actor, SetContactRule(rule="ask_first"))
    answers = [reason(ada, RequestContact(id=uuid7(), person=who.id)) for who in asked]
    assert answers == [None, "too_many_contacts"]
    assert ContactRequest.objects.count() == 1


def test_who_reaches_whom_is_found_in_a_number_of_statements_that_does_not_grow() -> None:
    ada, people = account(), [account() for _ in range(6)]
    for who in people[:3]:
        dispatch(who.actor, SetContactRule(rule="ask_first"))
    counts = []
    for some in (people[2:4], people):
        with CaptureQueriesContext(connection) as captured:
            access.hidden_from(ada.actor, [one.id for one in some])
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4
