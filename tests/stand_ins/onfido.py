"""Onfido over HTTP, with a state, and with every way of failing."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from server.demo.identity_provider import Answered, IdentityProvider

TOKEN, WEBHOOK_TOKEN = "api_sandbox.an-invented-token", "an-invented-webhook-token"
WORKFLOW = "5f0d1a52-7b3e-4a0f-8d3b-9f5f8a8f7c11"


@dataclass
class Onfido:
    """``failures`` are the answers to the next requests, in place of the true ones: a status, or None for a connection
    that ends without an answer; ``headers`` go with them. ``asked`` are the requests so far."""

    url: str
    store: dict[str, Any] = field(default_factory=dict)
    failures: list[int | None] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    @property
    def provider(self) -> IdentityProvider:
        return IdentityProvider(self.store, "https://id.onfido.example/l/")

    @property
    def runs(self) -> list[str]:
        """The runs, in the order in which they were made."""
        return [name.removeprefix("run:") for name in self.store if name.startswith("run:")]

    @property
    def applicants(self) -> list[str]:
        return [name for name in self.store if name.startswith("applicant:")]

    def end(self, status: str = "approved", document: Mapping[str, str] | None = None, at: int = -1) -> str:
        """Ends a run, the last one unless said otherwise; its id."""
        self.provider.end(self.runs[at], status, **(document or {}))
        return self.runs[at]


def notice(run: str, action: str = "workflow_run.completed", **about: str) -> tuple[bytes, str]:
    """What Onfido sends about a run, and its signature."""
    told = {"id": run, "status": "approved", "completed_at_iso8601": "2026-11-26T10:00:00Z", **about}
    body = json.dumps({"payload": {"resource_type": "workflow_run", "action": action, "object": told}}).encode()
    return body, sign(body)


def sign(body: bytes, token: str = WEBHOOK_TOKEN) -> str:
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


@contextmanager
def running() -> Iterator[Onfido]:
    """An API at a port of this machine, which ends with the block."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            played.asked.append(f"{self.command} {self.path}")
            played.bodies.append(json.loads(body) if body else None)
            if self.headers.get("Authorization") != f"Token token={TOKEN}":
                return self.give(Answered(401, {"error": {"type": "authorization_error", "message": "No."}}))
            if played.failures:
                status = played.failures.pop(0)
                if status is None:
                    self.close_connection = True
                    return None
                return self.give(Answered(status, {"error": {"type": "x", "message": "x"}}), played.headers)
            return self.give(played.provider.answer(self.command, self.path, body))

        def give(self, answered: Answered, headers: dict[str, str] | None = None) -> None:
            content = b"" if answered.body is None else json.dumps(answered.body).encode()
            self.send_response(answered.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  (the names that the library calls)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    played = Onfido(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
