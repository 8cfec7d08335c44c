"""Bringing people in, following what becomes of it, and what is kept of it all."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from uuid import UUID

import pytest
from playwright.sync_api import FilePayload, expect

from relais_client import uuid7, wire
from tests.e2e.people import Demo, Desk
from tests.e2e.shared import Shared
from tests.e2e.test_becoming_a_user import PASSWORD, declare
from tests.e2e.test_for_everyone import breaches, whole
from tests.relais_process import eventually

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


def linked(demo: Demo, to: str) -> str:
    """The page of the link in the last mail to somebody."""
    found: list[str] = []

    def has_come() -> bool:
        mails = [one["text"] for one in demo.made("captured") if one["to"] == to]
        found[:] = re.findall(r"https?://[^/]+(/(?:invitation|activation)#\S+)", "\n".join(mails))
        return bool(found)

    eventually(has_come)
    return found[-1]


def invited(demo: Demo, owner: str, practice: str, email: str | None = None) -> wire.InvitationView:
    """An invitation for one person to this address, or a link."""
    command = wire.CreateInvitation(id=uuid7(), organisation=UUID(practice), email=email, uses=1)
    return demo.ask(owner, command).invitation


def page_of(made: wire.InvitationView) -> str:
    assert made.url is not None
    return re.sub(r"^https?://[^/]+", "", made.url)


def is_over(desk: Desk, page: str, why: str) -> None:
    """The link opens nothing, and the page says why and what to do."""
    desk.page.goto("about:blank")
    desk.page.goto(page)
    expect(desk.page.get_by_role("heading", name="Cette invitation ne vaut plus")).to_be_visible()
    expect(desk.page.get_by_text(why)).to_be_visible()
    assert breaches(desk.page) == []
    whole(desk.page, desk.page.evaluate("innerWidth"), page)


def prepared(desk: Desk, email: str) -> None:
    """An account for staff, and the mail with its link."""
    desk.page.goto("/equipe")
    desk.page.get_by_role("button", name="Créer un compte").click()
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_label("Prénom").fill("Nadège")
    dialog.get_by_label("Nom", exact=True).fill("Guivarin")
    dialog.get_by_label("E-mail").fill(email)
    dialog.get_by_role("button", name="Envoyer le lien d’activation").click()
    expect(dialog).to_have_count(0)


def test_somebody_comes_by_the_mail_and_staff_by_the_link_of_their_account(desk: Seat, demo: Demo) -> None:
    [owns, *_] = demo.practice()
    practice = demo.practice_of(owns["email"])
    owner, newcomer = desk(owns["email"]), desk(phone=True)
    email, staff = (f"{name}.{next(NUMBERS)}@lande.example" for name in ("rozenn", "nadege"))
    invited(demo, owns["email"], practice, email)
    newcomer.page.goto(linked(demo, email))
    expect(newcomer.page.get_by_text(re.compile("Pour rejoindre .?Cabinet de la Lande"))).to_be_visible()
    assert breaches(newcomer.page) == []
    newcomer.page.get_by_role("button", name="Manuellement").click()
    declare(newcomer.page, email)
    newcomer.page.get_by_role("button", name="Continuer").click()
    for box in newcomer.page.locator(".agreement input").all():
        box.check()
    newcomer.page.get_by_role("button", name="Recevoir mon code").click()
    newcomer.page.get_by_label("Code reçu par e-mail").fill(demo.captured_code(email))
    expect(newcomer.page.get_by_role("heading", name="Est-ce vous")).to_be_visible()
    team(owner, "Invitations")
    row = owner.page.locator(".iv-tbl tr", has_text=email)
    expect(row).to_contain_text("Vérification en cours")

    # The link of a prepared account is opened where somebody else is signed in.
    prepared(owner, staff)
    link = linked(demo, staff)
    newcomer.page.goto(link)
    expect(newcomer.page.get_by_text(re.compile("Rozenn Tadvilliers.? utilise ce navigateur"))).to_be_visible()
    newcomer.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    newcomer.page.get_by_role("button", name="Ouvrir mon compte").click()
    expect(newcomer.page.get_by_text("Acceptez les deux textes")).to_be_visible()
    assert breaches(newcomer.page) == []
    for box in newcomer.page.locator(".agreement input").all():
        box.check()
    newcomer.page.get_by_role("button", name="Ouvrir mon compte").click()
    expect(newcomer.page.get_by_role("heading", name="Ajoutez un second facteur")).to_be_visible()
    is_over(newcomer, link, "Elle a déjà servi. Si c’était vous, connectez-vous.")
    owner.page.goto("/equipe")
    expect(owner.page.get_by_role("link", name="Nadège Guivarin")).to_be_visible()


def test_a_link_says_who_takes_it_up_and_what_to_do_when_it_is_over(desk: Seat, demo: Demo, shared: Shared) -> None:
    [owns, *_] = demo.practice()
    practice = demo.practice_of(owns["email"])
    first, second = demo.colleague(), demo.colleague()
    here, other = desk(phone=True), desk(second)
    here.page.set_viewport_size({"width": 320, "height": 700})
    late, gone, used = (invited(demo, owns["email"], practice) for _ in range(3))
    shared.connection.execute("UPDATE identity_invitation SET expires_at = now() WHERE id = %s", [late.id])
    demo.ask(owns["email"], wire.RevokeInvitation(invitation=gone.id))
    demo.ask(first, wire.AcceptInvitation(token=page_of(used).partition("#")[2]))
    is_over(here, page_of(late), "Sa date est passée. Demandez-en une autre à la personne qui vous invite.")
    is_over(here, page_of(gone), "Elle a été retirée. Demandez-en une autre à la personne qui vous invite.")
    is_over(here, page_of(used), "Elle a déjà servi. Si c’était vous, connectez-vous.")
    is_over(here, "/invitation#%E0%A4%A", "Ce lien n’est pas complet, ou n’a jamais valu. Reprenez-le dans l’e-mail.")

    # A mail that was passed on, opened where somebody is signed in; another link pasted into the same tab.
    mailed = invited(demo, owns["email"], practice, f"quelqu.un.{next(NUMBERS)}@lande.example")
    other.page.goto(page_of(used))
    expect(other.page.get_by_role("heading", name="Cette invitation ne vaut plus")).to_be_visible()
    other.page.goto(linked(demo, str(mailed.email)))
    name = demo.person(second)["name"]
    expect(other.page.get_by_text(re.compile(f"Vous acceptez avec le compte de .?{name}"))).to_be_visible()
    assert breaches(other.page) == []
    twin = other.tab()
    twin.page.goto(linked(demo, str(mailed.email)))
    expect(twin.page.get_by_role("button", name="Accepter")).to_be_visible()
    other.page.get_by_role("button", name="Accepter").click()
    expect(other.page.get_by_text(re.compile("doit encore valider votre arrivée")).first).to_be_attached()
    # The other tab does not offer any longer what has been taken up.
    expect(twin.page.get_by_role("heading", name="Cette invitation ne vaut plus")).to_be_visible()

    # Whoever has an account signs in, and is back at the invitation.
    link = invited(demo, owns["email"], practice)
    here.page.goto(page_of(link))
    here.page.get_by_role("link", name="Se connecter et accepter l’invitation").click()
    person = demo.person(demo.colleague())
    here.page.get_by_label("E-mail").fill(person["email"])
    here.page.get_by_label("Mot de passe", exact=True).fill(person["password"])
    here.page.get_by_role("button", name="Continuer").click()
    expect(here.page.get_by_text(re.compile(f"Vous acceptez avec le compte de .?{person['name']}"))).to_be_visible()
    here.page.get_by_role("button", name="Accepter").click()
    expect(here.page.get_by_text(re.compile("Vous faites partie de .?Cabinet de la Lande")).first).to_be_attached()


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
