"""From "Créer un compte" to a verified account with a second factor, and signing in with it afterwards."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.people import Desk
from tests.e2e.test_for_everyone import LARGE, breaches, tab_to, whole
from tests.relais_process import Running, relais

Seat = Callable[..., Desk]

PASSWORD = "une promenade dans la lande"
NEWCOMERS = count(1)


def totp(secret: str, steps_ahead: int = 0) -> str:
    """The code of an application for this secret (RFC 6238)."""
    moment = struct.pack(">Q", int(time.time()) // 30 + steps_ahead)
    digest = hmac.new(base64.b32decode(secret), moment, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def authenticator(page: Page, *, prf: bool = False) -> CDPSession:
    """A passkey's device that says yes by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        "hasPrf": prf,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def declare(page: Page, email: str) -> None:
    """Fills in the form of who one is."""
    page.get_by_label("Prénom").fill("Rozenn")
    page.get_by_label("Nom d’exercice").fill("Tadvilliers")
    page.get_by_label("E-mail professionnel").fill(email)
    page.get_by_label("Profession et spécialité").select_option(label="Sage-Femme")
    page.locator("label:has(input[name=practice_mode])", has_text="Libéral").click()
    page.get_by_label("Code postal").fill("35600")
    page.locator("select[name=city]").select_option("Redon")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)


def sign_up(desk: Desk) -> str:
    """The way from the entrance to an account; its address."""
    page = desk.page
    email = f"rozenn.{next(NEWCOMERS)}@cabinet-guer.example"
    page.goto("/")
    page.get_by_role("link", name="Créer un compte").click()
    page.get_by_role("button", name="Manuellement").click()
    declare(page, email)
    page.get_by_role("button", name="Continuer").click()
    for box in page.locator(".agreement input").all():
        box.check()
    page.get_by_role("button", name="Recevoir mon code").click()
    page.get_by_label("Code reçu par e-mail").fill(desk.demo.captured_code(email))
    expect(page.get_by_role("heading", name="Est-ce vous")).to_be_visible()
    return email


