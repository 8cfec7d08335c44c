"""Who writes to whom: asking first, being asked, blocking, and putting a conversation away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from relais_client import wire
from tests.e2e.people import DESKTOP, PHONE, Demo, Desk
from tests.e2e.test_for_everyone import breaches, tab_to, whole

Seat = Callable[..., Desk]


def writes_to(desk: Desk, name: str) -> None:
    """Presses "Écrire" beside a colleague of the directory."""
    desk.page.goto("/annuaire")
    desk.page.get_by_label("Qui ou quoi").fill(name)
    desk.page.locator(".res", has_text=name).first.get_by_role("button", name="Écrire").click()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_whoever_wants_to_be_asked_is_asked_and_both_see_where_it_stands(desk: Seat, demo: Demo, phone: bool) -> None:
    other = demo.colleague()
    name = demo.person(other)["name"].split()[-1]
    demo.ask(other, wire.SetContactRule(rule="ask_first"))
    here, there = desk("loise", phone=phone), desk(other, phone=phone)
    writes_to(here, name)
    dialog = here.page.get_by_role("dialog")
    expect(dialog).to_contain_text("veut qu’on lui demande d’abord")
    why = dialog.get_by_label("Pourquoi souhaitez-vous lui écrire")
    why.fill("x" * 301)
    expect(dialog.get_by_text("301 caractères")).to_be_visible()
    assert breaches(here.page) == []
    why.fill("Un patient\u200b commun\r\nà Ploërmel")
    tab_to(dialog.get_by_role("button", name="Envoyer la demande"))
    here.page.keyboard.press("Enter")
    expect(dialog.get_by_text("Demande envoyée")).to_be_visible()
    here.page.keyboard.press("Escape")
    # Pressed again, it says where the request stands, and sends none.
    writes_to(here, name)
    expect(here.page.get_by_role("dialog").get_by_text("Demande envoyée")).to_be_visible()

    there.page.get_by_role("link", name="1 personne demande à vous écrire").click()
    asked = there.page.get_by_role("region", name="Demandes", exact=True)
    expect(asked).to_contain_text("Loïse Sandranaye")
    expect(asked).to_contain_text("Un patient commun")
    assert breaches(there.page) == []
    whole(there.page, (PHONE if phone else DESKTOP)["width"], "contacts")
    here.page.goto("/moi/contacts")
    mine = here.page.get_by_role("region", name="Mes demandes")
    expect(mine.locator("li", has_text=name)).to_contain_text("Demande envoyée")
    if phone:
        asked.get_by_role("button", name="Refuser").click()
        there.page.get_by_label("Lui faire savoir que je refuse").check()
        there.page.get_by_role("dialog").get_by_role("button", name="Refuser").click()
        expect(mine.locator("li", has_text=name)).to_contain_text("Demande refusée")
    else:
        asked.get_by_role("button", name="Accepter").click()
        row = mine.locator("li", has_text=name)
        expect(row).to_contain_text("Demande acceptée")
        row.get_by_role("button", name="Écrire").click()
        here.send("Bonjour, merci d’avoir accepté.")
        expect(here.message("merci d’avoir accepté")).to_be_visible()
    expect(asked.get_by_text("Aucune demande en attente")).to_be_visible()


def test_in_a_conversation_of_two_a_block_closes_it_for_both_and_says_nothing_to_the_other(
    desk: Seat, demo: Demo
) -> None:
    one, blocked = demo.colleague(), demo.colleague()
    here, phone, other = desk(one), desk(one, phone=True), desk(blocked)
    title = demo.person(blocked)["name"].removeprefix("Dr ")
    writes_to(here, title)
    here.send("Avant le blocage")
    other.open(demo.person(one)["name"].removeprefix("Dr "))
    expect(other.message("Avant le blocage")).to_be_visible()
    phone.open(title)
    here.page.get_by_role("button", name="Bloquer").click()
    dialog = here.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Dans les groupes que vous partagez")
    assert breaches(here.page) == []
    dialog.get_by_role("button", name="Bloquer").click()
    for mine in (here, phone):
        expect(mine.page.get_by_text("Vous avez bloqué")).to_be_visible()
        expect(mine.composer).to_have_count(0)
    assert breaches(phone.page) == []
    whole(phone.page, PHONE["width"], "a closed conversation")
    # The other sees a form as before, and is told what is told of somebody who has left.
    other.send("Êtes-vous là ?")
    expect(other.page.get_by_text("n’est pas joignable sur Relais")).to_be_visible()
    expect(other.page.get_by_text("bloqué")).to_have_count(0)
    other.page.get_by_role("button", name="Supprimer").click()
    phone.page.get_by_role("button", name="Débloquer").click()
    for mine in (here, phone):
        expect(mine.composer).to_be_visible()
    other.send("De nouveau")
    expect(here.message("De nouveau")).to_be_visible()
    expect(here.message("Êtes-vous là")).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_conversation_is_put_away_and_comes_back_with_the_next_message(desk: Seat, demo: Demo, phone: bool) -> None:
    who = demo.colleague()
    name = demo.person(who)["name"].removeprefix("Dr ")
    here, elsewhere = desk("samir", phone=phone), desk("samir")
    opened = demo.direct("samir", who)
    demo.write("samir", opened, "Rangé")
    here.open(name)
    expect(elsewhere.row(name)).to_be_visible()
    if phone:
        here.page.get_by_role("button", name="Participants et réglages").click()
    here.page.get_by_role("button", name="Retirer de la liste").click()
    for mine in (here, elsewhere):
        expect(mine.page.locator(".list .conv").first).to_be_visible()
        expect(mine.row(name)).to_have_count(0)
    here.page.reload()
    expect(here.page.locator(".list .conv").first).to_be_visible()
    expect(here.row(name)).to_have_count(0)
    here.page.get_by_label("Rechercher dans les discussions").fill(name.split()[1])
    expect(here.row(name)).to_be_visible()
    here.page.get_by_label("Rechercher dans les discussions").fill("")
    demo.write(who, opened, "Une réponse")
    for mine in (here, elsewhere):
        expect(mine.row(name)).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_strangers_group_waits_above_the_conversations_until_it_is_answered(
    desk: Seat, demo: Demo, phone: bool
) -> None:
    title = f"Télé-expertise océan {'mobile' if phone else 'bureau'}"
    asked = demo.colleague()
    demo.write("maud", demo.direct("maud", asked), "Bonjour")
    here = desk(asked, phone=phone)
    group = demo.group(title, "loise", "maud", asked)
    text = f"Rien à lire ici, {title}"
    demo.write("loise", group, text)
    waits = here.page.get_by_role("region", name="Groupes en attente").locator("li", has_text=title)
    expect(waits).to_contain_text("Loïse Sandranaye")
    expect(waits).to_contain_text("Vous y êtes invité")
    expect(here.row(title)).to_have_count(0)
    expect(here.page.get_by_text(text)).to_have_count(0)
    assert breaches(here.page) == []
    whole(here.page, (PHONE if phone else DESKTOP)["width"], "a group that waits")
    if phone:
        waits.get_by_role("button", name="Refuser").click()
        expect(waits).to_have_count(0)
        demo.write("loise", group, "Toujours rien")
        here.page.reload()
        expect(here.page.locator(".list .conv").first).to_be_visible()
        expect(here.row(title)).to_have_count(0)
        return
    tab_to(waits.get_by_role("button", name="Accepter"))
    here.page.keyboard.press("Enter")
    expect(here.message(text)).to_be_visible()
    expect(waits).to_have_count(0)
