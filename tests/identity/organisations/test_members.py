"""Members: who sees them, how their memberships change and end, and what may be given to them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.accounts.models import Person
from identity.organisations import access
from identity.organisations.models import Membership, ProfileRequest, Resource, Right
from identity.organisations.wire_members import (
    AgendaRight,
    AnswerProfileRequest,
    EndMembership,
    GetRights,
    LimitsForm,
    ListMembers,
    ListProfileRequests,
    ProfileRight,
    SetRights,
    UpdateMembership,
)
from identity.organisations.wire_organisations import UpdateOrganisation
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.models import StreamEvent
from team.conversations.models import Member
from team.conversations.wire import GetConversation
from team.messages.wire import GetHistory, SendMessage
from tests.factories import Account, account, group
from tests.identity.organisations.people import Team, join, level, reason, team

pytestmark = pytest.mark.django_db


def told(who: Account) -> list[str]:
    """The types of what stands in somebody's inbox."""
    return list(StreamEvent.objects.filter(stream=f"i:{who.id}").order_by("seq").values_list("type", flat=True))


def update(here: Team, who: Account, **fields: Any) -> UpdateMembership:
    return UpdateMembership(organisation=here.id, person=who.id, **fields)


def test_members_see_each_other_and_only_who_runs_the_organisation_sees_addresses() -> None:
    here = team()
    page = dispatch(here.secretary.actor, ListMembers(organisation=here.id))
    assert {one.person for one in page.members} == {
        here.owner.id,
        here.administrator.id,
        here.practitioner.id,
        here.secretary.id,
    }
    assert (page.total, page.administrators, page.invited) == (4, 2, 0)
    assert {one.email for one in page.members if one.person != here.secretary.id} == {None}
    full = dispatch(here.administrator.actor, ListMembers(organisation=here.id))
    assert all(one.email and one.last_seen_at for one in full.members)
    by_person = {one.person: one.abilities for one in full.members}
    assert by_person[here.owner.id] == []
    assert by_person[here.secretary.id] == ["edit", "remove"]
    assert reason(account(), ListMembers(organisation=here.id)) == "not_found"


def test_members_are_paged_and_searched() -> None:
    here = team()
    for name in ("Guézennec", "Corvaisier", "Bodilis"):
        join(here.organisation, "secretary", account(first_name="Perig", last_name=name))
    command = ListMembers(organisation=here.id, limit=3)
    seen: list[Any] = []
    while True:
        page = dispatch(here.owner.actor, command)
        seen += page.members
        assert len(page.members) <= 3
        if page.cursor is None:
            break
        command = ListMembers(organisation=here.id, limit=3, cursor=page.cursor)
    assert len({one.person for one in seen}) == len(seen) == 7
    assert [one.last_name for one in seen] == sorted(one.last_name for one in seen)
    found = dispatch(here.secretary.actor, ListMembers(organisation=here.id, text="guezen perig"))
    assert [one.last_name for one in found.members] == ["Guézennec"]
    only = dispatch(here.secretary.actor, ListMembers(organisation=here.id, only="administrators"))
    assert {one.person for one in only.members} == {here.owner.id, here.administrator.id}


def test_only_owners_touch_owners_and_administrators() -> None:
    here = team()
    other = join(here.organisation, owner=True)
    for who, fields in (
        (here.secretary, {"administrator": True}),
        (here.secretary, {"owner": True}),
        (other, {"function": "secretary"}),
        (here.owner, {"owner": False}),
    ):
        assert reason(here.administrator, update(here, who, **fields)) == "forbidden"
        assert reason(here.practitioner, update(here, who, **fields)) == "forbidden"
    assert reason(here.administrator, EndMembership(organisation=here.id, person=other.id)) == "forbidden"
    assert reason(here.administrator, update(here, here.secretary, function="assistant", coordinator=True)) is None
    assert reason(here.owner, update(here, here.secretary, administrator=True)) is None
    assert "membership.changed" in told(here.secretary)


