"""Towns: imported whole or not at all, and found from what the register says of a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from identity.directory.communes import (
    BUNDLED,
    Towns,
    all_communes,
    ensure_communes,
    import_communes,
    read_communes,
    spoken_name,
)
from identity.directory.extract import Unreadable
from identity.directory.lookups import towns
from identity.directory.models import RegisterCommune
from tests.identity.directory.conftest import TOWNS


@pytest.fixture(scope="module")
def france() -> Towns:
    return Towns(list(read_communes(BUNDLED)))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "towns.csv"
    path.write_text(TOWNS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("code", "postal", "city", "found"),
    [
        ("25204", "25300", "Doubs", "25204"),
        ("", "25300", "DOUBS", "25204"),
        ("", "69903", "LYON", "69123"),
        ("69123", "69003", "Lyon", "69383"),
        ("", "75015", "PARIS", "75115"),
        ("13055", "13008", "", "13208"),
        ("", "20000", "AJACCIO", "2A004"),
        ("", "97400", "SAINT DENIS", "97411"),
        ("01001", "", "", "01001"),
        ("99999", "00000", "NULLE PART", None),
        ("", "", "", None),
    ],
)
def test_a_place_is_found_by_code_or_postal_code_or_name(
    code: str, postal: str, city: str, found: str | None, france: Towns
) -> None:
    commune = france.find(code, postal, city)
    assert (commune.code if commune else None) == found


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("Saint-Étienne", "saint etienne"),
        ("ST ETIENNE", "saint etienne"),
        ("Lyon 3e Arrondissement", "lyon 3"),
        ("Paris 1er Arrondissement", "paris 1"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("LYON CEDEX 03", "lyon 3"),
    ],
)
def test_a_town_is_read_as_it_is_said(name: str, spoken: str) -> None:
    assert spoken_name(name) == spoken


@pytest.mark.django_db
def test_towns_are_added_and_updated(table: Path) -> None:
    assert import_communes(table) == TOWNS.count("\n") - 1
    table.write_text(TOWNS.splitlines()[0] + "\n69123,Lugdunum,69001,69,84,5,45.7,4.8\n", encoding="utf-8")
    assert import_communes(table) == 1
    assert RegisterCommune.objects.get(pk="69123").name == "Lugdunum"
    assert RegisterCommune.objects.count() == TOWNS.count("\n") - 1
    assert [one.name for one in towns(["lugdunum"], [])] == ["Lugdunum"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "missing_column"),
        (b"nom,lat\nLyon,45\n", "missing_column"),
        (TOWNS.encode() + b"1,Nord,1,1,1,1,notalat,2\n", "malformed"),
        (TOWNS.encode() + b"1,Nord,1,1,1,1,91,2\n", "malformed"),
        (TOWNS.encode() + b"1,Nord\n", "malformed"),
        (TOWNS.encode("cp1252"), "encoding"),
        (TOWNS.splitlines()[0].encode() + b"\n", "empty"),
    ],
)
def test_a_table_that_is_not_one_of_towns_changes_nothing(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "towns.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as refusal:
        import_communes(path)
    assert refusal.value.reason == reason
    assert RegisterCommune.objects.count() == 0


@pytest.mark.django_db
def test_the_towns_that_come_with_the_program_are_loaded_once(table: Path) -> None:
    import_communes(table)
    ensure_communes()
    assert len(all_communes()) == TOWNS.count("\n") - 1
    RegisterCommune.objects.all().delete()
    ensure_communes()
    assert len(all_communes()) > 34_000
