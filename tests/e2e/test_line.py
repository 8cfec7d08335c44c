"""The line between this device and Relais is cut: what is said, and what comes back by itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.people import Demo, Desk
from tests.relais_process import Running

Seat = Callable[..., Desk]


def test_without_network_the_screen_says_so_at_once_and_how_old_it_is(desk: Seat, demo: Demo) -> None:
    demo.group("Âge de la vue", "helene", "samir")
    here = desk("helene")
    here.open("Âge de la vue")
    sync = here.page.locator(".sync").first
    expect(sync).to_have_text("À jour")
    here.cut(offline=True)
    expect(sync).to_have_text("Hors ligne", timeout=1_000)
    expect(here.page.locator(".notice")).to_contain_text("au retour du réseau")
    expect(here.page.locator(".thread .as-of")).to_have_text(re.compile(r"^Affiché tel qu’à \d\d:\d\d$"))
    here.cut(offline=False)
    expect(sync).to_have_text("À jour", timeout=45_000)
    expect(here.page.locator(".as-of")).to_have_count(0)


def test_a_conversation_first_opened_offline_is_not_shown_as_if_it_began_there(desk: Seat, demo: Demo) -> None:
    title = "Ouverte sans réseau"
    demo.write("samir", demo.group(title, "samir", "helene"), "Écrit avant la coupure")
    here = desk("helene")
    expect(here.row(title)).to_be_visible()
    here.cut(offline=True)
    expect(here.page.locator(".notice")).to_contain_text("Hors ligne")
    here.open(title)
    expect(here.page.get_by_text("Les messages déjà échangés s’afficheront au retour du réseau.")).to_be_visible()
    here.send("Écrit sans réseau")
    expect(here.message("Écrit sans réseau").locator(".meta")).to_have_text("En attente de réseau")
    expect(here.page.get_by_text("Les messages déjà échangés s’afficheront au retour du réseau.")).to_be_visible()
    expect(here.page.get_by_text("Début de la discussion")).to_have_count(0)
    here.cut(offline=False)
    expect(here.message("Écrit avant la coupure")).to_be_visible(timeout=45_000)
    expect(here.message("Écrit sans réseau").locator(".meta")).to_contain_text("Envoyé", timeout=45_000)
    expect(here.page.get_by_text("Les messages déjà échangés")).to_have_count(0)


def test_a_server_that_is_away_is_not_called_a_missing_network(desk: Seat, demo: Demo, relais: Running) -> None:
    demo.group("Relais en panne", "helene", "samir")
    here = desk("helene")
    here.open("Relais en panne")
    relais.kill("web")
    here.page.locator(".notice", has_text=re.compile("Relais ne répond pas|La connexion est interrompue")).wait_for()
    expect(here.page.locator(".notice", has_text="Hors ligne")).to_have_count(0)
    here.send("Pendant l’absence")
    relais.wait_ready()
    expect(here.message("Pendant l’absence").locator(".meta")).to_contain_text("Envoyé", timeout=60_000)
    expect(here.message("Pendant l’absence")).to_have_count(1)
    expect(here.page.locator(".sync").first).to_have_text("À jour")


def test_a_section_first_opened_offline_comes_by_itself_and_says_why_not_before(desk: Seat) -> None:
    here = desk("helene")
    # Nothing was fetched while the page was idle: as on a phone that lost its network just after it started.
    here.page.route("**/assets/Agenda-*.js", lambda route: route.abort())
    here.page.goto("/discussions")
    expect(here.page.locator(".conv").first).to_be_visible()
    here.cut(offline=True)
    here.page.get_by_role("link", name="Agenda").first.click()
    expect(here.page.get_by_text("Cet écran n’est pas encore sur cet appareil.")).to_be_visible()
    here.page.unroute("**/assets/Agenda-*.js")
    here.cut(offline=False)
    expect(here.page.get_by_role("heading", name="Agendas affichés")).to_be_visible(timeout=45_000)


def test_sections_are_there_without_network_when_there_was_time_to_fetch_them(desk: Seat) -> None:
    here = desk("helene")
    with here.page.expect_response(re.compile(r"/assets/Account-.*\.js")):
        here.page.goto("/discussions")
    here.wait_loaded("Account")
    here.cut(offline=True)
    here.page.get_by_role("link", name="Moi").first.click()
    expect(here.page.get_by_role("heading", name="Moi", level=1)).to_be_visible()


def test_a_request_without_an_answer_is_a_doubt_that_is_said(desk: Seat, demo: Demo, relais: Running) -> None:
    demo.group("Requête muette", "helene", "samir")
    here = desk("helene")
    here.open("Requête muette")
    expect(here.page.locator(".sync").first).to_have_text("À jour")
    with relais.stopped("web"):
        began = time.monotonic()
        here.send("Dans le silence")
        expect(here.page.locator(".sync").first).not_to_have_text("À jour", timeout=6_000)
        assert time.monotonic() - began > 1
    expect(here.message("Dans le silence").locator(".meta")).to_contain_text("Envoyé", timeout=60_000)
