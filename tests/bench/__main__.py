"""Every figure in one run, as a table and as JSON: `make bench`.

    make bench ARGS="--rows 2000000 --synapse PROGRAM"

For messages, servers are pinned to the first core and the load to the second; nothing else should run meanwhile.
``--synapse`` names a program that measures a Matrix Synapse on the same cores and prints ``{sequential: {p50_ms,
p99_ms}, rooms25: {sent_per_s}, fanout50: {last_p50_ms}}``: it is run before, between and after ours, and its
medians are compared with.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import accounts, attack, booking, directory, hello, messages, rights, scale

Figures = dict[str, Any]
SEARCHERS = "20 searchers at once"
MACHINE = "messages: servers on the first core, load on the second"


@dataclass(frozen=True)
class Goal:
    """What a figure is held against. ``value`` gets everything measured; a figure that was not measured raises
    ``KeyError``."""

    name: str
    value: Callable[[Figures], float]
    bound: float
    unit: str = ""
    at_least: bool = False

    def line(self, figures: Figures) -> str | None:
        try:
            value = self.value(figures)
        except KeyError:
            return None
        reached = value >= self.bound if self.at_least else value <= self.bound
        sign = "≥" if self.at_least else "≤"
        return f"{self.name:58} {value:>10,.2f} {sign} {self.bound:<8,g} {self.unit:8} {'yes' if reached else 'NO'}"


def _peer(figures: Figures, scenario: str, name: str) -> float:
    return statistics.median(float(run[scenario][name]) for run in figures["synapse"])


def _times_peer(web: str, scenario: str, name: str) -> Callable[[Figures], float]:
    return lambda found: float(found[web][scenario][name]) / _peer(found, scenario, name)


def _times_plain(kind: Figures) -> float:
    return float(kind["plain"]["p50_ms"] / kind["p50_ms"])


def _slowest(found: Figures, organisations: bool, where: str = "searches") -> float:
    kinds = {kind: one for kind, one in found["directory"][where].items() if kind != SEARCHERS}
    return max(float(one["p99_ms"]) for kind, one in kinds.items() if ("organisation" in kind) is organisations)


def _race(where: str) -> list[Goal]:
    part = f"race_of_200_on_{where.replace(' ', '_')}"
    return [
        Goal(
            f"race of 200 from {where}: winners beyond one", lambda found: found["booking"][part]["carried_out"] - 1, 0
        ),
        Goal(
            f"race of 200 from {where}: last answer", lambda found: found["booking"][part]["last_answer_ms"], 250, "ms"
        ),
    ]


def _messages(web: str, kib: float) -> list[Goal]:
    return [
        Goal(f"{web}: messages/s, 25 rooms, × Synapse", _times_peer(web, "rooms25", "sent_per_s"), 120, "×", True),
        Goal(f"{web}: sent → delivered p50, / Synapse", _times_peer(web, "sequential", "p50_ms"), 0.1),
        Goal(f"{web}: sent → delivered p99, / Synapse", _times_peer(web, "sequential", "p99_ms"), 1 / 6),
        Goal(f"{web}: last of 50 in one room p50, / Synapse", _times_peer(web, "fanout50", "last_p50_ms"), 1 / 40),
        Goal(
            f"{web}: persisted / not persisted, 100 senders",
            lambda found: found[web]["persisted"]["ratio"],
            0.6,
            "",
            True,
        ),
        Goal(f"{web}: engine's echo / bare echo", lambda found: found[web]["echo"]["ratio"], 0.7, "", True),
        Goal(f"{web}: idle socket, 5,000 of them", lambda found: found[web]["idle"]["kib_per_socket"], kib, "KiB"),
        Goal(f"{web}: storm of 2,000, synced / bare handshakes", lambda found: found[web]["storm"]["ratio"], 3),
        Goal(f"{web}: storm of 2,000, lost", lambda found: found[web]["storm"]["lost"], 0),
        Goal(f"{web}: storm of 2,000, doubled", lambda found: found[web]["storm"]["doubled"], 0),
        Goal(f"{web}: removed → silent p99", lambda found: found[web]["removal"]["silent"]["p99_ms"], 100, "ms"),
        Goal(f"{web}: session ended → closed p99", lambda found: found[web]["ended"]["p99_ms"], 100, "ms"),
    ]


GOALS = [
    *_messages("uvicorn", 22),
    *_messages("daphne", 26),
    Goal("hello: 50 conversations, CPU", lambda found: found["hello"]["without_cursors"]["cpu_ms"], 1.5, "ms"),
    Goal(
        "hello: 50 conversations, with cursors, CPU", lambda found: found["hello"]["with_cursors"]["cpu_ms"], 0.8, "ms"
    ),
    Goal("hello: 50 conversations, size", lambda found: found["hello"]["without_cursors"]["bytes"] / 1024, 64, "KiB"),
    Goal("directory: people, slowest kind p99 in the database", lambda found: _slowest(found, False), 5, "ms"),
    Goal("directory: organisations, slowest kind p99", lambda found: _slowest(found, True), 10, "ms"),
    Goal("directory: people, slowest p99 at the socket", lambda found: _slowest(found, False, "socket"), 15, "ms"),
    Goal(
        "directory: organisations, slowest p99 at the socket", lambda found: _slowest(found, True, "socket"), 20, "ms"
    ),
    Goal(
        "directory: 20 searchers at once, p99",
        lambda found: found["directory"]["socket"][SEARCHERS]["p99_ms"],
        40,
        "ms",
    ),
    Goal(
        "directory: slip in a name p50, pg_trgm / ours",
        lambda found: _times_plain(found["directory"]["searches"]["slip in the surname"]),
        100,
        "×",
        True,
    ),
    Goal("directory: import", lambda found: found["directory"]["import"]["seconds"], 240, "s"),
    Goal("directory: import of what is known already", lambda found: found["directory"]["again"]["seconds"], 60, "s"),
    Goal("directory: import, memory at most", lambda found: found["directory"]["import"]["peak_mib"], 500, "MiB"),
    Goal(
        "slots: one agenda, 30 days, p99", lambda found: found["booking"]["slots_one_agenda_30_days"]["p99_ms"], 5, "ms"
    ),
    Goal(
        "slots: 50 agendas, 14 days, p99",
        lambda found: found["booking"]["slots_50_agendas_14_days"]["p99_ms"],
        40,
        "ms",
    ),
    Goal("bookings/s, 50 agendas", lambda found: found["booking"]["bookings"]["bookings_per_second"], 2000, "/s", True),
    *_race("20 sockets"),
    *_race("20 connections"),
    Goal("rights: changed → told on another process p99", lambda found: found["rights"]["told"]["p99_ms"], 100, "ms"),
    Goal("rights: taken → silent on another process p99", lambda found: found["rights"]["silent"]["p99_ms"], 100, "ms"),
    Goal("attack: messages p99, 50 sign-ins/s refused / quiet", lambda found: found["attack"]["ratio_p99"], 2, "×"),
    Goal("accounts: 400,000 compared with the register", lambda found: found["accounts"]["first"]["seconds"], 120, "s"),
]


def synapse(program: Path | None, seconds: float) -> list[Figures]:
    """One run of the peer, if there is one."""
    if program is None:
        return []
    command = [sys.executable, str(program), "--seconds", str(seconds), "--cpu-server", "0", "--cpu-load", "1"]
    return [json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)]


ALONE: dict[str, Callable[[], Figures]] = {
    "accounts": accounts.run,
    "rights": rights.run,
    "attack": attack.run,
    "scale": scale.run,
}
"""Parts that take no options."""


def measure(options: argparse.Namespace) -> Figures:
    figures: Figures = {"machine": f"{platform.platform()}, Python {platform.python_version()}; {MACHINE}"}
    if "messages" in options.parts:
        peer = synapse(options.synapse, options.seconds)
        for web in ("uvicorn", "daphne"):
            figures[web] = messages.run(web, options.seconds)
            peer += synapse(options.synapse, options.seconds)
        if peer:
            figures["synapse"] = peer
    if "hello" in options.parts:
        figures["hello"] = hello.run()
    if "booking" in options.parts:
        figures["booking"] = booking.run()
    if "directory" in options.parts:
        figures["directory"] = directory.run(options.rows, options.file)
    for part, run in ALONE.items():
        if part in options.parts:
            figures[part] = run()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ("messages", "hello", "booking", "directory", "accounts", "rights", "attack", "scale")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)}; all of them unless named")
    parser.add_argument("--seconds", type=float, default=10, help="how long messages flow (10)")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the directory (200000)")
    parser.add_argument("--file", type=Path, help="an extract to import instead of one made up")
    parser.add_argument("--synapse", type=Path, help="a program that measures the peer")
    options = parser.parse_args()
    options.parts = options.parts or parts
    if unknown := set(options.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    figures = measure(options)
    print(json.dumps(figures, ensure_ascii=False))
    print(f"\n{figures['machine']}\n", file=sys.stderr)
    for goal in GOALS:
        if (line := goal.line(figures)) is not None:
            print(line, file=sys.stderr)
    if "scale" in figures:
        print(scale.table(figures["scale"]), file=sys.stderr)


if __name__ == "__main__":
    main()
