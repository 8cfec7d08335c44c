"""Replaces what the directory holds of the register by a new extract: all of it, or nothing.

Two passes over the file. The first reads and judges every line and spreads the good ones over anonymous files by
national identifier, so that a person's lines are together whatever the order and size of the file; the second composes
each person and streams the rows into new tables (``tables``) that take the place of the old in one moment. Memory stays
the same for ten rows and for millions. Searches go on all the while.
"""

from __future__ import annotations

import gc
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import IO

from django.db import connection, transaction

from identity.models import RegisterImport
from identity.register.communes import Towns, all_towns, ensure_communes
from identity.register.declared import add_declared
from identity.register.extract import Reader, Refused, Row, Unreadable, lines_of, read_header
from identity.register.listing import ENTRY_COLUMNS, NULL, ORGANISATION_COLUMNS, PLACE_COLUMNS, Listing, Values, compose, copy_line, name_words
from identity.register.tables import NEXT, TABLES, Cursor, create_next, index_next, only_importer, swap, tidy
from identity.register.text import deletions, fold, sound

EXAMPLES = 100
"""How many refused lines and identifiers a report shows; the counts are complete."""
BUCKETS = 128
CHUNK = 1 << 20
WITHDRAWN_SHARE, WITHDRAWN_COUNT = 0.05, 50
REFUSED_SHARE, REFUSED_COUNT = 0.10, 50
MEMORY = "128MB"
FROZEN = "(FREEZE)"
"""Rows of a table made in this transaction can be written as seen by all: nothing has to go over them again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come. Stages: ``read`` (bytes), ``load`` (rows), ``index`` (steps), ``swap``, ``done``."""

    stage: str
    done: int
    total: int


Tell = Callable[[Progress], None]


@dataclass(slots=True)
class Report:
    """What an import did, in persons where nothing else is said. ``examples`` hold national identifiers."""

    rows: int = 0
    places: int = 0
    persons: int = 0
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    repeated_rows: int = 0
    unplaced_rows: int = 0
    refused: int = 0
    refused_by_reason: dict[str, int] = field(default_factory=dict)
    refused_rows: list[Refused] = field(default_factory=list)
    examples: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    def refuse(self, refusal: Refused) -> None:
        self.refused += 1
        self.refused_by_reason[refusal.reason] = self.refused_by_reason.get(refusal.reason, 0) + 1
        if len(self.refused_rows) < EXAMPLES:
            self.refused_rows.append(refusal)

    def as_dict(self) -> dict[str, object]:
        """The report for a program: JSON types only."""
        return {**asdict(self), "refused_rows": [asdict(one) for one in self.refused_rows]}


def import_extract(
    path: Path, *, progress: Tell = lambda _: None, allow_withdrawals: bool = False
) -> Report:
    """Imports the extract (a ``.txt``, or the ``.zip`` as downloaded) and says what it changed.

    Raises ``Unreadable``, and nothing has changed, when the file is empty, truncated, in another encoding, lacks a
    column or is refused for a tenth of its lines, when another import runs, or when more than a twentieth (and at
    least fifty) of the extract's persons would go, unless ``allow_withdrawals``.
    """
    report = Report()
    try:
        _import(path, report, progress, allow_withdrawals)
    except Unreadable as refusal:
        refusal.report = report.as_dict()
        raise
    except FileNotFoundError as error:
        raise Unreadable("not_found", f"There is no file {path}.") from error
    if not connection.in_atomic_block:
        tidy()
    progress(Progress("done", 1, 1))
    return report


def _import(path: Path, report: Report, progress: Tell, allow_withdrawals: bool) -> None:
    started = time.monotonic()
    ensure_communes()
    with transaction.atomic(), connection.cursor() as cursor:
        if not only_importer(cursor):
            raise Unreadable("busy", "Another import of the register is running: wait until it has ended.")
        with _Buckets() as buckets, _without_collector():
            _read(path, buckets, report, progress)
            create_next(cursor)
            _load(cursor, buckets, report, progress)
        _index(cursor, progress)
        _compare(cursor, report)
        _judge(report, allow_withdrawals)
        progress(Progress("swap", 0, 1))
        swap(cursor, complete=lambda: add_declared(cursor, NEXT))
        report.seconds = round(time.monotonic() - started, 1)
        RegisterImport.objects.create(finished_at=datetime.now(UTC), report=report.as_dict())


