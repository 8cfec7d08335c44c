"""What the provider's answer says of a professional: read leniently, decided strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from identity.authentication.psc.userinfo import (
    Activity,
    NotPractising,
    Professional,
    UserinfoRefused,
    read,
)
from tests.identity.authentication.psc.conftest import ADELI, RPPS, professional, sample


def decided(answer: dict[str, Any], *, sandbox: bool = False) -> Professional:
    return read(answer, answer.get("sub", ""), sandbox=sandbox)


def refused(answer: dict[str, Any], *, sandbox: bool = False) -> str:
    with pytest.raises(UserinfoRefused) as error:
        decided(answer, sandbox=sandbox)
    return error.value.code


def test_somebody_is_read_with_names_profession_and_each_activity_once() -> None:
    found = decided(professional())
    assert (found.national_id, found.first_name, found.last_name) == (RPPS, "KIT", "DOC0036624")
    assert not found.is_invented
    [exercise] = found.exercises
    assert (exercise.profession, exercise.speciality, exercise.civility) == ("10", "SM26", "DR")
    assert [one.mode for one in exercise.activities] == ["L", "S"]
    assert exercise.activities[0] == Activity(
        mode="L",
        name="CABINET M DOC0036624",
        structure="R95141",
        address="1 R NOIR",
        postal_code="75009",
        city="75009 PARIS",
    )


def test_both_answers_of_the_sandbox_are_read_in_the_sandbox_and_refused_elsewhere() -> None:
    for name in ("repeated_exercises", "without_other_ids"):
        assert decided(sample(name), sandbox=True).is_invented
        assert refused(sample(name)) == "sandbox_identity"


@pytest.mark.parametrize(
    "changes",
    [
        {"SubjectNameID": "ANS20231122132732"},
        {"otherIds": [{"identifiant": RPPS, "origine": "EDIT", "qualite": 1}]},
        {"SubjectNameID": "899700366240"},
    ],
)
def test_an_identity_for_tests_opens_nothing_in_production(changes: dict[str, Any]) -> None:
    assert refused(professional(**changes)) == "sandbox_identity"
    assert decided(professional(**changes), sandbox=True).is_invented


@pytest.mark.parametrize(
    "identifier", ["855000000005", "8550000000", "355000000004", "1234", "8 55000000004 x", "85500000000４"]
)
def test_what_is_no_number_of_a_professional_is_refused(identifier: str) -> None:
    assert refused(professional(SubjectNameID=identifier)) in {"not_a_professional", "missing_claims"}


def test_a_number_of_adeli_needs_no_check_digit() -> None:
    assert decided(professional(SubjectNameID=ADELI, otherIds=[])).national_id == ADELI


def test_an_identifier_is_never_repaired() -> None:
    assert refused(professional(SubjectNameID=RPPS[1:])) == "not_a_professional"


@pytest.mark.parametrize("spelling", ["otherIds", "otherIDs", "OTHERIDS"])
@pytest.mark.parametrize("number", [ADELI, ADELI[1:]])
def test_every_other_number_is_known_however_it_is_spelled(spelling: str, number: str) -> None:
    answer = professional()
    del answer["otherIds"]
    answer[spelling] = [
        {"identifiant": number, "origine": "ADELI", "qualite": 0},
        {"identifiant": RPPS[1:], "origine": "RPPS", "qualite": 1},
        {"identifiant": None},
        "nothing",
    ]
    assert decided(answer).identifiers == (RPPS, ADELI)


def test_keys_in_another_case_or_at_another_level_are_read() -> None:
    answer = professional()
    reference = answer.pop("SubjectRefPro")
    exercises = reference.pop("exercices")
    for one in exercises:
        one["codecategorieprofessionnelle"] = one.pop("codeCategorieProfessionnelle")
        one["codeCiviliteDexercice"] = ""
    answer["subjectrefpro"] = {"Exercices": exercises, "codeCivilite": "MME"}
    [exercise] = decided(answer).exercises
    assert exercise.civility == "MME"


def test_a_reference_that_is_text_and_an_exercise_without_a_list_are_read() -> None:
    answer = professional()
    one = answer["SubjectRefPro"]["exercices"][0]
    one["activities"] = one["activities"][0]
    answer["SubjectRefPro"] = json.dumps({"exercices": one})
    [exercise] = decided(answer).exercises
    assert len(exercise.activities) == 1


@pytest.mark.parametrize("claim", ["SubjectNameID", "SubjectRefPro"])
def test_an_answer_that_lacks_something_admits_nobody(claim: str) -> None:
    answer = professional()
    del answer[claim]
    assert refused(answer) == "missing_claims"


def test_an_answer_without_names_admits_nobody() -> None:
    answer = professional(family_name="", given_name="KIT")
    for one in answer["SubjectRefPro"]["exercices"]:
        one["nomDexercice"] = ""
    assert refused(answer) == "missing_claims"


def test_an_answer_about_somebody_else_admits_nobody() -> None:
    with pytest.raises(UserinfoRefused, match="another_subject"):
        read(professional(), "f:realm:another", sandbox=False)


def test_somebody_who_practises_nothing_any_more_is_told_apart_from_an_answer_that_lacks_it() -> None:
    answer = professional(SubjectRefPro={"exercices": []}, otherIds=[{"identifiant": ADELI, "origine": "ADELI"}])
    with pytest.raises(NotPractising) as error:
        decided(answer)
    assert error.value.identifiers == (RPPS, ADELI)


def test_an_exercise_of_no_profession_or_of_an_unknown_category_is_none() -> None:
    answer = professional()
    for one in answer["SubjectRefPro"]["exercices"]:
        one["codeCategorieProfessionnelle"] = "X"
    assert refused(answer) == "missing_claims"


def test_text_that_is_too_long_or_holds_controls_is_no_text() -> None:
    answer = professional(given_name="K" * 500)
    for one in answer["SubjectRefPro"]["exercices"]:
        one["prenomDexercice"] = "KIT\x00"
    assert refused(answer) == "missing_claims"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@limits(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*professional(), "otherIDs", "subjectrefpro"]), ANYTHING))
def test_whatever_the_provider_answers_is_decided(changes: dict[str, Any]) -> None:
    answer = {**professional(), **changes}
    try:
        found = read(answer, f"f:realm:{RPPS}", sandbox=True)
    except UserinfoRefused:
        return
    assert found.national_id
    assert found.first_name
    assert found.last_name
    assert found.exercises
