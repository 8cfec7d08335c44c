"""The two passes over an extract, as work that several processes share: pure, bytes and text in, text out.

``judge`` reads lines and spreads the good ones over buckets by national identifier, so that a person's lines come
together whatever the order of the file. ``gather`` composes each person of a bucket, ready for PostgreSQL's COPY.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from identity.directory.communes import Commune, Towns
from identity.directory.extract import Header, Reader, Refused, Row, Unreadable, lines_of
from identity.directory.listing import NULL, PLACE_COLUMNS, Values, compose, copy_line, name_words, said_by
from identity.names import deletions, fold, sound

BUCKETS = 320
AT = PLACE_COLUMNS.index("at")


class Block(NamedTuple):
    """Whole lines of the file, the first of which is line ``number``."""

    header: Header
    number: int
    lines: bytes


@dataclass(slots=True)
class Judged:
    """What a block held: the good rows by bucket, and what was refused."""

    size: int = 0
    rows: int = 0
    refused: list[Refused] = field(default_factory=list)
    buckets: dict[int, list[str]] = field(default_factory=dict)


def judge(block: Block) -> Judged:
    """Reads every line; ``Unreadable`` when it is not UTF-8, or when the last line of the file is cut."""
    reader = Reader(block.header)
    judged = Judged(len(block.lines))
    lines = lines_of(block.lines, block.number)
    if lines[-1] and not reader.complete(lines[-1]):
        raise Unreadable(
            "truncated", f"Line {block.number + len(lines) - 1}, the last, is cut: download the file again."
        )
    for number, line in enumerate(lines, block.number):
        if not line.strip():
            continue
        judged.rows += 1
        row = reader.row(number, line)
        if isinstance(row, Refused):
            judged.refused.append(row)
            continue
        bucket = zlib.crc32(row.national_id.encode()) % BUCKETS
        judged.buckets.setdefault(bucket, []).append("|".join(said_by(row)) + f"|{number}\n")
    return judged


@dataclass(slots=True)
class Gathered:
    """The persons of a bucket as text for COPY, and what is counted of them."""

    rows: int = 0
    persons: int = 0
    places: int = 0
    unplaced: int = 0
    repeated: int = 0
    refused: list[Refused] = field(default_factory=list)
    entry_lines: list[str] = field(default_factory=list)
    place_lines: list[str] = field(default_factory=list)
    organisation_lines: list[str] = field(default_factory=list)
    surnames: Counter[str] = field(default_factory=Counter)
    first_names: Counter[str] = field(default_factory=Counter)


_towns = Towns([])


def begin(communes: Sequence[Commune]) -> None:
    """Gives this process the towns; before ``gather``."""
    global _towns
    _towns = Towns(communes)


def gather(bucket: bytes) -> Gathered:
    gathered = Gathered()
    for rows in _persons(bucket):
        gathered.rows += len(rows)
        listing = compose(_cleaned(rows, gathered), "extract", _towns)
        gathered.persons += 1
        gathered.places += len(listing.places)
        gathered.unplaced += sum(place[AT] == NULL for place in listing.places)
        gathered.entry_lines.append(copy_line(listing.entry))
        gathered.place_lines.extend(map(copy_line, listing.places))
        gathered.organisation_lines.extend(map(copy_line, listing.organisations))
        for word, in_surname in name_words(listing.keys):
            (gathered.surnames if in_surname else gathered.first_names)[word] += 1
    return gathered


def _persons(bucket: bytes) -> Iterator[list[Row]]:
    """The rows of each person in the order of the file."""
    persons: dict[str, list[tuple[int, list[str]]]] = {}
    for line in bucket.decode().split("\n")[:-1]:
        *values, number = line.split("|")
        persons.setdefault(values[0], []).append((int(number), values))
    for rows in persons.values():
        yield [Row(number, *values) for number, values in sorted(rows)]


def _cleaned(rows: list[Row], gathered: Gathered) -> list[Row]:
    """A person's rows, without those repeated word for word nor those that name somebody else."""
    head = rows[0]
    kept: dict[tuple[str, ...], Row] = {}
    for row in rows:
        if row.last_name != head.last_name and row.first_name != head.first_name and _other(row, head):
            gathered.refused.append(Refused(row.line, "another_name", row.national_id))
        elif kept.setdefault(said_by(row), row) is not row:
            gathered.repeated += 1
    return list(kept.values())


def _other(row: Row, head: Row) -> bool:
    return fold(row.last_name) != fold(head.last_name) and fold(row.first_name) != fold(head.first_name)


Words = dict[str, Counter[str]]
"""How often each word occurs as ``surname``, as ``first`` name and in an ``organisation``."""


def word_rows(words: Words) -> Iterator[Values]:
    """The rows of ``register_word``."""
    for word in sorted(set().union(*words.values())):
        counts = [str(words[kind][word]) for kind in ("surname", "first", "organisation")]
        yield (word, *counts, sound(word), "{" + ",".join(deletions(word)) + "}")
