"""Commands over HTTP as both servers hand them on: bodies of every length, in one piece or in many."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from tests.asgi_server import Someone, Web
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


def expected(status: int, kind: str) -> set[int]:
    """Daphne itself refuses a form that is none, with 400."""
    return {status} if kind == "application/json" else {400, 415}


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
        assert answer.status_code in expected(status, kind)
        await http.get("/auth/browser/v1/config")
        headers |= {"X-CSRFToken": http.cookies["csrftoken"], "Origin": "http://localhost:8000"}
        answer = await http.post("/auth/browser/v1/auth/login", content=pieces(body), headers=headers)
        assert answer.status_code in expected(max(status, 400), kind)
