"""An SMS gateway as ``server.kernel.delivery.sms`` describes it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

TAKE = "take"
TAKE_AND_HANG = "take_and_hang"
"""The message is sent, and the answer never comes."""
HANG = "hang"
GARBAGE = "garbage"
"""The answer is no HTTP."""
DRIBBLE = "dribble"
"""A byte of the answer's head now and then, without end."""
ENDLESS = "endless"
"""A right status, and a body without end."""
CLOSE = "close"
REDIRECT = "redirect"


class Sms(NamedTuple):
    key: str
    to: str
    text: str
    authorization: str | None
    at: float
    """When it arrived, by ``time.time()``."""


class SmsGateway:
    """The gateway. ``sent`` holds one message for each key; ``requests`` holds every request, repetitions included."""

    def __init__(self) -> None:
        self.sent: dict[str, Sms] = {}
        self.requests: list[Sms] = []
        self._planned: dict[str, list[str | int]] = defaultdict(list)
        self._always: dict[str, str | int] = {}
        self.ended = threading.Event()
        self._mutex = threading.Lock()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}/sms"

    def plan(self, *answers: str | int, to: str = "") -> None:
        """The next answers, to one number or to those without a plan of their own; a number is an HTTP status."""
        self._planned[to] += answers

    def always(self, answer: str | int, to: str = "") -> None:
        """The answer when nothing is planned; it takes messages without this."""
        self._always[to] = answer

    def texts(self) -> list[str]:
        return [sms.text for sms in self.sent.values()]

    @contextlib.contextmanager
    def serving(self) -> Iterator[SmsGateway]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def answer_to(self, sms: Sms) -> str | int:
        """Notes a request, sends its message if that is the plan, and returns how to answer."""
        with self._mutex:
            self.requests.append(sms)
            planned = self._planned[sms.to] or self._planned[""]
            answer = planned.pop(0) if planned else self._always.get(sms.to, self._always.get("", TAKE))
            if answer in (TAKE, TAKE_AND_HANG, ENDLESS):
                self.sent.setdefault(sms.key, sms)
            return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, gateway: SmsGateway) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gateway = gateway


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        gateway = self.server.gateway
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert body["id"] == self.headers["Idempotency-Key"]
        sms = Sms(body["id"], body["to"], body["text"], self.headers["Authorization"], time.time())
        answer = gateway.answer_to(sms)
        with contextlib.suppress(OSError):  # the other side has had enough
            self._answer(answer)

    def _answer(self, answer: str | int) -> None:
        if isinstance(answer, int):
            self._respond(answer)
        elif answer == TAKE:
            self._respond(201, b'{"accepted": true}')
        elif answer == REDIRECT:
            self._respond(307, Location="/elsewhere")
        else:
            self.close_connection = True
            self._misbehave(answer)

    def _misbehave(self, answer: str) -> None:
        if answer == GARBAGE:
            self.wfile.write(b"GARBAGE\r\n\r\n")
        elif answer == DRIBBLE:
            self._without_end(b"HTTP/1.1 201 Created\r\nX-Slow: ")
        elif answer == ENDLESS:
            self._without_end(b"HTTP/1.1 200 OK\r\n\r\n")
        elif answer in (HANG, TAKE_AND_HANG):
            self.server.gateway.ended.wait()

    def _respond(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _without_end(self, beginning: bytes) -> None:
        self.wfile.write(beginning)
        while not self.server.gateway.ended.wait(0.05):
            self.wfile.write(b"x")

    def log_message(self, *words: object) -> None:
        """Nothing on the terminal."""
