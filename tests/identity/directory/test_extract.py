"""The format of the register's extract, and its quirks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.directory.extract import (
    Reader,
    Refused,
    Row,
    Unreadable,
    blocks_of,
    lines_of,
    read_header,
    town_of_bureau,
    wrong_identifier,
)
from identity.register_numbers import luhn_holds
from tests.bench.register_file import COLUMNS
from tests.identity.directory.conftest import HEADER, line, rpps


def read(text: str, header: str = HEADER) -> Row:
    row = Reader(read_header(header)).row(2, text)
    assert isinstance(row, Row), row
    return row


def refused(text: str) -> Refused:
    row = Reader(read_header(HEADER)).row(7, text)
    assert isinstance(row, Refused), row
    return row


def test_columns_are_found_by_name_in_any_order() -> None:
    columns = list(reversed(COLUMNS))
    fields = dict(zip(COLUMNS, line(1, last="KERBRAT").split("|"), strict=False))
    assert read("|".join(fields[one] for one in columns) + "|", "|".join(columns) + "|").last_name == "KERBRAT"


@pytest.mark.parametrize("count", [52, 56])
def test_both_widths_are_read(count: int) -> None:
    header = "|".join(COLUMNS[:count]) + "|"
    text = "|".join(line(1).split("|")[:count]) + "|"
    assert read(text, header).national_id == "8" + rpps(1)


def test_labels_may_vary_a_little() -> None:
    header = HEADER.replace("Code mode exercice", "Code du mode d'exercice").replace(
        "Prénom d'exercice", "PRENOM EXERCICE"
    )
    assert read(line(1, first="Zoé"), header).first_name == "Zoé"


def test_a_file_without_the_closing_bar_is_read() -> None:
    assert read(line(1).removesuffix("|"), HEADER.removesuffix("|")).national_id == "8" + rpps(1)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Unreadable, match="«Code profession»") as refusal:
        read_header(HEADER.replace("Code profession", "Métier"))
    assert refusal.value.reason == "missing_column"


def test_a_file_without_columns_is_no_extract() -> None:
    with pytest.raises(Unreadable) as refusal:
        read_header("id;name")
    assert refusal.value.reason == "not_an_extract"


def test_blank_structure_columns_make_a_row_without_a_place() -> None:
    row = read(line(1))
    assert (row.organisation, row.address, row.city) == ("", "", "")


def test_the_town_comes_from_the_post_office_when_its_label_is_blank() -> None:
    row = read(line(1, cedex="25300 DOUBS"))
    assert (row.postal_code, row.city) == ("25300", "DOUBS")


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("25300 DOUBS", ("25300", "DOUBS")),
        ("69003 LYON CEDEX 03", ("69003", "LYON")),
        ("LYON", ("", "LYON")),
        ("", ("", "")),
    ],
)
def test_a_post_office_is_a_postal_code_and_a_town(text: str, town: tuple[str, str]) -> None:
    assert town_of_bureau(text) == town


def test_the_kind_of_street_is_not_said_twice() -> None:
    row = read(line(1, street_number="12", kind="Rue", street="RUE DES TILLEULS"))
    assert row.address == "12 RUE DES TILLEULS"


def test_a_phone_loses_its_spaces() -> None:
    assert read(line(1, phone="01 99 00 12 34")).phone == "0199001234"


def test_a_foreign_address_keeps_its_country_and_no_commune() -> None:
    row = read(line(1, postal="GL", commune="99132", country="99132", country_label="Royaume-Uni"))
    assert (row.country, row.commune) == ("Royaume-Uni", "")


def test_leading_zeros_are_kept() -> None:
    assert read(line(1, postal="01400", commune="01001")).commune == "01001"


def test_what_could_break_a_table_becomes_a_space() -> None:
    assert read(line(1, last="A\\B\tC\u202eD")).last_name == "A B C D"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"national_id": ""}, "identifier_missing"),
        ({"national_id": "8" + rpps(1)[:-1] + str((int(rpps(1)[-1]) + 1) % 10)}, "rpps_check_digit"),
        ({"national_id": "8123"}, "identifier_malformed"),
        ({"national_id": "81234567890"}, "rpps_length"),
        ({"national_id": "'; DROP"}, "identifier_malformed"),
        ({"last": " - "}, "name_missing"),
        ({"profession": ""}, "profession_missing"),
        ({"last": "A\x00B"}, "control_character"),
    ],
)
def test_a_row_that_cannot_be_shown_is_refused_with_its_line(said: dict[str, str], reason: str) -> None:
    refusal = refused(line(1, **said))
    assert (refusal.line, refusal.reason) == (7, reason)


@pytest.mark.parametrize("cut", ["a|b|", line(1) + "more|", line(1).replace("|", "||", 1)])
def test_a_row_of_another_width_is_refused(cut: str) -> None:
    assert refused(cut).reason == "columns"


def test_an_older_number_needs_no_check_digit() -> None:
    assert wrong_identifier("0691234567") is None


@given(st.integers(0, 10**9 - 1))
def test_a_number_changed_in_one_digit_fails_its_check(number: int) -> None:
    good = rpps(number)
    assert luhn_holds(good)
    assert not luhn_holds(good[:3] + str((int(good[3]) + 1) % 10) + good[4:])


@pytest.mark.parametrize(
    ("content", "hint"),
    [("Prénom".encode("cp1252"), "WINDOWS-1252"), ("a|b".encode("utf-16"), "UTF-16")],
)
def test_another_encoding_is_refused_with_how_to_convert_it(content: bytes, hint: str) -> None:
    with pytest.raises(Unreadable, match=hint) as refusal:
        [lines_of(block, 1) for block in blocks_of([content + b"\n"])]
    assert refusal.value.reason == "encoding"


def test_the_mark_before_utf_8_is_skipped() -> None:
    assert list(blocks_of([b"\xef\xbb\xbfa|b\n"])) == [b"a|b\n"]


@given(st.lists(st.binary(max_size=30).map(lambda some: some.replace(b"\x00", b"").replace(b"\xff", b"")), max_size=8))
def test_blocks_hold_whole_lines_and_lose_nothing(chunks: list[bytes]) -> None:
    chunks = [b"first\n", *chunks]
    blocks = list(blocks_of(chunks))
    assert b"".join(blocks) == b"".join(chunks)
    assert all(block.endswith(b"\n") for block in blocks[:-1])
