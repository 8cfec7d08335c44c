"""From what a register says of one person to the rows under which the directory finds them. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from uuid import UUID, uuid5

from identity.directory.communes import Commune, Towns
from identity.directory.extract import Row
from identity.directory.nomenclature import PROFESSIONS, field_key, field_label, field_number
from identity.directory.projection import apart
from identity.names import PARTICLES, NameKeys, fold, groups, name_keys, words

PRACTITIONERS = UUID("3d0a1c52-6f5e-5f0e-9a3b-7d1f6f0b8c21")
"""The namespace of practitioners' ids: never to change, what people wrote refers to them."""

ENTRY_COLUMNS = (
    "id", "national_id", "source", "title", "last_name", "first_name", "profession", "profession_label", "speciality",
    "digest",
)  # fmt: skip
PLACE_COLUMNS = (
    "entry", "number", "field", "name", "tail_name", "organisation_key", "at", "words", "last", "first", "tail",
    "profession", "organisation", "address", "postal_code", "city", "commune", "country", "phone",
)  # fmt: skip
ORGANISATION_COLUMNS = ("key", "name", "words", "at")
WORD_COLUMNS = ("word", "surnames", "first_names", "organisations", "sound", "near")

LITTLE = PARTICLES - {"saint", "sainte", "san", "santa"}

Values = tuple[str, ...]
"""Cells in the text format of PostgreSQL's COPY, free of tabs and backslashes but for ``NULL``."""
NULL = "\\N"

said_by: Callable[[Row], tuple[str, ...]] = attrgetter(*(one for one in Row.__slots__ if one != "line"))
"""What a row says, without where it stood."""


def practitioner_id(national_id: str) -> UUID:
    """The id of a practitioner, for ever the same for a national identifier."""
    return uuid5(PRACTITIONERS, national_id)


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one person, in the order of the columns above; ``words`` are those of their name."""

    entry: Values
    places: list[Values]
    organisations: list[Values]
    keys: NameKeys


def compose(rows: Sequence[Row], source: str, towns: Towns) -> Listing:
    """The rows of the person whom ``rows`` (at least one, all theirs, without repetitions) describe."""
    head = rows[0]
    identifier = str(practitioner_id(head.national_id))
    keys = name_keys(head.last_name, head.first_name)
    places: list[Values] = []
    organisations: dict[Values, None] = {}
    fields: dict[str, str] = {}
    for number, row in enumerate(rows):
        key = field_key(row.profession, row.speciality)
        fields[key] = field_label(key) or (row.speciality_label if key != row.profession else "")
        town = towns.find(row.commune, row.postal_code, row.city) if not row.country else None
        organisation = organisation_of(row.organisation, row.postal_code, town, row.city)
        if organisation:
            organisations[organisation] = None
        places.append(_place(identifier, number, row, key, keys, town, organisation))
    entry = (
        identifier, head.national_id, source, head.title, head.last_name, head.first_name, head.profession,
        PROFESSIONS.get(head.profession) or head.profession_label or head.profession,
        ", ".join(dict.fromkeys([label for label in fields.values() if label])), str(digest(rows)),
    )  # fmt: skip
    return Listing(entry, places, list(organisations), keys)


def _place(
    identifier: str, number: int, row: Row, key: str, keys: NameKeys, town: Commune | None, organisation: Values | None
) -> Values:
    at = NULL
    if town:
        x, y = apart(town.at, row.national_id + row.site + row.address)
        at = f"({x!r},{y!r})"
    name, tail_name, found_by = _numbers(keys)
    department = town.department if town else row.postal_code[:2]
    return (
        identifier, str(number), field_number(key), name, tail_name, organisation[0] if organisation else NULL, at,
        f"{{{found_by},#{key},@{department}}}" if department else f"{{{found_by},#{key}}}",
        keys.last, keys.first, keys.tail, row.profession, row.organisation, row.address, row.postal_code,
        row.city or (town.name if town else ""), town.code if town else row.commune, row.country, row.phone,
    )  # fmt: skip


@lru_cache(maxsize=20_000)
def _numbers(keys: NameKeys) -> tuple[str, str, str]:
    """The numbers of the first two parts of the surname, and all words of the name."""
    parts = keys.last.split()
    tail = parts[1] if len(parts) > 1 else keys.tail
    return str(word_number(parts[0])), str(word_number(tail)) if tail else NULL, ",".join(keys.words)


def word_number(word: str) -> int:
    """The number under which a word of a surname is indexed beside places."""
    return zlib.crc32(word.encode()) - 2**31


def short_digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def digest(rows: Sequence[Row]) -> int:
    """The same for the same rows in any order; another when anything shown or searched differs."""
    return short_digest("\x1e".join(sorted("\x1f".join(said_by(row)) for row in rows)))


@lru_cache(maxsize=20_000)
def organisation_words(name: str) -> list[str]:
    """The words by which one asks for an organisation: without particles, each once."""
    spoken = words(name)
    return list(dict.fromkeys([word for word in spoken if word not in LITTLE] or spoken))


@lru_cache(maxsize=20_000)
def _organisation_words(name: str) -> list[str]:
    """The words under which an organisation is found: also each particle joined to what follows it."""
    return list(dict.fromkeys([*organisation_words(name), *groups(words(name))]))


@lru_cache(maxsize=20_000)
def organisation_of(name: str, postal_code: str, town: Commune | None, city: str) -> Values | None:
    """The organisation that a row names, or None: one name in one town is one organisation."""
    in_name = _organisation_words(name)
    if not in_name:
        return None
    where = town.code if town else postal_code + fold(city)
    at = f"({town.at[0]!r},{town.at[1]!r})" if town else NULL
    found_by = dict.fromkeys([*in_name, *organisation_words(town.name if town else city)])
    return str(short_digest(f"{fold(name)}\x1f{where}")), name, "{" + ",".join(found_by) + "}", at


def copy_line(values: Values) -> str:
    return "\t".join(values) + "\n"


def as_json(values: Values, columns: Sequence[str]) -> dict[str, str | list[str] | None]:
    """The row for ``jsonb_populate_record``."""
    return {
        name: None if value == NULL else value[1:-1].split(",") if name == "words" else value
        for name, value in zip(columns, values, strict=True)
    }


def name_words(keys: NameKeys) -> Iterator[tuple[str, bool]]:
    """The words of a person's name, each with whether it belongs to the surname."""
    first = set(keys.first.split())
    first.add("".join(keys.first.split()))
    for word in keys.words:
        yield word, word not in first
