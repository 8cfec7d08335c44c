"""The national register's public extract (``PS_LibreAcces_Personne_activite_*.txt``), read without trusting it.

UTF-8, ``|`` between the columns and usually one more at the end of each line, no quoting; 52 named columns until 2022,
56 since, with labels that vary a little: columns are found by name. One line stands for a person x exercise x
speciality x site. Pure: bytes in, rows and reasons out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from identity.names import fold
from identity.register_numbers import luhn_holds

IGNORED = frozenset("de d du des la le les l coord structure".split())

REQUIRED = {
    "national_id": ("Identification nationale PP",),
    "last_name": ("Nom d'exercice",),
    "first_name": ("Prénom d'exercice",),
    "profession": ("Code profession",),
    "speciality": ("Code savoir-faire",),
    "organisation": ("Raison sociale site",),
    "postal_code": ("Code postal (coord. structure)",),
    "commune": ("Code commune (coord. structure)",),
    "city": ("Libellé commune (coord. structure)",),
}
"""Without these columns a file is not the extract."""

OPTIONAL = {
    "title": ("Libellé civilité d'exercice",),
    "profession_label": ("Libellé profession",),
    "speciality_label": ("Libellé savoir-faire",),
    "sign": ("Enseigne commerciale site",),
    "finess": ("Numéro FINESS site",),
    "site": ("Identifiant technique de la structure",),
    "street_number": ("Numéro Voie (coord. structure)", "Numéro de voie"),
    "repetition": ("Indice répétition voie (coord. structure)",),
    "street_kind_code": ("Code type de voie (coord. structure)", "Code type voie"),
    "street_kind": ("Libellé type de voie (coord. structure)", "Libellé type voie"),
    "street": ("Libellé Voie (coord. structure)",),
    "cedex": ("Bureau cedex (coord. structure)",),
    "country": ("Code pays (coord. structure)",),
    "country_label": ("Libellé pays (coord. structure)",),
    "phone": ("Téléphone (coord. structure)",),
}
"""Read when they are there."""

STREET_KINDS = {
    "R": "Rue", "AV": "Avenue", "BD": "Boulevard", "PL": "Place", "CHE": "Chemin", "ALL": "Allée", "IMP": "Impasse",
    "RTE": "Route", "QU": "Quai", "SQ": "Square", "CRS": "Cours", "PAS": "Passage", "FG": "Faubourg", "LD": "Lieu-dit",
    "RES": "Résidence", "ZA": "Zone d'activités", "ESP": "Esplanade", "PROM": "Promenade", "VLA": "Villa",
    "MTE": "Montée",
}  # fmt: skip
REPETITIONS = {"B": "bis", "T": "ter", "Q": "quater"}
TITLES = {"docteur": "Dr", "professeur": "Pr", "dr": "Dr", "pr": "Pr"}
FRANCE = ("", "99000", "99100")
NATIONAL_ID = re.compile(r"[0-9][0-9A-Z/]{5,38}")
UNPRINTABLE = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
"""What would break a table or turn the text round: it becomes a space."""
CEDEX = re.compile(r"\s+cedex\b.*$", re.IGNORECASE)
BUREAU = re.compile(r"^\s*(\d{5}|2[ABab]\d{3})?\s*(.*)$")


LONGEST_LINE = 1 << 20


class Unreadable(Exception):
    """The file as a whole is not taken; ``reason`` is stable, the message says what to do."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.report: dict[str, object] = {}

    def __reduce__(self) -> tuple[type[Unreadable], tuple[str, str]]:
        return Unreadable, (self.reason, self.message)


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is left out, counted from 1 with the header as line 1."""

    line: int
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column is. ``fields`` is the number of columns; ``closed`` when lines end with one more ``|``."""

    at: dict[str, int]
    fields: int
    closed: bool


@dataclass(slots=True)
class Row:
    """One line of the extract, as people read it; ``line`` is where it stood."""

    line: int = field(compare=False)
    national_id: str
    last_name: str
    first_name: str
    title: str
    profession: str
    profession_label: str
    speciality: str
    speciality_label: str
    organisation: str = ""
    site: str = ""
    address: str = ""
    postal_code: str = ""
    city: str = ""
    commune: str = ""
    country: str = ""
    phone: str = ""


def column_key(label: str) -> str:
    """A column's label without what varies: accents, case, small words, the mention in brackets."""
    return "".join(word for word in fold(label).split() if word not in IGNORED)


def read_header(line: str) -> Header:
    """The columns of the first line; ``Unreadable`` when it is empty or one that is needed is missing."""
    labels = line.rstrip("\r\n").split("|")
    closed = len(labels) > 1 and not labels[-1].strip()
    if closed:
        labels.pop()
    if len(labels) < 2:
        raise Unreadable(
            "not_an_extract", "The first line has no columns separated by '|': is this the register's extract?"
        )
    known: dict[str, int] = {}
    for at, label in enumerate(labels):
        known.setdefault(column_key(label), at)
    found, missing = {}, []
    for name, spellings in (REQUIRED | OPTIONAL).items():
        places = [known[key] for key in map(column_key, spellings) if key in known]
        if places:
            found[name] = places[0]
        elif name in REQUIRED:
            missing.append(spellings[0])
    if missing:
        raise Unreadable(
            "missing_column", "The file lacks the column " + ", ".join(f"«{one}»" for one in missing) + "."
        )
    return Header(found, len(labels), closed)


