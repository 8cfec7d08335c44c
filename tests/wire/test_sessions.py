"""What ends a session ends its sockets: at once, on every process."""

import asyncio
import time
from collections.abc import Callable

import httpx
import pytest

from tests.asgi_server import PASSWORD, Someone, Web
from tests.wire.device import connected, opened

Make = Callable[[], Someone]
ORIGIN = "http://localhost:8000"


class Browser:
    """A browser's cookies and what it must send with them."""

    def __init__(self, process: Web) -> None:
        self.http = httpx.AsyncClient(base_url=process.url, headers={"Origin": ORIGIN})

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    @property
    def cookie(self) -> str:
        return f"relais={self.http.cookies['relais']}"

    async def sign_in(self, who: Someone) -> httpx.Response:
        await self.http.get("/auth/browser/v1/config")
        return await self.send("POST", "/auth/browser/v1/auth/login", {"email": who.email, "password": PASSWORD})

    async def send(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"X-CSRFToken": self.http.cookies.get("csrftoken") or ""}
        return await self.http.request(method, path, json=body, headers=headers)


async def test_a_browser_opens_a_socket_by_its_cookie_and_signing_out_closes_it(
    here: Web, elsewhere: Web, someone: Make
) -> None:
    ada = someone()
    async with Browser(here) as browser:
        assert (await browser.sign_in(ada)).status_code == 200
        async with opened(elsewhere, cookie=browser.cookie, origin=ORIGIN) as device:
            assert (await device.hello())["me"]["id"] == ada.id
            began = time.monotonic()
            assert (await browser.send("DELETE", "/auth/browser/v1/auth/session")).status_code == 401
            assert await device.closed() == 4401
            assert time.monotonic() - began < 1


async def test_another_sites_page_cannot_use_the_cookie(here: Web, someone: Make) -> None:
    async with Browser(here) as browser:
        await browser.sign_in(someone())
        async with opened(here, cookie=browser.cookie, origin="https://evil.example") as device:
            assert await device.closed() == 4403


async def test_an_ended_session_closes_its_sockets_within_100_ms_on_every_process(
    here: Web, elsewhere: Web, someone: Make
) -> None:
    delays = []
    for _ in range(7):
        ada = someone()
        async with Browser(here) as browser:
            await browser.sign_in(ada)
            async with (
                connected(here, ada) as own,
                opened(here, cookie=browser.cookie, origin=ORIGIN) as near,
                opened(elsewhere, cookie=browser.cookie, origin=ORIGIN) as far,
            ):
                await near.hello()
                await far.hello()
                sessions = (await own.call("session.list"))["sessions"]
                ending = next(session["id"] for session in sessions if not session.get("current"))
                closing = [asyncio.create_task(device.closed()) for device in (near, far)]
                began = time.monotonic()
                await own.call("session.end", {"session": ending})
                assert await asyncio.gather(*closing) == [4401, 4401]
                delays.append(time.monotonic() - began)
                await own.call("session.list")
    assert sorted(delays)[len(delays) // 2] < 0.1, delays


async def test_an_ended_token_opens_nothing_any_more(here: Web, elsewhere: Web, someone: Make) -> None:
    ada = someone()
    async with connected(here, ada) as device:
        [session] = (await device.call("session.list"))["sessions"]
        await device.send("session.end", {"session": session["id"]})
        assert await device.closed() == 4401
    for process in (here, elsewhere):
        async with opened(process, ada.token) as device:
            assert await device.closed() == 4401


async def test_ending_all_others_spares_the_one_that_asks(here: Web, elsewhere: Web, someone: Make) -> None:
    ada = someone()
    async with Browser(elsewhere) as browser:
        await browser.sign_in(ada)
        async with connected(here, ada) as own, opened(elsewhere, cookie=browser.cookie, origin=ORIGIN) as other:
            await other.hello()
            await own.call("session.end_others")
            assert await other.closed() == 4401
            assert len((await own.call("session.list"))["sessions"]) == 1


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper()])
async def test_a_wrong_password_opens_nothing(here: Web, someone: Make, password: str) -> None:
    async with Browser(here) as browser:
        await browser.http.get("/auth/browser/v1/config")
        body = {"email": someone().email, "password": password}
        assert (await browser.send("POST", "/auth/browser/v1/auth/login", body)).status_code in {400, 401}
        assert "relais" not in browser.http.cookies
