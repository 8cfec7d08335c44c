"""Protocol 1 as a client speaks it, as a state machine without I/O: frames and time in, frames and events out.

A shell owns the socket and the clock. It calls ``tick`` with the time before anything else, then ``connected``,
``receive_text`` or ``disconnected`` as they happen, and after each of them sends what ``data_to_send`` returns and
hands on what ``events`` returns. While ``wants_connection`` is true it opens a socket, when ``wants_close`` is true it
closes the one it has, and ``next_tick`` says when time alone changes something.

Guaranteed: every event of a followed stream comes out once and in order, or a ``Reset`` says that the stream must be
loaded anew; every request comes out answered or refused once, however often the connection is cut (every request of
protocol 1 may be sent again); what the server allows of one socket is kept to; and ``connection`` is never
"up-to-date" while something is known to be missing.

The web client's ``engine.ts`` is the same machine; ``tests/transcripts`` holds both to it.
"""

from __future__ import annotations

import random as chance
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from relais_client import wire
from relais_client.closures import CUT, Reconnect, Stop, closure_of
from relais_client.events import (
    Answered,
    Described,
    Disconnected,
    Event,
    Lost,
    PersonChanged,
    Refused,
    Reset,
    Signalled,
    StreamEvent,
    Welcomed,
)
from relais_client.frames import Failure, Incoming, Page, RawEvent, RawSignal, Result, decode, encode, read, typed
from relais_client.lifecycle import ConnectionState, Lifecycle, Phase
from relais_client.problem import Problem
from relais_client.requests import ANSWER_WITHIN, Request, Requests
from relais_client.silence import PROBE_WITHIN, Silence
from relais_client.streams import Question, Streams, stream_of

HELLO = 0
"""The id of the frame that says ``hello``; others count from 1."""

OFFLINE = Problem("offline", "There is no connection.")
TIMEOUT = Problem("timeout", "No answer came in time.")
UNREADABLE_REQUEST = Problem("invalid", "The request is not text that the server can read.")
UNREADABLE_ANSWER = Problem("internal", "The answer is not what this client knows.")
TOO_LARGE = Problem("too_large", "The request is too long.")