def test_the_last_owner_and_the_last_administrator_stay() -> None:
    here = team()
    assert reason(here.owner, update(here, here.owner, owner=False)) == "last_owner"
    assert reason(here.owner, EndMembership(organisation=here.id, person=here.owner.id)) == "last_owner"
    other = join(here.organisation, owner=True)
    assert reason(here.owner, EndMembership(organisation=here.id, person=here.owner.id)) is None
    assert reason(other, EndMembership(organisation=here.id, person=other.id)) == "last_owner"
    cpts = team("cpts")
    Membership.objects.filter(person=cpts.owner.id).update(owner=False)
    leave = EndMembership(organisation=cpts.id, person=cpts.administrator.id)
    assert reason(cpts.administrator, leave) == "last_administrator"


def test_an_owner_who_cannot_act_is_not_counted_as_the_one_who_remains() -> None:
    here = team()
    other = join(here.organisation, owner=True)
    Person.objects.filter(pk=other.id).update(suspended_at="2026-01-01T00:00:00Z")
    assert reason(here.owner, EndMembership(organisation=here.id, person=here.owner.id)) == "last_owner"


def test_whoever_is_removed_loses_every_level_and_keeps_what_they_made() -> None:
    here = team()
    theirs, agenda = here.agenda(here.practitioner), here.agenda(here.owner)
    here.give(here.owner, here.practitioner, agenda, "read")
    removal = EndMembership(organisation=here.id, person=here.practitioner.id)
    assert reason(here.administrator, removal) is None
    assert reason(here.administrator, removal) is None
    assert not Right.objects.filter(person=here.practitioner.id).exists()
    assert Resource.objects.get(pk=theirs).person_id == here.practitioner.id
    assert told(here.practitioner)[-2:] == ["rights.changed", "membership.ended"]
    assert reason(here.practitioner, ListMembers(organisation=here.id)) == "not_found"


def test_whoever_is_removed_is_in_no_group_of_the_organisation_and_what_they_wrote_stays() -> None:
    here = team()
    ours = group(here.practitioner, here.owner, here.secretary)
    elsewhere = group(account(), here.practitioner)
    written = SendMessage(id=uuid7(), conversation=ours, body="Bien noté.")
    dispatch(here.practitioner.actor, written)
    here.give(here.owner, here.practitioner, here.agenda(here.owner), "read")
    [outcome], outbound = dispatch_batch(
        [Call(here.administrator.actor, EndMembership(organisation=here.id, person=here.practitioner.id))]
    )
    assert outcome.refused is None
    assert reason(here.practitioner, SendMessage(id=uuid7(), conversation=ours, body="x")) == "not_found"
    assert reason(here.practitioner, SendMessage(id=uuid7(), conversation=elsewhere, body="x")) is None
    history = dispatch(here.secretary.actor, GetHistory(conversation=ours)).messages
    assert [one.author for one in history] == [here.practitioner.id]
    assert {"rights.changed", "membership.ended", "conversation.removed"} <= set(told(here.practitioner))
    removed = [one for one in outbound.events if one.stream == f"c:{ours}"]
    assert [here.practitioner.id in one.audience for one in removed] == [False, False]  # who is gone; who takes over
    assert dispatch(here.owner.actor, GetConversation(conversation=ours)).conversation.member_count == 2
    assert Member.objects.filter(conversation=ours, ended_at=None, role="owner").count() == 1


def test_whoever_leaves_an_organisation_that_vouched_is_no_longer_verified() -> None:
    here, there = team(), team()
    clara = join(here.organisation, "assistant", vouched_by_id=here.owner.id)
    join(there.organisation, "assistant", clara, vouched_by_id=there.owner.id)
    Person.objects.filter(pk=clara.id).update(verification_method="vouched", vouched_by=here.owner.id)
    assert reason(here.owner, EndMembership(organisation=here.id, person=clara.id)) is None
    assert Person.objects.get(pk=clara.id).verified_at is not None
    [outcome], outbound = dispatch_batch(
        [Call(there.owner.actor, EndMembership(organisation=there.id, person=clara.id))]
    )
    assert outcome.refused is None
    person = Person.objects.get(pk=clara.id)
    assert (person.verified_at, person.withdrawn_reason) == (None, "left")
    assert [closure.persons for closure in outbound.closures] == [[clara.id]]


