"""One socket without I/O: frames and time in, effects out.

``socket.py`` calls ``received``, ``finished`` and ``tick`` and applies the returned effects in order. This state
machine enforces the rules of protocol 1 for one socket: ``hello`` first and in time, well-formed frames, limits on
requests in flight and on their rate, and the order of requests to one conversation. It reads no clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from server.kernel.rates import Bucket
from server.kernel.wire import Command, frame
from server.kernel.wire.close_codes import CloseCode
from server.kernel.wire.errors import REFUSED
from server.kernel.wire.frame import Commands, FrameError, RequestId
from server.kernel.wire.handshake import Hello


@dataclass(frozen=True, slots=True)
class Limits:
    """What one socket may do. Times in seconds."""

    frame_bytes: int = 64 * 1024
    in_flight: int = 32
    requests_per_second: float = 500.0
    burst: float = 1000.0
    hello_within: float = 10.0
    retry_in_flight: float = 0.5
    """When to send a request again that came while so many were in flight."""
    refusals_until_close: float = 200.0
    """Requests beyond the rate in quick succession before the socket is closed with 4429."""
    refusals_forgiven_per_second: float = 10.0
    malformed_until_close: int = 20


@dataclass(frozen=True, slots=True)
class Write:
    """Send this frame."""

    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """Run this command, then call ``finished`` with the same ``request``."""

    request: RequestId
    command: Command[Any]
    size: int = field(default=0, compare=False)
    """Bytes of its frame."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket; no effect follows."""

    code: CloseCode
    reason: str


Effect = Write | Run | Close


@dataclass(slots=True)
class _ConversationQueue:
    """Requests to one conversation: those running, and those waiting for them."""

    running: int = 0
    batched: type[Command[Any]] | None = None
    """The batchable command of which several may run at once."""
    waiting: deque[Run] = field(default_factory=deque)


