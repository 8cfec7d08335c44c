from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.patients import rules
from identity.patients.rules import Phone
from server.kernel.wire.errors import Invalid

TODAY = date(2026, 11, 22)


def refused(path: str = "$.x") -> "pytest.RaisesExc[Invalid]":
    return pytest.raises(Invalid, check=lambda refusal: refusal.data["path"] == path)


@pytest.mark.parametrize("name", ["Odile Marie", "LE BRIZEC", "d’Ambérac", "N'Guyen-Brault", "Œuvrard", "Ó Séaghdha"])
def test_a_name_keeps_its_accents_hyphens_and_apostrophes(name: str) -> None:
    assert rules.person_name(f"  {name} ", "$.x") == name


@pytest.mark.parametrize("name", ["", "  ", "-", "R2D2", "<b>Odile</b>", "Odile\u202eeniL", "Odile\x00", "x" * 101])
def test_what_is_not_a_name_is_refused(name: str) -> None:
    with refused():
        rules.person_name(name, "$.x")


def test_a_birth_date_is_not_in_the_future() -> None:
    assert rules.birth_date(TODAY, TODAY, "$.x") == TODAY
    with refused():
        rules.birth_date(TODAY + timedelta(days=1), TODAY, "$.x")


def test_a_birth_date_is_within_a_human_life() -> None:
    with refused():
        rules.birth_date(date(1854, 3, 14), TODAY, "$.x")


def test_france_needs_its_town_and_another_country_does_not() -> None:
    assert rules.birth_place("France", " Ploërmel ", "56165", "$.x") == ("FR", "Ploërmel", "56165")
    assert rules.birth_place("be", None, None, "$.x") == ("BE", "", "")
    with refused("$.x.city"):
        rules.birth_place("FR", " ", None, "$.x")


@pytest.mark.parametrize(
    ("country", "insee"), [("FR", "99131"), ("BE", "56165"), ("FR", "5616"), ("FR", "5C165"), ("FR", "٥٦١٦٥")]
)
def test_an_insee_code_that_cannot_be_is_refused(country: str, insee: str) -> None:
    with refused("$.x.insee"):
        rules.birth_place(country, "Ploërmel", insee, "$.x")


@pytest.mark.parametrize("country", ["", "Belgique", "F", "12"])
def test_a_country_is_a_code(country: str) -> None:
    with refused("$.x.country"):
        rules.birth_place(country, "Redon", None, "$.x")


@pytest.mark.parametrize("code", ["3560", "356000", "35A00", "٣٥٦٠٠"])
def test_a_postal_code_has_five_digits(code: str) -> None:
    with refused():
        rules.postal_code(code, "$.x")


@pytest.mark.parametrize(
    ("typed", "code", "expected"),
    [
        ("06 39 98 41 07", "35600", Phone("+33639984107", True)),
        ("0601020304", "", Phone("+33601020304", True)),
        ("02 99 12 34 56", "35600", Phone("+33299123456", False)),
        ("09 70 12 34 56", "35600", Phone("+33970123456", False)),
        ("0692123456", "97400", Phone("+262692123456", True)),
        ("0692123456", "35600", Phone("+262692123456", True)),  # moved, and kept the number
        ("0262123456", "97490", Phone("+262262123456", False)),
        ("0601020304", "97400", Phone("+33601020304", True)),
        ("0690123456", "97110", Phone("+590690123456", True)),
        ("0694123456", "97300", Phone("+594694123456", True)),
        ("551234", "97500", Phone("+508551234", True)),
        ("87123456", "98714", Phone("+68987123456", True)),
        ("+32 475 12 34 56", "35600", Phone("+32475123456", True)),
        ("01 99 00 12 34", "75011", Phone("+33199001234", False)),
    ],
)
def test_a_phone_is_read_as_it_is_dialled_at_the_postal_code(typed: str, code: str, expected: Phone) -> None:
    assert rules.phone(typed, code, "$.x") == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "112",
        "15",
        "17",
        "18",
        "114",
        "3639",
        "0800123456",
        "0899123456",
        "0820123456",
        "abc",
        "06010203",
        "0601020304x12",
        "+999123456789",
        "06366565656",
    ],
)
@pytest.mark.parametrize("code", ["35600", "97400", "98714", ""])
def test_a_number_that_reaches_no_person_is_refused(typed: str, code: str) -> None:
    with refused():
        rules.phone(typed, code, "$.x")


