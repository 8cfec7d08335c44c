"""A real Relais with its demo world, and real browsers at a desktop's and a phone's size."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState, sync_playwright

from tests.e2e.chromium import executable
from tests.e2e.people import Demo, Desk
from tests.e2e.shared import Shared
from tests.prepared import running_demo
from tests.relais_process import ROOT, Running

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == PAGES:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def relais() -> Iterator[Running]:
    """One for all pages: a page makes the conversations that it needs, so that none disturbs another."""
    assert (ROOT / "clients/web/dist/index.html").exists(), "The web client is not built. Run: make web"
    with running_demo() as here:
        yield here


@pytest.fixture(scope="session")
def demo(relais: Running) -> Iterator[Demo]:
    with contextlib.closing(Demo(relais)) as demo:
        yield demo


@pytest.fixture(scope="session")
def shared(relais: Running, demo: Demo) -> Iterator[Shared]:
    shared = Shared(relais, [one["id"] for one in demo.people])
    with shared.connection:
        yield shared


@pytest.fixture(autouse=True)
def _leaves_shared_people_as_they_were(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where it fails, the test needs a ``colleague`` or a ``practice`` of its own."""
    if "demo" not in request.fixturenames:
        yield
        return
    shared: Shared = request.getfixturevalue("shared")
    state, devices = shared.state(), shared.lasting_devices()
    yield
    assert shared.state() == state, "this test changes people whom the other tests use"
    assert devices <= shared.devices(), "this test signs out devices that the other tests use"


@pytest.fixture(scope="session")
def sessions() -> dict[str, StorageState]:
    """Who has signed in already: the sign-in limits are for attackers, not for tests."""
    return {}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one page of tests: between pages, asyncio's tests need the thread for themselves."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def desk(browser: Browser, demo: Demo, sessions: dict[str, StorageState]) -> Iterator[Callable[..., Desk]]:
    """Seats somebody at a device of their own: ``desk("helene", phone=True)``. Nothing may go wrong on any of them."""
    seated: list[Desk] = []

    def seat(who: str | None = None, **how: bool) -> Desk:
        one = Desk(browser, demo, sessions, who, **how)
        seated.append(one)
        return one

    yield seat
    faults = [fault for one in seated for fault in one.faults]
    for one in seated:
        one.leave()
    assert not faults