@contextmanager
def _without_collector() -> Iterator[None]:
    """No search for reference cycles: there are none among millions of rows, and it would take a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """The extract's bytes and how many they are; out of a zip, the file of persons and activities."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file, path.stat().st_size
        return
    with zipfile.ZipFile(path) as archive:
        inside = [one for one in archive.infolist() if "personne_activite" in one.filename.lower()]
        if len(inside) != 1:
            raise Unreadable("not_an_extract", "The archive holds no PS_LibreAcces_Personne_activite_….txt.")
        with archive.open(inside[0]) as file:
            yield file, inside[0].file_size


class _Buckets:
    """Anonymous files that the system removes by itself; a person's rows are all in one of them."""

    def __init__(self) -> None:
        self._files: list[IO[str]] = []

    def __enter__(self) -> _Buckets:
        self._files = [
            tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", buffering=1 << 16) for _ in range(BUCKETS)
        ]
        return self

    def __exit__(self, *exception: object) -> None:
        for file in self._files:
            file.close()

    def add(self, row: Row) -> None:
        bucket = self._files[zlib.crc32(row.national_id.encode()) % BUCKETS]
        bucket.write("|".join(values_of(row)) + f"|{row.line}\n")

    def persons(self) -> Iterator[list[list[Row]]]:
        """Bucket by bucket, the rows of each person in the order of the file."""
        for file in self._files:
            file.seek(0)
            persons: dict[str, list[Row]] = {}
            for line in file:
                *values, number = line[:-1].split("|")
                persons.setdefault(values[0], []).append(Row(*values, line=int(number)))
            file.close()
            yield list(persons.values())


values_of: Callable[[Row], tuple[str, ...]] = attrgetter(*(one for one in Row.__slots__ if one != "line"))
"""What a row says, without where it stood."""


def _read(path: Path, buckets: _Buckets, report: Report, progress: Tell) -> None:
    """The first pass: every line is judged; ``Unreadable`` when the file as a whole is not to be trusted."""
    with _opened(path) as (file, size):
        seen = 0

        def read(count: int) -> None:
            nonlocal seen
            seen += count
            progress(Progress("read", seen, size))

        lines = lines_of(iter(lambda: file.read(CHUNK), b""), read)
        header, ended = next(lines, ("", False))
        if not header.strip():
            raise Unreadable("empty", "The file is empty.")
        reader = Reader(read_header(header))
        if not ended:
            raise Unreadable("truncated", "The file ends within its first line: download it again.")
        for number, (line, ended) in enumerate(lines, 2):
            if not ended and not reader.complete(line):
                raise Unreadable("truncated", f"Line {number}, the last, is cut: download the file again.")
            if line.strip():
                report.rows += 1
                row = reader.row(number, line)
                if isinstance(row, Refused):
                    report.refuse(row)
                else:
                    buckets.add(row)
    if not report.rows:
        raise Unreadable("empty", "The file has a header and nothing else.")


def _load(cursor: Cursor, buckets: _Buckets, report: Report, progress: Tell) -> None:
    """The second pass: persons into the new tables."""
    towns = all_towns()
    counts: dict[str, Counter[str]] = {"last": Counter(), "first": Counter(), "organisation": Counter()}
    cursor.execute(
        "CREATE TEMP TABLE found_organisation (key bigint, name text, words text[], at point) ON COMMIT DROP"
    )
    done = 0
    for persons in buckets.persons():
        listings = [compose(rows, "extract", towns) for rows in _cleaned(persons, report)]
        _copy(cursor, f"register_entry{NEXT}", ENTRY_COLUMNS, (one.entry for one in listings))
        _copy(cursor, f"register_place{NEXT}", PLACE_COLUMNS, (place for one in listings for place in one.places))
        _copy(cursor, "found_organisation", ORGANISATION_COLUMNS, (o for one in listings for o in one.organisations), "")
        _count(listings, counts, report)
        done += sum(len(rows) for rows in persons)
        progress(Progress("load", done, report.rows))
    cursor.execute(f"SET LOCAL maintenance_work_mem = '{MEMORY}'")
    cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
    cursor.execute(
        f"""
        INSERT INTO register_organisation{NEXT}
        SELECT key, min(name), min(words COLLATE "C"), point(min(at[0]), min(at[1])), count(*)
        FROM found_organisation GROUP BY key ORDER BY count(*) DESC, key
        """
    )
    cursor.execute("SELECT word, count(*) FROM found_organisation, unnest(words) word GROUP BY 1")
    counts["organisation"].update(dict(cursor.fetchall()))  # type: ignore[arg-type]
    cursor.execute("DROP TABLE found_organisation")
    _copy(cursor, f"register_word{NEXT}", WORD_COLUMNS, _words(counts))


