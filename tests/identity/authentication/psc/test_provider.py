"""A provider that is slow, down, wrong or hostile holds up nobody and is believed nothing."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from identity.authentication.psc import provider as psc
from identity.authentication.psc.configuration import Configuration
from identity.authentication.psc.provider import Provider, ProviderRefused, ProviderUnavailable
from identity.authentication.psc.tokens import UnknownKey
from tests.identity.authentication.psc.journeys import said, start
from tests.identity.authentication.psc.test_tokens import CLAIMS, key, signed
from tests.identity.conftest import Browser
from tests.stand_ins.authority import Authority

CONFIGURATION = Configuration("http://nowhere", "relais", "secret", acr=frozenset({"eidas1"}))
Answer = tuple[int, dict[str, str], bytes]


class Hostile:
    """A provider of which a test says what it answers, by path; with what it was asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.peers: list[Any] = []
        self.wait: Callable[[], object] = lambda: None
        hostile = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                hostile.asked.append((self.path, body, self.headers.get("Authorization", "")))
                if isinstance(self.connection, ssl.SSLSocket):
                    hostile.peers.append(self.connection.getpeercert())
                hostile.wait()
                found = hostile.answers.get(self.path.rpartition("/")[2], (404, {}, b"{}"))
                status, headers, content = found if isinstance(found, tuple) else (200, {}, json.dumps(found).encode())
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name that the library calls it by)
                """Says nothing: tests read what was asked, not a log."""

            def handle(self) -> None:
                with suppress(OSError):
                    super().handle()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https" if tls else "http"
        self.issuer = f"{scheme}://localhost:{self.server.server_port}"
        self.answers["wallet-openid-configuration"] = self.discovery()
        self.answers["certs"] = {"keys": [key().as_dict(private=False)]}
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def discovery(self, **changes: Any) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/certs",
            "end_session_endpoint": f"{self.issuer}/logout",
            "backchannel_authentication_endpoint": f"{self.issuer}/ciba",
            **changes,
        }

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    found = Hostile()
    yield found
    found.stop()


def provider(hostile: Hostile, **changes: Any) -> Provider:
    return Provider(replace(CONFIGURATION, issuer=hostile.issuer, **changes))


def unavailable(act: Callable[[], object]) -> str:
    with pytest.raises(ProviderUnavailable) as error:
        act()
    return error.value.code


def redeemed(found: Provider) -> psc.Tokens:
    with found.exchange() as exchange:
        return exchange.redeem("code", "verifier")


