"""Locking a device, losing one, and proving again who is there, as people see it."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page, expect

from server.ops import datadir, embedded
from tests.e2e.people import PHONE, Demo, Desk
from tests.e2e.test_becoming_a_user import authenticator
from tests.e2e.test_for_everyone import breaches, whole
from tests.relais_process import Running, eventually

Seat = Callable[..., Desk]

CODE, OTHER = "260815", "971304"
KEPT = """async () => {
  const opened = await new Promise((done, failed) => {
    const asked = indexedDB.open("relais-offline");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = failed;
  });
  const all = {};
  for (const name of opened.objectStoreNames) {
    const rows = await new Promise(done => {
      const asked = opened.transaction(name).objectStore(name).getAll();
      asked.onsuccess = () => done(asked.result);
    });
    all[name] = rows.map(row => JSON.stringify(row));
  }
  opened.close();
  return {...all, local: {...localStorage}};
}"""


def give_code(page: Page, code: str = CODE) -> None:
    """Gives this device a code, on its owner's page."""
    page.goto("/moi/securite")
    page.get_by_role("button", name="Choisir un code").click()
    page.get_by_label("Nouveau code").fill(code)
    page.get_by_label("Le même code").fill(code)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Code enregistré").first).to_be_visible()


def locked(page: Page) -> None:
    expect(page.get_by_role("heading", name="Relais est verrouillé")).to_be_visible()
    expect(page.locator(".app")).to_have_count(0)


def type_code(page: Page, code: str) -> None:
    """Types a code where the field waits for it, without touching it."""
    expect(page.get_by_label("Code de cet appareil")).to_be_focused()
    page.keyboard.type(code)


OF_A_PERSON = " FROM identity_person person WHERE person.id = person_id AND person.email = %s"


def forget_proof(relais: Running, email: str) -> None:
    """As if ten minutes had gone by since they signed in."""
    _change(relais, "UPDATE identity_session SET confirmed_at = now() - interval '1 hour'", email)


def forget_code(relais: Running, email: str) -> None:
    """As if the answer to a removal had never reached the device."""
    _change(relais, "UPDATE identity_session SET lock_secret = NULL, lock_proof = NULL, lock_attempts = 0", email)


def _change(relais: Running, statement: str, email: str) -> None:
    address = embedded.Servers(datadir.open_directory(relais.data)).database_url
    with psycopg.connect(address) as connection:
        connection.execute((statement + OF_A_PERSON).encode(), [email])


@pytest.fixture
def seated(desk: Seat, demo: Demo) -> Desk:
    return desk(demo.colleague())


def test_a_locked_device_shows_and_keeps_nothing_that_can_be_read_and_goes_on_afterwards(seated: Desk) -> None:
    here, page = seated, seated.page
    group = here.demo.group("Verrou", str(seated.who), "maud")
    give_code(page)
    page.goto(f"/discussions/{group}")
    here.composer.fill("Un brouillon sur une tension")
    other = here.tab()
    page.goto("/moi/securite")
    page.get_by_role("button", name="Verrouiller").click()
    locked(page)
    locked(other.page)
    assert "Verrou" not in other.page.locator("body").inner_text()
    assert breaches(page) == []
    kept = page.evaluate(KEPT)
    assert kept["keys"] == []
    assert kept["drafts"], "the draft is still there, encrypted"
    assert "tension" not in str(kept)
    page.reload()
    locked(page)

    type_code(page, OTHER)
    expect(page.get_by_text("Encore 4 essais")).to_be_visible()
    # Pasted, with what a note beside it adds.
    page.get_by_label("Code de cet appareil").fill(f" {CODE[:3]}-{CODE[3:]} ")
    expect(page.locator(".app")).to_be_visible()
    expect(other.page.locator(".app")).to_be_visible()
    page.goto(f"/discussions/{group}")
    expect(here.composer).to_have_value("Un brouillon sur une tension")


def test_time_locks_a_device_by_itself_and_offline_too(seated: Desk) -> None:
    page = seated.page
    page.clock.install()
    give_code(page)
    page.clock.fast_forward("04:30")
    expect(page.locator(".app")).to_be_visible()
    seated.cut(offline=True)
    page.clock.fast_forward("01:00")
    locked(page)
    type_code(page, CODE)
    expect(page.get_by_text("Sans réseau, le code ne peut pas être vérifié")).to_be_visible()
    seated.cut(offline=False)
    type_code(page, CODE)
    expect(page.locator(".app")).to_be_visible()


def test_five_wrong_codes_sign_the_device_out_and_nothing_is_left_of_it(seated: Desk) -> None:
    page = seated.page
    give_code(page)
    page.get_by_role("button", name="Verrouiller").click()
    locked(page)
    for left in (4, 3, 2, 1):
        type_code(page, OTHER)
        expect(page.get_by_text(re.compile(f"Encore {left} essai"))).to_be_visible()
    type_code(page, OTHER)
    expect(page.get_by_label("E-mail")).to_be_visible()
    kept = page.evaluate(KEPT)
    assert [kept[name] for name in ("commands", "drafts", "forms", "keys")] == [[], [], [], []]
    assert "relais.lock" not in kept["local"]