class Connection:
    """The state of one socket, from open to close."""

    __slots__ = (
        "_commands",
        "_flight",
        "_is_batchable",
        "_limits",
        "_malformed",
        "_opened_at",
        "_queues",
        "_rate",
        "_refused",
        "closed",
        "greeted",
        "unsent",
    )

    def __init__(
        self, commands: Commands, is_batchable: Callable[[Command[Any]], bool], now: float, limits: Limits
    ) -> None:
        self._commands = commands
        self._is_batchable = is_batchable
        self._limits = limits
        self._opened_at = now
        self._rate: Bucket | None = None
        self._refused: Bucket | None = None
        self._flight: dict[RequestId, object] = {}
        self._queues: dict[object, _ConversationQueue] | None = None
        self._malformed = 0
        self.greeted = False
        self.closed = False
        self.unsent = 0
        """Answers that are made and wait for the client to read: as many may wait as may be in flight."""

    def received(self, text: str | None, now: float) -> list[Effect]:
        """A frame arrived; None stands for a binary one."""
        if self.closed:
            return []
        if text is None:
            return self._close(CloseCode.PROTOCOL_ERROR, "text frames only")
        # A character has at most four bytes in UTF-8, so most frames need no encoding to be measured.
        largest = self._limits.frame_bytes
        if len(text) * 4 > largest and len(text.encode(errors="surrogatepass")) > largest:
            return self._close(CloseCode.TOO_BIG, "frames are at most 64 KiB")
        try:
            request = frame.decode_request(text)
            wait = self._too_fast(now)
            if wait:
                return self._refuse_rate(request.id, wait, now)
            if max(len(self._flight), self.unsent) >= self._limits.in_flight:
                # Nobody is closed because their requests wait for others: who goes on sending meets the rate.
                return [_rate_limited(request.id, self._limits.retry_in_flight)]
            if request.id in self._flight:
                return [Write(_bad_request(request.id, "This id is in flight: use another."))]
            command = self._commands.decode(request)
        except FrameError as error:
            return self._answer_error(error)
        size = len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
        return self._begin(request.id, command, size)

    def finished(self, request: RequestId) -> list[Effect]:
        """A command finished, whatever its outcome; the effects are the requests that waited for it."""
        if self.closed or request not in self._flight:
            return []
        key = self._flight.pop(request)
        queue = self._queues.get(key) if self._queues else None
        if queue is None or self._queues is None:
            return []
        queue.running -= 1
        effects: list[Effect] = []
        while queue.waiting and self._may_run(queue, queue.waiting[0].command):
            run = queue.waiting.popleft()
            queue.running += 1
            effects.append(run)
        if not queue.running and not queue.waiting:
            del self._queues[key]
        return effects

    def greeted_now(self) -> None:
        """``hello`` was answered: every other method may follow."""
        self.greeted = True

    def tick(self, now: float) -> list[Effect]:
        """Time passed; call it at ``deadline``."""
        if self.closed or self.greeted or now < self.deadline:
            return []
        if any(isinstance(kept, Hello) for kept in self._flight.values()):
            return []  # It came in time. A slow answer, as after a restart, is not the client's fault.
        return self._close(CloseCode.SILENT, "hello did not come in time")

    @property
    def deadline(self) -> float:
        """When ``hello`` must have arrived."""
        return self._opened_at + self._limits.hello_within

    def _begin(self, request: RequestId, command: Command[Any], size: int) -> list[Effect]:
        is_hello = isinstance(command, Hello)
        if is_hello and (self.greeted or any(isinstance(kept, Hello) for kept in self._flight.values())):
            return [Write(_bad_request(request, "hello was already said on this socket."))]
        if not is_hello and not self.greeted:
            return [Write(_bad_request(request, "Say hello first."))]
        run = Run(request, command, size)
        conversation = getattr(command, command.ordered_by, None)
        if is_hello or conversation is None:
            self._flight[request] = command if is_hello else None
            return [run]
        self._flight[request] = conversation
        if self._queues is None:
            self._queues = {}
        queue = self._queues.setdefault(conversation, _ConversationQueue())
        if queue.waiting or not self._may_run(queue, command):
            queue.waiting.append(run)
            return []
        queue.running += 1
        return [run]

    def _may_run(self, queue: _ConversationQueue, command: Command[Any]) -> bool:
        """Batchable commands of one kind keep their order in one queue; any other waits for what precedes it."""
        kind = type(command) if self._is_batchable(command) else None
        if queue.running and (kind is None or kind is not queue.batched):
            return False
        queue.batched = kind
        return True

    def _too_fast(self, now: float) -> float:
        """Seconds to wait if this request exceeds the rate, otherwise 0."""
        limits = self._limits
        if self._rate is None:
            self._rate = Bucket(limits.burst, limits.requests_per_second, limits.burst, now)
        return self._rate.take(now)

    def _refuse_rate(self, request: RequestId, wait: float, now: float) -> list[Effect]:
        limits = self._limits
        if self._refused is None:
            allowed = limits.refusals_until_close
            self._refused = Bucket(allowed, limits.refusals_forgiven_per_second, allowed, now)
        if self._refused.take(now):
            return self._close(CloseCode.TOO_MANY_REQUESTS, "too many requests")
        return [_rate_limited(request, wait)]

    def _answer_error(self, error: FrameError) -> list[Effect]:
        if error.malformed:
            self._malformed += 1
            if self._malformed >= self._limits.malformed_until_close:
                return [Write(error.answer), *self._close(CloseCode.PROTOCOL_ERROR, "not protocol 1")]
        return [Write(error.answer)]

    def _close(self, code: CloseCode, reason: str) -> list[Effect]:
        self.closed = True
        return [Close(code, reason)]


def _rate_limited(request: RequestId, wait: float) -> Write:
    data = {"reason": "rate_limited", "retry_after": max(ceil(wait * 1000), 1) / 1000}
    return Write(frame.failure(request, REFUSED, "Too many requests: wait and send it again.", data))


def _bad_request(request: RequestId, message: str) -> str:
    return frame.failure(request, -32600, message, {"reason": "invalid_request"})
