"""Whoever one is, and whatever one works with: keyboard, screen reader, small screen, dark room, English."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import Demo, Desk
from tests.relais_process import ROOT

Seat = Callable[..., Desk]

AXE = ROOT / "clients/web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCREENS = ["/discussions", "/adressage", "/adressages", "/agenda", "/annuaire", "/moi", "/equipe", "/moi/contacts"]


def breaches(page: Page) -> list[str]:
    """What axe finds wrong, in one line each."""
    page.evaluate(AXE.read_text())
    # What is seen must be what is said: on trial in axe, and so not run unless it is named.
    found: list[dict[str, Any]] = page.evaluate(
        """rules => axe.run(document, {runOnly: rules, rules: {"label-content-name-mismatch": {enabled: true}}})
            .then(result => result.violations)""",
        RULES,
    )
    return [f"{one['id']}: {one['help']} {[node['html'][:160] for node in one['nodes']]}" for one in found]


def settled(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("main h1").first).to_be_attached()
    expect(page.locator(".skel")).to_have_count(0)


@pytest.mark.parametrize(
    ("phone", "dark"), [(False, False), (True, False), (False, True)], ids=["desktop", "phone", "dark"]
)
def test_no_screen_breaks_a_rule_of_accessibility(desk: Seat, phone: bool, dark: bool) -> None:
    stranger = desk(phone=phone, dark=dark)
    stranger.page.goto("/")
    expect(stranger.page.get_by_label("E-mail")).to_be_visible()
    assert breaches(stranger.page) == []
    here = desk("helene", phone=phone, dark=dark)
    for path in SCREENS:
        settled(here.page, path)
        assert breaches(here.page) == [], path
    here.page.goto("/discussions")
    here.page.locator(".conv", has_not_text="Aucun message").first.click()
    expect(here.messages.first).to_be_visible()
    assert breaches(here.page) == []


def test_no_step_of_the_wizard_breaks_a_rule_of_accessibility(desk: Seat) -> None:
    here = desk("helene")
    here.search("cardio redon")
    expect(here.page.locator(".res").first).to_be_visible()
    assert breaches(here.page) == []
    here.choose("Samir Belkhadra", "Épreuve d’effort")
    assert breaches(here.page) == []
    here.hold(9)
    here.confirm()
    expect(here.page.get_by_text("Saisissez le nom de famille.")).to_be_visible()
    assert breaches(here.page) == []
    here.fill_patient("LISIBLE")
    here.confirm()
    expect(here.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()
    assert breaches(here.page) == []


@pytest.mark.parametrize("path", SCREENS)
def test_nothing_is_lost_at_320_pixels(desk: Seat, path: str) -> None:
    here = desk("helene", phone=True)
    here.page.set_viewport_size({"width": 320, "height": 568})
    settled(here.page, path)
    assert here.page.evaluate("document.documentElement.scrollWidth") <= 320
    assert here.page.evaluate("document.documentElement.scrollHeight") <= 568
    outside = here.page.evaluate(OUTSIDE, 321)
    assert outside == []
    small = here.page.evaluate(TOO_SMALL)
    assert small == []


# What can be pressed and is cut off at the side; what scrolls sideways on purpose is not.
LARGE = "document.documentElement.style.fontSize = '200%'"


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_lost_when_text_is_twice_as_large(desk: Seat, width: int) -> None:
    here = desk("jorick", phone=True)
    here.page.set_viewport_size({"width": width, "height": 844})
    here.search("cardio redon")
    here.choose("Samir Belkhadra", "Épreuve d’effort")
    here.page.evaluate(LARGE)
    whole(here.page, width, "slots")
    here.hold(6)
    whole(here.page, width, "patient")
    for path in SCREENS:
        settled(here.page, path)
        here.page.evaluate(LARGE)
        expect(here.page.locator(".pill")).to_be_visible()
        whole(here.page, width, path)
    here = desk("helene", phone=True)
    here.page.set_viewport_size({"width": width, "height": 844})
    here.page.evaluate(LARGE)
    here.page.locator(".conv").first.click()
    expect(here.messages.first).to_be_visible()
    whole(here.page, width, "thread")
    here.page.goto("/adressages")
    here.page.evaluate(LARGE)
    here.page.locator(".tbl tbody a").first.click()
    expect(here.page.locator(".ticket")).to_be_visible()
    whole(here.page, width, "referral")


def whole(page: Page, width: int, where: str) -> None:
    """Nothing scrolls sideways, nothing lies outside, and no title or label of a section is cut."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width, where
    assert page.evaluate(OUTSIDE, width + 1) == [], where
    assert page.evaluate(CUT) == [], where


