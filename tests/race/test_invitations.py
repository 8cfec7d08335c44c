"""Two take up invitations, or one is taken up while it is revoked, at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

from identity.organisations.invitation_tokens import token
from identity.organisations.models import Arrival, Invitation, Membership
from identity.organisations.wire_invitations import (
    AcceptInvitation,
    AdmitArrival,
    CreateInvitation,
    InvitationView,
    RevokeInvitation,
)
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from tests.factories import account
from tests.identity.organisations.people import Team, team
from tests.race.test_rights import outcome, raced

pytestmark = pytest.mark.django_db(transaction=True)


def link(here: Team, **fields: Any) -> InvitationView:
    command = CreateInvitation(id=uuid7(), organisation=here.id, **{"uses": 1, **fields})
    made: InvitationView = dispatch(here.administrator.actor, command).invitation
    return made


def taking_up(made: InvitationView) -> AcceptInvitation:
    return AcceptInvitation(token=token(made.id, 1))


def test_of_two_who_take_up_the_last_use_at_once_one_comes_in() -> None:
    here, first, second = team(), account(), account()
    made = link(here)
    assert raced((first, taking_up(made)), (second, taking_up(made))) == "invitation_over"
    assert Membership.objects.filter(organisation=here.id, person__in=[first.id, second.id]).get().person_id == first.id
    assert Invitation.objects.get(pk=made.id).used == 1


def test_whoever_takes_up_two_invitations_at_once_is_a_member_once() -> None:
    here, who = team(), account()
    one, other = link(here), link(here)
    assert raced((who, taking_up(one)), (who, taking_up(other))) is None
    assert Membership.objects.filter(organisation=here.id, person=who.id, left_at=None).count() == 1


def test_what_is_being_revoked_opens_nothing() -> None:
    here, who = team(), account()
    made = link(here)
    revoking = (here.administrator, RevokeInvitation(invitation=made.id))
    assert raced(revoking, (who, taking_up(made))) == "invitation_over"
    assert not Membership.objects.filter(organisation=here.id, person=who.id).exists()


def test_whoever_waits_is_not_let_in_by_what_is_being_revoked() -> None:
    here, who = team(), account()
    made = link(here, confirmed_each=True)
    assert outcome(who, taking_up(made)) is None
    revoking = (here.administrator, RevokeInvitation(invitation=made.id))
    admitting = (here.owner, AdmitArrival(invitation=made.id, person=who.id, admit=True))
    assert raced(revoking, admitting) is None
    assert Arrival.objects.get(person=who.id).state == Arrival.State.REFUSED
    assert not Membership.objects.filter(organisation=here.id, person=who.id).exists()