def test_a_device_of_whose_code_nothing_is_known_any_more_says_how_to_go_on(seated: Desk, relais: Running) -> None:
    page = seated.page
    give_code(page)
    page.get_by_role("button", name="Verrouiller").click()
    locked(page)
    forget_code(relais, seated.demo.person(str(seated.who))["email"])
    page.keyboard.type(CODE)
    expect(page.get_by_text("Cet appareil n’a plus de code sur Relais")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("button", name="Code oublié").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_the_device_s_own_authenticator_opens_it_without_the_network(seated: Desk) -> None:
    page = seated.page
    authenticator(page, prf=True)
    page.goto("/moi/securite")
    page.get_by_role("button", name="Choisir un code").click()
    page.get_by_label("Accepter aussi l’empreinte").check()
    page.get_by_label("Nouveau code").fill(CODE)
    page.get_by_label("Le même code").fill(CODE)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("empreinte ou visage acceptés")).to_be_visible()
    page.get_by_role("button", name="Verrouiller").click()
    locked(page)
    seated.cut(offline=True)
    page.get_by_role("button", name="Ouvrir par l’empreinte").click()
    expect(page.get_by_role("heading", name="Relais est verrouillé")).to_have_count(0)
    seated.cut(offline=False)
    expect(page.locator(".app")).to_be_visible()


def test_a_code_that_everybody_tries_first_is_not_taken(seated: Desk) -> None:
    page = seated.page
    page.goto("/moi/securite")
    page.get_by_role("button", name="Choisir un code").click()
    for code in ("111111", "123456", "987654"):
        page.get_by_label("Nouveau code").fill(code)
        page.get_by_label("Le même code").fill(code)
        page.get_by_role("button", name="Enregistrer").click()
        expect(page.get_by_text("Ce code se devine")).to_be_visible()
    page.get_by_label("Nouveau code").fill(CODE)
    page.get_by_label("Le même code").fill(OTHER)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Les deux codes ne sont pas les mêmes")).to_be_visible()
    assert breaches(page) == []


def is_wiped(page: Page) -> bool:
    """Whether the list says so now: the device tells it after it has shown that it is lost."""
    page.reload()
    page.get_by_role("button", name="Perdu").first.wait_for()
    return page.locator(".tag.done", has_text="Effacé").count() == 1


def test_a_lost_device_is_wiped_when_it_comes_back_though_it_was_offline(desk: Seat, demo: Demo) -> None:
    somebody = demo.colleague()
    lost, owner = desk(), desk()
    for one in (lost, owner):
        one.sign_in(somebody)
    group = demo.group("Perdu", somebody, "maud")
    lost.page.goto(f"/discussions/{group}")
    lost.composer.fill("Jamais parti")
    lost.cut(offline=True)
    page = owner.page
    page.goto("/moi/securite")
    # The token of the tests is a device as well, a program.
    page.locator(".settings li", has_not_text="programme").get_by_role("button", name="Perdu").click()
    expect(page.get_by_role("dialog")).to_contain_text("Dès qu’il se reconnecte")
    assert breaches(page) == []
    page.get_by_role("button", name="Fermer et effacer").click()
    expect(page.get_by_text("Effacement dès qu’il se connecte")).to_be_visible()
    lost.cut(offline=False)
    expect(lost.page.get_by_text("Cet appareil a été déclaré perdu")).to_be_visible()
    kept = lost.page.evaluate(KEPT)
    assert "Jamais parti" not in str(kept)
    assert kept["drafts"] == []
    eventually(lambda: is_wiped(page), 60)


def test_what_is_sensitive_asks_who_is_there_and_goes_on_with_what_was_being_done(
    seated: Desk, relais: Running
) -> None:
    here, page = seated, seated.page
    person = here.demo.person(str(here.who))
    page.goto("/moi/profil")
    forget_proof(relais, person["email"])
    page.get_by_role("button", name=re.compile("^(Changer|Ajouter)$")).first.click()
    page.get_by_role("textbox", name="Mobile").fill("06 39 98 77 12")
    page.get_by_role("button", name="Envoyer le code").click()
    expect(page.get_by_role("dialog", name="Confirmez que c’est vous")).to_be_visible()
    assert breaches(page) == []
    page.get_by_label("Mot de passe", exact=True).fill("certainly not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ce n’est pas cela")).to_be_visible()
    page.get_by_label("Mot de passe", exact=True).fill(person["password"])
    page.keyboard.press("Enter")
    # The number that was typed has gone out, without being typed again.
    code = page.locator("[name=mobile_code]")
    expect(code).to_be_visible()
    right = here.demo.captured_code("+33639987712")
    code.fill(f"{(int(right) + 1) % 10**6:06}")
    expect(page.get_by_text(re.compile("essai"))).to_be_visible()
    code.fill(f"{right[:3]} {right[3:]}")
    expect(page.get_by_text("06 39 98 77 12")).to_be_visible()


