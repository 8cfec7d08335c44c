"""Hosts whose clocks lie: what is written and compared goes by PostgreSQL's clock, whichever process it comes by."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.asgi_server import Someone, Web, web
from tests.relais_process import relais
from tests.services_plugin import ENVIRONMENT
from tests.stand_ins.debian import library
from tests.wire.device import connected, opened


def lying(offset: str) -> dict[str, str]:
    """The environment of a process whose host is wrong about the time. Nobody can set its monotonic clock."""
    return {
        "LD_PRELOAD": library("libfaketime.so.1", "libfaketime"),
        "FAKETIME": offset,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def seconds_off(instant: str) -> float:
    return abs((datetime.fromisoformat(instant) - datetime.now(UTC)).total_seconds())


def ready(process: Web) -> dict[str, float]:
    try:
        with urllib.request.urlopen(f"{process.url}/health/ready", timeout=5) as answer:
            found: dict[str, float] = json.load(answer)
    except urllib.error.HTTPError as error:
        found = json.load(error)
    return found


async def test_what_a_host_with_a_wrong_clock_writes_bears_the_time_of_the_database(
    deployment: dict[str, str], processes: dict[str, Web], someone: Callable[[], Someone]
) -> None:
    ada, grace = someone(), someone()
    with web("uvicorn", {**deployment, **lying("-2h")}) as liar:
        async with opened(liar, ada.token) as sender, connected(processes["uvicorn"], grace) as reader:
            assert seconds_off((await sender.hello())["server_time"]) < 60
            conversation = await sender.open(grace)
            assert seconds_off((await sender.say(conversation))["at"]) < 60
            assert seconds_off((await reader.event("message.sent"))["at"]) < 60
            sessions = (await sender.call("session.list"))["sessions"]
            assert seconds_off(sessions[0]["last_seen_at"]) < 60 * 60
        assert abs((await asyncio.to_thread(ready, liar))["clock_ahead"] + 7200) < 5


def test_a_wrong_clock_is_a_line_of_the_check(deployment: dict[str, str], place: Path) -> None:
    settings = {**ENVIRONMENT, **deployment, "REDIS_URL": os.environ["REDIS_URL"]}
    done = relais("check", data=place / "data", **settings, **lying("+2h"))
    assert "The clock of this host is 7200 s ahead of PostgreSQL's" in done.stdout, done.stderr
