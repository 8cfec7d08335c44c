"""Replaces what the directory holds of the register by a new extract: all of it, or nothing.

Two passes (``passes``) shared by a few processes (``crew``), then one transaction that streams the rows into new tables
(``tables``), which take the place of the old in one moment. Memory stays the same for ten rows and for millions, and
searches go on all the while.
"""

from __future__ import annotations

import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from identity.directory.communes import all_communes, ensure_communes
from identity.directory.crew import Crew, crew
from identity.directory.declared import add_declared
from identity.directory.extract import Refused, Unreadable, blocks_of, lines_of, read_header
from identity.directory.listing import ENTRY_COLUMNS, ORGANISATION_COLUMNS, PLACE_COLUMNS, WORD_COLUMNS, copy_line
from identity.directory.models import RegisterImport
from identity.directory.passes import BUCKETS, Block, Gathered, Words, begin, gather, judge, word_rows
from identity.directory.tables import NEXT, TABLES, create_next, index_next, only_importer, swap, tidy
from server.kernel import clock

EXAMPLES = 100
"""How many refused lines and identifiers a report shows; the counts are complete."""
CHUNK = 1 << 20
SMALL = 16 << 20
"""Up to this size a file is read before other processes would have started."""
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


def import_extract(path: Path, *, progress: Tell = lambda _: None, allow_withdrawals: bool = False) -> Report:
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
    small = path.stat().st_size < SMALL
    with transaction.atomic(), connection.cursor() as cursor:
        if not only_importer(cursor):
            raise Unreadable("busy", "Another import of the register is running: wait until it has ended.")
        create_next(cursor)
        with _buckets() as buckets, crew(small, begin, all_communes()) as share:
            _read(path, share, buckets, report, progress)
            _load(cursor, share, buckets, report, progress)
        _index(cursor, progress)
        _compare(cursor, report)
        _judge(report, allow_withdrawals)
        progress(Progress("swap", 0, 1))
        swap(cursor, complete=lambda: add_declared(cursor, NEXT))
        report.seconds = round(time.monotonic() - started, 1)
        RegisterImport.objects.create(finished_at=clock.now(), report=report.as_dict())


@contextmanager
def _buckets() -> Iterator[list[IO[bytes]]]:
    """Anonymous files that the system removes by itself, even after a kill."""
    with ExitStack() as stack:
        yield [stack.enter_context(tempfile.TemporaryFile(buffering=1 << 16)) for _ in range(BUCKETS)]


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


def _read(path: Path, share: Crew, buckets: list[IO[bytes]], report: Report, progress: Tell) -> None:
    """The first pass: every line is judged; ``Unreadable`` when the file as a whole is not to be trusted."""
    with _opened(path) as (file, size):
        seen = 0
        for judged in share(judge, _blocks(blocks_of(iter(lambda: file.read(CHUNK), b"")))):
            report.rows += judged.rows
            for refusal in judged.refused:
                report.refuse(refusal)
            for bucket, lines in judged.buckets.items():
                buckets[bucket].write("".join(lines).encode())
            seen += judged.size
            progress(Progress("read", min(seen, size), size))
    if not report.rows:
        raise Unreadable("empty", "The file has a header and nothing else.")


def _blocks(blocks: Iterator[bytes]) -> Iterator[Block]:
    """The file's blocks, numbered, after its header."""
    first = next(blocks, b"")
    if not first.strip():
        raise Unreadable("empty", "The file is empty.")
    line, end, rest = first.partition(b"\n")
    header = read_header(lines_of(line, 1)[0])
    if not end:
        raise Unreadable("truncated", "The file ends within its first line: download it again.")
    number = 2
    for block in chain([rest], blocks):
        if block:
            yield Block(header, number, block)
            number += block.count(b"\n")


