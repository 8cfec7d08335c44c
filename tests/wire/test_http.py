"""Commands over HTTP as both servers hand them on: bodies of every length, in one piece or in many."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from server.ops.admission import AT_ONCE
from tests.asgi_server import Someone, Web
from tests.relais_process import eventually
from tests.wire.device import connected

Make = Callable[[], Someone]


def client(process: Web, who: Someone) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=process.url, headers={"Authorization": f"Bearer {who.token}"})


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    """Without an announced length."""
    for at in range(0, len(body), 1000):
        yield body[at : at + 1000]


async def test_a_session_ended_over_http_closes_its_sockets(here: Web, elsewhere: Web, someone: Make) -> None:
    ada = someone()
    async with connected(elsewhere, ada) as device, client(here, ada) as http:
        listed = (await http.post("/api/session.list")).json()["sessions"]
        assert listed == (await device.call("session.list"))["sessions"]
        answer = await http.post("/api/session.end", json={"session": listed[0]["id"]})
        assert (answer.status_code, answer.json()) == (200, {})
        assert await device.closed() == 4401
        assert (await http.post("/api/session.list")).status_code == 401


def expected(status: int, kind: str) -> int:
    """Whatever its type, a body that is too large is refused for that."""
    return status if kind == "application/json" or status == 413 else 415


@pytest.mark.parametrize(
    ("body", "status"), [(b"{}", 200), (b"[" * 30_000, 400), (b"[" * 200_000, 413), (b'{"x":"\\ud800"}', 400)]
)
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
async def test_a_body_that_comes_in_pieces_is_read_like_any_other(
    here: Web, someone: Make, body: bytes, status: int, kind: str
) -> None:
    async with client(here, someone()) as http:
        headers = {"Content-Type": kind}
        answer = await http.post("/api/session.list", content=pieces(body), headers=headers)
        assert answer.status_code == expected(status, kind)
        await http.get("/auth/browser/v1/config")
        headers |= {"X-CSRFToken": http.cookies["csrftoken"], "Origin": "http://localhost:8000"}
        answer = await http.post("/auth/browser/v1/auth/login", content=pieces(body), headers=headers)
        assert answer.status_code == expected(max(status, 400), kind)
        assert answer.json()["errors"][0]["message"]


PATHS = ("/api/session.list", "/auth/browser/v1/auth/login", "/health/live", "/metrics", "/", "/nowhere")


class Raw:
    """A connection on which bytes are written as they are."""

    def __init__(self, process: Web) -> None:
        self.socket = socket.create_connection(("127.0.0.1", process.port), 10)

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_until_refused(self, pieces: Iterable[bytes]) -> int:
        """How much could be sent before the other side stopped it."""
        sent = 0
        with contextlib.suppress(ConnectionError, TimeoutError):
            for piece in pieces:
                self.socket.sendall(piece)
                sent += len(piece)
        return sent

    def answer(self) -> tuple[int, dict[str, Any]]:
        """Status and body of the next answer."""
        received, length = b"", None
        while length is None or len(received.partition(b"\r\n\r\n")[2]) < length:
            more = self.socket.recv(65_536)
            assert more, received
            received += more
            found = re.search(rb"(?i)content-length: (\d+)\r\n", received)
            length = int(found[1]) if found else None
        head, _, body = received.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)


def head(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def unnamed_files(process: Web) -> set[str]:
    """The files that a process has open and that have no name, as temporary files are."""
    links = (str(link.readlink()) for link in Path(f"/proc/{process.process.pid}/fd").iterdir())
    return {link for link in links if link.startswith("/tmp") or link.endswith("(deleted)")}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("length", [65_537, 150_000_000, 10**15, 10**30])
def test_a_body_is_refused_by_its_length_before_any_of_it_comes(here: Web, path: str, length: int) -> None:
    with Raw(here) as raw:
        raw.send(head(path, f"Content-Length: {length}"))
        status, body = raw.answer()
        assert (status, body["reason"]) in {(413, "too_large"), (400, "not_http")}
        assert status == 413 or length == 10**30


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("how", ["announced", "chunked"])
def test_a_large_body_is_refused_while_it_is_read_and_never_written_to_disk(here: Web, path: str, how: str) -> None:
    before = unnamed_files(here)
    large = b"x" * 50_000
    chunk = b"c350\r\n" + large + b"\r\n"
    with Raw(here) as raw:
        if how == "announced":
            raw.send(head(path, "Content-Length: 150000000"))
            sent = raw.send_until_refused([large] * 3_000)
        else:
            raw.send(head(path, "Transfer-Encoding: chunked"))
            sent = raw.send_until_refused([chunk] * 3_000)
        assert sent < 100_000_000
        assert unnamed_files(here) == before
        status, body = raw.answer()
        assert (status, body["reason"]) == (413, "too_large")


def test_an_answer_other_than_a_refusal_still_has_its_connection(here: Web) -> None:
    with Raw(here) as raw:
        for _ in range(3):
            raw.send(head("/api/session.list", "Content-Length: 2", "Content-Type: application/json") + b"{}")
            assert raw.answer()[0] == 401


@pytest.mark.parametrize("part", ["query", "header", "headers"])
def test_a_head_has_at_most_sixteen_kilobytes(here: Web, part: str) -> None:
    path, headers = "/", ["Content-Length: 0"]
    if part == "query":
        path = "/?" + "x" * 20_000
    elif part == "header":
        headers.append("X-Long: " + "x" * 20_000)
    else:
        headers += [f"X-{number}: {'x' * 100}" for number in range(200)]
    with Raw(here) as raw:
        raw.send(head(path, *headers))
        answer = raw.socket.recv(65_536)
        assert not answer or answer.split()[1] in {b"400", b"431"}  # Twisted closes without a word


def test_a_head_without_an_end_is_cut(here: Web) -> None:
    with Raw(here) as raw:
        raw.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        sent = raw.send_until_refused([b"x" * 10_000] * 2_000)
        assert sent < 20_000_000


def test_a_form_that_is_none_is_answered_in_words(here: Web, someone: Make) -> None:
    with Raw(here) as raw:
        authorization = f"Authorization: Bearer {someone().token}"
        kind = "Content-Type: multipart/form-data; boundary=x"
        raw.send(head("/api/session.list", authorization, kind, "Content-Length: 5", "Connection: close") + b"--y\r\n")
        status, body = raw.answer()
        assert (status, body["reason"]) == (415, "not_json")


async def test_many_requests_at_once_take_few_connections(here: Web, deployment: dict[str, str]) -> None:
    """Each shows a cookie, for which the database is asked."""

    def connections() -> int:
        with psycopg.connect(deployment["DATABASE_URL"]) as database:
            found = database.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'relais'")
            return int(found.fetchone()[0])  # type: ignore[index]

    before, most = connections(), 0
    limits = httpx.Limits(max_connections=60)
    async with httpx.AsyncClient(base_url=here.url, limits=limits, timeout=30) as http:
        asked = [
            asyncio.create_task(http.get("/auth/browser/v1/auth/session", headers={"Cookie": f"relais={number}"}))
            for number in range(120)
        ]
        while not all(task.done() for task in asked):
            most = max(most, await asyncio.to_thread(connections))
        assert {task.result().status_code for task in asked} == {401}
    assert most - before <= AT_ONCE + 2
    # Each of the two processes may have begun its own work in the background meanwhile.
    await asyncio.to_thread(eventually, lambda: connections() - before <= 2)


async def test_a_subprotocol_that_is_no_text_is_refused_and_nothing_more(here: Web) -> None:
    head = (
        f"GET /ws HTTP/1.1\r\nHost: localhost:{here.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: "
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    writer.write(head.encode() + b"\xff\xfe\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(4096), 10)
    writer.close()
    assert b"Traceback" not in answer
    assert b"codec" not in answer
    assert answer.split(b" ")[1] in {b"400", b"101"}, answer


async def test_the_socket_asked_for_without_upgrade_is_426(here: Web) -> None:
    async with httpx.AsyncClient(base_url=here.url) as http:
        answer = await http.get("/ws")
        assert (answer.status_code, answer.json()["reason"]) == (426, "upgrade_required")
