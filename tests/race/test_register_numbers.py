"""Two people claim one entry of the register at the same moment, on two connections: it is one account's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from identity.accounts.models import Person
from identity.authentication.internal_commands import AcceptProof
from identity.directory.declared import Declared, DeclaredPlace, declare_local
from identity.onboarding.comparison import Seen
from identity.onboarding.internal_commands import RecordStep
from identity.onboarding.models import Verification
from server.kernel.authentication import SYSTEM
from server.kernel.identifiers import uuid7
from tests.factories import Account, account
from tests.race.test_conversations import at_once, done

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "810009991380"
SEEN = Seen(first_names="ROZENN", last_name="TADVILLIERS", document="passport", country="FRA")


@pytest.fixture(autouse=True)
def _in_the_register() -> None:
    place = DeclaredPlace(address="1 rue du Four", postal_code="56380", city="Guer", name="Cabinet")
    declare_local(
        [Declared(national_id=NUMBER, first_name="Rozenn", last_name="TADVILLIERS", profession="50", places=[place])]
    )


def claimants(count: int) -> list[Account]:
    found = [account(verified=False, first_name="Rozenn", last_name="Tadvilliers") for _ in range(count)]
    Person.objects.update(claimed_id=NUMBER, profession="Sage-Femme")
    return found


def test_of_two_cards_of_one_number_one_account_is_tied() -> None:
    people = claimants(2)

    def prove(number: int) -> object:
        [answer] = done(
            SYSTEM, AcceptProof(person=people[number].id, by="psc", national_id=NUMBER, evidence="f:x", profession="50")
        )
        return "conflict" if answer == "conflict" else "tied"

    assert sorted(map(str, at_once(prove, 2))) == ["conflict", "tied"]
    [holder] = Person.objects.filter(national_id=NUMBER)
    assert holder.verified_at is not None
    assert Person.objects.filter(verified_at=None).count() == 1


def test_of_two_documents_that_agree_one_is_accepted_and_the_other_goes_to_people() -> None:
    people = claimants(4)
    until = datetime.now(UTC) + timedelta(minutes=5)
    rows = [
        Verification.objects.create(
            id=uuid7(),
            person_id=one.id,
            request_digest=b"",
            state="awaiting_person",
            attempt=1,
            run=f"run-{one.id}",
            created_at=datetime.now(UTC),
            step="watch",
            claimed_until=until,
        )
        for one in people
    ]

    def approve(number: int) -> object:
        row = rows[number]
        command = RecordStep(verification=row.pk, step="watch", claimed_until=until, status="approved", seen=SEEN)
        return done(SYSTEM, command)[0]

    at_once(approve, 4)
    after = sorted(Verification.objects.values_list("state", "reason"))
    assert after == [("in_review", "number_taken")] * 3 + [("verified", "names_agree")]
    assert Person.objects.filter(national_id=NUMBER, verified_at__isnull=False).count() == 1
    assert Person.objects.filter(verified_at=None).count() == 3
