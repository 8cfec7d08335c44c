"""The Python client's engine does what the shared transcripts say: tests/transcripts/README.md."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from relais_client import wire
from relais_client.engine import Answered, Disconnected, Engine, Happening, Lost, Received, Refused

FILES = sorted((Path(__file__).parents[1] / "transcripts").glob("*.json"))
DEVICE = UUID("0193a000-0000-7000-8000-0000000000d4")


class Device:
    """An engine with a clock of its own, and what it has done since somebody last looked."""

    def __init__(self) -> None:
        self.engine = Engine(wire.Client(name="transcript", device=DEVICE), chance=lambda: 1.0)
        self.labels: dict[str, Any] = {}
        self.waiting: dict[int, str] = {}
        self.told: list[dict[str, Any]] = []
        self.out: list[dict[str, Any]] = []
        self.now = 1000.0
        self.quiet_since = 1000.0

    def do(self, action: dict[str, Any]) -> None:
        if "send" in action:
            command = msgspec.convert(action["send"], wire.SendMessage)
            self.waiting[self.engine.request(command)] = action["send"]["id"]
        self.look()

    def hear(self, message: dict[str, Any]) -> None:
        if "clock" in message:
            self.now = self.quiet_since + message["clock"]
            self.engine.tick(self.now)
            self.look()
            return
        self.quiet_since = self.now
        self.engine.tick(self.now)
        if "open" in message:
            self.engine.connected()
        elif "close" in message:
            self.engine.disconnected(message["close"])
        else:
            if message.get("id") in self.labels:
                message = {**message, "id": self.labels[message["id"]]}
            self.engine.receive_text(json.dumps(message))
        self.look()

    def look(self) -> None:
        if self.engine.wants_connection:
            self.engine.connecting()
            self.out.append({"connect": True})
        self.out += [json.loads(frame) for frame in self.engine.data_to_send()]
        for happening in self.engine.events():
            self.tell(happening)

    def tell(self, happening: Happening) -> None:
        match happening:
            case Received(stream=stream, seq=seq, type=kind):
                self.told.append({"event": {"stream": stream, "seq": seq, "type": kind}})
            case Lost(stream=stream):
                self.told.append({"lost": stream})
            case Disconnected(code=code, final=True):
                self.told.append({"ended": code})
            case Answered(request=request) | Refused(request=request):
                self.waiting.pop(request, None)
            case _:
                pass

    def sent(self, wanted: dict[str, Any]) -> None:
        """Takes the frame that fits from what was sent; its id is what the label means from now on."""
        written = {key: value for key, value in wanted.items() if key != "id"}
        for frame in self.out:
            if fits(written, frame):
                if "id" in wanted:
                    self.labels[wanted["id"]] = frame["id"]
                self.out.remove(frame)
                return
        raise AssertionError(f"{wanted} was not sent, but {self.out}")


def fits(wanted: Any, found: Any) -> bool:
    """Everything written is there with that value; there may be more."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(key in found and fits(value, found[key]) for key, value in wanted.items())
    return bool(wanted == found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_engine_does_what_the_transcript_says(path: Path) -> None:
    steps = json.loads(path.read_text())["steps"]
    device = Device()
    told: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        [(kind, value)] = step.items()
        where = f"step {number}: {step}"
        if kind in {"do", "in"}:
            assert device.out == [], f"before {where}"
            device.do(value) if kind == "do" else device.hear(value)
        elif kind == "out":
            device.sent(value)
        elif kind == "told":
            told.append(value)
        else:
            assert device.told == told, f"at {where}"
            for stream, cursor in value.get("cursors", {}).items():
                assert device.engine.cursors.get(stream) == cursor, where
            if "waiting" in value:
                assert sorted(device.waiting.values()) == sorted(value["waiting"]), where
            for conversation in value.get("gone", []):
                assert f"c:{conversation}" not in device.engine.cursors, where
    assert device.out == []
    assert device.told == told


def test_there_are_transcripts() -> None:
    assert FILES
