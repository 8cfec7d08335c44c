"""The server's connection does what the shared transcripts say of it: tests/transcripts/README.md."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.kernel.connection import Close, Connection, Effect, Limits, Write
from server.kernel.wire.frame import Commands
from server.kernel.wire.handshake import Hello, Sync

TRANSCRIPTS = {
    path: json.loads(path.read_text()) for path in (Path(__file__).parents[1] / "transcripts").glob("*.json")
}
FILES = sorted(path for path, transcript in TRANSCRIPTS.items() if "server" in transcript)


class Server:
    """A connection, and what it has done so far. Nothing is carried out: only ``hello`` is ever answered."""

    def __init__(self, limits: dict[str, Any]) -> None:
        self.connection = Connection(Commands([Hello, Sync]), lambda command: False, 0.0, Limits(**limits))
        self.written: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.now = 0.0

    def do(self, effects: list[Effect]) -> None:
        for effect in effects:
            assert self.closed is None, "nothing follows a close"
            if isinstance(effect, Write):
                self.written.append(json.loads(effect.text))
            if isinstance(effect, Close):
                self.closed = int(effect.code)

    def step(self, kind: str, value: Any, times: int) -> None:
        if kind == "receive":
            self.do(self.connection.received(json.dumps(value), self.now))
        elif kind == "receive_text":
            for _ in range(times):
                self.do(self.connection.received(value, self.now))
        elif kind == "greet":
            self.connection.greeted_now()
        elif kind == "clock":
            self.now = value
            self.do(self.connection.tick(self.now))
        elif kind == "write":
            assert fits(value, self.written[-1])
        elif kind == "stays":
            assert self.closed is None
        else:
            assert (kind, self.closed) == ("close", value)


def fits(wanted: Any, found: Any) -> bool:
    """Everything written is there with that value; there may be more."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(key in found and fits(value, found[key]) for key, value in wanted.items())
    return bool(wanted == found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_connection_does_what_the_transcript_says(path: Path) -> None:
    opening, *steps = TRANSCRIPTS[path]["server"]
    server = Server(opening["open"])
    for step in steps:
        times = step.pop("times", 1)
        [(kind, value)] = step.items()
        server.step(kind, value, times)


def test_every_code_that_a_connection_closes_with_is_in_a_transcript() -> None:
    closes = {step["close"] for path in FILES for step in TRANSCRIPTS[path]["server"] if "close" in step}
    assert closes == {1009, 4400, 4408, 4429}
