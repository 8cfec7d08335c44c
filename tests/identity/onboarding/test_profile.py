"""One's own profile, a mobile that is confirmed, and one's own entry in the register."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.directory.listing import practitioner_id
from identity.onboarding.wire import (
    ClaimEntry,
    ConfirmMobile,
    FindCandidates,
    GetProfile,
    ProfilePlace,
    SetMobile,
    UpdateProfile,
)
from server.kernel.dispatch import dispatch
from server.kernel.wire.errors import Forbidden, Invalid, InvalidState, NotFound, RateLimited
from tests.identity.conftest import MakePerson
from tests.identity.onboarding.conftest import RPPS, Later, last_code, mails

pytestmark = pytest.mark.django_db

MOBILE = "06 39 98 01 23"


def test_what_is_given_changes_and_what_is_not_stays(make_person: MakePerson, towns: None) -> None:
    person = make_person(verified=False, city="Redon", postal_code="35600")
    me = acting(person)
    place = ProfilePlace(name="Maison de santé", address="1 place Maurice Prévert", postal_code="56380", city="Guer")
    changed = dispatch(
        me,
        UpdateProfile(
            first_name="Rozenn",
            practice_mode="salaried",
            fee_sector="2_optam",
            places=[place],
            languages=["br", "fr", "br"],
            phone="02 99 00 26 19",
            mssante="R.Tadvilliers@cabinet.mssante.example",
            language="en",
        ),
    )
    assert (changed.first_name, changed.city, changed.language) == ("Rozenn", "Redon", "en")
    assert (changed.languages, changed.places, changed.fee_sector) == (["br", "fr"], [place], "2_optam")
    assert changed.mssante == "r.tadvilliers@cabinet.mssante.example"
    emptied = dispatch(me, UpdateProfile(places=[], phone="", languages=[]))
    assert (emptied.places, emptied.phone, emptied.languages) == ([], None, [])
    assert emptied.mssante == changed.mssante
    assert dispatch(me, GetProfile()) == emptied


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"postal_code": "56380", "city": "Vannes"}, "$.city"),
        ({"phone": "3639"}, "$.phone"),
        ({"mssante": "nulle part"}, "$.mssante"),
        ({"places": [ProfilePlace(name="x", postal_code="1")]}, "$.places[0].postal_code"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    make_person: MakePerson, towns: None, changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        dispatch(acting(make_person(verified=False)), UpdateProfile(**changes))
    assert refused.value.data["path"] == path


def test_a_proven_name_stays_as_it_was_proven(make_person: MakePerson) -> None:
    person = make_person()
    with pytest.raises(InvalidState):
        dispatch(acting(person), UpdateProfile(last_name="Autre"))
    assert dispatch(acting(person), UpdateProfile(last_name="Vauquier", language="en")).language == "en"


def test_a_mobile_counts_once_its_code_was_typed(make_person: MakePerson) -> None:
    person = make_person(verified=False)
    me = acting(person)
    started = dispatch(me, SetMobile(mobile=MOBILE))
    assert started.mobile == "+33639980123"
    code = last_code("sms")
    assert mails("sms")[-1].to == "+33639980123"
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    assert dispatch(me, ConfirmMobile(code=wrong)).attempts_left == 4
    assert not dispatch(me, GetProfile()).mobile_confirmed
    assert dispatch(me, ConfirmMobile(code=f"{code[:3]} {code[3:]}")).state == "confirmed"
    profile = dispatch(me, GetProfile())
    assert (profile.mobile, profile.mobile_confirmed) == ("+33639980123", True)
    assert dispatch(me, ConfirmMobile(code=code)).state == "too_many_attempts", "a code is good once"


def test_a_new_mobile_takes_the_place_of_the_old_one_only_when_confirmed(make_person: MakePerson, later: Later) -> None:
    person = make_person(mobile="+33639980001")
    me = acting(person)
    dispatch(me, SetMobile(mobile=MOBILE))
    assert dispatch(me, GetProfile()).mobile == "+33639980001"
    later(minutes=15)
    assert dispatch(me, ConfirmMobile(code=last_code("sms"))).state == "expired"


def test_five_wrong_codes_need_another_one(make_person: MakePerson, later: Later) -> None:
    me = acting(make_person(verified=False))
    dispatch(me, SetMobile(mobile=MOBILE))
    code = last_code("sms")
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    for _ in range(5):
        assert dispatch(me, ConfirmMobile(code=wrong)).state == "wrong_code"
    assert dispatch(me, ConfirmMobile(code=code)).state == "too_many_attempts"
    later(seconds=61)
    dispatch(me, SetMobile(mobile=MOBILE))
    assert dispatch(me, ConfirmMobile(code=code)).state == "wrong_code"
    assert dispatch(me, ConfirmMobile(code=last_code("sms"))).state == "confirmed"


def test_codes_come_once_a_minute_and_five_times_a_day(make_person: MakePerson, later: Later) -> None:
    me = acting(make_person(verified=False))
    dispatch(me, SetMobile(mobile=MOBILE))
    with pytest.raises(RateLimited):
        dispatch(me, SetMobile(mobile=MOBILE))
    for _ in range(4):
        later(seconds=61)
        dispatch(me, SetMobile(mobile=MOBILE))
    later(seconds=61)
    with pytest.raises(RateLimited):
        dispatch(me, SetMobile(mobile=MOBILE))
    later(hours=24)
    dispatch(me, SetMobile(mobile=MOBILE))


@pytest.mark.parametrize(("typed", "why"), [("02 99 00 26 19", "not_a_mobile"), ("+1 202 555 0142", "not_a_mobile")])
def test_only_a_mobile_is_sent_a_code(make_person: MakePerson, typed: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        dispatch(acting(make_person(verified=False)), SetMobile(mobile=typed))
    assert refused.value.data["why"] == why


@pytest.mark.usefixtures("register")
class TestRegister:
    def test_an_entry_is_found_by_name_and_town_or_by_number(self, make_person: MakePerson) -> None:
        me = acting(tadvilliers(make_person))
        found = dispatch(me, FindCandidates())
        assert (found.entries[0].name, found.entries[0].rpps) == ("Dr Rozenn Tadvilliers", RPPS)
        assert found.entries[0].places[0].city == "Guer"
        assert found.questions_left == 4
        [by_number] = dispatch(me, FindCandidates(number=f"{RPPS[:2]} {RPPS[2:]}")).entries
        assert by_number == found.entries[0]
        assert dispatch(me, FindCandidates(number="10101010101")).entries == []

    def test_five_questions_a_day(self, make_person: MakePerson, later: Later) -> None:
        me = acting(tadvilliers(make_person))
        for left in (4, 3, 2, 1, 0):
            assert dispatch(me, FindCandidates()).questions_left == left
        with pytest.raises(RateLimited):
            dispatch(me, FindCandidates(number=RPPS))
        later(hours=24)
        dispatch(me, FindCandidates())

    def test_an_entry_that_somebody_has_looks_like_any_other(self, make_person: MakePerson) -> None:
        me = acting(tadvilliers(make_person))
        before = msgspec.json.encode(dispatch(me, FindCandidates()))
        make_person("Tadvilliers-Autre", national_id=f"8{RPPS}")
        after = msgspec.json.encode(dispatch(me, FindCandidates()))
        assert after == before.replace(b'"questions_left":4', b'"questions_left":3')

    def test_nobody_asks_before_their_address_is_confirmed(self, make_person: MakePerson) -> None:
        with pytest.raises(Forbidden):
            dispatch(acting(tadvilliers(make_person, email_confirmed_at=None)), FindCandidates())

    def test_two_may_claim_one_entry_and_nothing_is_decided_by_it(self, make_person: MakePerson) -> None:
        people = [tadvilliers(make_person), make_person("Autre", verified=False)]
        for person in people:
            claimed = dispatch(acting(person), ClaimEntry(entry=practitioner_id(f"8{RPPS}"))).entry
            assert claimed is not None
            assert claimed.rpps == RPPS
            assert dispatch(acting(person), GetProfile()).claimed == RPPS
        assert set(Person.objects.values_list("claimed_id", "national_id")) == {(f"8{RPPS}", None)}
        assert dispatch(acting(people[0]), ClaimEntry()).entry is None

    def test_an_entry_that_does_not_exist_and_a_second_one_are_refused(self, make_person: MakePerson) -> None:
        with pytest.raises(NotFound):
            dispatch(acting(tadvilliers(make_person)), ClaimEntry(entry=practitioner_id("8nobody")))
        proven = make_person(national_id=f"8{RPPS}")
        with pytest.raises(InvalidState):
            dispatch(acting(proven), ClaimEntry(entry=practitioner_id(f"8{RPPS}")))


def tadvilliers(make_person: MakePerson, **fields: object) -> Person:
    person = make_person("Tadvilliers", verified=False, postal_code="56380", city="Guer", **fields)
    Person.objects.filter(pk=person.pk).update(first_name="Rozenn")
    return Person.objects.get(pk=person.pk)
