from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.names import deletions, distance, fold, groups, name_keys, second_deletions, sound, words

LETTERS = st.text("abcdefgh", min_size=4, max_size=9)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Élodie", "elodie"),
        ("JEAN-BAPTISTE", "jean baptiste"),
        ("L’Hôpital d'Été", "l hopital d ete"),
        ("Œuvré Straße", "oeuvre strasse"),
        ("  a\u200bb\u202ec  ", "abc"),
        ("مرحبا", ""),
        ("", ""),
    ],
)
def test_accents_hyphens_apostrophes_and_invisible_signs_do_not_count(typed: str, read: str) -> None:
    assert fold(typed) == read


@given(st.text())
def test_any_text_folds_to_plain_words(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert "  " not in folded
    assert folded == folded.strip() == fold(folded)


def test_saint_may_be_shortened() -> None:
    assert words("St-Étienne Ste Foy") == ["saint", "etienne", "sainte", "foy"]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("LE GALL", "legall"),
        ("Le-Gall", "legall"),
        ("Legall", "legall"),
        ("D'ALMEIDA", "dalmeida"),
        ("de la Tour", "delatour"),
    ],
)
def test_a_particle_is_one_with_its_name(written: str, key: str) -> None:
    assert groups(words(written)) == [key]


def test_a_name_is_found_by_each_of_its_parts() -> None:
    keys = name_keys("LE GALL-MARTIN", "Anne-Sophie")
    assert (keys.last, keys.tail, keys.first) == ("legall martin", "martin", "anne sophie")
    assert {"legall", "gall", "martin", "anne", "sophie", "annesophie"} <= set(keys.words)


def test_a_surname_of_particles_alone_is_still_a_name() -> None:
    assert name_keys("DE LA", "").last == "dela"


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("dupont", "dupont", 0), ("dupont", "dupond", 1), ("dupont", "udpont", 1), ("dupont", "dupnt", 1), ("ab", "ba", 1),
     ("dupont", "martin", 3), ("gautier", "gotier", 2)],
)  # fmt: skip
def test_a_slip_is_a_letter_wrong_missing_in_excess_or_exchanged(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == slips


@given(LETTERS, LETTERS)
def test_distance_is_the_same_both_ways(one: str, other: str) -> None:
    assert distance(one, other, 4) == distance(other, one, 4)


@given(LETTERS, st.integers(0, 8), st.sampled_from("abcxyz"), st.sampled_from(["drop", "add", "change", "swap"]))
def test_words_one_slip_apart_share_a_deletion(word: str, at: int, letter: str, how: str) -> None:
    at %= len(word)
    slipped = {
        "drop": word[:at] + word[at + 1 :],
        "add": word[:at] + letter + word[at:],
        "change": word[:at] + letter + word[at + 1 :],
        "swap": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    }[how]
    assert distance(word, slipped, 1) <= 1
    assert set(deletions(word)) & set(deletions(slipped))


@given(LETTERS)
def test_two_letters_too_many_are_found_by_second_deletions(word: str) -> None:
    assert word in second_deletions("xy" + word)


@pytest.mark.parametrize(
    ("one", "other"), [("gauthier", "gotier"), ("dupont", "dupond"), ("philippe", "filipe"), ("renault", "renaud")]
)
def test_what_sounds_alike_has_one_sound(one: str, other: str) -> None:
    assert sound(one)[:4] == sound(other)[:4]
