"""The frame of protocol 1: JSON-RPC 2.0 over one WebSocket. What goes in it is in ``wire``.

What comes from the server is read leniently: a newer server may say more, and one bad frame must not end a connection.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

import msgspec

from relais_client import wire
from relais_client.problem import Problem, problem_of

T = TypeVar("T")

UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""Everything that decoding what somebody else wrote may raise."""


class RawEvent(msgspec.Struct, frozen=True):
    """An event as it arrives: its type may be one that this client does not know."""

    stream: str
    seq: int
    at: datetime
    type: str
    data: msgspec.Raw
    masked: bool = False
    erased: bool = False


class RawSignal(msgspec.Struct, frozen=True):
    stream: str
    type: str
    data: msgspec.Raw


class Page(msgspec.Struct, frozen=True):
    """An answer to ``sync``."""

    events: list[RawEvent]
    head: int


class Result(msgspec.Struct, frozen=True):
    id: int
    result: msgspec.Raw


class Failure(msgspec.Struct, frozen=True):
    """``id`` is ``None`` when the server could not read whose request it was."""

    id: int | None
    problem: Problem


Incoming: TypeAlias = RawEvent | RawSignal | Result | Failure


class _Frame(msgspec.Struct):
    id: int | str | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""
    data: Any = None


_CONTROLS = dict.fromkeys(sign for sign in [*range(0x20), *range(0x7F, 0xA0)] if chr(sign) not in "\t\n\r")
_CONTROL = re.compile(rb"\\u00|\\[bf]|\x7f|\xc2[\x80-\x9f]")
"""Where JSON may spell one of them."""

_frames = msgspec.json.Decoder(_Frame)
_events = msgspec.json.Decoder(RawEvent)
_signals = msgspec.json.Decoder(RawSignal)
_errors = msgspec.json.Decoder(_Error)


def decode(text: str | bytes) -> Incoming | None:
    """What a frame says; ``None`` for what is not understood, which is ignored and never an error."""
    try:
        return _decode(text)
    except UNREADABLE:
        pass
    try:
        return _decode(_mended(text))
    except UNREADABLE:
        return None


def _decode(text: str | bytes) -> Incoming | None:
    frame = _frames.decode(text)
    if frame.method == "event":
        return _events.decode(frame.params)
    if frame.method == "signal":
        return _signals.decode(frame.params)
    if frame.error:
        return Failure(frame.id if isinstance(frame.id, int) else None, _problem(frame.error))
    return Result(frame.id, frame.result) if isinstance(frame.id, int) and frame.result else None


def _mended(text: str | bytes) -> bytes:
    """The same frame with U+FFFD for halves of surrogate pairs: JSON can spell them, and UTF-8 cannot hold them.

    Somebody's text is then shown with a mark in it, instead of never, and of keeping back all that comes after.
    """
    try:
        return msgspec.json.encode(_whole(json.loads(text), well_formed))
    except ValueError as error:
        raise msgspec.DecodeError(str(error)) from None


def _whole(value: Any, mend: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, list):
        return [_whole(item, mend) for item in value]
    if isinstance(value, dict):
        return {_whole(key, mend): _whole(item, mend) for key, item in value.items()}
    return value


def well_formed(text: str) -> str:
    """What JSON, UTF-8 and PostgreSQL can hold: U+FFFD for halves of surrogate pairs, no control characters but tab and
    the ends of lines."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").translate(_CONTROLS)


def encode(request: int, command: wire.Command[Any]) -> str:
    """The frame of a request. Every text in it is made well-formed here, and nowhere else."""
    frame = {"jsonrpc": "2.0", "id": request, "method": command.method, "params": command}
    try:
        text = msgspec.json.encode(frame)
    except UnicodeError:
        text = b""
    if not text or _CONTROL.search(text):
        frame["params"] = _whole(msgspec.to_builtins(command), well_formed)
        text = msgspec.json.encode(frame)
    return text.decode()


def read(data: msgspec.Raw, kind: type[T]) -> T | None:
    """The answer as what it should be; ``None`` when it is not."""
    try:
        return msgspec.json.decode(data, type=kind)
    except UNREADABLE:
        return None


def typed(kinds: Mapping[str, type[wire.Struct]], name: str, data: msgspec.Raw) -> Any:
    """The struct that the name stands for; plain data when it is new to us, or has changed beyond what we know."""
    kind = kinds.get(name)
    known = None if kind is None else read(data, kind)
    if known is not None:
        return known
    try:
        return msgspec.json.decode(data)
    except UNREADABLE:
        return None


def _problem(error: msgspec.Raw) -> Problem:
    found = read(error, _Error) or _Error()
    data = found.data if isinstance(found.data, dict) else {}
    return problem_of(found.code, found.message, data)
