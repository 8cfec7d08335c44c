"""The Python client's engine does what the shared transcripts say: tests/transcripts/README.md."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from relais_client import wire
from relais_client.engine import Engine
from relais_client.events import Answered, Disconnected, Event, Lost, PersonChanged, Refused, Reset, StreamEvent

FILES = sorted((Path(__file__).parents[1] / "transcripts").glob("*.json"))
DEVICE = UUID("0193a000-0000-7000-8000-0000000000d4")


class Device:
    """An engine with a clock of its own, and what it has done since somebody last looked."""

    def __init__(self) -> None:
        self.engine = Engine(wire.Client(name="transcript", device=DEVICE), random=lambda: 1.0)
        self.labels: dict[str, Any] = {}
        self.waiting: dict[int, str] = {}
        self.refused: list[str] = []
        self.delivered: list[dict[str, Any]] = []
        self.out: list[dict[str, Any]] = []
        self.now = 1000.0
        self.quiet_since = 1000.0
        self.engine.tick(self.now)

    def do(self, action: dict[str, Any]) -> None:
        if "start" in action:
            self.engine.start()
        if "send" in action:
            command = msgspec.convert(action["send"], wire.SendMessage)
            self.waiting[self.engine.request(command)] = action["send"]["id"]
        if "open" in action:
            self.engine.describe(UUID(action["open"]))
        self.look()

    def hear(self, message: dict[str, Any]) -> None:
        if "clock" in message:
            self.until(self.quiet_since + message["clock"])
            return
        self.quiet_since = self.now
        self.engine.tick(self.now)
        if "open" in message:
            self.engine.connected()
        elif "close" in message:
            self.engine.disconnected(message["close"])
        elif "text" in message:
            self.engine.receive_text(message["text"])
        else:
            if message.get("id") in self.labels:
                message = {**message, "id": self.labels[message["id"]]}
            self.engine.receive_text(json.dumps(message))
        self.look()

    def until(self, end: float) -> None:
        """Time passes as in life: the clock strikes when the engine asked for it, and at the end."""
        while (due := self.engine.next_tick) is not None and due <= end and not self.out:
            self.now = max(self.now, due)
            self.engine.tick(self.now)
            self.look()
        if not self.out:
            self.now = end
            self.engine.tick(self.now)
            self.look()

    def look(self) -> None:
        if self.engine.wants_connection:
            self.engine.connecting()
            self.out.append({"connect": True})
        self.out += [json.loads(frame) for frame in self.engine.data_to_send()]
        for event in self.engine.events():
            self.deliver(event)

    def deliver(self, event: Event) -> None:
        match event:
            case StreamEvent(stream=stream, seq=seq, type=kind):
                self.delivered.append({"event": {"stream": stream, "seq": seq, "type": kind}})
            case Lost(stream=stream):
                self.delivered.append({"lost": stream})
            case Reset(stream=stream):
                self.delivered.append({"reset": stream})
            case PersonChanged():
                self.delivered.append({"cleared": True})
            case Disconnected(code=code, final=True):
                self.delivered.append({"ended": code})
            case Refused(request=request):
                self.refused.append(self.waiting.pop(request))
            case Answered(request=request):
                del self.waiting[request]
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
    delivered: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        [(kind, value)] = step.items()
        where = f"step {number}: {step}"
        if kind in {"do", "in"}:
            assert device.out == [], f"before {where}"
            device.do(value) if kind == "do" else device.hear(value)
        elif kind == "out":
            device.sent(value)
        elif kind == "delivered":
            delivered.append(value)
        else:
            assert device.delivered == delivered, f"at {where}"
            compare(device, value, where)
    assert device.out == []
    assert device.delivered == delivered


def compare(device: Device, expected: dict[str, Any], where: str) -> None:
    engine = device.engine
    if "connection" in expected:
        assert engine.connection == expected["connection"], where
    for stream, cursor in expected.get("cursors", {}).items():
        assert engine.cursors.get(stream) == cursor, where
    if "waiting" in expected:
        assert sorted(device.waiting.values()) == sorted(expected["waiting"]), where
    if "refused" in expected:
        assert sorted(device.refused) == sorted(expected["refused"]), where
    if "stale" in expected:
        stale = [stream[2:] for stream in engine.cursors if engine.is_stale(stream) and stream.startswith("c:")]
        assert stale == expected["stale"], where
    for conversation in expected.get("gone", []):
        assert f"c:{conversation}" not in engine.cursors, where


def test_there_are_transcripts() -> None:
    assert FILES
