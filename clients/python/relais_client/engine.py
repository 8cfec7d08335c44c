"""Protocol 1 as a client speaks it, without I/O: frames and time in, frames and happenings out.

A shell owns the socket and the clock. It calls ``tick`` with the time before anything else, then ``connected``,
``receive_text`` or ``disconnected`` as they happen, and after each of them sends what ``data_to_send`` returns and
hands on what ``events`` returns. While ``wants_connection`` is true it tries to connect; ``next_tick`` says when time
alone changes something.

Guaranteed: events of a stream come out in order, none twice and none missing; a request comes out answered or
refused once, however often the connection is cut (every request of protocol 1 may be sent again); at most as many
requests are in flight as the server allows.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from relais_client import wire

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
KEPT_AHEAD = 1000
"""Events of one stream kept while what is before them is asked for."""
FINAL = frozenset({wire.PROTOCOL_ERROR, wire.NOT_SIGNED_IN, wire.NOT_ALLOWED, wire.CONNECTED_ELSEWHERE})
"""Closed with one of these, a client does not connect again by itself."""
AGAIN = frozenset({"rate_limited", "unavailable"})

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Welcomed:
    """Connected, and ``hello`` was answered."""

    welcome: wire.Welcome


@dataclass(frozen=True, slots=True)
class Answered:
    """The request was carried out."""

    request: int
    result: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The request was not carried out, and would not be if it were sent again."""

    request: int
    code: int
    message: str
    data: dict[str, Any]

    @property
    def reason(self) -> str:
        return str(self.data.get("reason", "internal_error"))