def endpoints(found: Provider) -> psc.Endpoints:
    with found.exchange() as exchange:
        return exchange.endpoints()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((500, {}, b"{}"), "http_500"),
        ((503, {}, b""), "http_503"),
        ((429, {}, b"{}"), "http_429"),
        ((302, {"Location": "http://localhost:1/"}, b""), "http_302"),
        ((200, {}, b"<html>"), "malformed"),
        ((200, {}, b"[]"), "malformed"),
        ((200, {}, b"[" * 100_000), "malformed"),
        ((200, {}, b" " * (psc.ANSWER_BYTES + 1)), "too_large"),
        ((200, {"Content-Length": "50"}, b"{}"), "unreachable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_cannot_be_used_is_no_answer(answer: Answer, code: str, hostile: Hostile) -> None:
    found = provider(hostile)
    endpoints(found)
    hostile.answers["token"] = answer
    assert unavailable(lambda: redeemed(found)) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://ailleurs.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "ftp://localhost/token"},
        {"jwks_uri": 3},
        {"end_session_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_discovery_document_of_another_or_without_addresses_is_none(
    changes: dict[str, Any], hostile: Hostile
) -> None:
    hostile.answers["wallet-openid-configuration"] = hostile.discovery(**changes)
    assert unavailable(lambda: endpoints(provider(hostile))) in {"another_issuer", "discovery"}


def test_a_provider_that_is_not_there_is_said_to_be_so(hostile: Hostile) -> None:
    found = provider(hostile)
    hostile.stop()
    assert unavailable(lambda: endpoints(found)) == "unreachable"
    hostile.__init__()  # type: ignore[misc]  # for the fixture, which ends it


def test_what_was_learnt_serves_while_the_provider_is_away(hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    found = provider(hostile)
    known = endpoints(found)
    with found.exchange() as exchange:
        exchange.id_token(fresh(), nonce="n-1")
    hostile.answers["wallet-openid-configuration"] = hostile.answers["certs"] = (503, {}, b"")
    began = time.monotonic()
    monkeypatch.setattr(psc, "monotonic", lambda: began + psc.FRESH_SECONDS + 60)
    assert endpoints(found) is known
    with found.exchange() as exchange:
        assert exchange.id_token(fresh(), nonce="n-1").sub == CLAIMS["sub"]
    monkeypatch.setattr(psc, "monotonic", lambda: began + psc.STALE_SECONDS + 60)
    assert unavailable(lambda: endpoints(found)) == "http_503"


def fresh(by: str = "psc-1") -> str:
    now = int(time.time())
    return signed({**CLAIMS, "iss": ISSUERS[-1], "iat": now, "exp": now + 60}, key(by))


ISSUERS: list[str] = []


@pytest.fixture(autouse=True)
def _issuer(request: pytest.FixtureRequest) -> None:
    if "hostile" in request.fixturenames:
        ISSUERS.append(request.getfixturevalue("hostile").issuer)


def test_a_new_key_is_asked_for_and_not_over_and_over(hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    found = provider(hostile)
    with found.exchange() as exchange:
        exchange.id_token(fresh(), nonce="n-1")
        hostile.answers["certs"] = {"keys": [key("psc-2").as_dict(private=False)]}
        for _ in range(3):
            with pytest.raises(UnknownKey):
                exchange.id_token(fresh("psc-2"), nonce="n-1")
        began = time.monotonic()
        monkeypatch.setattr(psc, "monotonic", lambda: began + psc.NEW_KEYS_SECONDS + 1)
    with found.exchange() as exchange:
        assert exchange.id_token(fresh("psc-2"), nonce="n-1").sub == CLAIMS["sub"]
    assert [path for path, _, _ in hostile.asked].count("/certs") == 2


@pytest.mark.parametrize("error", ["invalid_grant", "access_denied"])
def test_a_no_of_the_provider_is_told_apart_from_no_answer(error: str, hostile: Hostile) -> None:
    hostile.answers["token"] = (400, {}, json.dumps({"error": error}).encode())
    with pytest.raises(ProviderRefused, match=error):
        redeemed(provider(hostile))


def test_a_no_that_is_not_said_in_oauth_is_no_text_of_the_provider_s(hostile: Hostile) -> None:
    hostile.answers["token"] = (400, {}, json.dumps({"error": "<script> and more"}).encode())
    with pytest.raises(ProviderRefused, match="http_400"):
        redeemed(provider(hostile))


def test_the_secret_goes_where_the_provider_takes_it(hostile: Hostile) -> None:
    hostile.answers["token"] = {"id_token": "a", "access_token": "b"}
    redeemed(provider(hostile))
    path, body, authorization = hostile.asked[-1]
    assert (path, "secret" in body, authorization.startswith("Basic ")) == ("/token", False, True)
    methods = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    hostile.answers["wallet-openid-configuration"] = hostile.discovery(**methods)
    redeemed(provider(hostile))
    path, body, authorization = hostile.asked[-1]
    assert (path, "client_secret=secret" in body, authorization) == ("/token", True, "")


def test_a_slow_provider_takes_a_few_places_and_everybody_else_is_told_at_once(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = provider(hostile)
    endpoints(found)
    released = threading.Event()
    hostile.wait = lambda: released.wait(20)
    monkeypatch.setattr(psc, "WAIT_SECONDS", 0.01)
    outcomes: list[str] = []

    def visit() -> None:
        try:
            redeemed(found)
        except (ProviderUnavailable, ProviderRefused) as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=visit) for _ in range(psc.AT_ONCE)]
    with ExitStack() as stack:
        stack.callback(released.set)
        for one in threads:
            one.start()
        while len(hostile.asked) < 1 + psc.AT_ONCE:
            time.sleep(0.01)
        assert unavailable(lambda: redeemed(found)) == "busy"
    for one in threads:
        one.join()
    assert outcomes == ["http_404"] * psc.AT_ONCE
    assert unavailable(lambda: redeemed(replace_answer(hostile, found))) == "malformed"


def replace_answer(hostile: Hostile, found: Provider) -> Provider:
    hostile.answers["token"] = {}
    return found


def test_a_provider_that_does_not_answer_is_given_up(hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    found = provider(hostile)
    endpoints(found)
    released = threading.Event()
    hostile.wait = lambda: released.wait(20)
    monkeypatch.setattr(psc, "READ_SECONDS", 0.1)
    assert unavailable(lambda: redeemed(found)) == "timeout"
    released.set()


def test_all_that_is_asked_in_one_request_has_one_end(hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    found = provider(hostile)
    hostile.answers["token"] = {"id_token": "a", "access_token": "b"}
    with found.exchange() as exchange:
        exchange.endpoints()
        began = time.monotonic()
        monkeypatch.setattr(psc, "monotonic", lambda: began + psc.SECONDS + 1)
        assert unavailable(lambda: exchange.redeem("code", "verifier")) == "timeout"
    assert [path for path, _, _ in hostile.asked].count("/token") == 0


@pytest.mark.django_db
def test_a_browser_is_told_that_the_provider_does_not_answer(
    hostile: Hostile, browser: Browser, settings: Settings
) -> None:
    hostile.answers["wallet-openid-configuration"] = (500, {}, b"")
    settings.RELAIS_PSC = replace(CONFIGURATION, issuer=hostile.issuer)
    answer = start(browser)
    assert (answer.status_code, said(answer), answer["Retry-After"]) == (503, "provider_unavailable", "60")
    asked = browser.client.get("/auth/psc/start", headers={"accept": "application/json"})
    assert (asked.status_code, asked.json()["reason"]) == (503, "provider_unavailable")


def test_mutual_tls_proves_who_we_are_without_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    ours, theirs = authority.issue("relais"), authority.issue("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(theirs.certificate, theirs.key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    hostile = Hostile(context)
    try:
        hostile.answers["token"] = {"id_token": "a", "access_token": "b"}
        hostile.answers["with-certificate"] = {"id_token": "a", "access_token": "b"}
        aliases = {"token_endpoint": f"{hostile.issuer}/with-certificate"}
        hostile.answers["wallet-openid-configuration"] = hostile.discovery(mtls_endpoint_aliases=aliases)
        files = {"certificate": str(ours.certificate), "certificate_key": str(ours.key)}
        found = provider(hostile, client_secret="", **files)
        redeemed(found)
        path, body, authorization = hostile.asked[-1]
        assert (path, "client_id=relais" in body, "secret" in body, authorization) == (
            "/with-certificate",
            True,
            False,
            "",
        )
        assert (("commonName", "relais"),) in hostile.peers[-1]["subject"]
        assert unavailable(lambda: endpoints(provider(hostile))) == "unreachable", "without it nobody is let in"
        found.client.close()
    finally:
        hostile.stop()
