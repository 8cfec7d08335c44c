"""Who comes in, who does not, and what they are told."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.people import Demo, Desk

Seat = Callable[..., Desk]


def test_a_wrong_password_says_what_to_check_and_keeps_the_address(desk: Seat) -> None:
    here = desk()
    here.sign_in("maud", password="certainly not this one")
    expect(here.page.get_by_role("alert").filter(has_text="E-mail ou mot de passe incorrect")).to_be_visible()
    expect(here.page.get_by_label("E-mail")).to_have_value(here.demo.person("maud")["email"])
    expect(here.page.locator(".app")).to_have_count(0)


def test_what_is_missing_is_said_at_the_field_before_anything_is_sent(desk: Seat) -> None:
    here = desk()
    here.page.goto("/")
    sent: list[str] = []
    here.page.on("request", lambda request: sent.append(request.method))
    here.page.get_by_role("button", name="Continuer").click()
    expect(here.page.get_by_text("Saisissez votre adresse e-mail.")).to_be_visible()
    expect(here.page.get_by_text("Saisissez votre mot de passe.")).to_be_visible()
    expect(here.page.get_by_label("E-mail")).to_be_focused()
    assert "POST" not in sent


def test_the_password_can_be_shown_and_caps_lock_is_said(desk: Seat) -> None:
    here = desk()
    here.page.goto("/")
    password = here.page.get_by_label("Mot de passe", exact=True)
    password.fill("ouvert")
    here.page.get_by_role("button", name="Afficher le mot de passe").click()
    expect(password).to_have_attribute("type", "text")
    password.evaluate(
        "field => field.dispatchEvent(new KeyboardEvent('keydown', {key: 'A', bubbles: true, modifierCapsLock: true}))"
    )
    expect(here.page.get_by_text("La touche Verr. Maj est active.")).to_be_visible()


def test_an_address_pasted_from_a_mail_program_signs_in(desk: Seat) -> None:
    here = desk()
    person = here.demo.person("aline")
    here.page.goto("/")
    here.page.get_by_label("E-mail").fill(f"Aline \u200b<{person['email']}>")
    here.page.get_by_label("Mot de passe", exact=True).fill(person["password"])
    here.page.keyboard.press("Enter")
    expect(here.page.locator(".app")).to_be_visible()


def test_the_page_speaks_the_language_of_the_browser_until_one_is_chosen(desk: Seat) -> None:
    here = desk(english=True)
    here.page.goto("/")
    expect(here.page.get_by_role("button", name="Continue")).to_be_visible()
    here.page.get_by_role("button", name="Français").click()
    expect(here.page.get_by_role("button", name="Continuer")).to_be_visible()
    here.page.reload()
    expect(here.page.get_by_role("button", name="Continuer")).to_be_visible()
    expect(here.page.get_by_role("button", name="Français")).to_have_attribute("aria-pressed", "true")


def test_somebody_not_verified_comes_in_and_finds_nothing_clinical(desk: Seat) -> None:
    here = desk()
    here.sign_in("ewen")
    expect(here.page.get_by_role("heading", name="Bonjour")).to_be_visible()
    expect(here.page.get_by_role("heading", name="Prouvez votre identité")).to_be_visible()
    for path in ("/discussions", "/adressage", "/agenda", "/annuaire"):
        here.page.goto(path)
        expect(here.page.get_by_role("heading", name="Prouvez votre identité")).to_be_visible()
        expect(here.page.locator(".app")).to_have_count(0)


def test_signing_in_leads_to_where_one_was_going_and_signing_out_leaves_nothing(desk: Seat) -> None:
    here = desk()
    here.page.goto("/agenda")
    here.page.get_by_label("E-mail").fill(here.demo.person("aline")["email"])
    here.page.get_by_label("Mot de passe", exact=True).fill(here.demo.person("aline")["password"])
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_role("link", name="Agenda")).to_have_attribute("aria-current", "page")
    here.page.goto("/moi")
    here.page.get_by_role("button", name="Se déconnecter").click()
    expect(here.page.get_by_label("E-mail")).to_be_visible()
    here.page.goto("/discussions")
    expect(here.page.get_by_label("E-mail")).to_be_visible()
    expect(here.page.locator(".conv")).to_have_count(0)


def test_a_session_ended_elsewhere_closes_this_screen_at_once(desk: Seat, demo: Demo) -> None:
    somebody = demo.colleague()
    here, there = desk(), desk()
    for one in (here, there):
        one.sign_in(somebody)
    expect(here.page.get_by_role("heading", name="Discussions")).to_be_visible()
    ended = there.page.evaluate(END_OTHERS)
    assert ended == "done"
    expect(here.page.get_by_text("Votre session a pris fin")).to_be_visible()
    expect(here.page.locator(".app")).to_have_count(0)


# Another socket of the same session, as a screen that lists devices would use it.
END_OTHERS = """() => new Promise((resolve, reject) => {
  const address = new URL("/ws", location.href);
  address.protocol = "ws:";
  const socket = new WebSocket(address, "relais.v1");
  const ask = (id, method, params) => socket.send(JSON.stringify({jsonrpc: "2.0", id, method, params}));
  socket.onerror = reject;
  const client = {name: "test", version: "1", device: crypto.randomUUID()};
  socket.onopen = () => ask(1, "hello", {protocol: 1, client});
  socket.onmessage = ({data}) => {
    const {id, error} = JSON.parse(data);
    if (error) reject(JSON.stringify(error));
    if (id === 1) ask(2, "session.end_others", {});
    if (id === 2) { socket.close(); resolve("done"); }
  };
})"""