class Engine:
    """One device's connection to Relais, over as many sockets as it takes."""

    def __init__(
        self,
        client: wire.Client,
        cursors: Mapping[str, int] | None = None,
        random: Callable[[], float] = chance.random,
    ) -> None:
        """``cursors`` are what an earlier engine of the same device had; ``random`` gives numbers in [0, 1]."""
        self._client = client
        self._random = random
        self._now = 0.0
        self._lifecycle = Lifecycle()
        self._silence = Silence()
        self._inbox: str | None = None
        self._told_cursors: dict[str, int] = {}
        self._requests = Requests()
        self._streams = Streams(cursors or {})
        self._questions: dict[int, Question] = {}
        self._out: list[str] = []
        self._events: list[Event] = []
        self.limits: wire.Limits | None = None
        """What the server accepts of one socket; ``None`` until it has said so."""
        self.wants_connection = False
        """The shell opens a socket, and says ``connecting``."""
        self.wants_close = False
        """The shell closes the socket it has, which is of no use any more."""

    # What the shell asks.

    @property
    def connection(self) -> ConnectionState:
        """What people may be told about the connection."""
        return self._lifecycle.state(self._streams.behind)

    @property
    def ready(self) -> bool:
        """Whether ``hello`` has been answered on the present socket."""
        return self._lifecycle.phase is Phase.OPEN

    @property
    def next_tick(self) -> float | None:
        """The latest moment at which ``tick`` must be called; ``None`` when nothing is to be waited for."""
        times = [self._requests.due(self.limits if self.ready else None), self._lifecycle.due]
        if self.ready:
            times.append(self._silence.due(self._requests.paused_until))
            if self._room > 0:
                times.append(self._streams.due())
        return min((time for time in times if time is not None), default=None)

    @property
    def cursors(self) -> dict[str, int]:
        """How far each stream has been delivered: what to begin with next time."""
        return self._streams.cursors()

    def is_stale(self, stream: str) -> bool:
        """Whether more may have happened in the stream than ``connection`` speaks of: ``describe`` finds out."""
        return self._streams.is_stale(stream)

    def data_to_send(self) -> list[str]:
        """Frames to send now, in order."""
        frames, self._out = self._out, []
        return frames

    def events(self) -> list[Event]:
        """What happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    # What the shell tells.

    def start(self) -> None:
        """The program wants to be connected."""
        if self._lifecycle.phase is Phase.STOPPED:
            self._connect()

    def stop(self) -> None:
        """The program wants nothing more; where streams stand stays known, for the next ``start``."""
        self.wants_close = self.wants_close or self._lifecycle.has_socket
        self._lifecycle.stop()
        self.wants_connection = False
        self._cut()
        self._refuse(self._requests.clear(), OFFLINE)

    def tick(self, now: float) -> None:
        """It is ``now``, in seconds of a clock that never goes back."""
        self._now = now
        self._expire()
        due = self._lifecycle.due
        if self.ready:
            within = self._silence.probe_due(self._requests.paused_until, now)
            if self._silence.is_over(now):
                self._give_up("Nothing was heard of the server.")
            elif within is not None:
                self._probe(within)
        elif due is not None and now >= due:
            self._give_up("The server did not answer.") if self._lifecycle.has_socket else self._connect()
        self._flush()

    def connecting(self) -> None:
        """The shell opens a socket; it ends in ``connected`` or ``disconnected``."""
        self.wants_connection = self.wants_close = False

    def connected(self) -> None:
        """A socket is open."""
        if self._lifecycle.phase is not Phase.CONNECTING:
            return
        self.connecting()
        self._lifecycle.greet(self._now)
        self._told_cursors = self._streams.cursors(self._inbox, wire.HELLO_CURSORS)
        hello = wire.Hello(protocol=1, client=self._client, cursors=self._told_cursors or None)
        self._out.append(encode(HELLO, hello))

    def disconnected(self, code: int) -> None:
        """The socket is closed, or could not be opened (1006)."""
        if self.wants_close or not self._lifecycle.has_socket:
            self.wants_close = False  # it is the socket that was given up before
            return
        closure = closure_of(code)
        if isinstance(closure, Stop):
            self.stop()
            self.wants_close = False
            self._events.append(Disconnected(code, closure.why))
        else:
            self._reconnect(code, closure)

    def reconnect_now(self) -> None:
        """The network is back, or somebody looks at the screen again: no waiting, and no trust in an old socket."""
        if self._lifecycle.phase is Phase.WAITING:
            self._connect()
        elif self.ready:
            self._probe(PROBE_WITHIN)
            self._flush()

    def request(self, command: wire.Command[Any], within: float | None = None) -> int:
        """Sends a request as soon as it may be sent; its one answer comes as ``Answered`` or ``Refused``.

        It survives a cut and goes again, harmless because its ids are the client's: for ``within`` seconds, then it
        is refused with ``timeout``; or for as long as it takes.
        """
        deadline = None if within is None else self._now + within
        ticket = self._requests.add(command, True, deadline, self._now)
        self._flush()
        return ticket

    def abandon(self, request: int) -> None:
        """Nobody waits for this answer any more: the request is not sent again."""
        self._requests.abandon(request)
        self._flush()

    def follow(self, stream: str, head: int | None, from_: int = 1) -> None:
        """Everything of ``stream`` after ``head`` will come out; ``from_`` is the first number that may be seen.

        Without a head, what happens comes out as it arrives, and nothing that is missed can be asked for.
        """
        if head is None:
            self._streams.follow_live(stream)
        elif self._streams.follow(stream, head, from_, self._far_behind):
            self._events.append(Reset(stream))
        self._flush()

    def describe(self, conversation: UUID) -> None:
        """Asks what the conversation is and where its stream stands; ``Described`` is the answer, or ``Lost``."""
        self._streams.describe(conversation)
        self._flush()

    def forget(self, stream: str) -> None:
        """Events of the stream come out no longer."""
        self._streams.forget(stream)

    def receive_text(self, text: str | bytes) -> None:
        """A text frame came. What is not understood is ignored: a newer server may say more."""
        self._silence.heard(self._now)
        frame = decode(text)
        if self._lifecycle.phase is Phase.GREETING:
            self._receive_greeting(frame)
        elif self.ready:
            self._receive(frame)
        self._flush()

    # Connecting.

    def _connect(self) -> None:
        self._lifecycle.connect(self._now)
        self.wants_connection = True

    def _receive_greeting(self, frame: Incoming | None) -> None:
        if isinstance(frame, Result) and frame.id == HELLO:
            welcome = read(frame.result, wire.Welcome)
            if welcome is None or min(welcome.limits.in_flight, welcome.limits.requests_per_second) <= 0:
                self._give_up("The answer to hello is not what this client knows.")
            else:
                self._welcome(welcome)
        elif isinstance(frame, Failure) and not frame.id:
            self._give_up(f"hello was refused: {frame.problem.message}", frame.problem.retry_after or 0.0)

    def _welcome(self, welcome: wire.Welcome) -> None:
        inbox = f"i:{welcome.me.id}"
        if self._inbox not in {None, inbox} and self._change_person():
            return
        self._lifecycle.open(self._now)
        self._inbox = inbox
        self.limits = welcome.limits
        lost, reset, unchanged = self._streams.welcome(
            welcome.streams, welcome.more, self._told_cursors, self._far_behind
        )
        self._events.append(Welcomed(welcome, tuple(unchanged)))
        self._events += [Lost(stream) for stream in lost]
        self._events += [Reset(stream) for stream in reset]

    def _change_person(self) -> bool:
        """Somebody else is signed in: what the person before asked for must not be done in their name.

        True when ``hello`` has to be said anew on another socket, because its answer left out what the cursors of
        the person before made known.
        """
        self._events.append(PersonChanged())
        self._refuse(self._requests.clear(), OFFLINE)
        self._streams.clear()
        self._inbox = None
        if not self._told_cursors:
            return False
        self.wants_close = True
        self._connect()
        return True

    def _give_up(self, message: str, least: float = 0.0) -> None:
        """The socket is of no use any more: the next attempt comes after the time that the server asked for."""
        self.wants_close = True
        self._reconnect(wire.SILENT, CUT, message, least)

    def _reconnect(self, code: int, closure: Reconnect, message: str = "", least: float = 0.0) -> None:
        if closure.blame == "too_large":
            self._refuse(self._requests.blame(), TOO_LARGE)
        elif closure.blame == "invalid":
            self._refuse(self._requests.blame(), UNREADABLE_REQUEST)
        self._cut()
        self._lifecycle.wait(closure, least, self._random(), self._now)
        self.wants_connection = False
        self._events.append(Disconnected(code, None, message))

    def _cut(self) -> None:
        self._out.clear()
        self._refuse(self._requests.cut(), OFFLINE)

    # Receiving.

    def _receive(self, frame: Incoming | None) -> None:
        match frame:
            case RawEvent():
                if self._streams.accept(frame):
                    self._deliver(frame)
            case RawSignal(stream=stream, type=kind, data=data):
                self._events.append(Signalled(stream, kind, typed(wire.SIGNALS, kind, data)))
            case Result():
                self._answer(frame)
            case Failure():
                self._fail(frame)
        self._refuse(self._requests.elimination(), UNREADABLE_REQUEST)

    def _deliver(self, event: RawEvent) -> None:
        kinds = wire.MASKED_EVENTS if event.masked else wire.EVENTS
        data = None if event.erased else typed(kinds, event.type, event.data)
        self._events.append(StreamEvent(event.stream, event.seq, event.at, event.type, data))
        if event.stream != self._inbox:
            return
        if isinstance(data, wire.InboxConversationAdded):
            self._streams.describe(data.conversation)
        elif isinstance(data, wire.InboxConversationRemoved):
            self._lose(stream_of(data.conversation))

    def _answer(self, frame: Result) -> None:
        request = self._requests.answered(frame.id)
        if request is None:
            return
        question = self._questions.pop(request.ticket, None)
        if question is None:
            result = read(frame.result, request.command.result)
            if result is None:
                self._refuse([request], UNREADABLE_ANSWER)
            else:
                self._events.append(Answered(request.ticket, result))
        else:
            self._answer_question(question, frame)

    def _answer_question(self, question: Question, frame: Result) -> None:
        if isinstance(question.command, wire.Sync):
            page = read(frame.result, Page)
            if page is not None:
                for event in self._streams.page(question.stream, page, self._random(), self._now):
                    self._deliver(event)
                return
        else:
            found = read(frame.result, wire.ConversationResult)
            if found is not None:
                self._described(found.conversation)
                return
        self._streams.failed(question.stream, 0.0, self._random(), self._now)

    def _described(self, conversation: wire.ConversationView) -> None:
        is_wanted, is_reset = self._streams.described(conversation, self._far_behind)
        if is_wanted:
            self._events.append(Described(conversation))
        if is_reset:
            self._events.append(Reset(stream_of(conversation.id)))

    def _fail(self, frame: Failure) -> None:
        problem = frame.problem
        if frame.id is None:
            self._refuse(self._requests.note_unreadable(), UNREADABLE_REQUEST)
            return
        request = self._requests.answered(frame.id)
        if request is None:
            return
        if problem.reason == "rate_limited":
            self._requests.pause(problem.retry_after or 1.0, self._now)
        if request.ticket in self._questions:
            self._refuse([request], problem)
        elif problem.reason == "rate_limited":
            self._requests.put_back(request)
        elif not self._may_pass(request, problem) or not self._requests.again(
            request, problem, self._random(), self._now
        ):
            self._refuse([request], problem)

    @staticmethod
    def _may_pass(request: Request, problem: Problem) -> bool:
        """Whether the same request may be accepted later. A defect may be mended while nobody waits for the answer."""
        return problem.reason == "unavailable" or (problem.reason == "internal" and request.deadline is None)

    def _refuse(self, requests: list[Request], problem: Problem) -> None:
        for request in requests:
            question = self._questions.pop(request.ticket, None)
            if question is None:
                self._events.append(Refused(request.ticket, problem))
            elif problem.reason in {"not_found", "forbidden"}:
                self._lose(question.stream)
            else:
                self._streams.failed(question.stream, problem.retry_after or 0.0, self._random(), self._now)

    def _lose(self, stream: str) -> None:
        self._streams.forget(stream)
        self._events.append(Lost(stream))

    # Time and sending.

    def _expire(self) -> None:
        """Requests that have waited too long. Where nothing was heard since one was sent, the socket may be dead."""
        late, lost = self._requests.expire(self._random(), self._now)
        self._refuse(late, TIMEOUT)
        sent = [request.sent_at for request in (*late, *lost) if request.sent_at is not None]
        if self.ready and any(self._silence.is_suspicious(at) for at in sent):
            self._probe(PROBE_WITHIN)

    def _probe(self, within: float) -> None:
        """Any living server answers a small ``sync`` of the inbox, which is worth asking for in any case."""
        if not self._silence.begin(within, self._now) or self._inbox is None or self.limits is None:
            return
        after = self._streams.at(self._inbox) or 0
        self._ask(Question(self._inbox, wire.Sync(stream=self._inbox, after=after, limit=self.limits.sync_limit)))

    def _ask(self, question: Question) -> None:
        ticket = self._requests.add(question.command, False, self._now + ANSWER_WITHIN, self._now)
        self._questions[ticket] = question

    @property
    def _far_behind(self) -> float:
        """Streams further behind than this begin anew at their head."""
        return float("inf") if self.limits is None else self.limits.sync_limit

    @property
    def _room(self) -> int:
        """How many more questions may go: half of what may be in flight is left to the program."""
        return 0 if self.limits is None else max(1, self.limits.in_flight // 2) - len(self._questions)

    def _flush(self) -> None:
        """Sends what may go, and asks for what is missing."""
        if not self.ready or self.limits is None:
            return
        for question in self._streams.questions(self.limits.sync_limit, self._room, self._now):
            self._ask(question)
        send, too_large = self._requests.take(self.limits, self._now)
        self._out += send
        self._refuse(too_large, TOO_LARGE)