def test_the_events_of_a_week_say_what_they_show(desk: Seat) -> None:
    other = desk("helene")
    other.search("cardio redon")
    other.choose("Samir Belkhadra", "Épreuve d’effort")
    booked = date.fromisoformat(other.hold(12)[:10])
    other.fill_patient("VISIBLE")
    other.confirm()
    expect(other.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()
    here = desk("samir")
    settled(here.page, "/agenda")
    here.page.get_by_role("button", name="Semaine").click()
    today = datetime.now(ZoneInfo("Europe/Paris")).date()
    for _ in range((booked - today + timedelta(days=today.weekday())).days // 7):
        here.page.get_by_role("button", name="Semaine suivante").click()
    event = here.page.locator("button.ev").first
    expect(event).to_be_visible()
    name, time = event.locator("b").inner_text(), event.locator("span").first.inner_text()[:5]
    expect(event).to_have_accessible_name(re.compile(f"^{re.escape(name)} {time} à "))
    assert breaches(here.page) == []


# Titles, sections and buttons: what one must read whole to know where one is and what one presses.
CUT = """() => [...document.querySelectorAll("h1, nav.tabs a > span:not(.count), main button, .bar a, .tag")]
  .filter(one => one.checkVisibility() && !one.closest(".chips, .strip, .mini") && one.clientWidth > 1)
  .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible")
  .map(one => one.outerHTML.slice(0, 120))"""
OUTSIDE = """edge => [...document.querySelectorAll("main button, main a, main input, nav.tabs a")]
  .filter(one => one.checkVisibility() && !one.closest(".chips"))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.right > edge || box.left < -1))
  .map(([one]) => one.outerHTML.slice(0, 120))"""
# A finger needs 44 pixels. Links within text, and native boxes inside a label that is large enough, are not meant.
TOO_SMALL = """() => [...document.querySelectorAll("main button, main a, nav.tabs a, main select")]
  .filter(one => one.checkVisibility() && !one.closest("p, .body, .find"))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
  .map(([one, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 120)}`)"""


def test_a_conversation_can_be_found_read_and_answered_by_keyboard_alone(desk: Seat, demo: Demo) -> None:
    demo.group("Au clavier seul", "samir", "helene")
    here = desk("helene")
    press = here.page.keyboard.press
    expect(here.row("Au clavier seul")).to_be_visible()
    press("/")
    here.page.keyboard.type("clavier seul")
    expect(here.page.locator(".conv")).to_have_count(1)
    tab_to(here.row("Au clavier seul"))
    press("Enter")
    expect(here.composer).to_be_focused()
    here.page.keyboard.type("Sans souris")
    press("Enter")
    expect(here.message("Sans souris")).to_be_visible()
    press("Escape")
    expect(here.composer).to_have_count(0)
    press("Alt+3")
    expect(here.page.get_by_role("link", name="Agenda")).to_have_attribute("aria-current", "page")
    press("Alt+1")
    here.page.locator("main").focus()
    press("Shift+?")
    expect(here.page.get_by_role("dialog", name="Raccourcis clavier")).to_be_visible()
    press("Escape")
    expect(here.page.get_by_role("dialog")).to_have_count(0)


def tab_to(target: Locator) -> None:
    """Press Tab until it is there, as one does without a mouse."""
    for _ in range(40):
        target.page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"not reached by keyboard: {target}")


def test_a_patient_can_be_handed_on_by_keyboard_alone(desk: Seat) -> None:
    here = desk("helene")
    page, press = here.page, here.page.keyboard.press
    press("Alt+2")
    expect(page.get_by_label("Qui ou quoi")).to_be_visible()
    press("Control+k")
    page.keyboard.type("belkhadra")
    expect(page.locator(".res")).to_have_count(1)
    press("ArrowDown")
    expect(page.locator(".res")).to_be_focused()
    expect(page.locator(".res")).to_have_css("outline-style", "solid")
    press("Enter")
    expect(page.get_by_role("heading", name="Choisir un créneau")).to_be_focused()
    expect(page.get_by_label("Motif").locator("option")).not_to_have_count(0)
    tab_to(page.get_by_label("Motif"))
    press("ArrowDown")
    expect(here.slots.first).to_be_visible()
    tab_to(here.slots.first)
    press("ArrowDown")
    press("Enter")
    expect(page.get_by_role("heading", name="Patient et message")).to_be_focused()
    below = page.evaluate("document.documentElement.scrollHeight - innerHeight")
    assert below <= 0, "coming to a field would push the navigation off the screen"
    tab_to(page.get_by_role("button", name="Confirmer le rendez-vous"))
    press("Enter")
    expect(page.get_by_label("Madame")).to_be_focused()
    press("Space")
    press("Tab")
    page.keyboard.type("AU CLAVIER")
    expect(page.get_by_label("Nom de famille")).to_have_value("AU CLAVIER")
    press("Shift+Tab")
    press("Shift+Tab")
    expect(page.get_by_role("button", name="Retour")).to_be_focused()
    press("Enter")
    expect(page.get_by_role("heading", name="Choisir un créneau")).to_be_focused()


def test_the_first_key_leads_to_the_content_and_focus_is_always_seen(desk: Seat) -> None:
    here = desk("helene")
    here.page.keyboard.press("Tab")
    skip = here.page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    here.page.keyboard.press("Enter")
    expect(here.page.locator("main")).to_be_focused()
    here.page.keyboard.press("Tab")
    style = here.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none"


def test_arrows_go_through_the_list_and_the_slots(desk: Seat) -> None:
    here = desk("helene")
    rows = here.page.locator(".conv")
    rows.first.focus()
    here.page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    here.page.keyboard.press("Home")
    expect(rows.first).to_be_focused()
    here.search("cardio redon")
    here.choose("Samir Belkhadra", "Consultation de cardiologie")
    first = here.slots.first
    first.focus()
    here.page.keyboard.press("ArrowDown")
    expect(first).not_to_be_focused()
    expect(here.page.locator("button.slot:focus")).to_have_count(1)
    here.page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    here.page.keyboard.press("ArrowDown")
    reached = here.page.locator("button.slot:focus").get_attribute("data-start") or ""
    here.page.keyboard.press("Tab")
    expect(here.page.locator("button.slot:focus")).to_have_count(0)
    here.page.keyboard.press("Shift+Tab")
    expect(here.slot(reached)).to_be_focused()


def test_a_new_message_and_the_connection_are_said_aloud(desk: Seat, demo: Demo) -> None:
    conversation = demo.group("À voix haute", "samir", "helene")
    here = desk("helene")
    here.open("À voix haute")
    demo.write("samir", conversation, "Vous m’entendez")
    spoken = here.page.locator("[aria-live=polite]").filter(has_text="Vous m’entendez")
    expect(spoken).to_have_count(1)
    expect(spoken).to_contain_text("Message de")


def test_theme_and_language_are_chosen_and_kept(desk: Seat) -> None:
    here = desk("helene")
    here.page.goto("/moi")
    here.page.get_by_text("Sombre", exact=True).click()
    dark = here.page.evaluate("getComputedStyle(document.body).backgroundColor")
    here.page.get_by_text("English", exact=True).click()
    expect(here.page.get_by_role("heading", name="Me", level=1)).to_be_visible()
    here.page.goto("/discussions")
    expect(here.page.get_by_role("heading", name="Conversations", level=1)).to_be_visible()
    expect(here.page.locator("html")).to_have_attribute("lang", "en")
    assert here.page.evaluate("getComputedStyle(document.body).backgroundColor") == dark == "rgb(10, 18, 20)"


def test_on_a_phone_one_pane_is_shown_and_back_leads_to_the_list(desk: Seat, demo: Demo) -> None:
    demo.group("Un seul panneau", "helene", "samir")
    here = desk("helene", phone=True)
    here.open("Un seul panneau")
    expect(here.page.locator(".list")).to_be_hidden()
    expect(here.page.get_by_role("navigation").locator("visible=true")).to_have_count(0)
    here.page.get_by_role("button", name="Participants et réglages").click()
    participants = here.page.get_by_role("complementary", name="Participants")
    expect(participants).to_contain_text("2 participants")
    expect(here.page.locator(".thread")).to_be_hidden()
    here.page.get_by_role("button", name="Retour").click()
    expect(here.composer).to_be_visible()
    here.page.get_by_role("button", name="Participants et réglages").click()
    expect(here.composer).to_be_hidden()
    here.page.go_back()
    expect(here.composer).to_be_visible()
    here.page.get_by_role("link", name="Retour aux discussions").click()
    expect(here.page.locator(".list")).to_be_visible()
    here.page.go_back()
    expect(here.composer).to_be_visible()


def test_the_title_of_the_page_names_nobody(desk: Seat, demo: Demo) -> None:
    conversation = demo.group("Titre de page", "samir", "helene")
    here = desk("helene")
    demo.write("samir", conversation, "Quelque chose")
    here.open("Titre de page")
    assert re.fullmatch(r"(\(\d+\) )?Relais", here.page.title())