def test_who_gives_up_changes_nothing_and_keeps_what_was_typed(seated: Desk, relais: Running) -> None:
    page = seated.page
    page.goto("/moi/profil")
    forget_proof(relais, str(seated.who))
    page.get_by_role("button", name=re.compile("^(Changer|Ajouter)$")).first.click()
    page.get_by_role("textbox", name="Mobile").fill("06 39 98 77 13")
    page.get_by_role("button", name="Envoyer le code").click()
    expect(page.get_by_role("dialog", name="Confirmez que c’est vous")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Mobile")).to_have_value("06 39 98 77 13")


@pytest.mark.parametrize("flows", [[], [{"id": "mfa_reauthenticate", "types": ["webauthn"]}]])
def test_where_nothing_can_prove_who_is_there_the_phone_says_what_to_do(
    desk: Seat, demo: Demo, relais: Running, flows: list[dict[str, object]]
) -> None:
    here = desk(phone=True)
    somebody = demo.colleague()
    here.sign_in(somebody)
    page = here.page
    page.add_init_script("delete window.PublicKeyCredential")  # as on a phone without passkeys
    page.route("**/auth/confirmation", lambda route: route.fulfill(json={"status": 200, "data": {"flows": flows}}))
    page.goto("/moi/profil")
    forget_proof(relais, somebody)
    page.get_by_role("button", name=re.compile("^(Changer|Ajouter)$")).first.click()
    page.get_by_role("textbox", name="Mobile").fill("06 39 98 77 15")
    page.get_by_role("button", name="Envoyer le code").click()
    dialog = page.get_by_role("dialog", name="Confirmez que c’est vous")
    expect(dialog.get_by_text("Déconnectez-vous, puis connectez-vous de nouveau")).to_be_visible()
    assert breaches(page) == []
    whole(page, PHONE["width"], "no way to confirm")
    dialog.get_by_role("button", name="Fermer").last.click()
    expect(page.get_by_role("textbox", name="Mobile")).to_have_value("06 39 98 77 15")


def test_a_code_on_its_way_is_sent_again_or_given_up_and_a_wrong_one_stays_said(seated: Desk) -> None:
    here, page = seated, seated.page
    page.goto("/moi/profil")
    page.get_by_role("button", name=re.compile("^(Changer|Ajouter)$")).first.click()
    page.get_by_role("textbox", name="Mobile").fill("06 39 98 77 14")
    page.get_by_role("button", name="Envoyer le code").click()
    code = page.locator("[name=mobile_code]")
    expect(code).to_be_visible()
    wrong = f"{(int(here.demo.captured_code('+33639987714')) + 1) % 10**6:06}"
    for _ in range(2):  # the same again is not asked again, and does not look as if it were right
        code.fill(wrong)
        expect(page.get_by_text("Encore 4 essais")).to_be_visible()
    page.get_by_role("button", name="Changer de numéro").click()
    expect(page.get_by_role("textbox", name="Mobile")).to_have_value("06 39 98 77 14")
    page.get_by_role("button", name="Annuler").click()
    expect(page.get_by_role("textbox", name="Mobile")).to_have_count(0)


def test_back_from_the_question_of_a_forgotten_code_the_code_is_typed_at_once(seated: Desk) -> None:
    page = seated.page
    give_code(page)
    page.get_by_role("button", name="Verrouiller").click()
    locked(page)
    page.get_by_role("button", name="Code oublié").click()
    page.get_by_role("button", name="Revenir au code").click()
    type_code(page, CODE)
    expect(page.locator(".app")).to_be_visible()


def test_a_phone_proposes_a_code_once_a_month(desk: Seat, demo: Demo) -> None:
    page = desk(demo.colleague(), phone=True).page
    proposal = page.get_by_role("region", name="Un code pour cet appareil")
    expect(proposal).to_be_visible()
    assert breaches(page) == []
    proposal.get_by_role("button", name="Pas maintenant").click()
    expect(proposal).to_have_count(0)
    page.reload()
    expect(page.locator(".app")).to_be_visible()
    expect(proposal).to_have_count(0)
    page.clock.install(time=page.evaluate("Date.now() + 31 * 86_400_000"))
    page.reload()
    expect(proposal).to_be_visible()
    give_code(page)
    page.goto("/discussions")
    expect(page.get_by_role("heading", name="Discussions")).to_be_visible()
    expect(proposal).to_have_count(0)


def test_an_owner_bounds_the_lock_of_the_team_and_members_are_told(desk: Seat, demo: Demo) -> None:
    owner = desk(demo.practice()[0]["email"])
    page = owner.page
    page.goto("/equipe")
    page.get_by_role("link", name="Fiche").click()

    def bound(choice: str) -> None:
        page.get_by_role("button", name="Modifier", exact=True).first.click()
        page.get_by_label("Verrouillage des appareils").select_option(label=choice)
        assert breaches(page) == []
        page.get_by_role("dialog").get_by_role("button", name="Enregistrer").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("definition").filter(has_text=choice)).to_be_visible()

    bound("Après 2 minutes sans geste, au plus")
    page.goto("/moi/securite")
    expect(page.get_by_text("Votre organisation autorise 2 minutes")).to_be_visible()
    page.goto("/equipe")
    page.get_by_role("link", name="Fiche").click()
    bound("Au choix de chaque membre")
