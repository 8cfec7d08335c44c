"""What one of each thing costs: rows, bytes, WAL and CPU. The capacity model in docs/scale.md stands on it.

    python -m tests.bench.scale

Each unit is carried out many times by the dispatcher, on a PostgreSQL of its own with its usual durability, and what
grew meanwhile is divided by the number: tables and indexes after a VACUUM, WAL by its position, CPU of this process and
of all of PostgreSQL from /proc. The WAL is that between two checkpoints; the first change of a page after a checkpoint
adds the page. Sockets and Redis are measured by ``tests.bench.scale_sockets``, on web processes as they run.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.bench import hello
from tests.bench.deployment import installed
from tests.bench.proc import cpu, parent, tree

if TYPE_CHECKING:  # Nothing of these can be imported before Django is set up.
    from server.kernel.dispatch import Call
    from server.kernel.wire.handshake import Hello
    from tests.bench.clinics import Clinics
    from tests.factories import Account

Figures = dict[str, Any]
BODY = ("Bonjour, pourriez-vous me donner votre avis sur le bilan de cette semaine ? Je vous remercie. " * 3)[:200]
PAIRS = 500
MESSAGES = 8_000
TOGETHER = 32
AGENDAS = 50
BOOKINGS = 1_024
DIRECTORY_ROWS = 20_000
PASSING = {"kernel_announcement"}
"""Tables whose rows live for minutes: their bytes are counted apart."""


def run() -> Figures:
    """The figures, each part measured in a process of its own."""
    figures: Figures = {}
    for module in ("tests.bench.scale", "tests.bench.scale_sockets"):
        done = subprocess.run([sys.executable, "-m", module], stdout=subprocess.PIPE, check=True)
        figures |= json.loads(done.stdout)
    return figures


def table(figures: Figures) -> str:
    """The figures of the rows, one unit a line."""
    head = f"{'unit':34} {'rows':>5} {'heap B':>8} {'index B':>8} {'WAL B':>8} {'web µs':>8} {'PG µs':>8}"
    lines = [head]
    for name, one in figures["units"].items():
        lines.append(
            f"{name:34} {one['rows']:>5.1f} {one['heap_bytes']:>8,.0f} {one['index_bytes']:>8,.0f}"
            f" {one['wal_bytes']:>8,.0f} {one['web_cpu_us']:>8,.0f} {one['postgresql_cpu_us']:>8,.0f}"
        )
    return "\n".join(lines)


class Sizes(NamedTuple):
    """Of one table, with its partitions."""

    rows: int
    heap: int
    indexes: int


SIZES = """
SELECT coalesce(parent.relname, part.relname), sum(pg_stat_get_tuples_inserted(part.oid)),
       sum(pg_table_size(part.oid)), sum(pg_indexes_size(part.oid))
