"""Towns with their coordinates: imported from a table, and found by code, by postal code or by name.

The table is the one that the geographic API of the French state gives (Licence Ouverte 2.0):
``code_insee,nom,codes_postaux,departement,region,population,lat,lon``. The one in ``data/`` also holds the
arrondissements of Paris, Lyon and Marseille, which the register uses.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from identity.directory.extract import Unreadable
from identity.directory.projection import Point, project
from identity.names import deletions, words

BUNDLED = Path(__file__).parent / "data" / "communes.csv"
COLUMNS = ("code_insee", "nom", "codes_postaux", "departement", "population", "lat", "lon")


@dataclass(frozen=True, slots=True, eq=False)
class Commune:
    """A town, an arrondissement; ``at`` is its middle on the plane."""

    code: str
    name: str
    spoken: str
    postal_codes: Sequence[str]
    department: str
    population: int
    lat: float
    lon: float
    at: Point

    @classmethod
    def of(cls, row: Sequence[Any]) -> Commune:
        """From the columns above, all but the last."""
        code, name, spoken, postal_codes, department, population, lat, lon = row
        return cls(code, name, spoken, postal_codes, department, population, lat, lon, project(lat, lon))


def spoken_name(name: str) -> str:
    """A town's name as typed: ``Lyon 3e Arrondissement`` is ``lyon 3``, ``St-Denis`` is ``saint denis``."""
    parts = [word for word in words(name) if word not in ("arrondissement", "cedex")]
    last = parts[-1].rstrip("erm") if parts else ""
    if len(parts) > 1 and parts[-1] == "1er":
        last = "1"
    return " ".join([*parts[:-1], str(int(last))]) if len(parts) > 1 and last.isdigit() else " ".join(parts)


def import_communes(source: Path | io.TextIOBase, progress: Callable[[int], None] = lambda done: None) -> int:
    """Adds and updates towns, all or none; returns how many the table held. Towns it does not hold stay.

    ``Unreadable`` when the table is not one of towns. Professionals already imported keep their coordinates until
    the next import of the extract.
    """
    communes = list(read_communes(source))
    if not communes:
        raise Unreadable("empty", "The table holds no town.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE arriving (LIKE register_commune) ON COMMIT DROP")
        with cursor.copy("COPY arriving FROM STDIN") as copy:
            for done, one in enumerate(communes, 1):
                x, y = one.at
                near = deletions(one.spoken.replace(" ", ""))
                copy.write_row(
                    (one.code, one.name, one.spoken, near, list(one.postal_codes), one.department, one.population,
                     one.lat, one.lon, f"({x},{y})")
                )  # fmt: skip
                progress(done)
        cursor.execute("DELETE FROM register_commune WHERE code IN (SELECT code FROM arriving)")
        cursor.execute("INSERT INTO register_commune SELECT DISTINCT ON (code) * FROM arriving")
        cursor.execute("DROP TABLE arriving")
        cursor.execute("ANALYZE register_commune")
    return len(communes)


def read_communes(source: Path | io.TextIOBase) -> Iterator[Commune]:
    """The towns of a table; ``Unreadable`` with the line when something in it is not what it must be."""
    if isinstance(source, Path):
        try:
            with source.open(encoding="utf-8-sig", newline="") as file:
                yield from read_communes(file)
        except UnicodeDecodeError as error:
            raise Unreadable("encoding", "The table of towns is not UTF-8: convert it with iconv.") from error
        return
    reader = csv.DictReader(source)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise Unreadable("missing_column", "The table of towns lacks " + ", ".join(f"«{one}»" for one in missing) + ".")
    for row in reader:
        try:
            lat, lon = float(row["lat"]), float(row["lon"])
            if not (row["code_insee"] and row["nom"] and -90 <= lat <= 90 and -180 <= lon <= 180):
                raise ValueError(row["code_insee"])
            yield Commune(
                row["code_insee"], row["nom"], spoken_name(row["nom"]), tuple(row["codes_postaux"].split()),
                row["departement"], int(row["population"] or 0), lat, lon, project(lat, lon),
            )  # fmt: skip
        except (ValueError, TypeError, AttributeError) as error:
            raise Unreadable("malformed", f"Line {reader.line_num} of the table of towns is not a town.") from error


def ensure_communes() -> None:
    """Loads the towns that come with the program, unless there are some."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM register_commune)")
        if cursor.fetchone()[0]:
            return
    import_communes(BUNDLED)


class Towns:
    """All towns in memory, to give each line of the register its place."""

    def __init__(self, communes: Iterable[Commune]) -> None:
        self._by_code: dict[str, Commune] = {}
        self._by_postal: dict[str, list[Commune]] = {}
        self._by_name: dict[str, list[Commune]] = {}
        for commune in communes:
            self._by_code[commune.code] = commune
            self._by_name.setdefault(commune.spoken, []).append(commune)
            for postal in commune.postal_codes:
                self._by_postal.setdefault(postal, []).append(commune)
        self.find = lru_cache(maxsize=20_000)(self._find)

    def __len__(self) -> int:
        return len(self._by_code)

    def _find(self, code: str, postal: str, city: str) -> Commune | None:
        """By commune code, else by postal code and name, else by postal code, else by name in the department.

        A large town whose postal codes have arrondissements of their own gives way to the arrondissement.
        """
        here = self._by_postal.get(postal, [])
        narrow = min(here, key=lambda one: (len(one.postal_codes), -one.population), default=None)
        by_code = self._by_code.get(code)
        if by_code:
            within = narrow and len(by_code.postal_codes) > 1 and narrow.spoken.startswith(by_code.spoken + " ")
            return narrow if within else by_code
        spoken = spoken_name(city) if city else ""
        for one in here:
            if one.spoken == spoken:
                return narrow if narrow and narrow.spoken.startswith(spoken + " ") else one
        if here:
            return min(here, key=lambda one: (len(one.postal_codes) > 1, -one.population))
        department = postal[:3] if postal.startswith("97") else postal[:2]
        named = [one for one in self._by_name.get(spoken, []) if not postal or _in(one, department)]
        return max(named, key=lambda one: one.population, default=None)


def _in(commune: Commune, department: str) -> bool:
    return commune.department == department or (department == "20" and commune.department in ("2A", "2B"))


def all_communes() -> list[Commune]:
    """The towns of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT code, name, spoken, postal_codes, department, population, lat, lon
            FROM register_commune ORDER BY code
            """
        )
        return [Commune.of(row) for row in cursor.fetchall()]
