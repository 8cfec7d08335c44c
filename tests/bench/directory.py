"""The directory: how long an import takes and what memory, and how fast searches are, beside plain PostgreSQL.

    python -m tests.bench.directory --rows 200000
    python -m tests.bench.directory --file PS_LibreAcces_Personne_activite.txt

A PostgreSQL of its own, with its usual settings and everything written through to the disk. Times of searches are those
of their statements, as the client waits for them: every statement of a search counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.deployment import installed

SEARCHES = 300
PEER_SEARCHES = 12
LETTERS = "abcdefghijklmnoprstuv"
Sample = dict[str, Any]


def run(rows: int, file: Path | None = None) -> dict[str, Any]:
    """The figures for so many rows, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.directory", "--rows", str(rows)]
    done = subprocess.run([*command, *(["--file", str(file)] if file else [])], stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(rows: int, file: Path | None) -> dict[str, Any]:
    with installed() as directory:
        if file is None:
            file = directory / "extract.txt"
            _note(f"writing {rows} rows")
            from tests.bench.register_file import write

            with file.open("w", encoding="utf-8", newline="\n") as out:
                write(out, rows)
        figures: dict[str, Any] = {"import": _import(file)}
        figures["again"] = _import(file)
        figures["searches"] = _searches()
        figures["socket"] = _at_the_socket()
        return figures


def _import(file: Path) -> dict[str, Any]:
    """One import, with searches going on all the while."""
    from identity.directory.importer import import_extract

    stages: dict[str, float] = {}
    began = [time.perf_counter()]

    def tell(progress: Any) -> None:
        if progress.stage not in stages:
            _note(progress.stage)
            began[0] = time.perf_counter()
        stages[progress.stage] = round(time.perf_counter() - began[0], 1)

    started = time.perf_counter()
    with _meanwhile() as waits, _memory() as peak:
        report = import_extract(file, progress=tell, allow_withdrawals=True)
    counts = {name: getattr(report, name) for name in ("rows", "persons", "places", "new", "unchanged", "refused")}
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "stages": stages,
        "peak_mib": round(max(peak), 1),
        "importer_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "searches_meanwhile": len(waits),
        "slowest_search_meanwhile_ms": round(max(waits, default=0) * 1000, 1),
        **counts,
    }


@contextmanager
def _meanwhile() -> Iterator[list[float]]:
    """Somebody who searches four times a second; a search that fails ends the benchmark."""
    waits: list[float] = []
    over = threading.Event()
    failures: list[BaseException] = []

    def search() -> None:
        from django.db import connection

        try:
            while not over.wait(0.25):
                began = time.perf_counter()
                _search({"text": "moreau"})
                waits.append(time.perf_counter() - began)
        except BaseException as failure:
            failures.append(failure)
            raise
        finally:
            connection.close()

    thread = threading.Thread(target=search)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def _memory() -> Iterator[list[float]]:
    """The proportional memory of this process and those it starts, every half second, in MiB."""
    seen: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            seen.append(sum(_proportional(pid) for pid in _family(os.getpid())) / 1024)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _family(pid: int) -> list[int]:
    """This process and the Python processes it started: PostgreSQL has its own memory settings."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                if "python" in (Path("/proc") / child / "exe").readlink().name:
                    found += _family(int(child))
            except OSError:
                continue
    return found


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _search(question: Sample) -> tuple[float, int, int]:
    """One search: seconds in the database, statements, hits."""
    from django.db import connection, transaction

    from identity.directory.search import search
    from identity.directory.wire import SearchDirectory

    spent: list[float] = []

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent.append(time.perf_counter() - began)

    with transaction.atomic(), connection.execute_wrapper(timed):
        page = search(msgspec.convert(question, SearchDirectory))
    return sum(spent), len(spent), len(page.hits)


def _at_the_socket(searchers: int = 20) -> dict[str, Any]:
    """The same questions over the wire of one web process: one at a time, and from so many people at once."""
    from tests.asgi_server import web
    from tests.factories import account

    _note("at the socket")
    tokens = [account().token for _ in range(searchers)]
    kinds = _kinds(random.Random(4))
    with web("uvicorn", {}) as process:
        return asyncio.run(_over_sockets(process.address, tokens, kinds))


async def _over_sockets(address: str, tokens: list[str], kinds: dict[str, Callable[[], Sample]]) -> dict[str, Any]:
    from relais_client import wire
    from tests.bench.line import Line

    waits: list[float] = []

    async def ask(line: Line, kind: str) -> None:
        question = msgspec.convert(kinds[kind](), wire.SearchDirectory)
        began = time.perf_counter()
        await line.call(question)
        waits.append(time.perf_counter() - began)

    async def ask_everything(line: Line, times: int) -> None:
        for _ in range(times):
            for kind in kinds:
                await ask(line, kind)

    figures: dict[str, Any] = {}
    lines = [await Line(address, token).connect() for token in tokens]
    await ask_everything(lines[0], 3)
    for kind in kinds:
        waits.clear()
        for _ in range(SEARCHES):
            await ask(lines[0], kind)
        figures[kind] = _summary(waits)
    waits.clear()
    await asyncio.gather(*(ask_everything(line, 5) for line in lines))
    figures[f"{len(lines)} searchers at once"] = _summary(waits)
    for line in lines:
        line.drop()
    return figures


def _searches() -> dict[str, Any]:
    rng = random.Random(3)
    kinds = _kinds(rng)
    peers = _peers(kinds)
    figures = {}
    for kind, make in kinds.items():
        _note(kind)
        questions = [make() for _ in range(SEARCHES)]
        for question in questions[:20]:
            _search(question)
        measured = [_search(question) for question in questions]
        figures[kind] = {
            **_summary([seconds for seconds, _, _ in measured]),
            "statements": max(count for _, count, _ in measured),
            "answered": round(sum(hits > 0 for _, _, hits in measured) / len(measured), 3),
            **({"plain": peers[kind]()} if kind in peers else {}),
        }
    return figures


def _kinds(rng: random.Random) -> dict[str, Callable[[], Sample]]:
    """Questions of each kind about what the directory holds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT last_name, first_name FROM register_entry TABLESAMPLE SYSTEM (2) LIMIT 20000")
        people = [row for row in cursor.fetchall() if len(row[0]) >= 6]
        cursor.execute("SELECT name FROM register_organisation TABLESAMPLE SYSTEM (2) LIMIT 20000")
        organisations = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT name FROM register_commune WHERE population > 3000 ORDER BY population DESC LIMIT 400")
        towns = [name for (name,) in cursor.fetchall()]
    fields = ["cardio", "kiné", "dermato", "infirmière", "généraliste", "sage-femme", "pédiatre", "orl", "dentiste"]

    def last() -> str:
        name: str = rng.choice(people)[0]
        return name.lower()

    def full() -> str:
        name = [*rng.choice(people)]
        rng.shuffle(name)
        return " ".join(name).lower()

    return {
        "full name, either order": lambda: {"text": full()},
        "surname": lambda: {"text": last()},
        "slip in the surname": lambda: {"text": slip(rng, last())},
        "slip in a full name": lambda: {"text": slip(rng, full())},
        "prefix of 2 to 4 letters": lambda: {"text": last()[: rng.choice((2, 3, 4))]},
        "field and town": lambda: {"text": f"{rng.choice(fields)} {rng.choice(towns)}"},
        "field within 20 km": lambda: {
            "speciality": rng.choice(fields), "place": {"city": rng.choice(towns)}, "radius_km": 20.0,
        },
        "name and town": lambda: {"text": f"{last()} {rng.choice(towns)}"},
        "name, field and town": lambda: {"text": f"{last()} {rng.choice(fields)} {rng.choice(towns)}"},
        "organisation": lambda: {"organisation": rng.choice(organisations).lower()},
        "slip in an organisation": lambda: {"organisation": slip(rng, rng.choice(organisations).lower())},
    }  # fmt: skip


