"""Pro Santé Connect in a test's hand: the certified OpenID provider of npm, on a port of its own.

``card`` is whose card is in the reader, or None; ``visit`` is what a browser does there between leaving us and coming
back.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.relais_process import ROOT

PLACE = ROOT / "tests" / "stand_ins" / "node"
CLIENT_ID, CLIENT_SECRET = "relais-essai", "un-secret:partage&long+100%"
OURS = "http://localhost:8000"
SECONDS = 20.0


def node() -> str:
    """Node, as `make` found or brought it."""
    own = ROOT / ".venv" / "node" / "node"
    found = str(own) if own.exists() else shutil.which("node")
    assert found is not None, "run `make setup`, which brings Node"
    return found


class OpenIdProvider:
    """The running provider."""

    def __init__(self, port: int) -> None:
        self.root = f"http://localhost:{port}"
        self.issuer = f"{self.root}/auth/realms/esante-wallet"
        self.browser = httpx.Client(trust_env=False)

    def insert(self, userinfo: dict[str, Any] | None, acr: str | None = "eidas1") -> None:
        """Puts a card into the reader, or takes it out."""
        self._control("card", None if userinfo is None else {"userinfo": userinfo, "acr": acr})

    def new_browser(self) -> None:
        """Forgets who was signed in at the provider's."""
        self.browser.close()
        self.browser = httpx.Client(trust_env=False)

    def visit(self, address: str) -> str:
        """Follows a browser from here until it is sent to us; where to, with what."""
        for _ in range(10):
            answer = self.browser.get(address)
            assert answer.is_redirect, answer.text
            address = urljoin(address, answer.headers["location"])
            if address.startswith(OURS):
                return address
        raise AssertionError("the provider sends the browser in a circle")

    def sign_out(self, address: str) -> str:
        """Confirms at the provider's that one wants to be signed out; where the browser is sent then."""
        page = self.browser.get(address)
        xsrf = re.search(r'name="xsrf" value="([^"]+)"', page.text)
        action = re.search(r'action="([^"]+)"', page.text)
        assert xsrf is not None, page.text
        assert action is not None
        answer = self.browser.post(urljoin(address, action[1]), data={"xsrf": xsrf[1], "logout": "yes"})
        assert answer.is_redirect, answer.text
        return str(answer.headers["location"])

    def questions(self) -> list[str]:
        """What stands on the phones that are asked, the oldest first."""
        found: list[str] = self._control("questions", None).json()
        return found

    def answer(self, *, approved: bool) -> None:
        """Answers the newest question on its phone."""
        self._control("answer", {"approved": approved})

    def _control(self, what: str, value: Any) -> httpx.Response:
        answer = httpx.post(f"{self.root}/control/{what}", content=json.dumps(value), trust_env=False)
        answer.raise_for_status()
        return answer


@contextlib.contextmanager
def running(backchannel_logout_uri: str) -> Iterator[OpenIdProvider]:
    """The provider, ended afterwards."""
    said = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [f"{OURS}/auth/psc/callback"],
        "post_logout_redirect_uris": [f"{OURS}/auth/psc/signed-out"],
        "backchannel_logout_uri": backchannel_logout_uri,
    }
    command = [node(), "psc.mjs", json.dumps(said)]
    environment = {**os.environ, "NODE_NO_WARNINGS": "1"}
    process = subprocess.Popen(
        command, cwd=PLACE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port.isdigit(), process.communicate(timeout=SECONDS)[1]
        provider = OpenIdProvider(int(port))
        yield provider
        provider.browser.close()
    finally:
        process.terminate()
        process.wait(SECONDS)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
