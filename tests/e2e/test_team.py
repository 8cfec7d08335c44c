"""An organisation: who belongs to it, and what each may do. A change reaches those whom it concerns while they look."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.people import Demo, Desk
from tests.e2e.test_for_everyone import breaches

Seat = Callable[..., Desk]
AGENDA = "Médecine générale"


def member(desk: Desk, name: str) -> None:
    """The page of a member, from the rail or from "Moi"."""
    desk.page.goto("/moi" if desk.phone else "/discussions")
    desk.page.get_by_role("link", name="Équipe").locator("visible=true").first.click()
    desk.page.get_by_label("Chercher un membre").fill(name.split()[-1])
    desk.page.get_by_role("link", name=name).click()
    expect(desk.page.get_by_role("heading", name="Droits par agenda")).to_be_visible()


def levels(desk: Desk, agenda: str) -> Locator:
    return desk.page.get_by_role("group", name=re.compile(f"Droits sur .?{agenda}"))


def give(desk: Desk, agenda: str, level: str) -> None:
    levels(desk, agenda).get_by_text(level, exact=True).click()
    desk.page.get_by_role("button", name="Enregistrer").click()
    expect(desk.page.get_by_text("Les droits sont enregistrés.").first).to_be_attached()
    expect(desk.page.get_by_role("button", name="Enregistrer")).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_right_that_is_given_and_taken_reaches_the_open_agenda(desk: Seat, demo: Demo, phone: bool) -> None:
    [owns, _, nurses] = demo.practice()
    owner, nurse = desk(owns["email"]), desk(nurses["email"], phone=phone)
    member(owner, nurses["name"])
    nurse.page.goto("/agenda")
    nothing, calendar = nurse.page.locator("main .empty"), nurse.page.locator("main section.agenda")
    expect(nothing).to_be_visible()
    give(owner, AGENDA, "Lire")
    expect(calendar).to_be_visible()
    give(owner, AGENDA, "Aucun")
    expect(nothing).to_be_visible()
    expect(calendar).to_have_count(0)


def test_what_changes_is_said_before_it_is_saved_and_can_be_given_up(desk: Seat) -> None:
    owner = desk("brune")
    member(owner, "Élouan Pradère")
    row = owner.page.locator(".tm-rights li", has_text=AGENDA)
    before = row.locator("label:has(:checked)").inner_text()
    row.get_by_text("Réserver", exact=True).click()
    expect(row.get_by_text(re.compile(f"Avant.: {before}"))).to_be_visible()
    bar = owner.page.locator(".tm-save")
    expect(bar).to_contain_text(re.compile(f"1 changement.*{AGENDA}.*{before} devient Réserver"))
    bar.get_by_role("button", name="Annuler").click()
    expect(bar).to_have_count(0)
    expect(row.get_by_label(before)).to_be_checked()


def test_one_level_goes_to_several_agendas_at_once_by_keyboard(desk: Seat) -> None:
    owner = desk("brune")
    member(owner, "Élouan Pradère")
    owner.page.get_by_role("button", name="Tout choisir").focus()
    owner.page.keyboard.press("Enter")
    owner.page.get_by_label("Un même niveau pour la sélection").select_option("busy")
    expect(owner.page.locator(".tm-rights li label:has(:checked)", has_text="Occupation")).to_have_count(2)
    # The arrows go through the levels of one agenda.
    row = owner.page.locator(".tm-rights li").first
    row.get_by_label("Occupation").focus()
    owner.page.keyboard.press("ArrowRight")
    expect(row.get_by_label("Lire")).to_be_checked()
    owner.page.locator(".tm-save").get_by_role("button", name="Annuler").click()


def test_rights_are_cloned_once_the_difference_has_been_seen(desk: Seat) -> None:
    owner = desk("brune")
    member(owner, "Élouan Pradère")
    owner.page.get_by_role("button", name="Cloner d’un membre").locator("visible=true").click()
    dialog = owner.page.get_by_role("dialog")
    dialog.get_by_label("Prendre les droits de").select_option(label="Dr Hélène Vauquier, Praticien")
    expect(dialog.get_by_text(re.compile("Ce qui changera pour .?Élouan"))).to_be_visible()
    expect(dialog.locator("li", has_text=AGENDA)).to_contain_text("Gérer")
    dialog.get_by_role("button", name="Reprendre ces droits").click()
    expect(owner.page.locator(".tm-save")).to_contain_text("devient Gérer")
    owner.page.locator(".tm-save").get_by_role("button", name="Annuler").click()


def test_the_last_owner_is_told_why_they_stay_one(desk: Seat) -> None:
    owner = desk("brune")
    member(owner, "Brune Delanoue-Hervy")
    owner.page.get_by_label("Propriétaire").click()
    expect(owner.page.get_by_text("C’est la dernière personne propriétaire.").first).to_be_attached()
    expect(owner.page.get_by_label("Propriétaire")).to_be_checked()


def test_removing_somebody_says_what_ends_and_what_stays(desk: Seat) -> None:
    owner = desk("brune", phone=True)
    member(owner, "Élouan Pradère")
    owner.page.get_by_role("button", name="Retirer l’accès").click()
    dialog = owner.page.get_by_role("dialog")
    for said in ("Ce qui s’arrête tout de suite", "Ce qui reste", "On ne revient pas en arrière."):
        expect(dialog.get_by_text(said)).to_be_visible()
    dialog.get_by_role("button", name="Annuler").click()
    expect(owner.page.get_by_role("heading", name="Élouan Pradère")).to_be_visible()


def test_a_member_sees_colleagues_and_may_change_nothing(desk: Seat, demo: Demo) -> None:
    here = desk("elouan")
    here.page.goto("/equipe")
    expect(here.page.get_by_role("link", name="Dr Hélène Vauquier")).to_be_visible()
    expect(here.page.get_by_text(demo.person("helene")["email"])).to_have_count(0)
    here.page.get_by_role("link", name=re.compile("Élouan Pradère .vous.")).click()
    expect(here.page.get_by_text("Vos propres droits")).to_be_visible()
    expect(here.page.locator(".tm-rights input:enabled")).to_have_count(0)


@pytest.mark.parametrize(("phone", "english"), [(False, False), (True, True)], ids=["desktop", "phone in English"])
def test_no_page_of_a_team_breaks_a_rule_of_accessibility(desk: Seat, phone: bool, english: bool) -> None:
    here = desk("brune", phone=phone, english=english)
    here.page.goto("/equipe")
    here.page.locator(".tm-open").first.click()
    expect(here.page.locator(".tm-rights li").first).to_be_visible()
    assert breaches(here.page) == []
    here.page.locator(".tm-rights li input:enabled").last.check(force=True)
    expect(here.page.locator(".tm-save")).to_be_visible()
    assert breaches(here.page) == []
    here.page.goto(re.sub(r"/[^/]+$", "/fiche", here.page.url))
    expect(here.page.locator(".tm-blk").first).to_be_visible()
    assert breaches(here.page) == []
