"""From a conversation to a confirmation that promises only what is so; and the same referral from everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Demo, Desk
from tests.e2e.test_adressage import agenda_of, show_day
from tests.e2e.test_for_everyone import breaches

Seat = Callable[..., Desk]

REASON = "Épreuve d’effort"


def direct(here: Desk, who: str, other: str) -> None:
    """The conversation of two people, on the screen of the first."""
    here.page.goto(f"/discussions/{here.demo.direct(who, other)}")
    expect(here.composer).to_be_visible()


def choose_reason(here: Desk) -> None:
    options = here.page.get_by_label("Motif").locator("option", has_text=REASON)
    expect(options).not_to_have_count(0)
    here.page.get_by_label("Motif").select_option(label=options.first.inner_text())
    expect(here.slots.first).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_from_a_conversation_one_tap_opens_the_addressees_slots(desk: Seat, phone: bool) -> None:
    here, family = desk("helene", phone=phone), "MOBILE" if phone else "FIXE"
    direct(here, "helene", "samir")
    here.page.get_by_role("button", name="Adresser un patient").first.click()
    expect(here.page).to_have_url(re.compile("/adressage/creneaux$"))
    expect(here.page.locator(".who-card")).to_contain_text("Samir Belkhadra")
    choose_reason(here)
    here.hold(1 if phone else 2)
    here.fill_patient(family)
    here.confirm()
    expect(here.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()
    here.page.get_by_role("link", name="Ouvrir la discussion").click()
    card = here.page.locator(".ref-card", has_text=family)
    expect(card).to_contain_text(f"{family} Odile Marie")
    expect(card).to_contain_text("Réservé")
    expect(card).to_contain_text(re.compile(r"\d\d:\d\d, .*Belkhadra"))
    card.click()
    expect(here.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()
    expect(here.page.locator(".ticket")).to_contain_text(family)


def test_in_a_group_one_chooses_among_those_who_have_slots(desk: Seat, demo: Demo) -> None:
    here = desk("helene")
    demo.group("Choisir à qui", "helene", "samir", "aline", "maud")
    here.page.goto("/discussions")
    here.open("Choisir à qui")
    here.page.get_by_role("button", name="Adresser un patient").first.click()
    dialog = here.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Aline Roussigné")).to_be_visible()
    assert breaches(here.page) == []
    dialog.get_by_role("button", name="Aline Roussigné").click()
    expect(here.page.locator(".who-card")).to_contain_text("Aline Roussigné")
    expect(here.page).to_have_url(re.compile("/adressage/creneaux$"))


def test_whom_nobody_can_book_is_a_way_on_and_not_an_end(desk: Seat) -> None:
    here = desk("samir")
    direct(here, "samir", "ines")
    here.page.get_by_role("button", name="Adresser un patient").first.click()
    expect(here.page.get_by_text("n’ouvre pas de réservation en ligne")).to_be_visible()
    expect(here.page.get_by_role("link", name="Choisir un autre confrère")).to_be_visible()


def test_the_confirmation_has_an_address_and_says_what_became_of_each_message(desk: Seat) -> None:
    here = desk("helene")
    here.search("cardio redon")
    here.choose("Samir Belkhadra", REASON)
    here.hold(3)
    here.fill_patient("ADRESSE", **{"E-mail": "odile@exemple.fr"})
    here.confirm()
    expect(here.page).to_have_url(re.compile(r"/adressages/[0-9a-f-]{36}$"))
    for what in ("SMS de confirmation au patient, au 06", "E-mail de confirmation au patient"):
        expect(here.page.locator(".sent li", has_text=what)).to_contain_text("rien n’est parti")
    assert breaches(here.page) == []
    here.page.reload()
    expect(here.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()
    expect(here.page.locator(".ticket")).to_contain_text("née le 14/03/1954")
    expect(here.page.locator(".sent li", has_text="SMS de confirmation")).to_contain_text("rien n’est parti")


def test_a_secretary_and_the_practitioner_read_what_the_referrer_wrote(desk: Seat, demo: Demo) -> None:
    referrer = desk("helene")
    referrer.search("cardio redon")
    referrer.choose("Samir Belkhadra", REASON)
    start = referrer.hold(1)
    referrer.fill_patient("SECRÉTARIAT")
    referrer.page.get_by_label("Message au praticien").fill("Palpitations depuis trois semaines.")
    referrer.confirm()
    expect(referrer.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()
    for who in ("samir", "ines"):
        here = desk(who)
        show_day(here.page, agenda_of(demo, "samir", REASON), start)
        here.page.locator(".ev", has_text="SECRÉTARIAT").click()
        expect(here.page.get_by_role("dialog")).to_contain_text("Palpitations depuis trois semaines.")
        assert breaches(here.page) == []
        here.page.goto("/adressages/recus")
        row = here.page.locator("tr", has_text="SECRÉTARIAT")
        expect(row).to_contain_text("Réservé")
        row.get_by_role("link").click()
        expect(here.page.locator(".letter")).to_contain_text("Palpitations depuis trois semaines.")


def test_a_cancelled_referral_says_so_on_its_page_and_in_its_bubble_while_one_looks(desk: Seat, demo: Demo) -> None:
    referrer, practitioner = desk("helene"), desk("samir")
    direct(referrer, "helene", "samir")
    referrer.page.get_by_role("button", name="Adresser un patient").first.click()
    choose_reason(referrer)
    start = referrer.hold(2)
    referrer.fill_patient("ANNULATION")
    referrer.confirm()
    expect(referrer.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()
    show_day(practitioner.page, agenda_of(demo, "samir", REASON), start)
    practitioner.page.locator(".ev", has_text="ANNULATION").click()
    dialog = practitioner.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Annuler le rendez-vous").click()
    dialog.get_by_label("Raison").fill("Souffrant")
    dialog.get_by_role("button", name="Annuler le rendez-vous").click()
    expect(referrer.page.get_by_role("heading", name="Rendez-vous annulé")).to_be_visible()
    expect(referrer.page.locator(".sent li", has_text="SMS d’annulation")).to_contain_text("rien n’est parti")
    referrer.page.get_by_role("link", name="Ouvrir la discussion").click()
    expect(referrer.page.locator(".ref-card", has_text="ANNULATION")).to_contain_text("Annulé")
    assert breaches(referrer.page) == []


def test_a_referral_that_is_not_ones_own_does_not_exist(desk: Seat) -> None:
    here = desk("helene")
    here.page.goto("/adressages/0193a000-0000-7000-8000-0000000000c3")
    expect(here.page.get_by_text("n’existe pas, ou vous n’y avez plus accès")).to_be_visible()


def test_the_keyboard_alone_leads_from_a_conversation_to_the_confirmation(desk: Seat) -> None:
    here = desk("helene")
    direct(here, "helene", "samir")
    page = here.page

    def tab_to(selector: str) -> None:
        expect(page.locator(selector).first).to_be_attached()
        for _ in range(400):  # Whatever other tests wrote in this conversation is on the way.
            if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {selector}")

    page.locator("#main").focus()
    tab_to(".btn.main.wide")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Motif")).to_be_visible()
    tab_to("select")
    chosen = page.get_by_label("Motif").locator("option:checked")
    while REASON not in chosen.inner_text():
        page.keyboard.press("ArrowDown")
    expect(here.slots.first).to_be_visible()
    tab_to("button.slot")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Nom de famille")).to_be_visible()
    tab_to("input[name=civility]")
    page.keyboard.press("Space")
    for label, value in {
        "Prénom(s)": "Odile",
        "Nom de famille": "CLAVIER",
        "Date de naissance": "14/03/1954",
        "Commune de naissance": "Redon",
        "Téléphone mobile": "0639984107",
    }.items():
        field = page.get_by_label(label)
        name = field.get_attribute("name")
        tab_to(f"[name={name}]")
        page.keyboard.type(value)
    tab_to("input[name=seen_before]")
    page.keyboard.press("ArrowRight")
    tab_to("button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()
