"""Erasing an account: what goes, and what stays."""

from __future__ import annotations

import pytest

from identity.accounts.models import Person
from identity.authentication.access import authenticate
from identity.contacts.models import Block
from identity.contacts.wire import BlockPerson
from identity.onboarding.internal_commands import ErasePerson
from identity.organisations.models import Membership, Right
from identity.organisations.wire_organisations import ClaimOrganisation
from server.kernel.authentication import SYSTEM, Bearer, Refused
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from team.conversations.wire import OpenConversation
from team.messages.wire import GetHistory, SendMessage
from tests.factories import account, direct, group
from tests.identity.organisations.people import reason, team

pytestmark = pytest.mark.django_db


def test_an_erased_account_is_nobodys_and_what_was_written_keeps_its_author() -> None:
    here, ada = team(), account()
    who = here.practitioner
    Person.objects.filter(pk=who.id).update(national_id="810101010101", mobile="+33639980123", address="1 rue")
    name = Person.objects.get(pk=who.id).name
    ours, both = group(here.owner, who), direct(who, ada)
    dispatch(who.actor, SendMessage(id=uuid7(), conversation=both, body="Bien noté."))
    dispatch(who.actor, BlockPerson(person=account().id))
    agenda = here.agenda()
    for _ in range(2):
        dispatch(SYSTEM, ErasePerson(person=who.id))
    erased = Person.objects.get(pk=who.id)
    assert (erased.is_active, erased.national_id, erased.mobile, erased.address) == (False, None, "", "")
    assert erased.email.endswith("@erased.invalid")
    assert not erased.has_usable_password()
    assert (erased.name, erased.claimed_id) == (name, "810101010101")
    assert isinstance(authenticate(Bearer(who.token)), Refused)
    assert not Right.objects.filter(person=who.id, resource=agenda).exists()
    assert Membership.objects.get(person=who.id).left_at is not None
    assert not Block.objects.filter(person=who.id).exists()
    [message] = dispatch(ada.actor, GetHistory(conversation=both)).messages
    assert (message.author, message.body) == (who.id, "Bien noté.")
    assert reason(ada, OpenConversation(id=uuid7(), kind="direct", members=[who.id])) == "not_found"
    assert reason(who, SendMessage(id=uuid7(), conversation=ours, body="x")) is not None


def test_the_last_owner_may_be_erased_and_the_others_ask_a_moderator() -> None:
    here = team()
    Membership.objects.filter(person=here.administrator.id).update(administrator=False)
    dispatch(SYSTEM, ErasePerson(person=here.owner.id))
    assert reason(here.practitioner, ClaimOrganisation(organisation=here.id)) is None
