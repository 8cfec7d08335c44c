"""A referral that is being filled in is never lost, and nobody is locked out of their own slot."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.people import Desk
from tests.e2e.test_for_everyone import breaches
from tests.relais_process import eventually

Seat = Callable[..., Desk]

CARDIOLOGIST = "Samir Belkhadra"
REASON = "Épreuve d’effort"


def filled(here: Desk, family_name: str, at: int, reason: str = REASON) -> str:
    """A form that is filled in, with a slot; when the slot begins."""
    here.search("cardio redon")
    here.choose(CARDIOLOGIST, reason)
    start = here.hold(at)
    here.fill_patient(family_name)
    here.page.get_by_label("Message au praticien").fill("Merci pour l’avis.")
    return start


def pill(here: Desk) -> Locator:
    return here.page.locator(".pill")


FORMS = """() => new Promise(done => {
    const opening = indexedDB.open("relais-offline");
    opening.onsuccess = () => {
        const all = opening.result.transaction("forms").objectStore("forms").getAll();
        all.onsuccess = () => { opening.result.close(); done(JSON.stringify(all.result)); };
    };
})"""


def stored(here: Desk, text: str) -> None:
    """The device has what was typed last: a hand is slower than a browser's disk, a test is not."""
    eventually(lambda: text in here.page.evaluate(FORMS))


def time_of(start: str) -> str:
    return datetime.fromisoformat(start).strftime("%H:%M")


def as_it_was(here: Desk, family_name: str) -> None:
    expect(here.page.get_by_label("Nom de famille")).to_have_value(family_name)
    expect(here.page.get_by_label("Téléphone mobile")).to_have_value(re.compile("06 39 98 41"))
    expect(here.page.get_by_label("Message au praticien")).to_have_value("Merci pour l’avis.")
    expect(here.page.locator("input[name=seen_before][value=no]")).to_be_checked()