FROM pg_class part LEFT JOIN pg_inherits ON inhrelid = part.oid LEFT JOIN pg_class parent ON parent.oid = inhparent
WHERE part.relkind = 'r' AND part.relnamespace = 'public'::regnamespace GROUP BY 1
"""


class Meter:
    """Measures units on the database of this process."""

    def __init__(self) -> None:
        from django.db import connection

        connection.ensure_connection()
        self._postmaster = parent(connection.connection.info.backend_pid)
        self.units: Figures = {}

    def unit(self, name: str, count: int, work: Callable[[], object]) -> None:
        """``work`` carries the unit out ``count`` times; what one of them costs is kept under ``name``."""
        before, wal = self._sizes(), self._wal()
        ours, theirs, began = time.process_time(), self._cpu(), time.perf_counter()
        work()
        took = time.perf_counter() - began
        ours, theirs = time.process_time() - ours, self._cpu() - theirs
        wal, after = self._wal() - wal, self._sizes()
        grown = {
            table: Sizes(*(now - then for now, then in zip(sizes, before.get(table, (0, 0, 0)), strict=True)))
            for table, sizes in after.items()
        }
        lasting = [sizes for table, sizes in grown.items() if table not in PASSING]
        self.units[name] = {
            "times": count,
            "rows": round(sum(one.rows for one in lasting) / count, 2),
            "heap_bytes": round(sum(one.heap for one in lasting) / count),
            "index_bytes": round(sum(one.indexes for one in lasting) / count),
            "wal_bytes": round(wal / count),
            "web_cpu_us": round(ours / count * 1e6),
            "postgresql_cpu_us": round(theirs / count * 1e6),
            "wall_us": round(took / count * 1e6),
            "tables": {
                table: [round(value / count, 2) for value in sizes]
                for table, sizes in sorted(grown.items())
                if sizes.rows > count / 100 or sizes.heap + sizes.indexes > count * 4
            },
        }
        print(name, json.dumps(self.units[name]), file=sys.stderr, flush=True)

    def _cpu(self) -> float:
        return sum(cpu(process) for process in tree(self._postmaster))

    @staticmethod
    def _wal() -> int:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")
            return int(cursor.fetchone()[0])

    @staticmethod
    def _sizes() -> dict[str, Sizes]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # What an index has put off is sorted in.
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute(SIZES)
            return {name: Sizes(int(rows), int(heap), int(index)) for name, rows, heap, index in cursor.fetchall()}


def measure() -> Figures:
    with installed() as directory:
        from server import registry
        from tests.factories import account

        registry.install()
        meter = Meter()
        people: list[Account] = []
        meter.unit("account with a session", 2 * PAIRS, lambda: people.extend(account() for _ in range(2 * PAIRS)))
        _conversations(meter, people)
        _referrals(meter)
        _hello(meter)
        _directory(meter, directory)
        return {"yardstick_ms": yardstick(), "units": meter.units}


def yardstick() -> float:
    """CPU of three million additions: with it, figures of two machines, or of a busy and a quiet one, are compared."""
    samples = []
    for _ in range(5):
        began, total = time.process_time(), 0
        for number in range(3_000_000):
            total += number
        samples.append((time.process_time() - began) * 1000)
    return round(statistics.median(samples))


def _conversations(meter: Meter, people: list[Account]) -> None:
    from server.kernel.dispatch import Call
    from server.kernel.identifiers import uuid7
    from team.conversations.wire import OpenConversation
    from team.messages.wire import ReadMessages, SendMessage

    pairs = list(zip(people[::2], people[1::2], strict=True))
    rooms: list[Any] = []

    def open_rooms() -> None:
        for one, other in pairs:
            command = OpenConversation(id=uuid7(), kind="direct", members=[other.id])
            _carry_out([Call(one.actor, command)])
            rooms.append(command.id)

    meter.unit("conversation of two", PAIRS, open_rooms)

    def calls(count: int) -> list[Call[SendMessage]]:
        return [
            Call(
                pairs[n % PAIRS][n // PAIRS % 2].actor,
                SendMessage(id=uuid7(), conversation=rooms[n % PAIRS], body=BODY),
            )
            for n in range(count)
        ]

    def together(count: int) -> None:
        for batch in _batches(calls(count)):
            _carry_out(batch)

    together(320)  # Plans are made, and caches are warm.
    meter.unit("message, 200 bytes, 32 together", MESSAGES, lambda: together(MESSAGES))
    alone = MESSAGES // 8
    meter.unit("message, 200 bytes, alone", alone, lambda: [_carry_out([call]) for call in calls(alone)])

    def read() -> None:
        for seq in range(6, 14):
            both = zip(pairs, rooms, strict=True)
            reading = [Call(pair[0].actor, ReadMessages(conversation=room, seq=seq)) for pair, room in both]
            for batch in _batches(reading):
                _carry_out(batch)

    meter.unit("read pointer, 32 together", 8 * PAIRS, read)


def _carry_out(calls: Sequence[Call[Any]]) -> list[Any]:
    """The results of one batch; a refusal ends the benchmark."""
    from server.kernel.dispatch import dispatch_batch

    outcomes = dispatch_batch(list(calls))[0]
    assert all(outcome.refused is None for outcome in outcomes), [outcome.refused for outcome in outcomes]
    return [outcome.result for outcome in outcomes]


def _batches(calls: Sequence[Any], size: int = TOGETHER) -> list[list[Any]]:
    return [list(calls[place : place + size]) for place in range(0, len(calls), size)]


def _referrals(meter: Meter) -> None:
    from referral.scheduling import hold_limits
    from server.kernel.delivery import message_bounds
    from tests.bench.clinics import Clinics

    # A hundred people book what thousands do.
    message_bounds.BY_ONE_PERSON = message_bounds.BY_ONE_PERSON_TO_ONE_ADDRESS = 10 * BOOKINGS
    hold_limits.AHEAD = hold_limits.A_DAY = 10 * BOOKINGS
    made: list[Clinics] = []
    meter.unit("agenda with 360 appointments", AGENDAS, lambda: made.append(Clinics(AGENDAS)))
    clinics = made[0]
    clinics.slots(agendas=1, days=30)
    asked = 100
    meter.unit("slots of one agenda, 30 days", asked, lambda: [clinics.slots(agendas=1, days=30) for _ in range(asked)])
    meter.unit("hold and booking, 128 together", BOOKINGS, lambda: _book(clinics, BOOKINGS))


def _book(clinics: Clinics, count: int) -> None:
    from server.kernel.dispatch import Call
    from tests.bench.clinics import REFERRERS

    for batch in _batches([Call(*one) for one in clinics.holds(count)], REFERRERS):
        _carry_out([Call(*one) for one in clinics.bookings(_carry_out(batch))])


def _hello(meter: Meter) -> None:
    ada = hello.person_of(hello.CONVERSATIONS)
    welcome = hello.answer([ada], hello.request({}))[0]
    cursors = {state.stream: state.head for state in welcome.streams}
    for name, known in (("without cursors", {}), ("with cursors", cursors)):
        command, times = hello.request(known), 300

        def ask(command: Hello = command, times: int = times) -> None:
            for _ in range(times):
                hello.answer([ada], command)

        ask(times=20)
        meter.unit(f"hello, 50 conversations, {name}", times, ask)


def _directory(meter: Meter, directory: Path) -> None:
    from identity.directory.importer import import_extract
    from tests.bench.register_file import write

    file = directory / "extract.txt"
    with file.open("w", encoding="utf-8", newline="\n") as out:
        write(out, DIRECTORY_ROWS)
    meter.unit("directory row, imported", DIRECTORY_ROWS, lambda: import_extract(file, allow_withdrawals=True))


def main() -> None:
    figures = measure()
    print(table(figures), file=sys.stderr)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