WORD_COLUMNS = ("word", "surnames", "first_names", "organisations", "sound", "near")


def _words(counts: dict[str, Counter[str]]) -> Iterator[Values]:
    for word in counts["last"].keys() | counts["first"].keys() | counts["organisation"].keys():
        yield (
            word, str(counts["last"][word]), str(counts["first"][word]), str(counts["organisation"][word]), sound(word),
            "{" + ",".join(deletions(word)) + "}",
        )  # fmt: skip


def _cleaned(persons: list[list[Row]], report: Report) -> Iterator[list[Row]]:
    """Each person's rows, without those repeated word for word nor those that name somebody else."""
    for rows in persons:
        head = rows[0]
        kept: dict[tuple[str, ...], Row] = {}
        for row in rows:
            if row.last_name != head.last_name and row.first_name != head.first_name and _other(row, head):
                report.refuse(Refused(row.line, "another_name", row.national_id))
            elif kept.setdefault(values_of(row), row) is not row:
                report.repeated_rows += 1
        yield list(kept.values())


def _other(row: Row, head: Row) -> bool:
    return fold(row.last_name) != fold(head.last_name) and fold(row.first_name) != fold(head.first_name)


def _copy(cursor: Cursor, table: str, columns: tuple[str, ...], rows: Iterator[Values], how: str = FROZEN) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN {how}") as copy:  # type: ignore[attr-defined]
        waiting: list[str] = []
        for values in rows:
            waiting.append(copy_line(values))
            if len(waiting) == 500:
                copy.write("".join(waiting))
                waiting.clear()
        copy.write("".join(waiting))


def _count(listings: list[Listing], counts: dict[str, Counter[str]], report: Report) -> None:
    report.persons += len(listings)
    for listing in listings:
        report.places += len(listing.places)
        report.unplaced_rows += sum(place[AT] == NULL for place in listing.places)
        for word, in_surname in name_words(listing.keys):
            counts["last" if in_surname else "first"][word] += 1


AT = PLACE_COLUMNS.index("at")


def _index(cursor: Cursor, progress: Tell) -> None:
    cursor.execute("SELECT count(*) FROM pg_index WHERE indrelid = ANY(%s::regclass[])", [list(TABLES)])
    total = int(str(cursor.fetchone()[0]))
    for done, _ in enumerate(index_next(cursor)):
        progress(Progress("index", done, total))
    progress(Progress("index", total, total))


COMPARED = f"""
    FROM (SELECT national_id, digest FROM register_entry WHERE source = 'extract') was
    FULL JOIN register_entry{NEXT} now ON now.national_id = was.national_id
"""
KINDS = {
    "new": "was.national_id IS NULL",
    "withdrawn": "now.national_id IS NULL",
    "changed": "was.digest <> now.digest",
    "unchanged": "was.digest = now.digest",
}


def _compare(cursor: Cursor, report: Report) -> None:
    """Counts the persons that are new, changed, withdrawn and unchanged, with examples of the first three."""
    cursor.execute("SELECT " + ", ".join(f"count(*) FILTER (WHERE {kind})" for kind in KINDS.values()) + COMPARED)
    for name, count in zip(KINDS, cursor.fetchone(), strict=True):
        setattr(report, name, count)
    for name in ("new", "changed", "withdrawn"):
        cursor.execute(
            f"SELECT coalesce(now.national_id, was.national_id) {COMPARED} WHERE {KINDS[name]} ORDER BY 1 LIMIT {EXAMPLES}"
        )
        report.examples[name] = [str(row[0]) for row in cursor.fetchall()]


def _judge(report: Report, allow_withdrawals: bool) -> None:
    """The last look before the swap: a file that takes too much away, or is mostly refused, is a mistake."""
    if report.refused >= REFUSED_COUNT and report.refused > REFUSED_SHARE * report.rows:
        reason = max(report.refused_by_reason, key=lambda one: report.refused_by_reason[one])
        raise Unreadable(
            "too_many_refused", f"{report.refused} of {report.rows} lines are unusable, most for «{reason}»: see the report."
        )
    today = report.withdrawn + report.changed + report.unchanged
    if allow_withdrawals or report.withdrawn < WITHDRAWN_COUNT or report.withdrawn <= WITHDRAWN_SHARE * today:
        return
    raise Unreadable(
        "too_many_withdrawn",
        f"The file would withdraw {report.withdrawn} of {today} persons, more than {WITHDRAWN_SHARE:.0%}: it is "
        "probably not whole. If it is right, import it again and allow withdrawals.",
    )