def slip(rng: random.Random, text: str) -> str:
    """``text`` with one letter wrong, missing, in excess, or exchanged with its neighbour; also the first."""
    at = rng.choice([index for index in range(len(text) - 1) if text[index].isalpha() and text[index + 1].isalpha()])
    before, letter, after = text[:at], text[at], text[at + 1 :]
    return rng.choice(
        (before + after, before + rng.choice(LETTERS) + after, text[:at] + rng.choice(LETTERS) + text[at:],
         before + after[:1] + letter + after[1:])
    )  # fmt: skip


def _peers(kinds: dict[str, Callable[[], Sample]]) -> dict[str, Callable[[], dict[str, float]]]:
    """What PostgreSQL does out of the box for the same questions: pg_trgm, and its text search for prefixes."""
    from django.db import connection

    _note("indexes of the plain way")
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute(
            """
            CREATE TABLE plain AS SELECT id, lower(first_name || ' ' || last_name) AS name,
                to_tsvector('simple', first_name || ' ' || last_name) AS said FROM register_entry
            """
        )
        cursor.execute("CREATE INDEX ON plain USING gin (name gin_trgm_ops)")
        cursor.execute("CREATE INDEX ON plain USING gin (said)")
        cursor.execute("CREATE INDEX ON register_organisation USING gin (lower(name) gin_trgm_ops)")
        cursor.execute("VACUUM ANALYZE plain")
        cursor.execute("ANALYZE register_organisation")
    similar = "SELECT id FROM plain WHERE %s <%% name ORDER BY %s <<-> name LIMIT 20"
    organisation = (
        "SELECT key FROM register_organisation WHERE %s <%% lower(name) ORDER BY %s <<-> lower(name) LIMIT 20"
    )
    begun = "SELECT id FROM plain WHERE said @@ to_tsquery('simple', %s) ORDER BY name LIMIT 20"

    def timed(kind: str, sql: str, ask: Callable[[Sample], list[str]]) -> dict[str, float]:
        spent = []
        with connection.cursor() as cursor:
            for _ in range(PEER_SEARCHES):
                parameters = ask(kinds[kind]())
                began = time.perf_counter()
                cursor.execute(sql, parameters)
                cursor.fetchall()
                spent.append(time.perf_counter() - began)
        return _summary(spent)

    def twice(name: str) -> Callable[[Sample], list[str]]:
        return lambda question: [question[name]] * 2

    def prefix(question: Sample) -> list[str]:
        return ["".join(sign for sign in question["text"] if sign.isalnum()) + ":*"]

    return {
        "slip in the surname": lambda: timed("slip in the surname", similar, twice("text")),
        "slip in a full name": lambda: timed("slip in a full name", similar, twice("text")),
        "prefix of 2 to 4 letters": lambda: timed("prefix of 2 to 4 letters", begun, prefix),
        "slip in an organisation": lambda: timed("slip in an organisation", organisation, twice("organisation")),
    }


def _summary(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = min(len(ordered) - 1, int(len(ordered) * 0.99))
    return {"p50_ms": round(ordered[len(ordered) // 2] * 1000, 2), "p99_ms": round(ordered[at] * 1000, 2)}


def _note(text: str) -> None:
    sys.stderr.write(f"directory: {text}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--file", type=Path, help="an extract to import instead of one made up")
    options = parser.parse_args()
    json.dump(measure(options.rows, options.file), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
