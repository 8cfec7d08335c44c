"""The bounds before Django: time, turns, addresses; and what a forgotten proxy is noticed by."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.handlers.asgi import ASGIRequest
from django.test import AsyncClient
from pytest_django import Settings
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.http import HTTPChannel

from server.ops import admission, checks, health, http_protocols, proxies
from server.ops.admission import AT_ONCE, OF_ONE, HttpAdmission, Refused

Message = dict[str, Any]


def scope(address: str = "198.51.100.7", path: str = "/x", **headers: str) -> Message:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "path": path, "query_string": b"", "headers": pairs, "client": (address, 1)}


class Exchange:
    """One request and what is answered."""

    def __init__(self, asked: HttpAdmission, of: Message, *messages: Message) -> None:
        self.sent: list[Message] = []
        self._messages = list(messages) or [{"type": "http.request", "body": b"", "more_body": False}]
        self.task = asyncio.create_task(asked(of, self._receive, self._send))

    async def _receive(self) -> Message:
        if not self._messages:
            await asyncio.sleep(3600)
        return self._messages.pop(0)

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    async def status(self) -> int:
        await asyncio.wait_for(asyncio.shield(self.task), 10)
        return int(self.sent[0]["status"])


class Slow:
    """An application that answers when it is let go."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.opened = asyncio.Event()
        self.read_slowly = asyncio.Event()
        self.read_slowly.set()

    async def __call__(self, of: Message, receive: Any, send: Any) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await self.opened.wait()
        self.running -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.read_slowly.wait()

    async def start(self) -> None:
        """Nothing to start."""


@pytest.fixture
async def slow() -> Slow:
    return Slow()


@pytest.fixture
async def asked(slow: Slow) -> HttpAdmission:
    return HttpAdmission(slow, slow.start)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_only_so_many_requests_are_in_django_at_once(asked: HttpAdmission, slow: Slow) -> None:
    exchanges = [Exchange(asked, scope(f"198.51.100.{number}")) for number in range(30)]
    await settle()
    slow.opened.set()
    assert {await one.status() for one in exchanges} == {200}
    assert slow.most == AT_ONCE


async def test_one_address_does_not_take_all_places(asked: HttpAdmission, slow: Slow) -> None:
    many = [Exchange(asked, scope("198.51.100.7")) for _ in range(50)]
    await settle()
    assert slow.running == OF_ONE
    other = Exchange(asked, scope("203.0.113.9"))
    await settle()
    assert slow.running == OF_ONE + 1
    slow.opened.set()
    assert await other.status() == 200
    assert {await one.status() for one in many} == {200}


async def test_who_waits_too_long_is_told_when_to_come_back(
    asked: HttpAdmission, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "WAIT_SECONDS", 0.05)
    running = [Exchange(asked, scope()) for _ in range(OF_ONE)]
    await settle()
    late = Exchange(asked, scope())
    assert await late.status() == 503
    assert (b"retry-after", b"2") in late.sent[0]["headers"]
    assert json.loads(late.sent[1]["body"])["reason"] == "unavailable"
    slow.opened.set()
    assert {await one.status() for one in running} == {200}
    assert await Exchange(asked, scope()).status() == 200, "its place is nobody's"


async def test_a_place_that_comes_just_as_one_gives_up_is_not_lost(
    asked: HttpAdmission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "WAIT_SECONDS", 0.05)
    for _ in range(OF_ONE):
        await asked._take_turn("198.51.100.7")
    late = asyncio.create_task(asked._take_turn("198.51.100.7"))
    await settle()
    asyncio.get_running_loop().call_later(0.06, asked._give_back, "198.51.100.7")
    time.sleep(0.2)  # noqa: ASYNC251  (both are due when the loop looks again, the end of patience first)
    with pytest.raises(Refused):
        await late
    await asked._take_turn("198.51.100.7")


async def test_so_many_may_wait_and_no_more(asked: HttpAdmission, slow: Slow) -> None:
    many = [Exchange(asked, scope()) for _ in range(OF_ONE + admission.WAITING_OF_ONE)]
    await settle()
    assert await Exchange(asked, scope()).status() == 503
    slow.opened.set()
    assert {await one.status() for one in many} == {200}