def blocks_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The file in pieces of whole lines; only the last may lack its end. ``Unreadable`` when it is not UTF-8 text."""
    rest = b""
    for number, chunk in enumerate(chunks):
        if number == 0:
            if chunk.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in chunk[:200]:
                raise Unreadable(
                    "encoding", "The file is UTF-16, not UTF-8: convert it with `iconv -f UTF-16 -t UTF-8`."
                )
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
        lines, end, begun = (rest + chunk).rpartition(b"\n")
        if len(begun) > LONGEST_LINE:
            raise Unreadable("not_an_extract", "A line of the file has no end: is this the register's extract?")
        rest = begun
        if end:
            yield lines + end
    if rest:
        yield rest


def lines_of(block: bytes, number: int) -> list[str]:
    """The lines of a block whose first is line ``number``; the last one is "" when the block has its end."""
    try:
        return [line.removesuffix("\r") for line in block.decode("utf-8").split("\n")]
    except UnicodeDecodeError as error:
        line = number + block[: error.start].count(b"\n")
        raise Unreadable(
            "encoding",
            f"Line {line} is not UTF-8; the file looks like Windows-1252 or Latin-1: convert it with "
            "`iconv -f WINDOWS-1252 -t UTF-8`, or download it again.",
        ) from error


class Picked(NamedTuple):
    """The columns we read of one line, without blanks around; empty where the file has no such column."""

    national_id: str
    last_name: str
    first_name: str
    profession: str
    speciality: str
    organisation: str
    postal_code: str
    commune: str
    city: str
    title: str
    profession_label: str
    speciality_label: str
    sign: str
    finess: str
    site: str
    street_number: str
    repetition: str
    street_kind_code: str
    street_kind: str
    street: str
    cedex: str
    country: str
    country_label: str
    phone: str


class Reader:
    """Takes the lines one by one after the header; what it refuses is told with the line's number."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self._pick = itemgetter(*(header.at.get(name, header.fields) for name in Picked._fields))

    def fields(self, line: str) -> list[str] | None:
        """The line's columns; None when there are more or fewer than in the header."""
        fields = line.split("|")
        if len(fields) == self.header.fields + 1 and not fields[-1]:
            fields.pop()
        return fields if len(fields) == self.header.fields else None

    def complete(self, line: str) -> bool:
        """Whether a last line without its end can be trusted: only the closing ``|`` proves it."""
        return self.header.closed and line.endswith("|") and line.count("|") == self.header.fields

    def row(self, number: int, line: str) -> Row | Refused:
        """One line as a row, or why not."""
        fields = self.fields(line)
        if fields is None:
            return Refused(number, "columns", f"{line.count('|') + 1} columns, {self.header.fields} expected")
        if "\\" in line or not line.isprintable():
            if "\x00" in line:
                return Refused(number, "control_character")
            fields = [UNPRINTABLE.sub(" ", one) for one in fields]
        fields.append("")
        said = Picked._make(map(str.strip, self._pick(fields)))
        if reason := wrong_identifier(said.national_id):
            return Refused(number, reason, said.national_id[:40])
        if not fold(said.last_name):
            return Refused(number, "name_missing", said.national_id)
        if not said.profession:
            return Refused(number, "profession_missing", said.national_id)
        row = Row(
            number, said.national_id, said.last_name[:120], said.first_name[:120], TITLES.get(fold(said.title), ""),
            said.profession[:10], said.profession_label[:120], said.speciality[:20], said.speciality_label[:160],
            organisation=(said.organisation or said.sign)[:200], site=(said.site or said.finess)[:60],
            phone=said.phone.replace(" ", "").replace(".", "")[:20],
        )  # fmt: skip
        _set_address(row, said)
        return row


def wrong_identifier(identifier: str) -> str | None:
    """Why this is no national identifier: RPPS is eleven digits with a check digit; older ones are only looked at."""
    if not identifier:
        return "identifier_missing"
    if not NATIONAL_ID.fullmatch(identifier):
        return "identifier_malformed"
    if identifier[0] == "8" and identifier.isdigit():
        if len(identifier) != 12:
            return "rpps_length"
        if not luhn_holds(identifier[1:]):
            return "rpps_check_digit"
    return None


def _set_address(row: Row, said: Picked) -> None:
    """The postal address as one line, and the town: its label, else what stands in ``Bureau cedex``."""
    repetition = REPETITIONS.get(said.repetition.upper(), said.repetition)
    kind = said.street_kind or STREET_KINDS.get(said.street_kind_code.upper(), "")
    street = _street(kind, said.street)
    row.address = " ".join([part for part in (said.street_number, repetition, street) if part])[:300]
    bureau_postal, bureau_city = town_of_bureau(said.cedex)
    row.postal_code = (said.postal_code or bureau_postal).upper()[:10]
    row.city = CEDEX.sub("", said.city or bureau_city)[:120]
    if said.country in FRANCE:
        row.commune = said.commune.upper()[:5]
    else:
        row.country = said.country_label[:80] or said.country[:20]


@lru_cache(maxsize=20_000)
def _street(kind: str, name: str) -> str:
    """Some lines carry the kind of street inside its name as well."""
    return name if not kind or fold(name).startswith(fold(kind)) else f"{kind} {name}".strip()


@lru_cache(maxsize=20_000)
def town_of_bureau(text: str) -> tuple[str, str]:
    """Postal code and town of a ``Bureau cedex``: ``25300 DOUBS``, ``69003 LYON CEDEX 03``, ``DOUBS``."""
    found = BUREAU.match(CEDEX.sub("", text))
    return (found[1] or "", found[2].strip()) if found else ("", "")
