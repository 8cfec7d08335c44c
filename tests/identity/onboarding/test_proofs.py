"""What a card or Pro Santé Connect proves counts; what contradicts the register does not."""

from __future__ import annotations

from typing import Any

import pytest

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.authentication.internal_commands import AcceptProof, RefuseProof
from identity.onboarding.models import Verification
from identity.onboarding.wire import AppealVerification, ClaimEntry, GetVerification, ListQueue, StartVerification
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Conflict, InvalidState
from tests.identity.conftest import MakePerson
from tests.identity.onboarding.conftest import RPPS, Later, mails
from tests.identity.onboarding.test_review import decide, state, to_review
from tests.stand_ins.onfido import Onfido

pytestmark = pytest.mark.django_db

NUMBER = f"8{RPPS}"


def proof(person: Person, **said: Any) -> AcceptProof:
    given: dict[str, Any] = {"by": "psc", "national_id": NUMBER, "evidence": "f:x", "profession": "10", **said}
    return AcceptProof(person=person.pk, **given)


def test_colleagues_read_what_the_register_says_and_not_what_was_declared(
    make_person: MakePerson, register: None
) -> None:
    person = make_person("Autre", verified=False, profession="Infirmier", speciality="")
    dispatch(SYSTEM, proof(person, first_name="Ada", last_name="ESSAI"))
    person.refresh_from_db()
    assert (person.title, person.first_name, person.last_name) == ("Dr", "Rozenn", "Tadvilliers")
    assert (person.profession, person.speciality) == ("Médecin", "Cardiologie et maladies vasculaires")


def test_without_an_entry_they_read_what_the_proof_says(make_person: MakePerson) -> None:
    person = make_person("Autre", verified=False, profession="Infirmier", speciality="x")
    dispatch(SYSTEM, proof(person, first_name="ADA", last_name="LE GOFF", speciality="SM04"))
    person.refresh_from_db()
    assert (person.first_name, person.last_name) == ("Ada", "Le Goff")
    assert (person.profession, person.speciality) == ("Médecin", "Cardiologie et maladies vasculaires")


def test_a_proven_name_stays_as_it_was_proven(make_person: MakePerson, register: None) -> None:
    person = make_person("Kerjean")
    dispatch(SYSTEM, proof(person))
    person.refresh_from_db()
    assert (person.last_name, person.profession, person.verification_method) == ("Kerjean", "Médecin", "psc")


def test_a_card_of_another_profession_than_the_register_s_proves_nothing(
    make_person: MakePerson, register: None
) -> None:
    person = make_person("Tadvilliers", verified=False)
    with pytest.raises(InvalidState):
        dispatch(SYSTEM, proof(person, by="cps", profession="60"))
    person.refresh_from_db()
    assert (person.verified_at, person.national_id) == (None, None)
    # The provider reads the register itself, today; a card was printed years ago.
    dispatch(SYSTEM, proof(person, profession="60"))
    person.refresh_from_db()
    assert (person.profession, person.verification_method) == ("Médecin", "psc")


@pytest.mark.parametrize("profession", ["10", ""])
def test_a_card_of_the_register_s_profession_counts(make_person: MakePerson, register: None, profession: str) -> None:
    person = make_person("Tadvilliers", verified=False)
    dispatch(SYSTEM, proof(person, by="cps", profession=profession))
    person.refresh_from_db()
    assert person.verification_method == "cps"


def test_a_number_that_somebody_has_is_nobody_else_s(make_person: MakePerson, register: None) -> None:
    make_person("Belkhadra", national_id=NUMBER)
    person = make_person("Tadvilliers", verified=False, profession="Infirmier")
    with pytest.raises(Conflict):
        dispatch(SYSTEM, proof(person))
    person.refresh_from_db()
    assert (person.profession, person.verified_at) == ("Infirmier", None)


