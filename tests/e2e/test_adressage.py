"""A patient is handed on: from the search to the practitioner's day, with everybody looking."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import Demo, Desk
from tests.relais_process import Running, eventually

Seat = Callable[..., Desk]

CARDIOLOGIST = "Samir Belkhadra"
REASON = "Épreuve d’effort"


def agenda_of(demo: Demo, who: str, reason: str) -> str:
    """The first agenda of somebody in which this can be booked."""
    person = demo.person(who)["id"]
    return next(
        str(one["id"])
        for one in demo.agendas
        if one["practitioner"] == person and any(each["name"] == reason for each in one["reasons"])
    )


def show_day(page: Page, agenda: str, start: str) -> None:
    page.goto(f"/agenda/{agenda}/{start[:10]}")
    expect(page.locator(".gcol")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_booking_appears_on_the_practitioners_day_while_they_look(
    desk: Seat, demo: Demo, relais: Running, phone: bool
) -> None:
    family = "TÉLÉPHONE" if phone else "BUREAU"
    referrer, practitioner = desk("helene", phone=phone), desk("samir", phone=phone)
    referrer.search("cardio redon")
    found = referrer.page.locator(".res", has_text=CARDIOLOGIST).first
    expect(found).to_contain_text("Redon")
    expect(found).to_contain_text("Spécialité")
    referrer.choose(CARDIOLOGIST, REASON)
    first = referrer.slots.nth(4 if phone else 6).get_attribute("data-start")
    assert first is not None
    time = datetime.fromisoformat(first).strftime("%H:%M")
    show_day(practitioner.page, agenda_of(demo, "samir", REASON), first)

    referrer.slot(first).click()
    held = practitioner.page.locator(".ev.held", has_text=re.compile(f"^{time}, tenu"))
    expect(held).to_have_count(1)
    expect(practitioner.page.locator(".live")).to_contain_text("un confrère choisit un créneau")

    referrer.confirm()
    expect(referrer.page.get_by_text("Saisissez le nom de famille.")).to_be_visible()
    expect(referrer.page.get_by_text("Dites si le praticien a déjà vu ce patient.")).to_be_visible()
    referrer.fill_patient(family)
    referrer.page.get_by_label("Message au praticien").fill("Merci pour l’avis.")
    expect(referrer.page.get_by_text("Recevra le SMS")).to_be_visible()
    referrer.confirm()
    expect(referrer.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_focused()
    expect(referrer.page.locator(".ticket")).to_contain_text(time)
    expect(referrer.page.locator(".ticket")).to_contain_text(f"Mme Odile Marie {family}")
    expect(referrer.page.get_by_text(re.compile("SMS de confirmation au patient, au 06"))).to_be_visible()

    arrived = practitioner.page.locator(".ev.fresh", has_text=family)
    expect(arrived).to_be_visible()
    expect(held).to_have_count(0)
    expect(practitioner.page.get_by_role("status").filter(has_text=f"Nouveau rendez-vous à {time}.")).to_have_count(1)
    eventually(lambda: [one for one in relais.command("captured") if one["channel"] == "sms" and time in one["text"]])

    referrer.page.get_by_role("link", name="Ouvrir la discussion").click()
    expect(referrer.message("Merci pour l’avis.").last).to_be_visible()
    referrer.page.goto("/adressages")
    expect(referrer.page.locator("tr", has_text=family).first).to_contain_text("Réservé")
    practitioner.page.goto("/adressages/recus")
    expect(practitioner.page.locator("tr", has_text=family).first).to_contain_text("Dr Hélène Vauquier")


def test_a_search_that_finds_nobody_or_asks_nothing_says_so(desk: Seat) -> None:
    here = desk("helene")
    here.search("zzzzqqq")
    expect(here.page.get_by_text("Aucun confrère ne correspond.")).to_be_visible()
    here.page.get_by_label("Qui ou quoi").fill("cardio redon")
    expect(here.page.locator(".res")).not_to_have_count(0)
    here.page.get_by_label("Qui ou quoi").fill("")
    expect(here.page.get_by_text("Qui cherchez-vous")).to_be_visible()
    expect(here.page.locator(".res")).to_have_count(0)


def test_a_slot_that_somebody_else_takes_goes_away_at_once_and_is_said(desk: Seat) -> None:
    one, other = desk("helene"), desk("maud")
    for here in (one, other):
        here.search("cardio redon")
        here.choose(CARDIOLOGIST, "Consultation de cardiologie")
    start = other.hold(8)
    expect(one.slot(start)).to_have_count(0)
    held = one.page.locator(f'.slot.held[data-start="{start}"]')
    expect(held).to_contain_text("en cours")
    expect(one.page.locator(".week-note")).to_contain_text("Un confrère est en train de réserver")
    other.page.get_by_role("button", name="Retour").click()
    other.page.locator("button.slot:not(.mine)").nth(9).click()
    expect(other.page.get_by_label("Nom de famille")).to_be_visible()
    expect(one.slot(start)).to_be_enabled()

    other.page.get_by_role("button", name="Retour").click()
    other.slot(start).click()
    other.fill_patient("RAPIDE")
    other.confirm()
    expect(other.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()
    expect(held).to_have_count(0)
    expect(one.slot(start)).to_have_count(0)
    expect(one.page.locator(".week-note")).to_contain_text("vient d’être pris.")


def test_the_hold_counts_down_warns_and_keeps_what_was_typed_when_it_ends(desk: Seat) -> None:
    here = desk("helene")
    here.page.clock.install()
    here.search("cardio redon")
    here.choose(CARDIOLOGIST, "Consultation de cardiologie")
    here.hold(12)
    timer = here.page.get_by_role("timer").first
    expect(timer).to_contain_text(re.compile(r"14:5\d|15:00"))
    here.fill_patient("PATIENTE")
    here.page.clock.fast_forward("13:05")
    expect(timer).to_contain_text("Plus que deux minutes")
    expect(here.page.get_by_role("alert").filter(has_text="Plus que deux minutes")).to_have_count(1)
    here.page.clock.fast_forward("02:05")
    expect(here.page.get_by_text("Le créneau n’est plus tenu pour vous").first).to_be_visible()
    expect(here.page.get_by_label("Nom de famille")).to_have_value("PATIENTE")
    expect(here.page.get_by_role("button", name="Confirmer le rendez-vous")).to_have_count(0)

    here.page.get_by_role("button", name="Choisir un créneau").first.click()
    here.turn_to_a_week_with(13)
    here.slots.nth(12).click()
    expect(here.page.get_by_label("Nom de famille")).to_have_value("PATIENTE")
    expect(here.page.get_by_label("Téléphone mobile")).to_have_value(here.mobile)


def test_a_confirmation_without_network_says_that_it_is_on_its_way_and_is_done_when_it_is_back(desk: Seat) -> None:
    here = desk("helene")
    here.search("cardio redon")
    here.choose(CARDIOLOGIST, REASON)
    here.hold(5)
    here.fill_patient("COUPURE")
    here.cut(offline=True)
    here.confirm()
    expect(here.page.locator(".notice")).to_contain_text("Hors ligne")
    expect(here.page.get_by_role("button", name="Réservation…")).to_be_visible()
    here.cut(offline=False)
    expect(here.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible(timeout=45_000)
    here.page.goto("/adressages")
    expect(here.page.locator("tr", has_text="COUPURE")).to_have_count(1)


def test_the_form_says_at_each_field_what_to_type(desk: Seat) -> None:
    here = desk("helene")
    here.search("cardio redon")
    here.choose(CARDIOLOGIST, REASON)
    here.hold(10)
    here.fill_patient(
        "EXACTE", **{"Date de naissance": "01/01/2999", "Téléphone mobile": "112", "E-mail": "odile@courriel"}
    )
    here.page.get_by_label("Identité nationale de santé").fill("2 54 03 56 165 001 00")
    here.confirm()
    for text in (
        "« \u206801/01/2999\u2069 » est dans l’avenir. Vérifiez l’année.",
        "« \u2068112\u2069 » est le numéro d’un service, pas d’une personne. Saisissez celui du patient.",
        "« \u2068odile@courriel\u2069 » : il manque une partie de l’adresse, par exemple nom@courriel.fr.",
        "« \u20682 54 03 56 165 001 00\u2069 » : la clé ne correspond pas au numéro. Relisez les 15 chiffres.",
    ):
        expect(here.page.get_by_text(re.sub(" ([:?])", "\u202f\\1", text))).to_be_visible()
    expect(here.page.get_by_label("Date de naissance")).to_be_focused()
    here.page.get_by_label("Téléphone mobile").fill("02 99 71 00 00")
    expect(here.page.get_by_text("Un fixe ne reçoit pas de SMS")).to_be_visible()
    here.page.get_by_label("E-mail").fill("odile@courriel.example")
    expect(here.page.get_by_text("Sera prévenu par e-mail.")).to_be_visible()


def test_a_patient_who_looks_known_is_shown_before_a_second_one_is_made(desk: Seat) -> None:
    here = desk("helene")
    for round_of in range(2):
        here.search("cardio redon")
        here.choose(CARDIOLOGIST, REASON)
        here.hold(2)
        if round_of == 0:
            here.fill_patient("JUMELLE")
        else:
            here.page.get_by_label("Nom de famille").fill("Jumelle")
            here.page.get_by_label("Date de naissance").fill("14031954")
            here.page.get_by_label("Prénom(s)").focus()
            expect(here.page.get_by_text("Ce patient existe peut-être déjà")).to_be_visible()
            here.page.get_by_role("button", name="Reprendre cette fiche").first.click()
            expect(here.page.get_by_text("Fiche déjà connue")).to_be_visible()
            here.page.locator("label:has(input[name=seen_before])", has_text="Oui").click()
        here.confirm()
        expect(here.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()


def test_a_practitioner_cancels_with_a_reason_and_the_slot_is_free_again(desk: Seat, demo: Demo) -> None:
    referrer, practitioner = desk("helene"), desk("aline")
    reason = "Contrôle de pacemaker"
    referrer.search("roussigné")
    referrer.choose("Aline Roussigné", reason)
    start = referrer.hold(3)
    referrer.fill_patient("ANNULÉE")
    referrer.confirm()
    expect(referrer.page.get_by_role("heading", name="Rendez-vous réservé")).to_be_visible()

    show_day(practitioner.page, agenda_of(demo, "aline", reason), start)
    booked = practitioner.page.locator(".ev", has_text="ANNULÉE")
    booked.click()
    dialog = practitioner.page.get_by_role("dialog")
    expect(dialog).to_contain_text(referrer.mobile.replace(" ", "\u00a0"))
    dialog.get_by_role("button", name="Annuler le rendez-vous").click()
    dialog.get_by_role("button", name="Annuler le rendez-vous").click()
    expect(dialog.get_by_text("Dites en quelques mots pourquoi.")).to_be_visible()
    dialog.get_by_label("Raison").fill("Praticienne souffrante")
    dialog.get_by_role("button", name="Annuler le rendez-vous").click()
    expect(practitioner.page.get_by_text("Rendez-vous annulé, le patient est prévenu.").first).to_be_visible()
    expect(booked).to_have_count(0)
    referrer.page.goto("/adressages")
    expect(referrer.page.locator("tr", has_text="ANNULÉE")).to_contain_text("Annulé")
    referrer.search("roussigné")
    referrer.choose("Aline Roussigné", reason)
    expect(referrer.slot(start)).to_be_visible()