def booked(here: Desk) -> None:
    here.confirm()
    expect(here.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_reload_in_the_middle_loses_nothing_and_the_slot_can_still_be_booked(desk: Seat, phone: bool) -> None:
    here, name = desk("solene", phone=phone), "RECHARGÉE"
    filled(here, name, 1)
    stored(here, "Merci pour l’avis.")
    here.page.reload()
    as_it_was(here, name)
    booked(here)
    expect(pill(here)).to_have_count(0)


def test_the_slot_follows_through_the_application_and_leads_back_to_the_form(desk: Seat) -> None:
    here, name = desk("solene"), "SUIVIE"
    start = filled(here, name, 3)
    for section in ("Discussions", "Agenda", "Annuaire", "Moi"):
        here.page.get_by_role("navigation").get_by_role("link", name=section).first.click()
        expect(pill(here)).to_contain_text(re.compile(rf"{time_of(start)} tenu 1\d:\d\d"))
        expect(pill(here)).to_contain_text(re.compile("chez .*Belkhadra", re.IGNORECASE))
    assert breaches(here.page) == []
    here.page.locator(".pill").get_by_role("button", name="Reprendre").press("Enter")
    as_it_was(here, name)
    expect(pill(here)).to_have_count(0)
    booked(here)


def test_back_keeps_the_slot_and_shows_it_as_ones_own_after_a_reload_too(desk: Seat) -> None:
    here, other, name = desk("solene"), desk("maud"), "REVENUE"
    start = filled(here, name, 5)
    here.page.go_back()
    mine = here.page.locator(f'.slot.mine[data-start="{start}"]')
    expect(mine).to_contain_text("tenu")
    here.page.reload()
    expect(mine).to_be_visible()
    other.search("cardio redon")
    other.choose(CARDIOLOGIST, REASON)
    expect(other.slot(start)).to_have_count(0)
    mine.click()
    as_it_was(here, name)
    booked(here)


def test_another_slot_gives_the_first_one_back(desk: Seat) -> None:
    here, other = desk("solene"), desk("maud")
    start = filled(here, "DÉPLACÉE", 2)
    here.page.get_by_role("button", name="Retour").click()
    other.search("cardio redon")
    other.choose(CARDIOLOGIST, REASON)
    expect(other.slot(start)).to_have_count(0)
    here.page.locator("button.slot:not(.mine)").nth(6).click()
    as_it_was(here, "DÉPLACÉE")
    expect(other.slot(start)).to_be_enabled()
    booked(here)


def test_a_new_referral_leaves_the_first_one_to_be_taken_up_again(desk: Seat) -> None:
    here, name = desk("solene"), "PREMIÈRE"
    start = filled(here, name, 3)
    here.page.goto("/adressage")
    expect(pill(here)).to_contain_text(f"{time_of(start)} tenu")
    here.search("roussigné")
    here.choose("Aline Roussigné", "Contrôle de pacemaker")
    here.hold(6)
    expect(here.page.get_by_label("Nom de famille")).to_have_value("")
    expect(pill(here)).to_contain_text(f"{time_of(start)} tenu")
    here.fill_patient("SECONDE")
    booked(here)
    pill(here).get_by_role("button", name="Reprendre").click()
    as_it_was(here, name)
    booked(here)


def test_what_expires_says_so_keeps_the_form_and_offers_the_nearest_slot(desk: Seat) -> None:
    here, name = desk("maud"), "ÉCHUE"
    here.page.clock.install()
    filled(here, name, 4)
    here.page.get_by_role("navigation").get_by_role("link", name="Moi").first.click()
    expect(pill(here)).to_contain_text("tenu")
    here.page.clock.fast_forward("13:05")
    expect(here.page.get_by_role("alert").filter(has_text="Plus que deux minutes")).to_have_count(1)
    here.page.clock.fast_forward("02:05")
    expect(pill(here)).to_contain_text("libéré")
    expect(pill(here)).to_contain_text("Votre saisie est gardée")
    expect(here.page.get_by_role("alert").filter(has_text="n’est plus tenu")).to_have_count(1)
    pill(here).get_by_role("button", name=re.compile("^Prendre ")).click()
    # The clock that was moved is this browser's alone: by it the server's new quarter of an hour is over as well.
    as_it_was(here, name)


def test_given_up_it_is_given_back_unless_one_thinks_again(desk: Seat) -> None:
    here, other = desk("solene"), desk("maud")
    start = filled(here, "ABANDONNÉE", 5)
    here.page.get_by_role("navigation").get_by_role("link", name="Moi").first.click()
    pill(here).get_by_role("button", name="Libérer").click()
    pill(here).get_by_role("button", name="Annuler").click()
    expect(pill(here)).to_contain_text("tenu")
    here.page.clock.install()
    pill(here).get_by_role("button", name="Libérer").click()
    expect(pill(here)).to_contain_text("libéré dans quelques secondes")
    here.page.clock.fast_forward("00:11")
    expect(pill(here)).to_have_count(0)
    other.search("cardio redon")
    other.choose(CARDIOLOGIST, REASON)
    expect(other.slot(start)).to_be_enabled()


def test_signing_out_leaves_nothing_of_the_form_on_the_device(desk: Seat) -> None:
    here = desk()
    here.sign_in("solene")
    filled(here, "CONFIDENTIELLE", 2)
    here.page.goto("/moi")
    expect(pill(here)).to_be_visible()
    here.page.get_by_role("button", name="Se déconnecter").click()
    here.page.get_by_role("button", name="Se déconnecter quand même").click()
    expect(here.page.get_by_label("E-mail")).to_be_visible()
    assert here.page.evaluate(FORMS) == "[]"


def test_signing_out_asks_about_a_form_and_gives_its_slot_back(desk: Seat) -> None:
    here, other = desk(), desk("helene")
    here.sign_in("maud")
    start = filled(here, "DÉCONNECTÉE", 6)
    stored(here, "Merci pour l’avis.")
    here.page.get_by_role("link", name="Moi").first.click()
    here.page.get_by_role("button", name="Se déconnecter").click()
    dialog = here.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"1 demande en cours, {time_of(start)} tenu.")
    dialog.get_by_role("button", name="Se déconnecter quand même").click()
    expect(here.page.get_by_label("E-mail")).to_be_visible()
    other.search("cardio redon")
    other.choose(CARDIOLOGIST, REASON)
    expect(other.slot(start)).to_be_enabled()
