"""Extracts to import, and towns to find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from identity.directory.communes import import_communes
from identity.directory.importer import Report, import_extract
from tests.bench.register_file import COLUMNS, check_digit

TOWNS = """code_insee,nom,codes_postaux,departement,region,population,lat,lon
69123,Lyon,69001 69002 69003 69004,69,84,519127,45.76993,4.82922
69383,Lyon 3e Arrondissement,69003,69,84,100679,45.75336,4.86919
69266,Villeurbanne,69100,69,84,160000,45.7719,4.8902
69029,Bron,69500,69,84,43000,45.7344,4.9113
38185,Grenoble,38000 38100,38,84,157000,45.1842,5.7155
42218,Saint-Étienne,42000 42100,42,84,174000,45.4401,4.3873
75056,Paris,75001 75015,75,11,2103778,48.86263,2.33629
75115,Paris 15e Arrondissement,75015,75,11,229713,48.84016,2.29356
25204,Doubs,25300,25,27,3000,46.9286,6.3497
97411,Saint-Denis,97400,974,04,155634,-20.93297,55.44687
93066,Saint-Denis,93200 93210,93,11,149077,48.92957,2.35924
01001,L'Abergement-Clémenciat,01400,01,84,860,46.15343,4.92611
"""


def rpps(number: int) -> str:
    body = f"2{number:09d}"
    return body + check_digit(body)


def line(number: int, **said: str) -> str:
    """A line of the extract; ``said`` by short names, or ``national_id``."""
    names = {
        "last": "Nom d'exercice", "first": "Prénom d'exercice", "profession": "Code profession",
        "speciality": "Code savoir-faire", "organisation": "Raison sociale site",
        "title": "Libellé civilité d'exercice",
        "postal": "Code postal (coord. structure)", "commune": "Code commune (coord. structure)",
        "city": "Libellé commune (coord. structure)", "cedex": "Bureau cedex (coord. structure)",
        "street": "Libellé Voie (coord. structure)", "kind": "Libellé type de voie (coord. structure)",
        "street_number": "Numéro Voie (coord. structure)", "phone": "Téléphone (coord. structure)",
        "country": "Code pays (coord. structure)", "country_label": "Libellé pays (coord. structure)",
        "national_id": "Identification nationale PP", "speciality_label": "Libellé savoir-faire",
    }  # fmt: skip
    row = {
        "Identification nationale PP": "8" + rpps(number), "Nom d'exercice": f"NOM{number}",
        "Prénom d'exercice": "Alix", "Code profession": "60", "Libellé profession": "Infirmier",
    } | {names[name]: value for name, value in said.items()}  # fmt: skip
    return "|".join(row.get(column, "") for column in COLUMNS) + "|"


HEADER = "|".join(COLUMNS) + "|"

WriteExtract = Callable[..., Path]
ImportLines = Callable[..., Report]


@pytest.fixture
def write_extract(tmp_path: Path) -> WriteExtract:
    def write(*lines: str, header: str = HEADER, name: str = "extract.txt", end: str = "\n") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + end, encoding="utf-8", newline="")
        return path

    return write


@pytest.fixture
def towns(transactional_db: None, tmp_path: Path) -> None:
    path = tmp_path / "towns.csv"
    path.write_text(TOWNS, encoding="utf-8")
    import_communes(path)


@pytest.fixture
def import_lines(towns: None, write_extract: WriteExtract) -> ImportLines:
    """Imports an extract of these lines."""

    def load(*lines: str, allow_withdrawals: bool = False) -> Report:
        return import_extract(write_extract(*lines), allow_withdrawals=allow_withdrawals)

    return load


def names() -> list[str]:
    """The surnames in the directory, sorted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_name FROM register_entry ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]
