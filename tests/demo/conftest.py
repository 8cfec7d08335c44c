"""One demo for all of these tests, and a browser on its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import httpx
import pytest

from tests.prepared import running_demo
from tests.relais_process import Running


@pytest.fixture(scope="package")
def up() -> Iterator[Running]:
    with running_demo() as here:
        here.wait_ready()
        yield here


class Visitor(httpx.Client):
    """A browser on the pages of one Relais."""

    def __init__(self, up: Running) -> None:
        super().__init__(base_url=up.url, trust_env=False, timeout=20)

    def follow(self, address: str) -> httpx.Response:
        """The first page or refusal that a link leads to."""
        answer = self.get(address)
        while answer.is_redirect:
            answer = self.get(answer.headers["location"])
        return answer

    def choose(self, page: httpx.Response, name: str) -> httpx.Response:
        """The answer after a link of a page, by its words."""
        found = {
            unescape(words): unescape(link) for link, words in re.findall(r'<a href="([^"]+)">([^<]+)</a>', page.text)
        }
        return self.follow(
            urlsplit(str(page.url))._replace(query="").geturl() + found[name]
            if found[name].startswith("?")
            else found[name]
        )

    def post(self, path: str, **body: str) -> httpx.Response:  # type: ignore[override]  # JSON of text alone
        self.get("/auth/browser/v1/config")
        headers = {"x-csrftoken": self.cookies["csrftoken"], "origin": str(self.base_url).rstrip("/")}
        return super().post(path, json=body, headers=headers)
