"""Every field by the tables of ``tests/cases``, which the web form and the Python client's tests run too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity import fields
from identity.fields import Phone
from server.kernel.wire.errors import Invalid
from tests.cases import table

TODAY = date(2026, 11, 22)
PATH = "$.x"

Case = dict[str, Any]


def outcome(rule: Callable[[], object]) -> Case:
    """What a rule says: the value, or why not; the path only if it is another than that of the field asked about."""
    try:
        return {"value": rule()}
    except Invalid as refused:
        path = refused.data["path"]
        return {"why": refused.data["why"]} | ({} if path == PATH else {"path": path})


def expected(case: Case) -> Case:
    return {name: case[name] for name in ("value", "why") if name in case}


@pytest.mark.parametrize("case", table("name"))
def test_a_name(case: Case) -> None:
    assert outcome(lambda: fields.person_name(case["typed"], PATH)) == expected(case)


@pytest.mark.parametrize("case", table("first_names"))
def test_first_names(case: Case) -> None:
    assert outcome(lambda: fields.first_names(case["typed"], PATH)) == expected(case)


@pytest.mark.parametrize("case", table("postal_code"))
def test_a_postal_code(case: Case) -> None:
    assert outcome(lambda: fields.postal_code(case["typed"], PATH)) == expected(case)


@pytest.mark.parametrize("case", table("country"))
def test_a_country(case: Case) -> None:
    assert outcome(lambda: fields.country(case["typed"], PATH)) == expected(case)


@pytest.mark.parametrize("case", table("email"))
def test_an_email_address(case: Case) -> None:
    assert outcome(lambda: fields.email(case["typed"], PATH)) == expected(case)


@pytest.mark.parametrize("case", table("ins"))
def test_an_ins_number(case: Case) -> None:
    assert outcome(lambda: fields.ins(case["typed"], PATH)) == expected(case)


@pytest.mark.parametrize("case", table("phone"))
def test_a_phone(case: Case) -> None:
    said = outcome(lambda: fields.phone(case["typed"], case.get("at", ""), PATH)._asdict())
    assert said == expected(case)


@pytest.mark.parametrize(
    "case", [case for case in table("birth_date") if "value" in case.values[0] or "wire" in case.values[0]]
)
def test_a_birth_date(case: Case) -> None:
    sent = case.get("wire") or case["value"]
    born = date.fromisoformat(sent["date"])
    said = outcome(lambda: fields.birth_date(born, TODAY, PATH, sent.get("unknown")))
    assert said == ({"why": case["why"]} if "why" in case else {"value": born})


@pytest.mark.parametrize("case", [case for case in table("phone") if "value" in case.values[0]])
def test_a_stored_number_is_known_again(case: Case) -> None:
    number, mobile = case["value"]["number"], case["value"]["mobile"]
    assert fields.phone(number, "", PATH) == Phone(number, mobile)
    assert fields.is_mobile(number) == mobile


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (fields.person_name, "name"),
        (fields.first_names, "first_names"),
        (fields.email, "email"),
        (fields.ins, "ins"),
        (fields.postal_code, "postal_code"),
        (fields.country, "country"),
    ],
)
def test_what_is_kept_is_kept_again(rule: Callable[[str, str], str], name: str) -> None:
    for case in (case.values[0] for case in table(name)):
        if "value" in case:
            assert rule(case["value"], PATH) == case["value"]


def test_france_needs_its_town_and_another_country_does_not() -> None:
    assert fields.birth_place("France", " Ploërmel ", "56165", "$.x") == ("FR", "Ploërmel", "56165")
    assert fields.birth_place("be", None, None, "$.x") == ("BE", "", "")
    assert fields.birth_place("RE", None, "97411", "$.x") == ("RE", "", "97411")
    with pytest.raises(Invalid, check=lambda refused: refused.data["path"] == "$.x.city"):
        fields.birth_place("FR", "\u200b ", None, "$.x")


@pytest.mark.parametrize(
    ("country", "insee"),
    [("FR", "99131"), ("RE", "99131"), ("BE", "56165"), ("FR", "5616"), ("FR", "5C165"), ("FR", "٥٦١٦٥")],
)
def test_an_insee_code_that_cannot_be_is_refused(country: str, insee: str) -> None:
    with pytest.raises(Invalid, check=lambda refused: refused.data["path"] == "$.x.insee"):
        fields.birth_place(country, "Ploërmel", insee, "$.x")


def test_a_text_that_is_too_long_is_refused_with_its_limit_and_never_cut() -> None:
    assert fields.text("é" * 200, PATH) == "é" * 200
    with pytest.raises(Invalid, match="201") as refused:
        fields.text("é" * 201, PATH)
    assert refused.value.data == {"path": PATH, "why": "too_long", "limit": 200}


def test_a_landline_needs_an_email() -> None:
    with pytest.raises(Invalid):
        fields.require_channel(Phone("+33299123456", False), "", PATH)
    fields.require_channel(Phone("+33299123456", False), "odile@exemple.fr", PATH)
    fields.require_channel(Phone("+33601020304", True), "", PATH)


nirs = st.from_regex(r"[1-2][0-9]{2}(0[1-9]|1[0-2])([0-9]{2}|2A|2B)[0-9]{6}", fullmatch=True)


def key(nir: str) -> str:
    return f"{97 - int(nir.replace('2A', '19').replace('2B', '18')) % 97:02d}"


@given(nirs, st.integers(0, 99))
def test_one_key_fits_an_ins_number_and_the_others_are_refused(nir: str, other: int) -> None:
    wanted = {"value": nir + key(nir)} if f"{other:02d}" == key(nir) else {"why": "wrong_key"}
    assert outcome(lambda: fields.ins(f"{nir}{other:02d}", PATH)) == wanted


@given(nirs, st.integers(0, 12), st.integers(1, 9))
def test_a_mistyped_digit_never_passes(nir: str, place: int, shift: int) -> None:
    if nir[place].isdigit() and place not in (5, 6):
        wrong = nir[:place] + str((int(nir[place]) + shift) % 10) + nir[place + 1 :]
        assert "why" in outcome(lambda: fields.ins(wrong + key(nir), PATH))


@given(st.text(max_size=40))
def test_no_text_makes_a_rule_fail(text: str) -> None:
    for rule in (fields.person_name, fields.first_names, fields.email, fields.ins, fields.postal_code, fields.country):
        kept = outcome(lambda: rule(text, PATH))  # noqa: B023
        if "value" in kept:
            assert outcome(lambda: rule(kept["value"], PATH)) == kept  # noqa: B023
    outcome(lambda: fields.phone(text, "", PATH))
