"""A newcomer goes the whole way in a browser, through the demo's mail box and its providers, to the badge; what
moderators decide together; and what the states of a verification say to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

from playwright.sync_api import Page, expect

from tests.e2e.people import Demo, Desk
from tests.e2e.test_becoming_a_user import PASSWORD, totp
from tests.e2e.test_for_everyone import breaches

Seat = Callable[..., Desk]
NUMBERS = count(1)
SLOW = 45_000
"""For what the worker does: the mail, the provider's page, what it finds."""


def mailed_code(page: Page, email: str) -> str:
    """The code in the demo's mail box, which loads itself again until it is there."""
    box = page.context.new_page()
    box.goto(f"/demo/courrier?to={email}")
    letter = box.locator("article", has_text="Votre code").first
    expect(letter).to_be_visible(timeout=SLOW)
    found = re.search(r"Votre code : (\d{6})", letter.inner_text())
    assert found is not None
    box.close()
    return found[1]


def declare(page: Page, email: str, name: tuple[str, str] = ("", ""), profession: str = "", town: str = "") -> None:
    """Fills in what no card has said, and asks for the code."""
    if name[0]:
        page.get_by_label("Prénom").fill(name[0])
        page.get_by_label("Nom d’exercice").fill(name[1])
        page.get_by_label("Profession et spécialité").select_option(label=profession)
        page.locator("label:has(input[name=practice_mode])", has_text="Libéral").click()
        page.get_by_label("Code postal").fill(town)
        page.locator("select[name=city]").select_option(index=1)
        page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("E-mail professionnel").fill(email)
    page.get_by_role("button", name="Continuer", exact=True).click()
    for box in page.locator(".agreement input").all():
        box.check()
    page.get_by_role("button", name="Recevoir mon code").click()
    page.get_by_label("Code reçu par e-mail").fill(mailed_code(page, email))


def newcomer(desk: Desk, first: str, last: str, *, entry: bool = False) -> str:
    """From "Créer un compte" to the page of one's own verification; the address."""
    page = desk.page
    email = f"personne.{next(NUMBERS)}@cabinet-redon.example"
    page.goto("/")
    page.get_by_role("link", name="Créer un compte").click()
    page.get_by_role("button", name="Manuellement").click()
    declare(page, email, (first, last), "Infirmier", "56800")
    expect(page.get_by_role("heading", name="Est-ce vous")).to_be_visible()
    if entry:
        page.locator(".pick").first.click()
        page.get_by_role("button", name="Oui, c’est moi").click()
    else:
        page.get_by_role("button", name="Continuer sans fiche").click()
    expect(page.get_by_role("heading", name="Bonjour")).to_be_visible()
    return email


def show_document(page: Page, finding: str) -> None:
    """To the provider's page, where one chooses what it finds."""
    page.get_by_role("button", name=re.compile("Commencer|Recommencer")).click()
    expect(page.get_by_text("Que trouve le contrôle")).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name=finding).click()