def test_nobody_vouched_for_owns_or_practises() -> None:
    here = team()
    clara = join(here.organisation, "assistant", vouched_by_id=here.owner.id)
    assert reason(here.owner, update(here, clara, owner=True)) == "vouched_only"
    assert reason(here.owner, update(here, clara, function="practitioner")) == "vouched_only"
    assert reason(here.owner, update(here, clara, administrator=True)) is None


@pytest.mark.parametrize(
    ("rule", "may"),
    [
        ("owners", {"owner"}),
        ("owners_and_administrators", {"owner", "administrator"}),
        ("agenda_managers", {"owner", "administrator", "manager"}),
    ],
)
def test_who_gives_levels_is_what_the_organisation_says(rule: str, may: set[str]) -> None:
    here = team()
    agenda, manager = here.agenda(), join(here.organisation, "secretary")
    for who in (here.administrator, manager):
        Right.objects.create(person_id=who.id, resource_id=agenda, level="manage")
    here.rule(rule)
    givers = {"owner": here.owner, "administrator": here.administrator, "manager": manager, "other": here.secretary}
    for name, who in givers.items():
        command = SetRights(
            organisation=here.id, person=here.secretary.id, agendas=[AgendaRight(agenda=agenda, level="read")]
        )
        assert (reason(who, command) is None) == (name in may), name
        Right.objects.filter(person=here.secretary.id).delete()


def test_nobody_gives_more_than_they_hold() -> None:
    here = team("establishment")
    agenda = here.agenda()
    assert reason(here.administrator, _right(here, agenda, "busy")) == "more_than_held"
    Right.objects.create(person_id=here.administrator.id, resource_id=agenda, level="read")
    assert reason(here.administrator, _right(here, agenda, "book")) == "more_than_held"
    assert reason(here.administrator, _right(here, agenda, "read")) is None
    assert reason(here.administrator, _right(here, agenda, "none")) is None


def _right(here: Team, agenda: Any, wanted: Any) -> SetRights:
    return SetRights(organisation=here.id, person=here.secretary.id, agendas=[AgendaRight(agenda=agenda, level=wanted)])


def test_several_agendas_change_at_once_or_not_at_all() -> None:
    here = team("establishment")
    first, second = here.agenda(), here.agenda(here.owner)
    Right.objects.create(person_id=here.administrator.id, resource_id=first, level="manage")
    both = [AgendaRight(agenda=one, level="book") for one in (first, second)]
    command = SetRights(organisation=here.id, person=here.secretary.id, agendas=both)
    assert reason(here.administrator, command) == "more_than_held"
    assert level(here.secretary, first) is None
    assert reason(here.owner, command) is None
    assert level(here.secretary, first) == level(here.secretary, second) == "book"
    assert told(here.secretary) == ["rights.changed"]
    assert reason(here.owner, command) is None
    assert told(here.secretary) == ["rights.changed"], "what is as it was tells nobody"


def test_a_practitioner_shares_their_own_agenda_and_nobody_takes_it_from_them() -> None:
    here = team()
    agenda = here.agenda()
    assert reason(here.practitioner, _right(here, agenda, "book")) is None
    taking = SetRights(
        organisation=here.id, person=here.practitioner.id, agendas=[AgendaRight(agenda=agenda, level="none")]
    )
    assert reason(here.owner, taking) == "invalid"


def test_agendas_of_another_organisation_are_not_found() -> None:
    here = team()
    assert reason(here.owner, _right(here, team().agenda(), "read")) == "not_found"


def test_practitioners_who_see_only_their_own_patients_see_times_of_others() -> None:
    here = team()
    agenda, own = here.agenda(here.owner), here.agenda(here.practitioner)
    here.give(here.owner, here.practitioner, agenda, "book")
    assert reason(here.owner, UpdateOrganisation(organisation=here.id, own_patients_only=True)) is None
    assert level(here.practitioner, agenda) == "busy"
    assert level(here.practitioner, own) == "manage"
    command = SetRights(
        organisation=here.id, person=here.practitioner.id, agendas=[AgendaRight(agenda=agenda, level="read")]
    )
    assert reason(here.owner, command) == "forbidden"
    here.give(here.owner, here.secretary, agenda, "book")
    assert level(here.secretary, agenda) == "book"


