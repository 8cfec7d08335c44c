"""Bringing people in, following what becomes of it, and what is kept of it all."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import FilePayload, expect

from tests.e2e.people import Demo, Desk
from tests.e2e.test_for_everyone import breaches

Seat = Callable[..., Desk]
NUMBERS = count(1)


def team(desk: Desk, part: str) -> None:
    """A part of the organisation that somebody acts for."""
    desk.page.goto("/equipe")
    desk.page.get_by_role("link", name=part, exact=True).click()


def listed(desk: Desk, text: str) -> None:
    """Gives a file to the import."""
    file: FilePayload = {"name": "liste.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    desk.page.locator("input[type=file]").set_input_files([file])


def imports(desk: Desk) -> None:
    team(desk, "Invitations")
    desk.page.get_by_role("link", name="Importer une liste").locator("visible=true").click()


def test_an_account_for_staff_waits_in_the_list_for_whom_it_was_prepared(desk: Seat) -> None:
    here = desk("brune")
    here.page.goto("/equipe")
    here.page.get_by_role("button", name="Créer un compte").click()
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_label("Prénom").fill("Nadège")
    dialog.get_by_label("Nom", exact=True).fill("Guivarin")
    dialog.get_by_label("E-mail").fill(f"nadege.{next(NUMBERS)}@quatre-vents.example")
    expect(dialog.get_by_text("Vous attestez son identité")).to_be_visible()
    dialog.get_by_label("Comme un membre").select_option(label="Comme Dr Hélène Vauquier")
    levels = dialog.get_by_role("group", name=re.compile("Droits sur .?Médecine générale"))
    expect(levels.get_by_label("Gérer")).to_be_checked()
    dialog.get_by_role("button", name="Envoyer le lien d’activation").click()
    expect(here.page.get_by_role("dialog")).to_have_count(0)
    here.page.get_by_role("button", name=re.compile("^Invités")).click()
    expect(here.page.locator(".tm-people tr", has_text="Nadège Guivarin").first).to_contain_text("expire")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_list_is_read_corrected_and_sent_with_its_exact_number(desk: Seat, demo: Demo, phone: bool) -> None:
    here = desk("brune", phone=phone)
    imports(here)
    first, second = f"zoe{next(NUMBERS)}@cabinet.example", f"yann{next(NUMBERS)}@cabinet"
    lines = [
        "Prénom;Nom;E-mail;Fonction",
        f"Zoé;LE GALL;{first};Secrétaire",
        f'Yann;"BOT";{second};Praticien',
        f"Hélène;VAUQUIER;{demo.person('helene')['email']};Praticien",
        "=1+1;X;formule@cabinet.example;Praticien",
    ]
    listed(here, "\r\n".join(lines))
    table = here.page.locator(".iv-lines tbody tr")
    expect(here.page.get_by_role("button", name="Envoyer 1 invitation")).to_be_enabled()
    # The refused ones come first, each with its line and the reason.
    expect(table.nth(0)).to_contain_text(re.compile("3.*Adresse incomplète"))
    expect(table.nth(1)).to_contain_text(re.compile("4.*Déjà membre"))
    expect(table.nth(2)).to_contain_text(re.compile("5.*Formule de tableur"))
    expect(table.nth(3)).to_contain_text(re.compile("2.*Prête"))
    table.nth(0).get_by_role("button", name="Corriger").click()
    here.page.get_by_label("Nouvelle adresse").fill(f"{second}.example")
    here.page.keyboard.press("Enter")
    send = here.page.get_by_role("button", name="Envoyer 2 invitations")
    expect(send).to_be_enabled()
    assert breaches(here.page) == []
    # What is being prepared is there after a reload.
    here.page.reload()
    expect(send).to_be_enabled()
    send.click()
    expect(here.page.get_by_text("2 invitations sont parties.")).to_be_visible()
    here.page.get_by_role("link", name="Voir les invitations").click()
    expect(here.page.locator(".iv-tbl tr", has_text=first)).to_be_visible()


def test_a_link_is_made_with_its_bounds_and_opens_nothing_once_it_is_revoked(desk: Seat) -> None:
    here = desk("brune")
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    team(here, "Invitations")
    here.page.get_by_role("button", name="Nouveau lien").click()
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_label("Nombre d’usages").fill("501")
    dialog.get_by_role("button", name="Créer et copier le lien").click()
    expect(dialog.get_by_text("Écrivez un nombre entre 1 et 500.")).to_be_visible()
    dialog.get_by_label("Nombre d’usages").fill("7")
    dialog.get_by_role("button", name="Créer et copier le lien").click()
    link = here.page.locator(".iv-link", has_text="0 fois sur 7")
    expect(link).to_be_visible()
    here.page.locator(".toast").get_by_role("button", name="Fermer").click()
    assert breaches(here.page) == []
    link.get_by_role("button", name="Révoquer").click()
    expect(link).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_audit_is_searched_and_the_copy_is_a_line_of_it(desk: Seat, phone: bool) -> None:
    here = desk("brune", phone=phone)
    team(here, "Journal")
    expect(here.page.locator(".jr-tbl tbody tr").first).to_be_visible()
    assert breaches(here.page) == []
    with here.page.expect_download() as download:
        here.page.get_by_label("Exporter").select_option("csv")
    assert download.value.suggested_filename == "journal.csv"
    here.page.get_by_label("Action").select_option("audit")
    here.page.get_by_role("button", name="Chercher").click()
    expect(here.page.locator(".jr-tbl").get_by_text("Export du journal").first).to_be_visible()
    here.page.get_by_label("Patient ou objet").fill("MARCHANDEAU")
    here.page.get_by_role("button", name="Chercher").click()
    expect(here.page.get_by_text("Collez un identifiant complet.")).to_be_visible()


def test_somebody_says_who_may_write_to_them_and_whom_they_block(desk: Seat, demo: Demo) -> None:
    here = desk(demo.colleague(), phone=True)
    here.page.goto("/moi")
    here.page.get_by_role("link", name="Qui peut m’écrire").click()
    here.page.get_by_label("Me demander d’abord").click()
    expect(here.page.get_by_text("C’est enregistré.").first).to_be_attached()
    here.page.reload()
    expect(here.page.get_by_label("Me demander d’abord")).to_be_checked()
    assert breaches(here.page) == []
    here.page.get_by_label("Tout le monde").click()
    expect(here.page.get_by_label("Tout le monde")).to_be_checked()


def test_the_queue_of_verifications_is_for_moderators(desk: Seat) -> None:
    here = desk("brune")
    here.page.goto("/verifications")
    expect(here.page.get_by_text("La file des vérifications est réservée aux modérateurs.")).to_be_visible()
    assert breaches(here.page) == []