def add_second_factor(page: Page) -> None:
    expect(page.get_by_role("heading", name="Ajoutez un second facteur")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Application de codes").click()
    page.get_by_label("Code de l’application").fill(totp(page.locator(".key code").inner_text().replace(" ", "")))
    page.get_by_label("Je les ai gardés").check()
    page.get_by_role("button", name="Terminer").click()
    expect(page.locator(".app")).to_be_visible()


def badge(page: Page) -> str:
    page.goto("/moi")
    return page.locator(".badge-line").inner_text()


def test_a_newcomer_with_a_document_goes_the_whole_way_on_a_phone_and_goes_on_elsewhere(desk: Seat) -> None:
    phone = desk(phone=True)
    email = newcomer(phone, "Tanguy", "Le Bihan", entry=True)
    assert breaches(phone.page) == []
    # Half-way the battery is empty: the way goes on at a desk.
    elsewhere = desk()
    page = elsewhere.page
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    show_document(page, "La photo est floue")
    expect(page.get_by_role("heading", name="Il manque une photo nette.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("seule cette étape est à refaire")).to_be_visible()
    assert breaches(page) == []
    show_document(page, "La pièce est à mon nom")
    add_second_factor(page)
    assert re.fullmatch(r"Identité vérifiée sur pièce le \d\d/\d\d/20\d\d", badge(page))
    # The phone that was left aside knows, and wants the second factor as well.
    phone.page.reload()
    expect(phone.page.get_by_role("heading", name="Ajoutez un second facteur")).to_be_visible()


def test_a_newcomer_with_a_card_is_verified_as_soon_as_the_account_is_made(desk: Seat) -> None:
    page = desk().page
    page.goto("/inscription")
    page.get_by_role("link", name="Continuer avec Pro Santé Connect").click()
    page.get_by_role("link", name="Dr Nolwenn Guivarc’h").click()
    page.get_by_role("button", name="Cabinet des Quatre-Vents").click()
    # What the card says is filled in, the speciality too.
    expect(page.get_by_label("Nom d’exercice")).to_have_value("Guivarc’h")
    expect(page.locator("select[name=speciality] option:checked")).to_have_text("Médecine générale")
    expect(page.locator("[name=city]")).to_have_value("Redon")
    declare(page, f"nolwenn.{next(NUMBERS)}@cabinet-redon.example")
    expect(page.get_by_role("heading", name="Votre identité est vérifiée.")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("link", name="Entrer dans Relais").click()
    expect(page.locator(".app")).to_be_visible()
    assert badge(page).startswith("Identité vérifiée par e-CPS le ")
    page.goto("/annuaire")
    page.get_by_label("Qui ou quoi").fill("Guivarc’h")
    expect(page.locator(".res", has_text="Nolwenn").locator(".badge-line")).to_contain_text("par e-CPS le")


def test_back_and_reload_lose_nothing_of_a_sign_up(desk: Seat) -> None:
    page = desk(phone=True).page
    page.goto("/connexion")
    page.get_by_role("link", name="Créer un compte").click()
    page.get_by_role("button", name="Manuellement").click()
    page.get_by_label("Prénom").fill("Rozenn")
    page.go_back()
    expect(page.get_by_role("heading", name="Comment vous identifier")).to_be_visible()
    page.go_forward()
    expect(page.get_by_label("Prénom")).to_have_value("Rozenn")
    page.reload()
    expect(page.get_by_label("Prénom")).to_have_value("Rozenn")
    page.get_by_role("button", name="Étape précédente").click()
    expect(page.get_by_role("heading", name="Comment vous identifier")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Mot de passe", exact=True)).to_be_visible()


def test_moderators_decide_together_and_the_person_reads_why_and_appeals(desk: Seat) -> None:
    person = desk(phone=True)
    newcomer(person, "Rozenn", "Tadvilliers")
    show_document(person.page, "La pièce porte un autre nom")
    expect(person.page.get_by_text("Un modérateur relit votre dossier.")).to_be_visible(timeout=SLOW)
    assert breaches(person.page) == []

    first, second = desk("helene"), desk("samir")
    form(first, "Accepter", "used_name_proven", "Nom d’usage en page 2.")
    assert breaches(first.page) == []
    expect(first.page.locator(".md-dec [type=submit]")).to_have_text("Accepter, puis second avis")
    first.page.locator(".md-dec [type=submit]").click()
    expect(first.page.locator(".md-eyes li", has_text="Votre avis")).to_contain_text("Nom d’usage en page 2.")

    # The second sees both names side by side, the evidence by its reference, and what the first one thinks.
    form(second, "Refuser", "name_differs", "")
    row = second.page.locator(".md-cmp tr", has=second.page.locator("th", has_text=re.compile("^Nom$")))
    expect(row).to_contain_text("Tadvilliers")
    expect(row).to_contain_text("KERJEAN, TADVILLIERS")
    expect(row).to_contain_text("Proche")
    expect(second.page.locator(".md-evid")).to_contain_text("réf. ")
    expect(second.page.locator(".md-evid")).to_contain_text("Passeport, France")
    expect(second.page.locator(".md-eyes")).to_contain_text(re.compile("Avis de .?Dr Hélène Vauquier"))
    expect(second.page.locator(".md-dec [type=submit]")).to_have_text("Refuser, avis contraire")
    second.page.locator(".md-dec [type=submit]").click()
    expect(second.page.locator(".md-row[aria-current]")).to_contain_text("Les avis diffèrent")
    expect(second.page.locator(".md-eyes")).to_contain_text("Avis suivant")

    form(first, "Refuser", "name_differs", "")
    expect(first.page.locator(".md-dec [type=submit]")).to_have_text("Refuser")
    first.page.locator(".md-dec [type=submit]").click()
    expect(first.page.get_by_text("C’est décidé.").first).to_be_attached()

    page = person.page
    page.reload()
    expect(page.get_by_role("heading", name="Le nom ne correspond pas.")).to_be_visible()
    expect(page.locator(".names")).to_contain_text("KERJEAN")
    expect(page.get_by_text("Vos images seront effacées le")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("button", name="Contester la décision").click()
    page.get_by_label("Votre message").fill("C’est mon nom de naissance.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Merci")).to_be_visible()
    expect(page.get_by_role("button", name="Contester la décision")).to_have_count(0)

    first.page.goto("/verifications")
    first.page.locator(".md-row", has_text="Rozenn Tadvilliers").last.click()
    expect(first.page.get_by_text("C’est mon nom de naissance.")).to_be_visible()
    expect(first.page.locator(".md-eyes")).not_to_contain_text("Avis de")
    page.get_by_role("button", name="Retirer mon accord").click()
    page.get_by_role("dialog").get_by_role("button", name="Retirer mon accord").click()
    expect(page.get_by_text("Vous avez retiré votre accord")).to_be_visible()


def form(desk: Desk, decision: str, reason: str, note: str) -> None:
    """What a moderator thinks of the file of Rozenn Tadvilliers, not sent yet."""
    page = desk.page
    page.goto("/verifications")
    page.locator(".md-row", has_text="Rozenn Tadvilliers").last.click()
    page.locator(".md-out", has_text=re.compile(f"^{decision}$")).click()
    page.locator(".md-dec select").select_option(reason)
    page.locator(".md-dec textarea").fill(note)


def test_a_moderator_founds_what_nobody_else_may_and_appoints_somebody(desk: Seat, demo: Demo) -> None:
    appointed = demo.colleague()
    called = demo.person(appointed)["name"].removeprefix("Dr ")
    here = desk("helene")
    page = here.page
    page.goto("/verifications/organisations")
    expect(page.get_by_text("Aucune organisation n’attend")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("button", name="Fonder").click()
    page.get_by_label("Numéro FINESS").fill("12345")
    page.get_by_role("button", name="Fonder, puis nommer").click()
    expect(page.get_by_text("Écrivez le nom.")).to_be_visible()
    expect(page.get_by_text("neuf caractères")).to_be_visible()
    name = f"Hôpital des Landes {next(NUMBERS)}"
    page.get_by_label("Nom", exact=True).fill(name)
    page.get_by_label("Numéro FINESS").fill("")
    page.get_by_role("button", name="Fonder, puis nommer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Qui gérera")).to_be_visible()
    dialog.get_by_role("button", name="Nommer un responsable").click()
    expect(dialog.get_by_text("Choisissez une personne.")).to_be_visible()
    dialog.get_by_label("Chercher une personne").fill(called.split()[-1].lower())
    page.keyboard.press("Enter")
    dialog.locator(".md-out", has_text=called).click()
    assert breaches(page) == []
    dialog.get_by_role("button", name=re.compile(f"Nommer .*{called.split()[-1]}")).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    there = desk(appointed)
    there.page.goto("/equipe")
    expect(there.page.get_by_label("Organisation").locator("option", has_text=name)).to_have_count(1)
