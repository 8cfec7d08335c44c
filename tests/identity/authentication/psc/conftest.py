"""Professionals whom Pro Santé Connect describes, and the provider that does."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_django import Settings

from identity.authentication.psc.configuration import Configuration
from tests.stand_ins import openid_provider
from tests.stand_ins.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider

SAMPLES = Path(__file__).parent / "samples"
RPPS = "855000000004"
"""Sound, and of nobody: no number of the register begins with 55."""
ADELI = "0550000001"


def sample(name: str = "repeated_exercises") -> dict[str, Any]:
    """The answer of the sandbox for one of its test cards."""
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return found


def professional(**changes: Any) -> dict[str, Any]:
    """The same answer for somebody of the register."""
    found = sample()
    found |= {
        "sub": f"f:realm:{RPPS}",
        "SubjectNameID": RPPS,
        "preferred_username": RPPS,
        "otherIds": [{"identifiant": RPPS, "origine": "RPPS", "qualite": 1}],
    }
    return copy.deepcopy({**found, **changes})


class LogoutReceiver:
    """Where the provider tells that a session has ended: the tokens that came."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.came = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.tokens += parse_qs(body)["logout_token"]
                self.send_response(200)
                self.end_headers()
                receiver.came.set()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name that the library calls it by)
                """Says nothing: tests read what was asked, not a log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.server.server_port}/logout"


@pytest.fixture(scope="session")
def logout_receiver() -> Iterator[LogoutReceiver]:
    receiver = LogoutReceiver()
    thread = threading.Thread(target=receiver.server.serve_forever, daemon=True)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def running_provider(logout_receiver: LogoutReceiver) -> Iterator[OpenIdProvider]:
    with openid_provider.running(logout_receiver.address) as provider:
        yield provider


@pytest.fixture
def provider(running_provider: OpenIdProvider, settings: Settings) -> OpenIdProvider:
    """The provider, which this deployment signs people in by; nobody is signed in there, and no card is in."""
    settings.RELAIS_PSC = Configuration(
        issuer=running_provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        acr=frozenset({"eidas1"}),
    )
    running_provider.insert(None)
    running_provider.new_browser()
    return running_provider