async def test_who_reads_an_answer_slowly_takes_nobodys_place(asked: HttpAdmission, slow: Slow) -> None:
    slow.opened.set()
    slow.read_slowly.clear()
    many = [Exchange(asked, scope()) for _ in range(AT_ONCE * 3)]
    await settle()
    assert all(one.sent for one in many)
    slow.read_slowly.set()


async def test_who_goes_away_while_waiting_leaves_no_place_taken(asked: HttpAdmission, slow: Slow) -> None:
    running = [Exchange(asked, scope()) for _ in range(OF_ONE)]
    await settle()
    gone = [Exchange(asked, scope()) for _ in range(3)]
    await settle()
    for one in gone:
        one.task.cancel()
    await settle()
    slow.opened.set()
    assert {await one.status() for one in running} == {200}
    assert {await Exchange(asked, scope()).status() for _ in range(AT_ONCE * 2)} == {200}


async def test_health_waits_for_nobody(asked: HttpAdmission, slow: Slow) -> None:
    many = [Exchange(asked, scope(f"198.51.100.{number}")) for number in range(30)]
    await settle()
    Exchange(asked, scope(path="/health/live"))
    await settle()
    assert slow.running == AT_ONCE + 1
    slow.opened.set()
    assert {await one.status() for one in many} == {200}