def _load(cursor: CursorWrapper, share: Crew, buckets: list[IO[bytes]], report: Report, progress: Tell) -> None:
    """The second pass: persons into the new tables."""
    cursor.execute(f"SET LOCAL maintenance_work_mem = '{MEMORY}'")
    cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
    cursor.execute(
        "CREATE TEMP TABLE found_organisation (key bigint, name text, words text[], at point) ON COMMIT DROP"
    )
    spoken: Words = {"surname": Counter(), "first": Counter(), "organisation": Counter()}
    done = report.refused
    for gathered in share(gather, map(_content, buckets)):
        _copy(cursor, f"register_entry{NEXT}", ENTRY_COLUMNS, gathered.entry_lines)
        _copy(cursor, f"register_place{NEXT}", PLACE_COLUMNS, gathered.place_lines)
        _copy(cursor, "found_organisation", ORGANISATION_COLUMNS, gathered.organisation_lines, "")
        spoken["surname"].update(gathered.surnames)
        spoken["first"].update(gathered.first_names)
        _add(report, gathered)
        done += gathered.rows
        progress(Progress("load", done, report.rows))
    cursor.execute(
        f"""
        INSERT INTO register_organisation{NEXT}
        SELECT key, min(name), min(words COLLATE "C"), point(min(at[0]), min(at[1])), count(*)
        FROM found_organisation GROUP BY key ORDER BY count(*) DESC, key
        """
    )
    cursor.execute("SELECT word, count(*) FROM found_organisation, unnest(words) word GROUP BY 1")
    spoken["organisation"].update(dict(cursor.fetchall()))
    cursor.execute("DROP TABLE found_organisation")
    _copy(cursor, f"register_word{NEXT}", WORD_COLUMNS, map(copy_line, word_rows(spoken)))


def _content(bucket: IO[bytes]) -> bytes:
    bucket.seek(0)
    content = bucket.read()
    bucket.close()
    return content


def _add(report: Report, gathered: Gathered) -> None:
    report.persons += gathered.persons
    report.places += gathered.places
    report.unplaced_rows += gathered.unplaced
    report.repeated_rows += gathered.repeated
    for refusal in gathered.refused:
        report.refuse(refusal)


def _copy(cursor: CursorWrapper, table: str, columns: tuple[str, ...], lines: Iterable[str], how: str = FROZEN) -> None:
    waiting = iter(lines)
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN {how}") as copy:
        while some := list(islice(waiting, 1000)):
            copy.write("".join(some))


def _index(cursor: CursorWrapper, progress: Tell) -> None:
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


def _compare(cursor: CursorWrapper, report: Report) -> None:
    """Counts the persons that are new, changed, withdrawn and unchanged, with examples of the first three."""
    cursor.execute("SELECT " + ", ".join(f"count(*) FILTER (WHERE {kind})" for kind in KINDS.values()) + COMPARED)
    for name, count in zip(KINDS, cursor.fetchone(), strict=True):
        setattr(report, name, count)
    for name in ("new", "changed", "withdrawn"):
        cursor.execute(
            f"""
            SELECT coalesce(now.national_id, was.national_id) {COMPARED}
            WHERE {KINDS[name]} ORDER BY 1 LIMIT {EXAMPLES}
            """
        )
        report.examples[name] = [str(row[0]) for row in cursor.fetchall()]


def _judge(report: Report, allow_withdrawals: bool) -> None:
    """The last look before the swap: a file that takes too much away, or is mostly refused, is a mistake."""
    if report.refused >= REFUSED_COUNT and report.refused > REFUSED_SHARE * report.rows:
        reason = max(report.refused_by_reason, key=lambda one: report.refused_by_reason[one])
        raise Unreadable(
            "too_many_refused",
            f"{report.refused} of {report.rows} lines are unusable, most for «{reason}»: see the report.",
        )
    today = report.withdrawn + report.changed + report.unchanged
    if allow_withdrawals or report.withdrawn < WITHDRAWN_COUNT or report.withdrawn <= WITHDRAWN_SHARE * today:
        return
    raise Unreadable(
        "too_many_withdrawn",
        f"The file would withdraw {report.withdrawn} of {today} persons, more than {WITHDRAWN_SHARE:.0%}: it is "
        "probably not whole. If it is right, import it again and allow withdrawals.",
    )
