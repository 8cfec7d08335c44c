"""Who has left the register is asked to confirm, once, and withdrawn after 15 days."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.utils import timezone

from identity.accounts import queries as accounts_queries
from identity.accounts.access import acting
from identity.accounts.internal_commands import VerifyPerson
from identity.accounts.models import Person
from identity.directory.declared import declare_local
from identity.directory.listing import practitioner_id
from identity.directory.models import RegisterEntry, RegisterImport, RegisterPlace
from identity.directory.wire import SearchDirectory
from identity.onboarding import register_comparison
from identity.onboarding.internal_commands import CompareRegister, RegisterCompared
from identity.onboarding.register_comparison import compare_all
from identity.onboarding.wire import GetVerification, VerificationView
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.models import AuditLink
from tests.identity.conftest import MakePerson
from tests.identity.onboarding.conftest import RPPS, Later, entry, mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("register")]


@pytest.fixture
def doctor(make_person: MakePerson) -> Person:
    """Somebody verified whose entry stands in the register."""
    RegisterImport.objects.create(finished_at=timezone.now(), report={})
    return make_person("Tadvilliers", national_id=f"8{RPPS}", verification_method="psc")


def leave() -> None:
    RegisterEntry.objects.filter(national_id=f"8{RPPS}").delete()
    RegisterPlace.objects.filter(entry=practitioner_id(f"8{RPPS}")).delete()


def come_back() -> None:
    declare_local([entry(f"8{RPPS}", "Rozenn", "TADVILLIERS", "10", "SM04", "56380", "Guer")])


def state(person: Person) -> VerificationView:
    return dispatch(acting(Person.objects.get(pk=person.pk)), GetVerification()).verification


def test_who_is_listed_stays_as_they_are(doctor: Person) -> None:
    assert compare_all() == RegisterCompared(looked_at=1)
    assert state(doctor).confirm_by is None


def test_who_has_left_is_to_confirm_and_nothing_closes(doctor: Person, later: Later) -> None:
    leave()
    assert compare_all().absent == 1
    shown = state(doctor)
    assert (shown.state, shown.method) == ("verified", "psc")
    assert shown.confirm_by is not None
    badge = accounts_queries.people([doctor.pk])[doctor.pk].badge
    assert badge is not None
    assert badge.confirm_by == shown.confirm_by
    later(days=1)
    assert compare_all() == RegisterCompared(looked_at=1), "of one absence they are told once"
    assert [mail.subject for mail in mails()] == ["Votre identité est à confirmer"]


def test_who_has_left_is_out_of_searches_at_once(doctor: Person, make_person: MakePerson) -> None:
    colleague = acting(make_person("Vauquier"))
    looked_for = SearchDirectory(text="tadvilliers guer")
    assert [hit.person for hit in dispatch(colleague, looked_for).hits][:1] == [doctor.pk]
    leave()
    assert doctor.pk not in [hit.person for hit in dispatch(colleague, looked_for).hits]


def test_after_fifteen_days_it_is_withdrawn_and_sockets_close(doctor: Person, later: Later) -> None:
    leave()
    compare_all()
    later(days=14, hours=23)
    assert compare_all().withdrawn == 0
    later(hours=2)
    command = CompareRegister()
    [outcome], outbound = dispatch_batch([Call(SYSTEM, command)])
    assert outcome.result is not None
    assert outcome.result.withdrawn == 1
    assert [(one.code, one.persons) for one in outbound.closures] == [(1012, [doctor.pk])]
    shown = state(doctor)
    assert (shown.state, shown.reason) == ("none", "absent_from_register")
    assert mails()[-1].subject == "Votre identité n'est plus confirmée"
    entries = [one for text in AuditLink.objects.values_list("entries", flat=True) for one in json.loads(text)]
    assert [one["act"] for one in entries if one["act"].startswith("register.")] == [
        "register.absent",
        "register.withdrawn",
    ]


def test_who_comes_back_needs_to_do_nothing(doctor: Person, later: Later) -> None:
    leave()
    compare_all()
    come_back()
    later(days=20)
    assert compare_all() == RegisterCompared(looked_at=1, returned=1)
    assert (state(doctor).state, state(doctor).confirm_by) == ("verified", None)


def test_who_has_confirmed_is_not_asked_again_about_the_same_absence(doctor: Person, later: Later) -> None:
    leave()
    compare_all()
    dispatch(SYSTEM, VerifyPerson(person=doctor.pk, by="psc"))
    later(days=30)
    assert compare_all() == RegisterCompared(looked_at=1)
    assert state(doctor).state == "verified"
    come_back()
    compare_all()
    leave()
    assert compare_all().absent == 1


def test_before_the_first_import_nobody_is_compared(make_person: MakePerson) -> None:
    make_person("Sans-Fiche", national_id="810101010101")
    assert compare_all() == RegisterCompared(looked_at=0)


def test_who_has_no_number_is_not_compared(doctor: Person, make_person: MakePerson) -> None:
    make_person("Corvaisier", verification_method="vouched", vouched_by=doctor)
    assert compare_all().looked_at == 1


def test_accounts_are_compared_in_parts_and_by_few_statements(
    doctor: Person,
    make_person: MakePerson,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for number in range(5):
        make_person(f"Absente{number}", national_id=f"81010101010{number}")
    with django_assert_max_num_queries(20):
        assert compare_all() == RegisterCompared(looked_at=6, absent=5)
    Person.objects.update(absent_since=None, confirm_by=None)
    monkeypatch.setattr(register_comparison, "AT_ONCE", 2)
    assert compare_all() == RegisterCompared(looked_at=6, absent=5)