def verify(here: Running, email: str) -> None:
    done = relais("person", "verify", email, data=here.data)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_somebody_makes_an_account_and_each_screen_can_be_used_by_everybody(desk: Seat, phone: bool) -> None:
    here = desk(phone=phone)
    page = here.page
    page.goto("/inscription")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert breaches(page) == []
    page.get_by_role("button", name="Manuellement").click()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("8 champs à corriger")).to_be_visible()
    expect(page.get_by_label("Prénom")).to_be_focused()
    assert breaches(page) == []
    email = f"rozenn.{next(NEWCOMERS)}@cabinet-guer.example"
    declare(page, email)
    page.reload()
    expect(page.get_by_label("E-mail professionnel")).to_have_value(email)
    expect(page.get_by_label("Mot de passe", exact=True)).to_have_value("")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Deux accords et un code")).to_be_focused()
    page.get_by_role("button", name="Recevoir mon code").click()
    expect(page.get_by_text("Acceptez les deux textes")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("button", name="Lire les conditions").click()
    expect(page.get_by_role("dialog")).to_contain_text("Version 2026-11")
    page.keyboard.press("Escape")
    for box in page.locator(".agreement input").all():
        box.check()
    page.get_by_role("button", name="Recevoir mon code").click()
    code = page.get_by_label("Code reçu par e-mail")
    expect(page.get_by_text("Renvoyer dans")).to_be_visible()
    right = here.demo.captured_code(email)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    # A phone drops the page while its owner reads their mail.
    page.reload()
    expect(code).to_be_focused()
    code.fill(wrong)
    expect(page.get_by_text("Encore 4 essais")).to_be_visible()
    assert breaches(page) == []
    # Pasted with the spaces that a mail program adds.
    code.fill(f"{right[:3]} {right[3:]}")
    expect(page.get_by_role("heading", name="Est-ce vous")).to_be_visible()
    expect(page.get_by_text("Le registre")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("button", name="Continuer sans fiche").click()
    expect(page.get_by_role("heading", name="Bonjour")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("link", name="Compléter mon profil").click()
    expect(page.get_by_role("heading", name="Profil", level=1)).to_be_visible()
    assert breaches(page) == []
    page.get_by_text("Secteur 1", exact=True).click()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Profil enregistré.").first).to_be_visible()


def test_what_somebody_typed_wrongly_is_said_at_its_field_by_the_server_too(desk: Seat) -> None:
    here = desk()
    page = here.page
    page.goto("/inscription")
    page.get_by_role("button", name="Manuellement").click()
    declare(page, "r.tadvilliers@cabinet-guer.example")
    page.get_by_label("Mot de passe", exact=True).fill("rozenn tadvilliers")
    page.get_by_role("button", name="Continuer").click()
    for box in page.locator(".agreement input").all():
        box.check()
    page.get_by_role("button", name="Recevoir mon code").click()
    expect(page.get_by_text("ressemble trop à votre nom")).to_be_visible()
    expect(page.get_by_label("E-mail professionnel")).to_have_value("r.tadvilliers@cabinet-guer.example")


def test_a_second_factor_comes_first_and_signs_in_from_then_on(desk: Seat, relais: Running) -> None:
    here = desk()
    page = here.page
    email = sign_up(here)
    page.get_by_role("button", name="Continuer sans fiche").click()
    expect(page.get_by_role("heading", name="Bonjour")).to_be_visible()
    verify(relais, email)
    # The page goes on by itself: the server closes the socket, and greets anew.
    expect(page.get_by_role("heading", name="Ajoutez un second facteur")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("button", name="Application de codes").click()
    secret = page.locator(".key code").inner_text().replace(" ", "")
    assert breaches(page) == []
    page.get_by_label("Code de l’application").fill("000000")
    expect(page.get_by_text("Ce code n’est pas le bon")).to_be_visible()
    page.get_by_label("Code de l’application").fill(totp(secret))
    expect(page.get_by_role("heading", name="Gardez vos codes")).to_be_visible()
    recovery = page.locator(".recovery.shown code").all_inner_texts()
    assert len(recovery) == 10
    assert breaches(page) == []
    page.get_by_role("button", name="Terminer").click()
    expect(page.get_by_text("Gardez les codes d’abord")).to_be_visible()
    page.get_by_label("Je les ai gardés").check()
    page.get_by_role("button", name="Terminer").click()
    expect(page.locator(".app")).to_be_visible()

    authenticator(page)
    page.goto("/moi/securite")
    expect(page.get_by_text("10 restants sur 10")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.locator(".settings .tile + .grow", has_text="Clé d’accès")).to_be_visible()

    page.goto("/moi")
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Second facteur")).to_be_focused()
    assert breaches(page) == []
    page.get_by_role("button", name="Utiliser un code de secours").click()
    page.get_by_label("Code de secours").fill("pas-un-code")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Ce code n’est pas le bon")).to_be_visible()
    page.get_by_label("Code de secours").fill(recovery[0])
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator(".app")).to_be_visible()
    page.goto("/moi/securite")
    expect(page.get_by_text("9 restants sur 10")).to_be_visible()

    page.goto("/moi")
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.locator(".app")).to_be_visible()


def test_a_forgotten_password_says_nothing_of_who_has_an_account(desk: Seat) -> None:
    here = desk()
    page = here.page
    page.goto("/connexion")
    page.get_by_role("link", name="Mot de passe oublié").click()
    expect(page.get_by_role("heading", name="Mot de passe oublié")).to_be_visible()
    assert breaches(page) == []
    for email in ("helene.vauquier@relais.example", "personne@relais.example"):
        page.get_by_label("E-mail").fill(email)
        page.get_by_role("button", name="Recevoir un lien").click()
        expect(page.get_by_text("Si cette adresse a un compte")).to_be_visible()
    page.goto("/mot-de-passe#cle-qui-ne-vaut-rien")
    page.get_by_label("Nouveau mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Choisir ce mot de passe").click()
    expect(page.get_by_text("Ce lien ne vaut plus")).to_be_visible()
    assert breaches(page) == []


@pytest.mark.parametrize("path", ["/invitation#rien", "/activation#rien"])
def test_a_link_that_is_no_invitation_says_so(desk: Seat, path: str) -> None:
    here = desk()
    here.page.goto(path)
    expect(here.page.get_by_role("heading", name="Cette invitation ne vaut plus")).to_be_visible()
    assert breaches(here.page) == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_of_the_entrance_is_lost_when_text_is_twice_as_large(desk: Seat, width: int) -> None:
    here = desk(phone=True)
    page = here.page
    page.set_viewport_size({"width": width, "height": 844})
    for path in ("/connexion", "/inscription", "/mot-de-passe-oublie"):
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        whole(page, width, path)
        page.evaluate(LARGE)
        whole(page, width, path)
    page.goto("/inscription")
    page.get_by_role("button", name="Manuellement").click()
    page.evaluate(LARGE)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("champs à corriger")).to_be_visible()
    whole(page, width, "form")


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_of_one_s_own_pages_is_lost_when_text_is_twice_as_large(desk: Seat, width: int) -> None:
    here = desk("helene", phone=True)
    here.page.set_viewport_size({"width": width, "height": 844})
    for path in ("/moi/profil", "/moi/securite"):
        here.page.goto(path)
        expect(here.page.locator("main h2").first).to_be_visible()
        whole(here.page, width, path)
        here.page.evaluate(LARGE)
        whole(here.page, width, path)
        assert breaches(here.page) == [], path


def test_an_account_can_be_begun_by_keyboard_alone(desk: Seat) -> None:
    here = desk()
    page, press = here.page, here.page.keyboard.press
    page.goto("/inscription")
    tab_to(page.get_by_role("button", name="Manuellement"))
    press("Enter")
    expect(page.get_by_role("heading", name="Qui êtes-vous")).to_be_focused()
    press("Tab")
    page.keyboard.type("Rozenn")
    tab_to(page.get_by_role("button", name="Continuer"))
    press("Enter")
    expect(page.get_by_label("Nom d’exercice")).to_be_focused()
