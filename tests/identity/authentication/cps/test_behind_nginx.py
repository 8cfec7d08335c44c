"""A card shown to the host for cards as it is deployed: nginx with ``deploy/nginx-cards.conf`` before a web process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import psycopg
import pytest
from cryptography import x509

from tests.asgi_server import Web, database, people, web
from tests.relais_process import ROOT, eventually, free_port
from tests.stand_ins import debian
from tests.stand_ins.authority import Authority
from tests.stand_ins.igc_sante import NUMBER, Igc, key_pem, pem

SECRET = "what nginx shows and nobody else"
MAIN = """
daemon off; pid {place}/nginx.pid; error_log {place}/error.log warn; {user}
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {place}/a; proxy_temp_path {place}/b; fastcgi_temp_path {place}/c;
    uwsgi_temp_path {place}/d; scgi_temp_path {place}/e;
    {server}
}}
"""


class Host:
    """The host for cards, and the cards that lie beside it."""

    def __init__(self, place: Path, port: int, here: Web) -> None:
        self.place, self.port, self.here = place, port, here
        self.igc = Igc()
        self.cards = {
            "sound": self.igc.card(),
            "revoked": self.igc.card(),
            "trainee": self.igc.card(card_type=1),
            "signature": self.igc.card(signature=True),
            "expired": self.igc.card(until=-self.igc.now.resolution),
            "foreign": self.igc.card(by="AC D'AILLEURS"),
        }

    def browser(self, card: str | None) -> httpx.Client:
        """A browser with a card in the reader, or none."""
        context = ssl.create_default_context(cafile=str(self.place / "authority.pem"))
        if card is not None:
            chosen = self.place / f"{card}.pem"
            chosen.write_bytes(pem(self.cards[card]) + key_pem())
            context.load_cert_chain(chosen)
        return httpx.Client(verify=context, trust_env=False, timeout=20)

    def sign_in(self, card: str | None, **headers: str) -> httpx.Response:
        """The last answer on the way to an open session: a refusal, or the page one wanted."""
        with self.browser(card) as browser:
            left = browser.get(f"{self.here.url}/auth/cps/start?next=/agenda")
            assert left.is_redirect, left.text
            shown = browser.get(left.headers["location"], headers=headers)
            if not shown.is_redirect:
                return shown
            back = urlsplit(shown.headers["location"])
            assert f"{back.scheme}://{back.netloc}" == "http://localhost:8000"
            return browser.get(f"{self.here.url}{back.path}?{back.query}")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    place = tmp_path_factory.mktemp("cards")
    port = free_port()
    theirs = Authority(place)
    served = theirs.issue("localhost")
    igc = Igc()
    lists = place / "lists"
    lists.mkdir()
    (place / "igc.pem").write_bytes(pem(igc.root, igc.issuer))
    with database(os.environ["DATABASE_URL"]) as address:
        settings = {
            "DATABASE_URL": address,
            "RELAIS_CPS_URL": f"https://localhost:{port}",
            "RELAIS_CPS_SECRET": SECRET,
            "RELAIS_CPS_AUTHORITIES": str(place / "igc.pem"),
            "RELAIS_CPS_LISTS": str(lists),
        }
        [doctor] = people(1, settings)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("UPDATE identity_person SET national_id = %s WHERE id = %s", (NUMBER, doctor.id))
        with web("daphne", settings) as here:
            found = Host(place, port, here)
            found.igc = igc
            both = [igc.crl(igc.root), igc.crl(igc.issuer, found.cards["revoked"])]
            (lists / "root.crl").write_bytes(pem(both[0]))
            (lists / "issuer.crl").write_bytes(pem(both[1]))
            (place / "lists.pem").write_bytes(pem(*both))
            with _nginx(place, port, here, served.certificate, served.key):
                yield found


@contextlib.contextmanager
def _nginx(place: Path, port: int, here: Web, certificate: Path, key: Path) -> Iterator[None]:
    said = (ROOT / "deploy" / "nginx-cards.conf").read_text()
    for capital, value in {
        "LISTEN": f"127.0.0.1:{port}",
        "SERVER_NAME": "localhost",
        "SERVER_CERTIFICATE": str(certificate),
        "SERVER_KEY": str(key),
        "AUTHORITIES": str(place / "igc.pem"),
        "LISTS": str(place / "lists.pem"),
        "WEB": f"127.0.0.1:{here.port}",
        "SECRET": SECRET,
    }.items():
        said = _replaced(said, capital, value)
    user = "user root;" if os.geteuid() == 0 else ""
    (place / "nginx.conf").write_text(MAIN.format(place=place, user=user, server=said))
    command = [debian.program("nginx", "nginx"), "-p", str(place), "-c", str(place / "nginx.conf")]
    process = subprocess.Popen(command)
    try:
        eventually(lambda: process.poll() is not None or _listens(port), 20)
        assert process.poll() is None, (place / "error.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


def _replaced(text: str, capital: str, value: str) -> str:
    """The text with a word in capitals replaced where it stands for something to fill in."""
    return re.sub(rf"(?m)^((?!\s*#).*)\b{capital}\b", lambda found: found[1] + value, text)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def audit(host: Host) -> list[dict[str, Any]]:
    """What was refused, by the audit of this deployment."""
    with psycopg.connect(host.here._environment["DATABASE_URL"]) as connection:
        rows = connection.execute("SELECT entries FROM kernel_auditlink ORDER BY at").fetchall()
    return [one for (entries,) in rows for one in json.loads(entries) if one["act"].startswith("session.")]


def test_a_sound_card_opens_the_account_of_its_holder(host: Host) -> None:
    answer = host.sign_in("sound")
    assert (answer.status_code, answer.headers["location"]) == (302, "/agenda"), answer.text
    with psycopg.connect(host.here._environment["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT opened_by, strong FROM identity_session WHERE kind = 'browser' AND person_id IS NOT NULL"
            " ORDER BY created_at DESC"
        ).fetchone()
        [person] = connection.execute("SELECT verification_method FROM identity_person").fetchall()
    assert row == ("cps", True)
    assert person == ("cps",)
    assert any(one["act"] == "session.begin" and one["method"] == "cps" for one in audit(host))


@pytest.mark.parametrize(
    ("card", "status", "reason"),
    [
        (None, 400, "no_card"),
        ("revoked", 403, "card_revoked"),
        ("trainee", 403, "card_refused"),
        ("signature", 403, "card_refused"),
        ("expired", 403, "card_refused"),
        ("foreign", 403, "card_refused"),
    ],
)
def test_every_other_card_gets_words(card: str | None, status: int, reason: str, host: Host) -> None:
    answer = host.sign_in(card, Accept="text/html")
    assert answer.status_code == status, answer.text
    assert f'<p id="{reason}">' in answer.text


def test_a_revoked_card_is_in_the_audit(host: Host) -> None:
    host.sign_in("revoked")
    eventually(lambda: any(one.get("reason") == "card_revoked" and one["method"] == "cps" for one in audit(host)), 30)


def forged(certificate: x509.Certificate) -> dict[str, str]:
    """What nginx would say of a sound card."""
    return {
        "X-Relais-Card-Verify": "SUCCESS",
        "X-Relais-Card-Certificate": quote(pem(certificate).decode()),
        "Accept": "application/json",
    }


def test_what_a_client_says_of_a_card_is_believed_nowhere(host: Host) -> None:
    headers = forged(host.cards["sound"])
    assert host.sign_in(None, **headers).json()["reason"] == "no_card", "nginx overwrites it"
    for secret in ({}, {"X-Relais-Card-Secret": ""}, {"X-Relais-Card-Secret": "guessed"}):
        with host.browser(None) as browser:
            direct = browser.get(f"{host.here.url}/auth/cps/card?state=x", headers={**headers, **secret})
            assert (direct.status_code, direct.json()["reason"]) == (404, "not_offered")


def test_a_ticket_serves_once_and_in_the_browser_that_set_out(host: Host) -> None:
    with host.browser("sound") as browser, host.browser("sound") as other:
        left = browser.get(f"{host.here.url}/auth/cps/start")
        shown = urlsplit(browser.get(left.headers["location"]).headers["location"])
        back = f"{host.here.url}{shown.path}?{shown.query}"
        other.get(f"{host.here.url}/auth/cps/start")
        assert other.get(back).status_code == 400
        kept = dict(browser.cookies)
        assert browser.get(back).status_code == 302
        assert httpx.get(back, cookies=kept, trust_env=False).status_code == 400


def test_the_host_for_cards_has_no_other_page(host: Host) -> None:
    with host.browser("sound") as browser:
        for path in ("/", "/auth/browser/v1/auth/session", "/auth/cps/callback", "/ws"):
            assert browser.get(f"https://localhost:{host.port}{path}").status_code == 404
