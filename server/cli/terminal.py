"""What all sub-commands share: errors, JSON output and a progress bar."""

import sys
import time
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[2]


class CommandError(Exception):
    """What was asked cannot be done; the message says why, and what to do."""


def require_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def print_json(value: Any) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


class Bar:
    """How far long work has come, on a terminal as a bar and elsewhere as a line every ten seconds."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._shown < (0.1 if self._terminal else 10.0):
            return
        self._shown = now
        share = done / total if total else 0.0
        if self._terminal:
            filled = round(30 * share)
            sys.stderr.write(f"\r{stage:<6} [{'#' * filled}{'.' * (30 - filled)}] {share:4.0%}\x1b[K")
            sys.stderr.flush()
        else:
            print(f"{stage} {share:.0%}", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
