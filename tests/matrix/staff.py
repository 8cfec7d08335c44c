"""People in each function and standing, beside those of the levels: the columns of the second table.

One practice that has an owner, an administrator, a member in each of the six functions without a level or a mark, and
around it everybody who is none of its members, or is one no longer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from identity.accounts.models import Person
from identity.contacts.wire import BlockPerson
from identity.organisations.models import Membership, Organisation
from identity.organisations.wire_members import EndMembership
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from tests.factories import Account, account
from tests.referral.practice import Practice, join

PLAIN = ("practitioner", "secretary", "assistant", "administrative", "operations_manager", "dispatcher")
"""A member in each function, verified by themselves, without a level or a mark."""
RUNNING = ("administrator", "owner")
INSIDE = (*PLAIN, *RUNNING, "vouched")
"""Members who may act; nobody but the owner is given anything on the agenda."""
OUTSIDE = ("outsider", "former", "blocked", "owner_elsewhere", "moderator")
"""Verified professionals who are no members: one who was, one whom the practitioner has blocked, one who owns another
practice, one who looks after this Relais."""
KEPT_OUT = ("unverified", "suspended")
"""Members who may not act: their identity is not verified, or their account is suspended."""
COLUMNS = (*INSIDE, *OUTSIDE, *KEPT_OUT)


def staff(place: Practice) -> dict[str, Account]:
    """One person for each column, at this practice."""
    here, now = place.organisation, datetime.now(UTC)
    people = {function: _member(here, function) for function in PLAIN}
    people["owner"] = _member(here, owner=True)
    people["administrator"] = _member(here, "administrative", administrator=True)
    people["vouched"] = _member(here, "assistant", vouched_by_id=people["owner"].id)
    Person.objects.filter(pk=people["vouched"].id).update(verification_method="vouched")
    people |= {name: account() for name in OUTSIDE}
    join(people["former"], here, "secretary")
    place.grant(people["former"], "book")
    dispatch(people["owner"].actor, EndMembership(organisation=here.pk, person=people["former"].id))
    dispatch(place.practitioner.actor, BlockPerson(person=people["blocked"].id))
    other = Organisation.objects.create(id=uuid7(), name="Cabinet du Port", kind="practice", created_at=now)
    join(people["owner_elsewhere"], other, owner=True)
    Person.objects.filter(pk=people["moderator"].id).update(moderator_since=now)
    people["unverified"] = join(account(verified=False), here, "secretary")
    people["suspended"] = _member(here, owner=True)
    Person.objects.filter(pk=people["suspended"].id).update(suspended_at=now)
    return people


def _member(here: Organisation, function: str = "practitioner", **marks: Any) -> Account:
    who = join(account(), here, function)
    Person.objects.filter(pk=who.id).update(function=function)
    Membership.objects.filter(person=who.id, organisation=here).update(**marks)
    return who
