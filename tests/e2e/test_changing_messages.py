"""One's own messages: edited, deleted, and undone for a moment after they were sent."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from tests.e2e.people import Demo, Desk
from tests.team.files import samples

Seat = Callable[..., Desk]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_an_author_edits_and_deletes_a_message_and_everybody_sees_that(desk: Seat, demo: Demo, phone: bool) -> None:
    title = f"Corriger et supprimer {'téléphone' if phone else 'bureau'}"
    demo.group(title, "helene", "samir")
    hers, his = desk("helene", phone=phone), desk("samir")
    hers.open(title)
    his.open(title)
    hers.send("INR à 24 ce matin")
    expect(his.message("INR à 24")).to_be_visible()
    his.message("INR à 24").focus()
    his.page.keyboard.press("Delete")
    expect(his.page.get_by_role("dialog")).to_have_count(0)

    menu = hers.page.get_by_role("dialog", name="Message")
    bubble = hers.message("INR à 24")
    bubble.dispatch_event("contextmenu", {"button": 2})
    menu.get_by_role("button", name="Modifier").click()
    form = hers.page.get_by_role("dialog", name="Modifier")
    form.get_by_label("Texte du message").fill("INR à 2,4 ce matin")
    form.get_by_role("button", name="Enregistrer").click()
    expect(form).to_have_count(0)
    expect(his.message("INR à 2,4").locator(".meta")).to_contain_text("modifié")
    expect(hers.message("INR à 2,4").locator(".meta")).to_contain_text("modifié")

    his.message("INR à 2,4").hover()
    his.message("INR à 2,4").get_by_role("button", name="Message", exact=True).click()
    his.page.get_by_role("button", name="Versions précédentes").click()
    versions = his.page.get_by_role("dialog", name="Versions précédentes")
    expect(versions.get_by_role("listitem")).to_have_text(re.compile("INR à 24 ce matin"))
    his.page.keyboard.press("Escape")

    hers.message("INR à 2,4").focus()
    hers.page.keyboard.press("Delete")
    asked = hers.page.get_by_role("dialog", name="Supprimer ce message")
    expect(asked).to_contain_text("Déjà lu par")
    expect(asked).to_contain_text("Dr Samir Belkhadra")
    asked.get_by_role("button", name="Supprimer").click()
    for one in (hers, his):
        expect(one.message("Message supprimé")).to_be_visible()
        expect(one.message("INR à")).to_have_count(0)
    expect(his.row(title)).to_contain_text("Message supprimé")


def test_what_was_just_sent_is_undone_without_a_trace_unless_it_was_read(desk: Seat, demo: Demo) -> None:
    title = "Annuler un envoi"
    demo.group(title, "helene", "samir")
    hers, his = desk("helene"), desk("samir")
    hers.open(title)
    hers.send("Bonjour")
    expect(his.row(title)).to_contain_text("Bonjour")
    hers.send("Pas pour ici")
    expect(his.row(title)).to_contain_text("Pas pour ici")
    expect(hers.message("Pas pour ici").locator(".meta")).to_contain_text("Envoyé")
    hers.page.get_by_role("button", name="Annuler").click()
    expect(hers.message("Pas pour ici")).to_have_count(0)
    expect(hers.composer).to_have_value("Pas pour ici")
    expect(his.row(title)).to_contain_text("Bonjour")
    # A file comes back with its text, and can be sent again.
    file: FilePayload = {"name": "ECG.pdf", "mimeType": "application/pdf", "buffer": samples.pdf()}
    hers.page.locator(".attach input[type=file]").first.set_input_files(file)
    sent_with_file = hers.message("Pas pour ici").filter(has_text="ECG.pdf")
    hers.page.get_by_role("button", name="Envoyer").click()
    expect(sent_with_file.locator(".meta")).to_contain_text("Envoyé", timeout=20_000)
    hers.page.get_by_role("button", name="Annuler").click()
    expect(sent_with_file).to_have_count(0)
    expect(hers.composer).to_have_value("Pas pour ici")
    expect(hers.page.locator(".tray .att.up")).to_contain_text("ECG.pdf")
    hers.page.get_by_role("button", name="Envoyer").click()
    expect(sent_with_file.locator(".meta")).to_contain_text("Envoyé", timeout=20_000)
    his.open(title)
    expect(his.message("Pas pour ici")).to_contain_text("ECG.pdf")
    expect(his.message("Bonjour")).to_be_visible()
    expect(his.message("Message supprimé")).to_have_count(0)

    hers.composer.fill("")
    hers.send("Lu tout de suite")
    expect(hers.message("Lu tout de suite").locator(".meta")).to_contain_text("Lu par")
    hers.page.keyboard.press("Control+z")
    expect(hers.message("Message supprimé")).to_be_visible()
    expect(hers.page.locator(".toast")).to_contain_text("l’avait déjà lu")
    expect(his.message("Message supprimé")).to_be_visible()


def test_what_has_not_left_yet_is_undone_on_the_device(desk: Seat, demo: Demo) -> None:
    title = "Annuler hors ligne"
    demo.group(title, "helene", "samir")
    hers = desk("helene")
    hers.open(title)
    hers.send("Avant la coupure")
    expect(hers.message("Avant la coupure").locator(".meta")).to_contain_text("Envoyé")
    hers.cut(offline=True)
    hers.send("Pas encore parti")
    hers.page.get_by_role("button", name="Annuler").click()
    expect(hers.message("Pas encore parti")).to_have_count(0)
    hers.cut(offline=False)
    expect(hers.page.locator(".notice")).to_have_count(0, timeout=45_000)
    expect(hers.composer).to_have_value("Pas encore parti")
    expect(hers.message("Avant la coupure")).to_be_visible()
    expect(hers.message("Pas encore parti")).to_have_count(0)
