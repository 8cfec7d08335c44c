"""Several tabs of one browser are one device: one of them holds the socket, and nobody notices which."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import Demo, Desk
from tests.relais_process import eventually

Seat = Callable[..., Desk]


def test_a_message_of_any_tab_leaves_at_once_and_is_seen_in_all(desk: Seat, demo: Demo) -> None:
    title = "Deux onglets à la fois"
    demo.group(title, "helene", "samir")
    hers, his = desk("helene"), desk("samir")
    second = hers.tab()
    for one in (hers, second, his):
        one.open(title)
    second.send("Écrit dans le second onglet")
    for one in (hers, his):
        expect(one.message("second onglet")).to_be_visible()
    expect(second.message("second onglet").locator(".meta")).to_contain_text("Lu par")
    hers.send("Et dans le premier")
    expect(second.message("dans le premier")).to_be_visible()
    expect(second.page.locator(".notice")).to_have_count(0)
    his.send("Bien reçu")
    for one in (hers, second):
        expect(one.message("Bien reçu")).to_have_count(1)
        expect(one.page.locator(".sync").first).to_have_text("À jour")
    eventually(lambda: sockets(hers, second) == 1)


def sockets(*tabs: Desk) -> int:
    tabs[0].page.evaluate("0")  # lets what the browser has said of them arrive
    return sum(one.sockets() for one in tabs)


@pytest.mark.parametrize("end", ["closed", "reloaded", "frozen", "stopped"])
def test_when_the_tab_that_leads_goes_another_takes_over(desk: Seat, demo: Demo, end: str) -> None:
    title = f"Onglet {end}"
    conversation = demo.group(title, "helene", "samir")
    hers, his = desk("helene"), desk("samir")
    second = hers.tab()
    for one in (hers, second, his):
        one.open(title)
    second.send("Avant")
    expect(his.message("Avant")).to_be_visible()
    with ended(hers, end):
        second.send("Pendant")
        expect(his.message("Pendant")).to_be_visible(timeout=5_000)
        his.send("Réponse")
        expect(second.message("Réponse")).to_be_visible()
    if end != "closed":
        expect(hers.message("Réponse")).to_be_visible()
        hers.send("Après")
        expect(second.message("Après")).to_have_count(1)
        eventually(lambda: sockets(hers, second) == 1)
    bodies = [one.body for one in demo.history("samir", conversation)]
    assert sorted(set(bodies)) == sorted(bodies)


@pytest.mark.parametrize("count", [2, 3])
def test_what_is_written_as_the_page_goes_arrives_once_and_in_order(desk: Seat, demo: Demo, count: int) -> None:
    title = f"Rechargé aussitôt, {count} onglets"
    conversation = demo.group(title, "helene", "samir")
    hers, his = desk("helene"), desk("samir")
    tabs = [hers, *(hers.tab() for _ in range(count - 1))]
    for one in (*tabs, his):
        one.open(title)
    written = []
    for role in ("qui envoie", "qui suit"):
        for number in range(5):
            eventually(lambda: sockets(*tabs) == 1)
            one = next(tab for tab in tabs if (tab.sockets() == 1) == (role == "qui envoie"))
            written.append(f"Onglet {role}, {number}")
            one.send(written[-1])
            one.page.reload()
            expect(one.composer).to_be_visible()
    for text in written:
        expect(his.message(text)).to_have_count(1)
    history = demo.history("samir", conversation)
    assert [one.body for one in history] == written
    for one in tabs:
        expect(one.messages).to_have_count(len(written))
        expect(one.page.locator(".sync").first).to_have_text("À jour")
        assert one.page.evaluate(STORED) == 0


STORED = """async () => {
  const asked = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await asked(indexedDB.open("relais-offline"));
  const commands = await asked(database.transaction("commands").objectStore("commands").getAll());
  database.close();
  return commands.filter(({ method }) => method === "message.send").length;
}"""


def test_what_is_written_offline_in_any_tab_waits_in_all_and_leaves_once(desk: Seat, demo: Demo) -> None:
    title = "Deux onglets hors ligne"
    demo.group(title, "helene", "samir")
    hers, his = desk("helene"), desk("samir")
    second = hers.tab()
    for one in (hers, second, his):
        one.open(title)
    hers.cut(offline=True)
    expect(second.page.locator(".sync").first).to_have_text("Hors ligne")
    second.send("Écrit sans réseau")
    for one in (hers, second):
        expect(one.page.locator(".flow .mine", has_text="sans réseau")).to_contain_text("En attente de réseau")
        expect(one.page.locator(".notice")).to_contain_text("1 message partira au retour du réseau")
    second.page.close()  # whoever leads sends it
    hers.cut(offline=False)
    expect(his.message("sans réseau")).to_have_count(1, timeout=45_000)
    expect(hers.message("sans réseau").locator(".meta")).to_contain_text("Lu par")
    expect(hers.message("sans réseau")).to_have_count(1)


def test_signing_out_in_one_tab_signs_all_out_and_nobody_meets_somebody_else(desk: Seat, demo: Demo) -> None:
    title = "Deux personnes, un navigateur"
    demo.group(title, "aline", "samir")
    first = desk()
    first.sign_in("aline")
    first.open(title)
    second = first.tab()
    second.page.goto("/moi")
    second.page.get_by_role("button", name="Se déconnecter").click()
    for one in (first, second):
        expect(one.page.get_by_label("E-mail")).to_be_visible()
        expect(one.page.get_by_text("Votre session a pris fin")).to_have_count(0)

    second.page.get_by_label("E-mail").fill(demo.person("samir")["email"])
    second.page.get_by_label("Mot de passe", exact=True).fill(demo.person("samir")["password"])
    second.page.keyboard.press("Enter")
    for one in (first, second):
        expect(one.page.get_by_role("heading", name="Discussions")).to_be_visible()
        expect(one.row(title)).to_be_visible()
        expect(one.composer).to_have_count(0)
    second.open(title)
    second.send("De Samir")
    first.open(title)
    expect(first.page.locator(".flow .mine", has_text="De Samir")).to_be_visible()


@contextmanager
def ended(desk: Desk, end: str) -> Iterator[None]:
    """The page is gone, or does nothing, for as long as the block lasts."""
    if end == "closed":
        desk.page.close()
        yield
    elif end == "reloaded":
        desk.page.reload()
        yield
        expect(desk.composer).to_be_visible()
    elif end == "frozen":
        session = desk.context.new_cdp_session(desk.page)
        session.send("Page.setWebLifecycleState", {"state": "frozen"})
        yield
        session.send("Page.setWebLifecycleState", {"state": "active"})
    else:
        process = renderer(desk.page)
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)


def renderer(page: Page) -> int:
    """The process that runs a page: the one that becomes busy when the page is."""
    browser = page.context.browser
    assert browser is not None
    session = browser.new_browser_cdp_session()

    def used() -> dict[int, float]:
        listed: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
        return {one["id"]: one["cpuTime"] for one in listed if one["type"] == "renderer"}

    before = used()
    page.evaluate("() => { const end = performance.now() + 400; while (performance.now() < end); }")
    after = used()
    return max(after, key=lambda process: after[process] - before.get(process, 0))