async def test_a_body_that_does_not_come_is_given_up(asked: HttpAdmission, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(admission, "LINGER_SECONDS", 0.05)
    begun = {"type": "http.request", "body": b"{", "more_body": True}
    exchange = Exchange(asked, scope(content_length="100"), begun)
    assert await exchange.status() == 408
    assert (b"connection", b"close") in exchange.sent[0]["headers"]
    assert json.loads(exchange.sent[1]["body"])["reason"] == "too_slow"


async def test_the_head_is_bounded_whatever_the_server(asked: HttpAdmission) -> None:
    large = {**scope(), "query_string": b"x" * 20_000}
    gone = {"type": "http.disconnect"}
    assert await Exchange(asked, large, gone).status() == 431
    assert await Exchange(asked, scope(x="x" * 20_000), gone).status() == 431


# The servers


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(http_protocols, "_clock", moved)
    return moved


class _Factory:
    """What Daphne's request needs of its server."""

    def __init__(self) -> None:
        self.protocols: list[object] = []

    @property
    def server(self) -> _Factory:
        return self

    def protocol_connected(self, protocol: object) -> None:
        self.protocols.append(protocol)

    def protocol_disconnected(self, protocol: object) -> None:
        self.protocols.remove(protocol)


class _Wire(StringTransport):
    """Keeps what is written, and whether it was given up."""

    aborted = False

    def loseWriteConnection(self) -> None:  # noqa: N802 - Twisted's name
        """Nothing more is written."""

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.aborted = True


@pytest.fixture
def under_daphne(clock: Clock) -> Iterator[tuple[Any, Any]]:
    make: Any = HTTPChannel
    wire: Any = _Wire
    channel, wire = make(), wire()
    channel.requestFactory = http_protocols.BoundedRequest
    channel.factory = _Factory()
    channel.timeOut = None
    channel.makeConnection(wire)
    yield channel, wire
    channel.setTimeout(None)


@pytest.mark.parametrize("sent", [b"POST / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"])
def test_under_daphne_a_request_that_does_not_come_is_given_up(
    under_daphne: tuple[Any, Any], clock: Clock, sent: bytes
) -> None:
    channel, wire = under_daphne
    channel.dataReceived(sent)
    clock.advance(http_protocols.HEAD_SECONDS + admission.BODY_SECONDS - 1)
    assert not wire.value()
    clock.advance(2)
    assert wire.value().startswith(b"HTTP/1.1 408 ")
    clock.advance(admission.LINGER_SECONDS)
    assert wire.aborted


@pytest.mark.parametrize("name", [b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Key", b"Host", b"Daphne-Root-Path"])
def test_under_daphne_a_header_that_is_not_ascii_is_refused_without_a_word_about_it(
    under_daphne: tuple[Any, Any], caplog: pytest.LogCaptureFixture, name: bytes
) -> None:
    channel, wire = under_daphne
    upgrade = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    channel.dataReceived(upgrade + name + b": \xff\xfe\r\n\r\n")
    assert wire.value().startswith(b"HTTP/1.1 400 ")
    assert json.loads(wire.value().partition(b"\r\n\r\n")[2])["reason"] == "not_http"
    assert caplog.records == []


async def test_the_address_of_the_socket_says_so_to_who_asks_without_upgrade(asked: HttpAdmission, slow: Slow) -> None:
    exchange = Exchange(asked, scope(path="/ws"))
    assert await exchange.status() == 426
    assert (b"upgrade", b"websocket") in exchange.sent[0]["headers"]
    assert json.loads(exchange.sent[1]["body"])["reason"] == "upgrade_required"
    assert slow.running == 0


class _Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX: "])
async def test_under_uvicorn_a_head_that_does_not_come_is_given_up(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    import uvicorn
    from uvicorn.server import ServerState

    monkeypatch.setattr(http_protocols, "HEAD_SECONDS", 0.05)
    config = uvicorn.Config(lambda: None, log_config=None, ws="none")
    config.load()
    protocol = http_protocols.BoundedProtocol(config=config, server_state=ServerState(), app_state={})
    wire = _Transport()
    protocol.connection_made(wire)
    if sent:
        protocol.data_received(sent)
    assert not wire.is_closing()
    await asyncio.sleep(0.1)
    assert wire.is_closing()
    assert wire.written.startswith(b"HTTP/1.1 408 ")
    protocol.connection_lost(None)


# Whose request it is


@pytest.mark.parametrize(
    ("count", "forwarded", "address"),
    [
        (0, "", "10.0.0.1"),
        (0, "198.51.100.7", "10.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "198.51.100.7", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
async def test_the_client_is_as_many_addresses_from_the_end_as_there_are_proxies(
    settings: Settings, count: int, forwarded: str, address: str
) -> None:
    settings.RELAIS_TRUSTED_PROXIES = count
    headers = {"x_forwarded_for": forwarded} if forwarded else {}
    assert proxies.client_address(scope("10.0.0.1", **headers)) == address


async def test_a_proxy_that_is_not_counted_is_said_in_the_log_and_by_check(
    settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RELAIS_TRUSTED_PROXIES = 0
    monkeypatch.setattr(proxies._Notices, "said_at", -1e9)

    def said() -> bool:
        return any("RELAIS_TRUSTED_PROXIES is 0" in one.text for one in checks._proxies())

    cache.delete(proxies.NOTICED)
    assert not said()
    with caplog.at_level(logging.WARNING, "server.ops.proxies"):
        for _ in range(3):
            proxies.client_address(scope("10.0.0.1", x_forwarded_for="198.51.100.7"))
        await asyncio.gather(*proxies._Notices.writing)
    assert len([record for record in caplog.records if record.name == "server.ops.proxies"]) == 1
    assert said()
    settings.RELAIS_TRUSTED_PROXIES = 1
    assert not said()


# Metrics


def may_measure(address: str, **headers: str) -> bool:
    of = {**scope(address, "/metrics", **headers), "method": "GET"}
    return health.may_measure(ASGIRequest(of, BytesIO()))


def test_metrics_are_for_this_machine_or_for_whoever_has_the_token(settings: Settings) -> None:
    here, there = "127.0.0.1", "198.51.100.7"
    assert may_measure(here)
    assert may_measure("::1")
    assert not may_measure(here, x_forwarded_for=there)
    assert not may_measure(here, forwarded=f"for={there}")
    assert not may_measure(there)
    assert not may_measure(there, authorization="Bearer ")
    settings.RELAIS_METRICS_TOKEN = "a token of some length"
    assert not may_measure(there)
    assert not may_measure(there, authorization="Bearer another")
    assert not may_measure(there, authorization="Bearer \xe9")
    assert may_measure(there, authorization="Bearer a token of some length")


async def test_who_may_not_measure_is_told_nothing() -> None:
    answer = await AsyncClient().get("/metrics", headers={"x-forwarded-for": "198.51.100.7"})
    assert (answer.status_code, answer.content) == (404, b"Not found\n")


@pytest.mark.django_db(transaction=True)
async def test_invented_methods_share_one_label() -> None:
    client = AsyncClient()
    for number in range(5):
        await client.generic(f"INVENTED{number}", "/nowhere.html")
    exposed = (await client.get("/metrics")).content
    assert b"INVENTED" not in exposed
    assert b'relais_http_seconds_count{method="other",status="405"}' in exposed