@dataclass(frozen=True, slots=True)
class Received:
    """A lasting change. ``data`` is a struct of ``wire.EVENTS``, or plain data when the type is not known here."""

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
class Lost:
    """The stream is the caller's no longer: what is held of it is to be erased."""

    stream: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone. ``final``: connecting again by itself would not help."""

    code: int
    final: bool


Happening = Welcomed | Answered | Refused | Received | Signalled | Lost | Disconnected


class _Error(msgspec.Struct):
    code: int
    message: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class _Frame(msgspec.Struct):
    id: int | str | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()
    error: _Error | None = None


class _Event(msgspec.Struct):
    stream: str
    seq: int
    at: datetime
    type: str
    data: msgspec.Raw


class _Signal(msgspec.Struct):
    stream: str
    type: str
    data: msgspec.Raw


class _Synced(msgspec.Struct):
    events: list[_Event]
    head: int
    more: bool = False


@dataclass(slots=True)
class _Pending:
    """A request until its answer. ``stream`` when the engine asks of its own accord, for that stream."""

    request: int
    command: wire.Command[Any]
    stream: str | None = None
    tries: int = 0


@dataclass(slots=True)
class _Stream:
    """How far a stream has been handed on, and what came ahead of a gap."""

    cursor: int
    ahead: dict[int, _Event]
    syncing: bool = False


_frames = msgspec.json.Decoder(_Frame)
_events = msgspec.json.Decoder(_Event)
_signals = msgspec.json.Decoder(_Signal)
_syncs = msgspec.json.Decoder(_Synced)


class Engine:
    """One device's connection to Relais, over as many sockets as it takes."""

    def __init__(
        self,
        client: wire.Client,
        cursors: Mapping[str, int] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._chance = chance
        self._now = 0.0
        self._streams = {name: _Stream(cursor, {}) for name, cursor in (cursors or {}).items()}
        self._watched: dict[str, wire.WatchAgenda] = {}
        self._queue: deque[_Pending] = deque()
        self._flight: dict[int, _Pending] = {}
        self._greeting: int | None = None
        self._last_request = 0
        self._in_flight_limit = 32
        self._frame_limit = 64 * 1024
        self._attempt = 0
        self._connect_at: float | None = 0.0
        self._paused_until = 0.0
        self._out: list[str] = []
        self._happened: list[Happening] = []
        self._hopeless = False
        self.ready = False
        self.wants_close = False
        """``hello`` was refused: the shell closes the socket."""

    # What the shell asks.

    @property
    def wants_connection(self) -> bool:
        """Whether to connect now."""
        return self._connect_at is not None and self._now >= self._connect_at

    @property
    def next_tick(self) -> float | None:
        """When ``tick`` is needed, if nothing else happens before."""
        if self._connect_at is not None:
            return self._connect_at
        return self._paused_until if self.ready and self._queue and self._paused_until > self._now else None

    @property
    def cursors(self) -> dict[str, int]:
        """How far each stream has been handed on: what to begin with next time."""
        return {name: stream.cursor for name, stream in self._streams.items()}

    def data_to_send(self) -> list[str]:
        """Frames to send now, in order."""
        frames, self._out = self._out, []
        return frames

    def events(self) -> list[Happening]:
        """What happened since the last call, in order."""
        happened, self._happened = self._happened, []
        return happened

    # What the shell tells.

    def tick(self, now: float) -> None:
        """It is ``now``, in seconds of a clock that never goes back."""
        self._now = now
        self._pump()

    def connecting(self) -> None:
        """The shell tries to connect; it ends in ``connected`` or ``disconnected``."""
        self._connect_at = None

    def connected(self) -> None:
        """A socket is open."""
        self._connect_at = None
        self.wants_close = False
        self._last_request += 1
        self._greeting = self._last_request
        cursors = self.cursors or None
        self._write(self._greeting, wire.Hello(protocol=1, client=self._client, cursors=cursors))

    def disconnected(self, code: int) -> None:
        """The socket is closed, or could not be opened (1006)."""
        self.ready = False
        self._greeting = None
        self._out.clear()
        self._queue.extendleft(reversed([pending for pending in self._flight.values() if not pending.stream]))
        self._flight.clear()
        self._queue = deque(pending for pending in self._queue if not pending.stream)
        for stream in self._streams.values():
            stream.syncing = False
            stream.ahead.clear()
        final = code in FINAL or self._hopeless
        self._connect_at = None if final else self._now + self._delay(code)
        self._happened.append(Disconnected(code, final))

    def reconnect_now(self) -> None:
        """The network is back, or somebody looks at the screen again: do not wait any longer."""
        if self._connect_at is not None:
            self._connect_at = self._now
            self._attempt = 0

    def request(self, command: wire.Command[Any]) -> int:
        """Sends a request as soon as it may be sent; its answer comes as ``Answered`` or ``Refused``."""
        self._last_request += 1
        self._queue.append(_Pending(self._last_request, command))
        self._pump()
        return self._last_request

    def forget(self, request: int) -> None:
        """Nobody waits for this answer any more: it is not sent again after a cut."""
        self._queue = deque(pending for pending in self._queue if pending.request != request)
        self._flight.pop(request, None)
        self._pump()

    def receive_text(self, frame: str | bytes) -> None:
        """A text frame came. What is not understood is ignored: a newer server may say more."""
        try:
            message = _frames.decode(frame)
            if message.method == "event":
                self._receive(_events.decode(message.params))
            elif message.method == "signal":
                signal = _signals.decode(message.params)
                self._happened.append(
                    Signalled(signal.stream, signal.type, _typed(wire.SIGNALS, signal.type, signal.data))
                )
            elif message.method is None and isinstance(message.id, int):
                self._answer(message.id, message)
        except msgspec.DecodeError:
            return
        self._pump()

    # Streams.

    def _receive(self, event: _Event) -> None:
        stream = self._streams.setdefault(event.stream, _Stream(event.seq - 1, {}))
        if event.seq <= stream.cursor:
            return
        if event.seq == stream.cursor + 1:
            self._hand_on(stream, event)
            self._catch_up(event.stream)
            return
        if len(stream.ahead) < KEPT_AHEAD:
            stream.ahead[event.seq] = event
        self._sync(event.stream)

    def _catch_up(self, name: str) -> None:
        """Hands on what waited behind a gap that is now closed; asks for what is still missing."""
        stream = self._streams.get(name)
        if stream is None:
            return
        while (event := stream.ahead.pop(stream.cursor + 1, None)) is not None:
            self._hand_on(stream, event)
        stream.ahead = {seq: event for seq, event in stream.ahead.items() if seq > stream.cursor}
        if stream.ahead:
            self._sync(name)

    def _hand_on(self, stream: _Stream, event: _Event) -> None:
        stream.cursor = event.seq
        data = _typed(wire.EVENTS, event.type, event.data)
        self._happened.append(Received(event.stream, event.seq, event.at, event.type, data))
        if isinstance(data, wire.InboxConversationRemoved):
            self._lose(f"c:{data.conversation}")

    def _lose(self, name: str) -> None:
        if self._streams.pop(name, None) is not None:
            self._happened.append(Lost(name))
        self._watched.pop(name, None)

    def _sync(self, name: str) -> None:
        stream = self._streams[name]
        if stream.syncing:
            return
        stream.syncing = True
        self._ask(name, wire.Sync(stream=name, after=stream.cursor))

    def _ask(self, name: str, command: wire.Command[Any]) -> None:
        self._last_request += 1
        self._queue.appendleft(_Pending(self._last_request, command, stream=name))

    # Answers.

    def _answer(self, request: int, message: _Frame) -> None:
        if request == self._greeting:
            self._greeting = None
            if message.error is None:
                self._welcomed(msgspec.json.decode(message.result, type=wire.Welcome))
            else:
                self.wants_close = True
                self._hopeless = message.error.data.get("reason") not in AGAIN
            return
        pending = self._flight.pop(request, None)
        if pending is None:
            return
        if message.error is not None:
            self._refused(pending, message.error)
        elif isinstance(pending.command, wire.Sync) and pending.stream:
            self._synced(pending.stream, _syncs.decode(message.result))
        else:
            result = msgspec.json.decode(message.result, type=pending.command.result)
            self._note_watch(pending.command, result)
            if not pending.stream:
                self._happened.append(Answered(request, result))

    def _welcomed(self, welcome: wire.Welcome) -> None:
        self.ready = True
        self._attempt = 0
        self._paused_until = self._now
        self._in_flight_limit = welcome.limits.in_flight
        self._frame_limit = welcome.limits.frame_bytes
        self._happened.append(Welcomed(welcome))
        heads = {state.stream: state.head for state in welcome.streams}
        for name in [name for name in self._streams if name not in heads and name not in self._watched]:
            self._lose(name)
        for name, head in heads.items():
            self._meet(name, head)
        for name, watch in self._watched.items():
            self._ask(name, watch)

    def _meet(self, name: str, head: int) -> None:
        """The stream stands at ``head``: a new one is followed from there, an old one from where we are."""
        stream = self._streams.setdefault(name, _Stream(head, {}))
        stream.cursor = min(stream.cursor, head)
        if stream.cursor < head:
            self._sync(name)

    def _note_watch(self, command: wire.Command[Any], result: Any) -> None:
        if isinstance(command, wire.WatchAgenda) and isinstance(result, wire.WatchResult):
            self._watched[result.stream] = command
            if result.head is not None:
                self._meet(result.stream, result.head)
        elif isinstance(command, wire.UnwatchAgenda) and isinstance(result, wire.WatchResult):
            self._watched.pop(result.stream, None)
            self._streams.pop(result.stream, None)

    def _synced(self, name: str, synced: _Synced) -> None:
        stream = self._streams.get(name)
        if stream is None:
            return
        stream.syncing = False
        before = stream.cursor
        for event in synced.events:
            if event.seq > stream.cursor:
                self._hand_on(stream, event)
        if stream.cursor == before:  # nothing came of it: the next event asks again, and not this answer
            return
        self._catch_up(name)
        if synced.more and name in self._streams:
            self._sync(name)

    def _refused(self, pending: _Pending, error: _Error) -> None:
        reason = error.data.get("reason")
        if reason in AGAIN:
            pending.tries += 1
            wait = error.data.get("retry_after")
            if not isinstance(wait, int | float):
                wait = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(pending.tries, 10)) * self._chance()
            self._paused_until = max(self._paused_until, self._now + wait)
            self._queue.appendleft(pending)
        elif pending.stream:
            self._lose(pending.stream)
        else:
            self._happened.append(Refused(pending.request, error.code, error.message, error.data))

    # Sending.

    def _pump(self) -> None:
        while self.ready and self._queue and self._now >= self._paused_until:
            if len(self._flight) >= self._in_flight_limit:
                return
            pending = self._queue.popleft()
            self._flight[pending.request] = pending
            if not self._write(pending.request, pending.command):
                del self._flight[pending.request]
                data = {"reason": "too_large", "limit": self._frame_limit}
                self._happened.append(Refused(pending.request, -32000, "The request is too long.", data))

    def _write(self, request: int, command: wire.Command[Any]) -> bool:
        frame = msgspec.json.encode({"jsonrpc": "2.0", "id": request, "method": command.method, "params": command})
        if len(frame) > self._frame_limit:
            return False
        self._out.append(frame.decode())
        return True

    def _delay(self, code: int) -> float:
        """Full jitter: anything up to a bound that doubles from half a second to half a minute."""
        bound = LONGEST_DELAY if code == wire.TOO_MANY_REQUESTS else FIRST_DELAY * 2.0 ** min(self._attempt, 10)
        self._attempt += 1
        return min(LONGEST_DELAY, bound) * self._chance()


def stream_of(conversation: UUID) -> str:
    """The name of a conversation's stream."""
    return f"c:{conversation}"


def _typed(kinds: Mapping[str, type[wire.Struct]], name: str, data: msgspec.Raw) -> Any:
    """The struct that the name stands for; plain data when it is new to us, or has changed beyond what we know."""
    kind = kinds.get(name)
    if kind is not None:
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.ValidationError:
            pass
    return msgspec.json.decode(data)
