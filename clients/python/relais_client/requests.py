"""Requests on their way: which wait, which are in flight, and when each has waited long enough. Times in seconds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from relais_client import wire
from relais_client.backoff import retry_delay
from relais_client.frames import encode
from relais_client.problem import Problem

ANSWER_WITHIN = 20.0
"""How long an answer may take before the request is taken for lost."""
RETRIES = 4
"""How often a request with a deadline is sent again when the server says ``unavailable``."""
ATTEMPTS = 10
"""How often a request without one is sent, whatever the failure: then it is refused, and holds nothing up."""


@dataclass(slots=True, eq=False)
class Request:
    """A request until its answer."""

    ticket: int
    """What the asker knows it by; it outlives the socket, the frame's id does not."""
    command: wire.Command[Any]
    keep: bool
    """Asked again on the next socket when this one is cut; otherwise the asker is told ``offline``."""
    deadline: float | None
    """``None`` for one that goes again up to ``ATTEMPTS`` times, however long that takes."""
    not_before: float
    tries: int = 0
    sent_at: float | None = None
    """When it was last sent; ``None`` for one that never was."""


class Requests:
    def __init__(self) -> None:
        self._waiting: list[Request] = []
        self._in_flight: dict[int, Request] = {}
        self._pace = Pace()
        self._frames = 0
        self._tickets = 0
        self._unreadable = 0
        """Errors without an id: so many of the candidates could not be read."""
        self._candidates: set[int] = set()
        self._careful = False
        """The server closed a socket for one of several: one goes at a time, until it is found or all are answered."""
        self.paused_until = 0.0
        """Nothing goes before: the server said so."""

    def add(self, command: wire.Command[Any], keep: bool, deadline: float | None, now: float) -> int:
        self._tickets += 1
        self._waiting.append(Request(self._tickets, command, keep, deadline, now))
        return self._tickets

    def take(self, limits: wire.Limits, now: float) -> tuple[list[str], list[Request]]:
        """The frames that may go now, in the order asked; and what is too large ever to go."""
        send: list[str] = []
        too_large: list[Request] = []
        if now < self.paused_until:
            return send, too_large
        window = self._window(limits)
        later: list[Request] = []
        index = 0
        while index < len(self._waiting) and len(self._in_flight) < window and self._pace.is_open(limits, now):
            request = self._waiting[index]
            index += 1
            if request.not_before > now:
                later.append(request)
                continue
            text = encode(self._frames + 1, request.command)
            if len(text) * 4 > limits.frame_bytes and len(text.encode()) > limits.frame_bytes:
                too_large.append(request)
            else:
                send.append(self._launch(request, text, now))
        self._waiting[:index] = later
        return send, too_large

    def _launch(self, request: Request, text: str, now: float) -> str:
        self._pace.spend()
        self._frames += 1
        self._in_flight[self._frames] = request
        request.sent_at = now
        return text

    def answered(self, frame: int) -> Request | None:
        """The request that a frame answers, once; ``None`` for one already given up."""
        request = self._in_flight.pop(frame, None)
        self._candidates.discard(frame)
        if not self._in_flight and not self._waiting:
            self._careful = False
        return request

    def pause(self, seconds: float, now: float) -> None:
        """Everything waits: the server asked for it."""
        self.paused_until = max(self.paused_until, now + seconds)

    def put_back(self, request: Request) -> None:
        """A request that was answered ``rate_limited`` goes first when the pause is over."""
        self._waiting.insert(0, request)

    def again(self, request: Request, problem: Problem, random: float, now: float) -> bool:
        """The same request again a little later; false when it was tried often enough."""
        if request.tries >= (ATTEMPTS - 1 if request.deadline is None else RETRIES):
            return False
        self._delay(request, problem.retry_after or 0.0, random, now)
        return True

    def _delay(self, request: Request, least: float, random: float, now: float) -> None:
        request.not_before = now + max(least, retry_delay(request.tries, random))
        request.tries += 1
        self._waiting.insert(0, request)

    def note_unreadable(self) -> list[Request]:
        """The server could not read a frame and does not know whose it was.

        The one that stays without an answer when all others in flight have theirs was it: returned as soon as that
        is certain, by this and by ``elimination``.
        """
        self._unreadable += 1
        self._candidates.update(self._in_flight)
        return self.elimination()

    def elimination(self) -> list[Request]:
        if not self._unreadable or len(self._candidates) > self._unreadable:
            return []
        self._unreadable = 0
        return self._give_up(list(self._candidates))

    def blame(self) -> list[Request]:
        """The server closed the socket for something that was sent.

        Alone in flight, a request is returned, not to be sent again; several go again one at a time, until the one
        is found.
        """
        self._careful = len(self._in_flight) > 1
        return [] if self._careful else self._give_up(list(self._in_flight))

    def cut(self) -> list[Request]:
        """The socket is gone: what is kept goes again first, in its order; the rest is returned."""
        pending = sorted(self._all(), key=lambda request: request.ticket)
        self._in_flight.clear()
        self._candidates.clear()
        self._unreadable = 0
        self.paused_until = 0.0
        self._waiting = [request for request in pending if request.keep]
        return [request for request in pending if not request.keep]

    def clear(self) -> list[Request]:
        """Everything, given up."""
        pending = list(self._all())
        self.cut()
        self._waiting.clear()
        self._careful = False
        return pending

    def abandon(self, ticket: int) -> None:
        """Nobody waits for this answer any more: it is not sent again after a cut."""
        self._waiting = [request for request in self._waiting if request.ticket != ticket]
        self._give_up([frame for frame, request in self._in_flight.items() if request.ticket == ticket])
        self._unreadable = min(self._unreadable, len(self._candidates))

    def expire(self, random: float, now: float) -> tuple[list[Request], list[Request]]:
        """What has waited longer than its asker will, given up; and what goes again after an answer in vain."""
        late = [request for request in self._all() if request.deadline is not None and request.deadline <= now]
        patient = (request for request in self._in_flight.values() if request not in late)
        lost = [request for request in patient if (request.sent_at or 0.0) + ANSWER_WITHIN <= now]
        late += [request for request in lost if request.tries >= ATTEMPTS - 1]
        lost = [request for request in lost if request.tries < ATTEMPTS - 1]
        gone = {request.ticket for request in (*late, *lost)}
        self._give_up([frame for frame, request in self._in_flight.items() if request.ticket in gone])
        self._unreadable = min(self._unreadable, len(self._candidates))
        self._waiting = [request for request in self._waiting if request.ticket not in gone]
        for request in reversed(lost):
            self._delay(request, 0.0, random, now)
        return late, lost

    def due(self, limits: wire.Limits | None) -> float | None:
        """When something here is next to be looked at; ``None`` when nothing is. ``limits`` while connected."""
        at = min((request.deadline for request in self._all() if request.deadline is not None), default=math.inf)
        for request in self._in_flight.values():
            at = min(at, (request.sent_at or 0.0) + ANSWER_WITHIN)
        if limits is not None and len(self._in_flight) < self._window(limits):
            for request in self._waiting:
                at = min(at, max(request.not_before, self.paused_until, self._pace.next_at(limits)))
        return None if at == math.inf else at

    def _give_up(self, frames: list[int]) -> list[Request]:
        return [request for frame in frames if (request := self.answered(frame)) is not None]

    def _all(self) -> Iterator[Request]:
        yield from self._in_flight.values()
        yield from self._waiting

    def _window(self, limits: wire.Limits) -> int:
        """How many may be in flight: one while we look for the request that a socket was closed for."""
        return 1 if self._careful else limits.in_flight


class Pace:
    """A token bucket of one second's requests."""

    def __init__(self) -> None:
        self._spent = 0.0
        self._at = 0.0

    def is_open(self, limits: wire.Limits, now: float) -> bool:
        """Whether one more may go now."""
        self._spent = max(0.0, self._spent - (now - self._at) * limits.requests_per_second)
        self._at = now
        # What is counted in fractions of a second may be off by a rounding.
        return self._spent <= max(0.0, limits.requests_per_second - 1) + 1e-6

    def spend(self) -> None:
        self._spent += 1

    def next_at(self, limits: wire.Limits) -> float:
        """When the next may go."""
        over = self._spent - max(0.0, limits.requests_per_second - 1)
        return self._at + over / limits.requests_per_second if over > 0 else 0.0
