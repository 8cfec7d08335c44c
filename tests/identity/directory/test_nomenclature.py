"""Professions and specialities by code, label and everyday name."""

from __future__ import annotations

import pytest

from identity.directory.nomenclature import (
    FIELD_OF_CODE,
    FIELDS,
    LONGEST,
    field_key,
    field_number,
    find,
    guess,
    suggestions,
    vocabulary,
)


@pytest.mark.parametrize("phrase", ["cardiologue", "CARDIO", "Cardiologie et maladies vasculaires", "SM04", "sm04"])
def test_a_field_has_many_names(phrase: str) -> None:
    wanted = find(phrase)
    assert wanted is not None
    assert wanted.fields == {"CARDIO"}


def test_general_practice_is_three_codes_and_one_field() -> None:
    assert {field_key("10", code) for code in ("SM26", "SM53", "SM54")} == {"MG"}


def test_a_profession_is_all_its_fields() -> None:
    physicians = find("médecin")
    assert physicians is not None
    assert {"10", "CARDIO", "MG"} <= physicians.fields
    assert "60" not in physicians.fields


def test_every_speciality_of_the_register_has_a_field() -> None:
    assert [f"SM{number:02d}" for number in range(1, 73) if f"SM{number:02d}" not in FIELD_OF_CODE] == []


def test_a_skill_that_is_no_speciality_leaves_the_profession() -> None:
    assert field_key("60", "CAPA03") == "60"
    assert field_key("10", "SM99") == "SM99"


def test_no_two_fields_share_a_number() -> None:
    assert len({field_number(key) for key in FIELDS}) == len(FIELDS)


def test_no_phrase_stands_for_two_things_by_accident() -> None:
    said = [(name, key) for key, field in FIELDS.items() for name in field.names if name]
    twice = {name for name, key in said if any(name == other and key != another for other, another in said)}
    assert twice == set()


def test_phrases_are_short_enough_to_be_looked_for() -> None:
    assert [phrase for phrase in vocabulary() if len(phrase.split()) > LONGEST and phrase not in LABELS] == []


LABELS = {
    "chirurgie plastique reconstructrice et esthetique",
    "orl et chirurgie cervico faciale",
    "medecine legale et expertises medicales",
}


@pytest.mark.parametrize(("typed", "key"), [("cardiol", "CARDIO"), ("dermatolgue", "DERMATO"), ("orthophonsite", "91")])
def test_what_is_begun_or_misses_by_a_letter_is_guessed(typed: str, key: str) -> None:
    wanted = guess(typed)
    assert wanted is not None
    assert key in wanted.fields


@pytest.mark.parametrize("typed", ["", "a", "med", "xyzzyx"])
def test_what_may_be_anything_is_not_guessed(typed: str) -> None:
    assert guess(typed) is None


def test_somebody_who_misspells_gets_a_suggestion() -> None:
    assert "Cardiologie et maladies vasculaires" in suggestions("cardilogis")
