"""A case from its question to its end, between two people at their screens."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from playwright.sync_api import expect

from relais_client import uuid7, wire
from tests.e2e.people import Demo, Desk
from tests.e2e.test_attaching import choose, payload
from tests.team.files import samples

Seat = Callable[..., Desk]
WAITS = re.compile("Attend .?Dr Samir Belkhadra")
"""A name is isolated by signs that nobody sees."""


def ask(asker: Desk, title: str, whom: str, *, record: bool) -> None:
    """Opens a case in the dialog, after one attempt with nothing filled in, with a reload and another section between
    what is typed and what is sent. The patient is a record, or initials."""
    page = asker.page
    page.goto("/discussions")
    page.get_by_role("button", name="Nouvelle discussion").first.click()
    page.get_by_role("button", name="Un cas").click()
    page.get_by_role("button", name="Créer le cas").click()
    expect(page.get_by_text("Écrivez la question que vous posez.")).to_be_visible()
    page.get_by_label("Titre du cas").fill(title)
    page.get_by_label("Question posée").fill("FA découverte ce matin.\nAnticoagulation d’emblée ?")
    page.get_by_role("group", name="Réponse attendue").get_by_role("button", name="Rapidement").click()
    if record:
        choose_record(asker)
    else:
        page.get_by_label("Initiales du patient").fill("O. M.")
    page.get_by_label("Chercher une personne").fill(whom)
    page.locator(".found button").filter(has_text=whom).first.click()
    page.get_by_role("button", name="Plus tard").click()
    page.goto("/annuaire")
    page.reload()
    page.goto("/discussions")
    page.get_by_role("button", name=re.compile(f"Cas en cours d’écriture.*{title}")).click()
    expect(page.get_by_label("Question posée")).to_have_value("FA découverte ce matin.\nAnticoagulation d’emblée ?")
    expect(page.get_by_role("dialog").get_by_role("list")).to_contain_text(whom)
    page.get_by_role("button", name="Créer le cas").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def choose_record(asker: Desk) -> None:
    """A patient whom she referred in the demo, after a search that finds nobody."""
    page = asker.page
    page.get_by_role("button", name="Son dossier").click()
    page.get_by_label("Nom de famille ou de naissance").fill("le brizec")
    page.get_by_label("Date de naissance").fill("15/03/1954")
    page.get_by_role("button", name="Chercher le patient").click()
    expect(page.get_by_text("Aucun dossier ouvert à vous ne porte ce nom")).to_be_visible()
    page.get_by_label("Date de naissance").fill("14/03/1954")
    page.get_by_label("Date de naissance").press("Enter")
    page.get_by_role("button", name="Choisir").click()
    expect(page.get_by_role("region", name="Patient")).to_contain_text("Mme Odile MARCHANDEAU")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_question_is_asked_answered_and_closed_with_its_outcome(desk: Seat, phone: bool) -> None:
    title = f"Avis ECG {'téléphone' if phone else 'bureau'}"
    hers, his = desk("helene", phone=phone), desk("samir", phone=phone)
    ask(hers, title, "Belkhadra", record=phone)
    his.page.goto("/discussions")
    his.page.get_by_role("button", name="Cas patients").click()
    expect(his.row(title)).to_contain_text("À votre tour")
    expect(his.row(title).locator("xpath=..").get_by_role("button", name="Refuser ce groupe")).to_have_count(0)
    his.open(title)
    expect(his.page.get_by_role("button", name="La question et les étapes du cas")).to_contain_text("FA découverte")
    details(his, phone)
    expect(his.page.locator(".case-q").first).to_have_text("FA découverte ce matin.\nAnticoagulation d’emblée ?")
    patient = his.page.get_by_role("region", name="Patient")
    expect(patient).to_contain_text("Mme Odile MARCHANDEAU" if phone else "O. M.")
    expect(his.page.locator(".case-steps")).to_contain_text("Avis attendu")
    if phone:
        his.page.go_back()
    his.send("Oui, apixaban.")
    if phone:
        details(hers, phone)
    steps = hers.page.locator(".case-steps")
    expect(steps).to_contain_text("Avis donnéDr Samir Belkhadra")
    expect(steps).to_contain_text("À votre tour")

    hers.page.get_by_role("button", name="Clore le cas").click()
    dialog = hers.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Clore le cas").click()
    expect(dialog.get_by_text("Choisissez l’issue.")).to_be_visible()
    dialog.get_by_role("button", name="Avis donné").click()
    dialog.get_by_label("Synthèse pour le dossier").fill("Apixaban, revoir dans un mois.")
    dialog.get_by_role("button", name="Clore le cas").click()
    expect(dialog).to_have_count(0)
    expect(steps).to_contain_text("Apixaban, revoir dans un mois.")
    expect(his.page.locator(".event").last).to_contain_text("a clos le cas : avis donné")
    if not phone:
        expect(his.row(title)).to_contain_text("Cas clos")

    hers.page.get_by_role("button", name="Rouvrir le cas").click()
    dialog.get_by_label("Pourquoi ?").fill("Saignement.")
    dialog.get_by_role("button", name="Rouvrir", exact=True).click()
    expect(steps).to_contain_text(WAITS)
    hers.page.reload()
    details(hers, phone)
    expect(steps).to_contain_text(WAITS)


def details(who: Desk, phone: bool) -> None:
    """The case beside its messages; on a phone a page of its own."""
    if phone:
        who.page.get_by_role("button", name="Participants et réglages").click()


def test_a_case_is_referred_with_its_patient_and_its_files(desk: Seat, demo: Demo) -> None:
    asker, title = demo.colleague(), "Avis avant échographie"
    hers, his = desk(asker), desk("samir", phone=True)
    open_case_with_record(hers, title)
    hers.page.goto("/discussions")
    hers.open(title)
    choose(hers, payload("ECG.pdf", samples.pdf()))
    hers.send("Voici l’ECG.")
    expect(hers.page.get_by_role("link", name=re.compile("Télécharger.*ECG"))).to_be_visible()

    hers.page.get_by_role("button", name="Adresser un patient").first.click()
    options = hers.page.get_by_label("Motif").locator("option:not([value=''])")
    expect(options).not_to_have_count(0)
    hers.page.get_by_label("Motif").select_option(label=options.first.inner_text())
    expect(hers.slots.first).to_be_visible()
    hers.has_held = True
    hers.slots.last.click()
    expect(hers.page.locator("form")).to_contain_text("Mme Jaouen KERGOAT")
    documents = hers.page.get_by_role("region", name="Documents")
    documents.get_by_role("button", name=re.compile("Joindre .*ECG.pdf")).click()
    drop(hers, "Bilan.pdf", samples.pdf(pages=1))
    documents.locator("input[type=file]").first.set_input_files(payload("Vide.pdf", b""))
    expect(documents).to_contain_text("1 document ne peut pas partir")
    documents.get_by_role("button", name=re.compile("Retirer .*Vide.pdf")).click()
    expect(documents.locator("[data-state=ready]")).to_have_count(2)
    hers.page.reload()
    expect(documents.locator("[data-state=ready]")).to_have_count(2)
    hers.page.locator("label:has(input[name=seen_before])", has_text="Non").click()
    hers.confirm()
    sheet = hers.page.get_by_role("region", name="Documents").get_by_role("listitem")
    expect(sheet).to_have_count(2)

    his.page.goto("/discussions")
    his.open(title)
    his.page.locator(".flow a[href^='/adressage']").last.click()
    with his.page.expect_download() as download:
        his.page.get_by_role("link", name=re.compile("Télécharger.*Bilan")).click()
    assert download.value.suggested_filename == "Bilan.pdf"


def open_case_with_record(asker: Desk, title: str) -> None:
    """Asks Samir, by the wire, about a patient whose record is the asker's."""
    assert asker.who is not None
    form = wire.PatientForm(
        civility="mme",
        first_names="Jaouen",
        family_name="Kergoat",
        birth_date=date(1961, 2, 3),
        birth_place=wire.BirthPlace(country="FR", city="Redon"),
        phone=asker.mobile,
    )
    patient = asker.demo.ask(asker.who, wire.CreatePatient(id=uuid7(), patient=form)).patient
    about = wire.NewCase(question="Écho utile ?", patient=wire.CasePatient(id=patient.id))
    asked = UUID(asker.demo.person("samir")["id"])
    asker.demo.ask(asker.who, wire.OpenConversation(id=uuid7(), kind="case", members=[asked], title=title, case=about))


def drop(here: Desk, name: str, content: bytes) -> None:
    """Drops a file on the documents."""
    moved = here.page.evaluate_handle(
        """([name, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(bytes), one => one.charCodeAt(0))], name));
          return data;
        }""",
        [name, base64.b64encode(content).decode()],
    )
    for event in ("dragover", "drop"):
        here.page.locator(".docs-drop").dispatch_event(event, {"dataTransfer": moved})
