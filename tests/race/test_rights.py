"""Two decide about rights at the same moment: somebody always remains who owns and who looks after an organisation, and
nobody gives what they are losing.

The first holds the lock of the organisation, not yet committed; the second begins on another connection and waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from identity.organisations.models import Membership, Right
from identity.organisations.wire_members import AgendaRight, EndMembership, SetRights, UpdateMembership
from referral.scheduling.wire_agendas import GrantAccess
from server.kernel import audit
from server.kernel.dispatch import Call, dispatch_batch
from server.kernel.wire import Command
from tests.factories import Account, account
from tests.identity.organisations.people import Team, join, team
from tests.referral.practice import join as belong
from tests.referral.practice import practice

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(who: Account, command: Command[Any]) -> str | None:
    [found], _ = dispatch_batch([Call(who.actor, command)])
    return found.refused.reason if found.refused else None


def raced(first: tuple[Account, Command[Any]], second: tuple[Account, Command[Any]]) -> str | None:
    """What becomes of the second, which began before the first was committed."""

    def run() -> str | None:
        try:
            return outcome(*second)
        finally:
            audit.chain.start_new_chain()
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            assert outcome(*first) is None
            begun = threads.submit(run)
            until = time.monotonic() + 20
            while not _somebody_waits():
                assert not begun.done(), begun.result()
                assert time.monotonic() < until
                time.sleep(0.01)
        return begun.result()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        return bool(cursor.fetchone()[0])


def leave(here: Team, who: Account) -> Command[Any]:
    return EndMembership(organisation=here.id, person=who.id)


def resign(here: Team, who: Account) -> Command[Any]:
    return UpdateMembership(organisation=here.id, person=who.id, owner=False)


Way = Callable[[Team, Account], Command[Any]]


@pytest.mark.parametrize(("first", "second"), [(leave, leave), (resign, leave), (leave, resign), (resign, resign)])
def test_of_two_last_owners_who_go_at_once_one_stays(first: Way, second: Way) -> None:
    here = team()
    other = join(here.organisation, owner=True)
    assert raced((here.owner, first(here, here.owner)), (other, second(here, other))) == "last_owner"
    assert Membership.objects.filter(organisation=here.id, owner=True, left_at=None).get().person_id == other.id


def test_of_two_last_administrators_who_go_at_once_one_stays() -> None:
    here = team("cpts")
    Membership.objects.filter(person=here.owner.id).update(owner=False)
    other = join(here.organisation, "administrative", administrator=True)
    found = raced((here.administrator, leave(here, here.administrator)), (other, leave(here, other)))
    assert found == "last_administrator"


def test_whoever_is_being_removed_gives_nothing_any_more() -> None:
    here = team("establishment")
    agenda = here.agenda()
    Right.objects.create(person_id=here.administrator.id, resource_id=agenda, level="manage")
    give = SetRights(
        organisation=here.id, person=here.secretary.id, agendas=[AgendaRight(agenda=agenda, level="manage")]
    )
    found = raced((here.owner, leave(here, here.administrator)), (here.administrator, give))
    assert found == "not_found"
    assert not Right.objects.filter(person=here.secretary.id).exists()


def test_a_practitioner_who_is_being_removed_shares_their_agenda_with_nobody_more() -> None:
    clinic = practice()
    owner = belong(account(), clinic.organisation, owner=True)
    removal = EndMembership(organisation=clinic.organisation.id, person=clinic.practitioner.id)
    stranger: UUID = account().id
    give = GrantAccess(agenda=clinic.agenda, person=stranger, level="manage")
    assert raced((owner, removal), (clinic.practitioner, give)) == "not_found"
    assert not Right.objects.filter(person=stranger).exists()
