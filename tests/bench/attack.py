"""What messages cost while somebody tries passwords: side by side, in turns, on one server.

    python -m tests.bench.attack

One pair talks, one message at a time, in quiet and under an attack of so many sign-ins a second from as many network
addresses, of which half name an account that exists. Quiet and attack take turns, so that both meet the same machine;
what counts is their ratio, and not the milliseconds of a machine that does other things too.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

import uvloop

from relais_client import uuid7
from tests.asgi_server import people
from tests.bench.messages import LOAD, Bench, Figures, deployment, followed, milliseconds, readers
from tests.services_plugin import ENVIRONMENT

PER_SECOND = 50
TURNS = 4
MESSAGES = 100
"""Of each turn."""
PAUSE = 0.02
ACCOUNTS = 400
TRYING = 16
"""Connections of the attack."""


def run() -> Figures:
    """The figures, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.attack"]
    figures: Figures = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return figures


class Attack:
    """Sign-ins with wrong passwords, at a steady rate for as long as it lasts."""

    def __init__(self, address: str, emails: list[str]) -> None:
        self.place = urlsplit(address.replace("ws", "http", 1))
        self.emails = emails
        self.answers: Counter[int] = Counter()
        self.took: list[float] = []
        self._number = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._began = 0.0

    def __enter__(self) -> Attack:
        self._began = time.monotonic()
        self._threads = [threading.Thread(target=self._try, daemon=True) for _ in range(TRYING)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.seconds = time.monotonic() - self._began

    def _next(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def _try(self) -> None:
        connection = http.client.HTTPConnection(self.place.hostname or "", self.place.port, timeout=30)
        connection.request("GET", "/auth/browser/v1/config")
        first = connection.getresponse()
        first.read()
        token = (first.headers["Set-Cookie"] or "").partition("csrftoken=")[2].partition(";")[0]
        while not self._over.is_set():
            number = self._next()
            if self._over.wait(max(0.0, self._began + number / PER_SECOND - time.monotonic())):
                return
            began = time.perf_counter()
            email = self.emails[number % len(self.emails)] if number % 2 else f"nobody{number}@exemple.fr"
            headers = {
                "Content-Type": "application/json",
                "Origin": ENVIRONMENT.get("RELAIS_ORIGINS", "http://localhost:8000").split(",")[0],
                "Cookie": f"csrftoken={token}",
                "X-CSRFToken": token,
                "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            }
            body = json.dumps({"email": email, "password": f"wrong password {number}"})
            connection.request("POST", "/auth/browser/v1/auth/login", body, headers)
            answer = connection.getresponse()
            answer.read()
            with self._lock:
                self.answers[answer.status] += 1
                self.took.append(time.perf_counter() - began)


async def _attacked(bench: Bench, emails: list[str]) -> Figures:
    process = bench.serve()
    writer, reader = await readers(process.address, bench.some(2))
    room = await writer.open(reader.who)
    await followed(room, [writer, reader])
    delays: dict[str, list[float]] = {"quiet": [], "attacked": []}

    async def talk(kind: str) -> None:
        for _ in range(MESSAGES):
            began, message = time.perf_counter(), uuid7()
            sending = asyncio.create_task(writer.say(room, message))
            delays[kind].append(await reader.arrival(message) - began)
            await sending
            await asyncio.sleep(PAUSE)

    await talk("quiet")
    delays["quiet"].clear()  # the first are those of a server that has just begun
    answers: Counter[int] = Counter()
    took: list[float] = []
    seconds = 0.0
    for _ in range(TURNS):
        await talk("quiet")
        with Attack(process.address, emails) as attack:
            await talk("attacked")
        answers += attack.answers
        took += attack.took
        seconds += attack.seconds
        await asyncio.sleep(1)
    quiet, attacked = (milliseconds(delays[kind], 0.5, 0.99) for kind in ("quiet", "attacked"))
    return {
        "quiet": quiet,
        "attacked": attacked,
        "ratio_p99": round(attacked["p99_ms"] / quiet["p99_ms"], 2),
        "refused_per_s": round(sum(answers.values()) / seconds, 1),
        "answers": {str(status): count for status, count in answers.items()},
        "refusal": milliseconds(took, 0.5, 0.99),
    }


def measure() -> Figures:
    with deployment() as environment:
        os.sched_setaffinity(0, LOAD)
        environment = {**ENVIRONMENT, "REDIS_URL": os.environ["REDIS_URL"], **environment}
        environment["RELAIS_TRUSTED_PROXIES"] = "1"  # so that each try may come from an address of its own
        who = people(ACCOUNTS, environment, "--migrate")
        bench = Bench("uvicorn", 10, environment, who)
        with bench.stack:
            return uvloop.run(_attacked(bench, [one.email for one in who[2:]]))


def main() -> None:
    argparse.ArgumentParser(prog="python -m tests.bench.attack", description=__doc__).parse_args()
    print(json.dumps(measure()))


if __name__ == "__main__":
    main()