def test_one_person_with_two_numbers_has_the_one_that_is_proven(make_person: MakePerson, register: None) -> None:
    person = make_person("Tadvilliers", national_id=NUMBER)
    other = "810009991398"
    with pytest.raises(InvalidState):
        dispatch(acting(person), ClaimEntry())
    dispatch(SYSTEM, proof(person, national_id=other))
    person.refresh_from_db()
    assert person.national_id == other
    # The one before is free again, and is whoever's proves it.
    second = make_person("Autre", verified=False)
    dispatch(SYSTEM, proof(second))
    second.refresh_from_db()
    assert second.national_id == NUMBER


def test_who_practises_nothing_any_more_is_closed_with_what_was_under_way_and_told_once(
    rozenn: Person, onfido: Onfido, later: Later
) -> None:
    row = to_review(rozenn, onfido, later)
    for _ in range(2):
        dispatch(SYSTEM, RefuseProof(person=rozenn.pk, reason="not_practising"))
    assert Verification.objects.get(pk=row.pk).state == "refused"
    shown = state(rozenn)
    assert (shown.state, shown.reason, shown.may_retry, shown.may_appeal) == ("refused", "not_practising", False, True)
    subjects = [one.subject for one in mails()]
    assert subjects.count("Votre accès à Relais est fermé") == 1
    with pytest.raises(InvalidState):
        dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))


def test_a_statement_is_appealed_against_even_where_no_document_was_ever_shown(
    make_person: MakePerson, moderators: list[Person]
) -> None:
    doctor = make_person("Belkhadra", national_id="810101010101", verification_method="psc")
    dispatch(SYSTEM, RefuseProof(person=doctor.pk, reason="struck_off"))
    assert (state(doctor).reason, state(doctor).may_appeal) == ("struck_off", True)
    me = acting(Person.objects.get(pk=doctor.pk))
    shown = dispatch(me, AppealVerification(note="Mon ordre a corrigé.")).verification
    assert (shown.state, shown.may_appeal, shown.steps[1].state) == ("in_review", False, "none")
    with pytest.raises(InvalidState):
        dispatch(me, AppealVerification())
    [item] = dispatch(acting(moderators[0]), ListQueue()).items
    assert (item.reason, item.statement, item.appeal) == ("appeal", "struck_off", "Mon ordre a corrigé.")
    assert item.evidence == []
    row = Verification.objects.get(pk=item.verification)
    for moderator in moderators[:2]:
        decide(moderator, row, "accept", "proven_otherwise")
    doctor.refresh_from_db()
    assert (doctor.verification_method, doctor.withdrawn_reason) == ("command", "")
    assert dispatch(me, GetVerification()).verification.state == "verified"


@pytest.mark.parametrize(("reason", "opens"), [("struck_off", False), ("suspended", False), ("not_practising", True)])
def test_a_card_lifts_what_the_register_said_and_not_what_an_order_decided(
    make_person: MakePerson, register: None, reason: str, opens: bool
) -> None:
    doctor = make_person("Tadvilliers", national_id=NUMBER)
    dispatch(SYSTEM, RefuseProof(person=doctor.pk, reason=reason))
    dispatch(SYSTEM, proof(doctor))
    doctor.refresh_from_db()
    assert (doctor.verified_at is not None, doctor.withdrawn_reason) == (opens, "" if opens else reason)


def test_a_statement_that_is_upheld_stays_and_is_appealed_against_once(
    make_person: MakePerson, moderators: list[Person]
) -> None:
    doctor = make_person("Belkhadra", national_id="810101010101")
    dispatch(SYSTEM, RefuseProof(person=doctor.pk, reason="suspended"))
    me = acting(Person.objects.get(pk=doctor.pk))
    dispatch(me, AppealVerification())
    for moderator in moderators[:2]:
        decide(moderator, Verification.objects.get(), "refuse", "not_a_professional")
    shown = state(doctor)
    assert (shown.state, shown.reason, shown.may_appeal, shown.may_retry) == ("refused", "suspended", False, False)