def test_where_schedules_are_shown_practitioners_see_when_agendas_are_busy_and_no_more() -> None:
    here = team()
    agenda = here.agenda(here.owner)
    assert not access.resources(here.practitioner.id, "agenda", "busy").exists()
    here.rule("owners", schedules_shown=True)
    shown = Resource.objects.annotate(level=access.level(here.practitioner.id)).get(pk=agenda)
    assert shown.level == "busy"
    assert access.resources(here.practitioner.id, "agenda", "busy").filter(pk=agenda).exists()
    assert not access.resources(here.practitioner.id, "agenda", "read").exists()
    for who in (here.secretary, account()):
        assert Resource.objects.annotate(level=access.level(who.id)).get(pk=agenda).level is None


def test_reading_a_colleagues_messages_waits_for_their_consent() -> None:
    here = team()
    wanted = SetRights(
        organisation=here.id,
        person=here.secretary.id,
        profiles=[ProfileRight(person=here.practitioner.id, level="answer")],
    )
    shown = dispatch(here.owner.actor, wanted)
    [profile] = [one for one in shown.profiles if one.person == here.practitioner.id]
    assert (profile.level, profile.pending) == ("none", "answer")
    assert told(here.practitioner) == ["profile.requested"]
    [request] = dispatch(here.practitioner.actor, ListProfileRequests()).requests
    assert (request.person, request.level, request.asked_by) == (here.secretary.id, "answer", here.owner.id)
    answer = AnswerProfileRequest(request=request.id, agree=True)
    assert reason(here.secretary, answer) == "not_found"
    for _ in range(2):
        assert reason(here.practitioner, answer) is None
    mine = dispatch(here.secretary.actor, GetRights(organisation=here.id, person=here.secretary.id))
    assert [one.level for one in mine.profiles if one.person == here.practitioner.id] == ["answer"]
    lower = SetRights(
        organisation=here.id,
        person=here.secretary.id,
        profiles=[ProfileRight(person=here.practitioner.id, level="read")],
    )
    assert reason(here.owner, lower) is None
    assert not ProfileRequest.objects.filter(answered_at=None).exists(), "less needs nobody's consent"


def test_whose_messages_they_are_shares_them_at_once() -> None:
    here = team()
    command = SetRights(
        organisation=here.id,
        person=here.secretary.id,
        profiles=[ProfileRight(person=here.practitioner.id, level="read")],
    )
    assert reason(here.secretary, command) == "forbidden"
    shown = dispatch(here.practitioner.actor, command)
    assert [one.level for one in shown.profiles if one.person == here.practitioner.id] == ["read"]
    refused = AnswerProfileRequest(request=uuid7(), agree=False)
    assert reason(here.practitioner, refused) == "not_found"


def test_limits_are_for_owners_to_set_on_others() -> None:
    here = team()
    command = SetRights(organisation=here.id, person=here.secretary.id, limits=LimitsForm(notes_hidden=True))
    assert reason(here.administrator, command) == "forbidden"
    shown = dispatch(here.owner.actor, command)
    assert (shown.limits.notes_hidden, shown.may_limit) == (True, True)
    own = SetRights(organisation=here.id, person=here.owner.id, limits=LimitsForm(notes_hidden=True))
    assert reason(here.owner, own) == "forbidden"


def test_what_may_be_given_is_shown_with_what_is_held() -> None:
    here = team()
    agenda = here.agenda()
    shown = here.give(here.owner, here.secretary, agenda, "read")
    [right] = shown.resources
    assert (right.level, right.givable) == ("read", ["none", "busy", "read", "book", "manage"])
    mine = dispatch(here.secretary.actor, GetRights(organisation=here.id, person=here.secretary.id))
    assert [one.givable for one in mine.resources] == [[]]
    assert reason(here.secretary, GetRights(organisation=here.id, person=here.owner.id)) == "forbidden"


def test_a_decision_about_rights_adds_no_query_to_a_message() -> None:
    here = team()
    conversation = group(here.owner, here.practitioner, here.secretary)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            dispatch(here.owner.actor, SendMessage(id=uuid7(), conversation=conversation, body="x"))
        return len(captured)

    queries()
    before = queries()
    for _ in range(3):
        here.give(here.owner, here.secretary, here.agenda(), "book")
    here.rule("agenda_managers", own_patients_only=True, schedules_shown=True)
    assert queries() == before