def test_a_landline_needs_an_email() -> None:
    with refused():
        rules.require_channel(Phone("+33299123456", False), "", "$.x")
    rules.require_channel(Phone("+33299123456", False), "odile@exemple.fr", "$.x")
    rules.require_channel(Phone("+33601020304", True), "", "$.x")


@pytest.mark.parametrize("address", ["odile@exemple.fr", "o.d-i+le@mail.exemple.bzh", "é@exämple.fr"])
def test_an_address_is_kept(address: str) -> None:
    assert rules.email(f" {address} ", "$.x") == address


@pytest.mark.parametrize(
    "address",
    [
        "odile.m@courriel",
        "odile",
        "@exemple.fr",
        "a@b@c.fr",
        "a b@c.fr",
        "a..b@c.fr",
        "a@-c.fr",
        "a@c.fr\nBcc:x",
    ],
)
def test_an_address_that_is_not_complete_is_refused(address: str) -> None:
    with refused():
        rules.email(address, "$.x")


@pytest.mark.parametrize("number", ["2 79 03 51 215 189 89", "1 85 05 78 006 084 91"])
def test_an_ins_number_with_its_key_is_kept(number: str) -> None:
    assert rules.ins(number, "$.x") == number.replace(" ", "")


nirs = st.from_regex(r"[1-2][0-9]{2}(0[1-9]|1[0-2])([0-9]{2}|2A|2B)[0-9]{6}", fullmatch=True)


def key(nir: str) -> str:
    return f"{97 - int(nir.replace('2A', '19').replace('2B', '18')) % 97:02d}"


@given(nirs, st.integers(0, 99))
def test_one_key_fits_an_ins_number_and_the_others_are_refused(nir: str, other: int) -> None:
    if f"{other:02d}" == key(nir):
        assert rules.ins(nir + key(nir), "$.x") == nir + key(nir)
    else:
        with refused():
            rules.ins(f"{nir}{other:02d}", "$.x")


@given(nirs, st.integers(0, 12), st.integers(1, 9))
def test_a_mistyped_digit_never_passes(nir: str, place: int, shift: int) -> None:
    if nir[place].isdigit() and place not in (5, 6):
        wrong = nir[:place] + str((int(nir[place]) + shift) % 10) + nir[place + 1 :]
        with refused():
            rules.ins(wrong + key(nir), "$.x")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Œuvrard", "oeuvrard"), ("N'Guyen-Brault", "NGUYEN BRAULT"), ("Éric  Léo", "eric leo")],
)
def test_spellings_of_one_name_are_alike(one: str, other: str) -> None:
    assert rules.normalised_name(one).replace(" ", "") == rules.normalised_name(other).replace(" ", "")


@given(st.text(max_size=30))
def test_likeness_is_stable(text: str) -> None:
    assert rules.normalised_name(rules.normalised_name(text)) == rules.normalised_name(text)


@pytest.mark.parametrize("typed", ["06 39 98 41 07", "0601020304", "+32475123456", "0692123456"])
def test_a_stored_mobile_is_known_again(typed: str) -> None:
    assert rules.is_mobile(rules.phone(typed, "", "$.x").number)


@pytest.mark.parametrize("typed", ["0299123456", "0970123456", "01 99 00 12 34", "+12125550123"])
def test_a_stored_landline_is_known_again(typed: str) -> None:
    assert not rules.is_mobile(rules.phone(typed, "", "$.x").number)
