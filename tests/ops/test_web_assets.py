"""The web client as it is served: kept for good or asked for again, compressed, and nothing from outside."""

import gzip
from pathlib import Path

import brotli
import pytest
from django.test import AsyncClient
from pytest_django.fixtures import Settings

SCRIPT = "console.log('Relais');\n" * 200


@pytest.fixture(autouse=True)
def built(settings: Settings, tmp_path: Path) -> Path:
    root = tmp_path / "dist"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html><title>Relais</title>")
    (root / "assets" / "index-Bx3kQ9aZ.js").write_text(SCRIPT)
    (root / "icon.png").write_bytes(b"\x89PNG")
    (tmp_path / "secret.txt").write_text("secret")
    settings.RELAIS_WEB_CLIENT = root
    return root


async def test_a_file_with_a_hash_in_its_name_is_kept_for_good(async_client: AsyncClient) -> None:
    response = await async_client.get("/assets/index-Bx3kQ9aZ.js")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.content.decode() == SCRIPT


async def test_the_page_is_asked_for_each_time_and_sent_only_when_it_changed(async_client: AsyncClient) -> None:
    response = await async_client.get("/")
    assert response.headers["Cache-Control"] == "no-cache"
    again = await async_client.get("/", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize(("asked", "encoding"), [("gzip, deflate, br", "br"), ("gzip;q=0.8", "gzip"), ("", None)])
async def test_what_can_be_compressed_is(async_client: AsyncClient, asked: str, encoding: str | None) -> None:
    response = await async_client.get("/assets/index-Bx3kQ9aZ.js", headers={"Accept-Encoding": asked})
    assert response.headers.get("Content-Encoding") == encoding
    assert response.headers["Vary"] == "Accept-Encoding"
    opened = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding](response.content)
    assert opened.decode() == SCRIPT
    assert encoding is None or len(response.content) < len(SCRIPT) / 10


async def test_an_image_is_not_compressed_again(async_client: AsyncClient) -> None:
    response = await async_client.get("/icon.png", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in response.headers
    assert response.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("path", ["/discussions", "/discussions/0193-abc", "/adressage/creneaux"])
async def test_every_place_in_the_client_is_its_one_page(async_client: AsyncClient, path: str) -> None:
    response = await async_client.get(path)
    assert response.status_code == 200
    assert b"<title>Relais</title>" in response.content


@pytest.mark.parametrize("path", ["/assets/gone.js", "/../secret.txt", "/assets/..%2f..%2fsecret.txt", "/.env"])
async def test_what_was_not_built_is_not_there(async_client: AsyncClient, path: str) -> None:
    response = await async_client.get(path)
    assert response.status_code == 404
    assert b"secret" not in response.content


async def test_nothing_can_be_sent_to_a_file(async_client: AsyncClient) -> None:
    response = await AsyncClient(enforce_csrf_checks=False).post("/", {"a": "b"})
    assert response.status_code == 405


async def test_a_client_that_is_not_built_says_so(
    async_client: AsyncClient, settings: Settings, tmp_path: Path
) -> None:
    settings.RELAIS_WEB_CLIENT = tmp_path / "nothing"
    response = await async_client.get("/")
    assert response.status_code == 503
    assert "make setup" in response.content.decode()


@pytest.mark.parametrize("path", ["/", "/assets/index-Bx3kQ9aZ.js", "/assets/gone.js"])
async def test_every_answer_carries_the_content_policy(async_client: AsyncClient, path: str) -> None:
    headers = (await async_client.get(path)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


async def test_a_stranger_s_host_name_is_refused(async_client: AsyncClient) -> None:
    response = await async_client.get("/auth/browser/v1/config", headers={"Host": "evil.example"})
    assert response.status_code == 400
