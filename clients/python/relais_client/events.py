"""What the engine tells the program that holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relais_client import wire
from relais_client.closures import StopReason
from relais_client.problem import Problem, Reason


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """The token stands for somebody else now: nothing of the person before may stay. Comes before ``Welcomed``."""


@dataclass(frozen=True, slots=True)
class Welcomed:
    """Connected, and ``hello`` was answered. ``unchanged``: streams that stand where they did, with nothing unread."""

    welcome: wire.Welcome
    unchanged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """The request was carried out."""

    request: int
    result: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The request was not carried out; after ``timeout`` and ``offline`` it may have been."""

    request: int
    problem: Problem

    @property
    def reason(self) -> Reason:
        return self.problem.reason


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """A lasting change. ``data`` is a struct of ``wire.EVENTS``, or of ``wire.MASKED_EVENTS`` when this person may not
    read it in full; plain data when the type is not known here, and ``None`` when it is erased or cannot be read."""

    stream: str
    seq: int
    at: datetime
    type: str
    data: Any


@dataclass(frozen=True, slots=True)
class Signalled:
    """Something momentary."""

    stream: str
    type: str
    data: Any


@dataclass(frozen=True, slots=True)
class Described:
    """A conversation the engine asked about: it was heard of without a known position, or ``describe`` was called.

    Its stream is followed from the head that stands here; what was written before is in ``message.history``.
    """

    conversation: wire.ConversationView


@dataclass(frozen=True, slots=True)
class Reset:
    """What was known of the stream must be loaded anew: it stands at its head now."""

    stream: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The stream is the caller's no longer: what is held of it is to be erased."""

    stream: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone. With ``why`` the engine has stopped: only ``start`` begins again."""

    code: int
    why: StopReason | None
    message: str = ""
    """What is known beyond the code, for people who read logs."""

    @property
    def final(self) -> bool:
        return self.why is not None


Event = (
    PersonChanged | Welcomed | Answered | Refused | StreamEvent | Signalled | Described | Reset | Lost | Disconnected
)
