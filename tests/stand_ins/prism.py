"""Prism, which serves the description of an API: it checks each request against it, and answers with its examples.

Which example, or which error, is chosen by the header ``Prefer``; here by whatever stands in ``prefer`` at the time.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx

from tests.relais_process import free_port
from tests.stand_ins.openid_provider import PLACE, node

SECONDS = 60.0


@contextlib.contextmanager
def serving(description: Path) -> Iterator[str]:
    """The address of an API as described."""
    port = free_port()
    program = PLACE / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    command = [node(), str(program), "mock", "--errors", "--host", "127.0.0.1", "--port", str(port), str(description)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"}
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + SECONDS
        while not _answers(address):
            assert process.poll() is None, "prism ended"
            assert time.monotonic() < until, "prism does not listen"
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == HTTPStatus.NOT_FOUND
    except httpx.TransportError:
        return False
