"""A case: a question about a patient, whose turn it is, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.contacts.wire import BlockPerson
from identity.organisations.wire_members import EndMembership
from identity.patients import access as patients_access
from identity.patients.wire import CreatePatient
from server.kernel import vault
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Forbidden, IdTaken, Invalid, NotFound
from server.kernel.wire.handshake import Client, Hello, Sync
from team.conversations.models import Case
from team.conversations.refusals import AsksHere, CaseClosed
from team.conversations.wire import (
    AcceptGroup,
    AddMember,
    ConversationView,
    GetConversation,
    LeaveConversation,
    ListConversations,
    OpenConversation,
    RemoveMember,
)
from team.conversations.wire_case_views import CasePatient, CaseView, NewCase
from team.conversations.wire_cases import CloseCase, HandOverCases, ReopenCase, TurnCase
from team.messages.wire import GetHistory, SendMessage
from tests.factories import Account, account, acquainted, direct, group, summaries
from tests.identity.organisations.people import reason, team
from tests.referral.practice import patient as patient_form

pytestmark = pytest.mark.django_db
QUESTION = "FA découverte ce matin, CHA₂DS₂-VASc à 4 : anticoagulation d'emblée ?"


def ask(asker: Account, *others: Account, **changed: Any) -> UUID:
    """A case that ``asker`` opens with people who know them."""
    acquainted(asker, *others)
    members = [one.id for one in others]
    new = NewCase(**{"question": QUESTION, "urgency": "soon"} | changed)
    command = OpenConversation(id=uuid7(), kind="case", members=members, title="Avis ECG", case=new)
    found: UUID = dispatch(asker.actor, command).conversation.id
    return found


def seen(who: Account, conversation: UUID) -> ConversationView:
    found: ConversationView = dispatch(who.actor, GetConversation(conversation=conversation)).conversation
    return found


def case(who: Account, conversation: UUID) -> CaseView:
    found = seen(who, conversation).case
    assert found is not None
    return found


def opened(who: Account, command: OpenConversation | AcceptGroup | ReopenCase) -> CaseView:
    """The case that a command answers with."""
    found = dispatch(who.actor, command).conversation.case
    assert found is not None
    return found


def say(who: Account, conversation: UUID, body: str = "Oui, apixaban 5 mg deux fois par jour.") -> None:
    dispatch(who.actor, SendMessage(id=uuid7(), conversation=conversation, body=body))


def close(who: Account, conversation: UUID, summary: str = "Apixaban, revoir dans un mois.") -> ConversationView:
    command = CloseCase(conversation=conversation, outcome="advice", summary=summary)
    found: ConversationView = dispatch(who.actor, command).conversation
    return found


def happened(who: Account, conversation: UUID) -> list[str]:
    events = dispatch(who.actor, Sync(stream=f"c:{conversation}", after=0)).events
    return [event.type for event in events]


def test_the_question_stands_in_the_head_of_the_case_for_everybody_in_it() -> None:
    ada, grace, other = account(), account(), account()
    conversation = ask(ada, grace, informed="informed", patient=CasePatient(initials="O. M."))
    for who in (ada, grace):
        found = case(who, conversation)
        assert (found.state, found.question, found.urgency, found.asker) == ("waiting", QUESTION, "soon", ada.id)
        assert (found.informed, found.waiting_for) == ("informed", [grace.id])
        assert found.patient is not None
        assert (found.patient.initials, found.patient.family_name) == ("O. M.", None)
    assert seen(grace, conversation).kind == "case"
    assert reason(other, GetConversation(conversation=conversation)) == "not_found"


def test_a_summary_shows_the_beginning_of_a_long_question_and_no_more() -> None:
    ada, grace = account(), account()
    conversation = ask(ada, grace, question="é" * 4000)
    [listed] = dispatch(grace.actor, ListConversations()).conversations
    [told] = summaries(dispatch(grace.actor, Hello(protocol=1, client=Client(name="tests"))))
    for shown in (listed, told):
        assert shown.case is not None
        assert (shown.case.question, shown.case.truncated) == ("é" * 100, True)
    assert case(grace, conversation).question == "é" * 4000


def test_cases_in_a_list_cost_no_statement_each() -> None:
    ada, grace = account(), account()
    ask(ada, grace)

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            dispatch(ada.actor, ListConversations())
        return len(found)

    one = statements()
    for _ in range(4):
        ask(ada, grace)
    assert statements() == one


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"case": None}, "$.params.case"),
        ({"kind": "group"}, "$.params.case"),
        ({"title": None}, "$.params.title"),
        ({"case": NewCase(question="?", patient=CasePatient())}, "$.params.case.patient"),
        ({"case": NewCase(question="?", patient=CasePatient(id=uuid7(), initials="x"))}, "$.params.case.patient"),
    ],
)
def test_what_no_case_can_be_opened_with_is_named(changed: dict[str, Any], path: str) -> None:
    ada, grace = account(), account()
    fields: dict[str, Any] = {"kind": "case", "title": "Avis", "case": NewCase(question="?")} | changed
    with pytest.raises(Invalid) as refused:
        dispatch(ada.actor, OpenConversation(id=uuid7(), members=[grace.id], **fields))
    assert refused.value.data["path"] == path
    assert not Case.objects.exists()


def test_the_same_request_again_is_the_same_case_and_another_is_refused() -> None:
    ada, grace = account(), account()
    acquainted(ada, grace)
    command = OpenConversation(
        id=uuid7(), kind="case", members=[grace.id], title="Avis", case=NewCase(question=QUESTION)
    )
    first, again = dispatch(ada.actor, command), dispatch(ada.actor, command)
    assert first.conversation.id == again.conversation.id
    other = OpenConversation(
        id=command.id, kind="case", members=[grace.id], title="Avis", case=NewCase(question="Autre")
    )
    with pytest.raises(IdTaken):
        dispatch(ada.actor, other)


def test_a_patient_is_named_by_whoever_may_open_the_record_and_it_opens_to_nobody_else() -> None:
    ada, grace = account(), account()
    patient = dispatch(ada.actor, CreatePatient(id=uuid7(), patient=patient_form())).patient.id
    conversation = ask(ada, grace, patient=CasePatient(id=patient))
    shown = case(grace, conversation).patient
    assert shown is not None
    assert (shown.id, shown.family_name, shown.initials) == (patient, "Marchandeau", None)
    assert not patients_access.patients(grace.actor).exists()
    [listed] = dispatch(grace.actor, ListConversations()).conversations
    assert listed.case is not None
    assert listed.case.patient is None, "a list of cases is no reading of patients"
    dispatch(grace.actor, CloseCase(conversation=conversation, outcome="advice", summary="x"))
    events = dispatch(grace.actor, Sync(stream=f"c:{conversation}", after=0)).events
    assert not [event for event in events if b"Marchandeau" in bytes(event.data)]
    with pytest.raises(NotFound):
        ask(grace, ada, patient=CasePatient(id=patient))


def test_an_answer_turns_the_case_to_the_asker_and_a_question_turns_it_back() -> None:
    ada, grace = account(), account()
    conversation = ask(ada, grace)
    say(ada, conversation, "Voici l'ECG.")
    assert case(ada, conversation).waiting_for == [grace.id]
    say(grace, conversation)
    answered = case(ada, conversation)
    assert (answered.state, answered.waiting_for, answered.answered_by) == ("open", [ada.id], grace.id)
    say(grace, conversation, "Et une échographie.")
    say(ada, conversation, "Dans quel délai ?")
    assert case(ada, conversation).state == "waiting"
    assert case(ada, conversation).answered_at == answered.answered_at
    assert happened(ada, conversation) == [
        *("conversation.opened", "message.sent", "message.sent", "case.turned", "message.sent", "message.sent"),
        "case.turned",
    ]


def test_what_is_written_in_one_batch_turns_the_case_as_it_would_alone() -> None:
    ada, grace = account(), account()
    conversation = ask(ada, grace)
    calls = [
        Call(who.actor, SendMessage(id=uuid7(), conversation=conversation, body="x")) for who in (grace, ada, grace)
    ]
    outcomes, _ = dispatch_batch(calls)
    assert all(outcome.refused is None for outcome in outcomes)
    found = case(ada, conversation)
    assert (found.state, found.answered_by) == ("open", grace.id)
    assert happened(ada, conversation).count("case.turned") == 1


def test_messages_of_other_conversations_ask_nothing_about_cases() -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    with CaptureQueriesContext(connection) as found:
        say(ada, conversation)
    assert not [one for one in found if "team_case" in one["sql"]]


def test_whose_turn_it_is_can_be_said() -> None:
    ada, grace = account(), account()
    conversation = ask(ada, grace)
    say(grace, conversation)
    say(ada, conversation, "Merci !")
    for _ in range(2):
        dispatch(ada.actor, TurnCase(conversation=conversation, to="asker"))
    assert case(grace, conversation).waiting_for == [ada.id]
    assert happened(ada, conversation).count("case.turned") == 3


def test_a_case_is_closed_with_what_came_of_it_once() -> None:
    ada, grace = account(), account()
    conversation = ask(ada, grace)
    say(grace, conversation)
    closed = close(ada, conversation)
    again = close(ada, conversation)
    assert closed == again
    assert closed.case is not None
    assert (closed.case.state, closed.case.outcome, closed.case.closed_by) == ("closed", "advice", ada.id)
    assert (closed.case.summary, closed.case.waiting_for) == ("Apixaban, revoir dans un mois.", [])
    assert "reopen" in closed.abilities
    assert not {"close", "turn", "handover"} & set(closed.abilities)
    with pytest.raises(CaseClosed):
        close(grace, conversation, "Autre chose.")
    assert reason(ada, TurnCase(conversation=conversation, to="asked")) == "case_closed"
    assert reason(ada, HandOverCases(conversations=[conversation], to=grace.id)) == "case_closed"
    assert happened(grace, conversation).count("case.closed") == 1


def test_what_is_written_after_the_end_reopens_nothing() -> None:
    ada, grace = account(), account()
    conversation = ask(ada, grace)
    close(ada, conversation)
    say(grace, conversation, "Merci.")
    assert case(ada, conversation).state == "closed"


def test_a_closed_case_is_reopened_and_waits_again() -> None:
    ada, grace = account(), account()
    conversation = ask(ada, grace)
    close(ada, conversation)
    command = ReopenCase(conversation=conversation, reason="Saignement sous apixaban.")
    found = opened(grace, command)
    dispatch(grace.actor, command)
    assert (found.state, found.outcome, found.summary, found.waiting_for) == ("waiting", None, None, [grace.id])
    assert happened(ada, conversation)[-1] == "case.reopened"
    assert happened(ada, conversation).count("case.reopened") == 1


def test_what_was_asked_is_handed_over_with_all_that_the_caller_sees() -> None:
    ada, grace, mary = account(), account(), account()
    acquainted(ada, mary)
    first, second = ask(ada, grace), ask(ada, grace)
    say(grace, first)
    command = HandOverCases(conversations=[first, second], to=mary.id, note="Je pars à 18 h.")
    for _ in range(2):
        dispatch(ada.actor, command)
    assert [case(mary, one).asker for one in (first, second)] == [mary.id, mary.id]
    assert case(grace, first).waiting_for == [mary.id]
    assert len(dispatch(mary.actor, GetHistory(conversation=first)).messages) == 1
    assert seen(mary, first).unread == 1
    assert happened(mary, first)[-2:] == ["member.added", "case.handed_over"]
    assert ada.id in {one.person for one in seen(mary, first).members}


def test_whoever_was_asked_hands_the_question_over() -> None:
    ada, grace, mary = account(), account(), account()
    acquainted(grace, mary)
    conversation = ask(ada, grace)
    dispatch(grace.actor, HandOverCases(conversations=[conversation], to=mary.id))
    found = case(ada, conversation)
    assert (found.asker, found.waiting_for) == (ada.id, [mary.id])
    dispatch(grace.actor, HandOverCases(conversations=[conversation], to=mary.id))
    assert happened(ada, conversation).count("case.handed_over") == 1


def test_who_neither_asks_nor_is_asked_hands_nothing_over_and_all_stays_as_it_is() -> None:
    ada, grace, reader, mary = account(), account(), account(), account()
    mine, theirs = ask(reader, grace), ask(ada, grace)
    acquainted(ada, reader)
    acquainted(reader, mary)
    dispatch(ada.actor, AddMember(conversation=theirs, person=reader.id))
    with pytest.raises(Forbidden) as refused:
        dispatch(reader.actor, HandOverCases(conversations=[mine, theirs], to=mary.id))
    assert refused.value.data["conversation"] == str(theirs)
    assert case(grace, mine).asker == reader.id


def test_cases_are_handed_over_to_nobody_who_hardly_knows_the_caller() -> None:
    ada, grace, stranger, blocking = account(), account(), account(), account()
    conversation = ask(ada, grace)
    acquainted(ada, blocking)
    dispatch(blocking.actor, BlockPerson(person=ada.id))
    for to, why in ((stranger, "conflict"), (blocking, "not_found"), (ada, "conflict")):
        assert reason(ada, HandOverCases(conversations=[conversation], to=to.id)) == why
        assert case(grace, conversation).asker == ada.id
    assert reason(stranger, HandOverCases(conversations=[conversation], to=grace.id)) == "not_found"


def test_a_question_to_one_stranger_reaches_them_and_one_to_several_is_accepted_first() -> None:
    ada, grace, mary = account(), account(), account()
    new = NewCase(question=QUESTION)
    alone = OpenConversation(id=uuid7(), kind="case", members=[grace.id], title="Avis", case=new)
    assert opened(ada, alone).waiting_for == [grace.id]
    several = OpenConversation(id=uuid7(), kind="case", members=[grace.id, mary.id], title="Avis", case=new)
    assert opened(ada, several).waiting_for == [ada.id], "nobody who was asked is there yet"
    accepted = opened(mary, AcceptGroup(conversation=several.id))
    assert (accepted.question, accepted.waiting_for) == (QUESTION, [mary.id])


def test_whoever_asks_leaves_when_the_case_is_closed_or_handed_over() -> None:
    ada, grace = account(), account()
    conversation = ask(ada, grace)
    with pytest.raises(AsksHere):
        dispatch(ada.actor, LeaveConversation(conversation=conversation))
    close(ada, conversation)
    dispatch(ada.actor, LeaveConversation(conversation=conversation))
    assert reason(ada, GetConversation(conversation=conversation)) == "not_found"


def test_whoever_was_removed_is_waited_for_no_longer_and_does_nothing_more() -> None:
    ada, grace, mary = account(), account(), account()
    conversation = ask(ada, grace, mary)
    dispatch(ada.actor, RemoveMember(conversation=conversation, person=mary.id))
    assert case(ada, conversation).waiting_for == [grace.id]
    for command in (
        CloseCase(conversation=conversation, outcome="advice", summary="x"),
        ReopenCase(conversation=conversation, reason="x"),
        TurnCase(conversation=conversation, to="asker"),
        HandOverCases(conversations=[conversation], to=grace.id),
    ):
        assert reason(mary, command) == "not_found"
    dispatch(ada.actor, RemoveMember(conversation=conversation, person=grace.id))
    assert case(ada, conversation).waiting_for == [ada.id]


def test_whoever_leaves_the_organisation_leaves_its_cases() -> None:
    practice = team()
    asker, colleague = practice.practitioner, practice.owner
    conversation = ask(asker, colleague)
    membership = EndMembership(organisation=practice.id, person=asker.id)
    dispatch(colleague.actor, membership)
    assert reason(asker, GetConversation(conversation=conversation)) == "not_found"
    found = case(colleague, conversation)
    assert (found.asker, found.waiting_for) == (asker.id, [colleague.id])
    say(colleague, conversation)
    assert case(colleague, conversation).waiting_for == [colleague.id], "whoever looks after it now"


@pytest.mark.parametrize("kind", ["group", "direct"])
def test_only_a_case_is_closed_turned_or_handed_over(kind: str) -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace) if kind == "group" else direct(ada, grace)
    for command in (
        CloseCase(conversation=conversation, outcome="advice", summary="x"),
        ReopenCase(conversation=conversation, reason="x"),
        TurnCase(conversation=conversation, to="asker"),
        HandOverCases(conversations=[conversation], to=grace.id),
    ):
        assert reason(ada, command) == "forbidden"


def test_without_the_key_a_case_keeps_its_place_and_its_state() -> None:
    ada, grace = account(), account()
    conversation = ask(ada, grace, patient=CasePatient(initials="O. M."))
    close(ada, conversation)
    vault.erase(stream_name("c", conversation))
    found = case(grace, conversation)
    assert (found.erased, found.question, found.patient, found.summary) == (True, "", None, None)
    assert (found.state, found.outcome) == ("closed", "advice")
