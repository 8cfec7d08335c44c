"""Two people talk: live, through a cut of the line, and whatever they write."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Demo, Desk

Seat = Callable[..., Desk]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_message_is_unread_then_read_and_its_author_sees_both(desk: Seat, demo: Demo, phone: bool) -> None:
    title = f"Relais de garde {'téléphone' if phone else 'bureau'}"
    demo.group(title, "helene", "samir")
    hers, his = desk("helene", phone=phone), desk("samir", phone=phone)
    his.open(title)
    expect(his.page.locator(".typing")).to_have_text("")
    hers.open(title)
    if not phone:
        hers.page.keyboard.press("Escape")
    else:
        hers.page.get_by_role("link", name="Retour aux discussions").click()

    his.composer.press_sequentially("Je prends ")
    hers.open(title)
    his.composer.press_sequentially("la garde")
    expect(hers.page.locator(".typing")).to_contain_text("Dr Samir Belkhadra")
    hers.page.goto("/discussions")
    his.send("Je prends la garde de ce soir")
    expect(his.message("garde de ce soir").locator(".meta")).to_contain_text("Envoyé")
    expect(hers.row(title).get_by_role("img", name="1 message non lu")).to_be_visible()
    expect(hers.row(title)).to_contain_text("Je prends la garde de ce soir")

    hers.open(title)
    expect(hers.message("garde de ce soir")).to_be_visible()
    expect(his.message("garde de ce soir").locator(".meta")).to_contain_text("Lu par")
    expect(hers.row(title).get_by_role("img", name="non lu")).to_have_count(0)


def test_what_is_written_offline_leaves_once_when_the_network_is_back(desk: Seat, demo: Demo) -> None:
    title = "Coupure de réseau"
    demo.group(title, "helene", "samir")
    hers, his = desk("helene"), desk("samir")
    hers.open(title)
    his.open(title)
    hers.send("Avant la coupure")
    expect(his.message("Avant la coupure")).to_be_visible()

    hers.cut(offline=True)
    for number in range(3):
        hers.send(f"Écrit hors ligne {number}")
    expect(hers.page.locator(".notice")).to_contain_text("Hors ligne. 3 messages partiront au retour du réseau.")
    his.send("Pendant la coupure")
    expect(hers.message("Écrit hors ligne 2").locator(".meta")).to_have_text("En attente de réseau")

    hers.cut(offline=False)
    expect(hers.page.locator(".notice")).to_have_count(0, timeout=45_000)
    expect(hers.page.locator(".sync").first).to_have_text("À jour")
    expect(hers.message("Pendant la coupure")).to_have_count(1)
    for number in range(3):
        expect(his.message(f"Écrit hors ligne {number}")).to_have_count(1)
    written = [text for text in his.messages.all_inner_texts() if "hors ligne" in text]
    assert [re.findall(r"hors ligne (\d)", text)[0] for text in written] == ["0", "1", "2"]


def test_what_was_written_survives_closing_the_page_before_it_left(desk: Seat, demo: Demo) -> None:
    title = "Page fermée trop tôt"
    conversation = demo.group(title, "maud", "samir")
    hers = desk("maud")
    hers.open(title)
    hers.cut(offline=True)
    hers.send("Écrit juste avant de fermer")
    expect(hers.page.locator(".meta.wait")).to_be_visible()
    hers.cut(offline=False)
    hers.page.reload()
    expect(hers.message("Écrit juste avant de fermer").locator(".meta")).to_contain_text("Envoyé", timeout=45_000)
    bodies = [one.body for one in demo.history("samir", conversation)]
    assert bodies.count("Écrit juste avant de fermer") == 1


def test_hostile_text_is_shown_as_text_and_stays_in_its_bubble(desk: Seat, demo: Demo) -> None:
    title = "Textes \u202eselitsoh"
    conversation = demo.group(title, "samir", "helene")
    markup = '<img src=x onerror="window.wounded=1"><script>window.wounded=1</script>'
    override = "facture\u202efdp.exe"
    link = "Voir javascript:alert(1) et https://exemple.test/a?b=1."
    for text in (markup, override, link):
        demo.write("samir", conversation, text)
    here = desk("helene")
    here.open(title)
    expect(here.message("onerror").locator(".body")).to_have_text(markup)
    assert here.page.evaluate("window.wounded") is None
    assert here.page.locator(".flow img, .flow script").count() == 0

    body = here.message("facture").locator(".body")
    assert body.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"
    meta = here.page.locator(".msg .meta time").last
    assert re.fullmatch(r"\d\d:\d\d", meta.inner_text())
    shown = here.message("Voir").locator("a")
    expect(shown).to_have_count(1)
    expect(shown).to_have_attribute("href", "https://exemple.test/a?b=1")
    expect(shown).to_have_attribute("rel", re.compile("noopener"))
    expect(here.page.locator(".flow")).to_be_visible()
    title_box = here.row(title).locator(".l1 bdi")
    assert title_box.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"


def test_a_draft_is_kept_for_each_conversation(desk: Seat, demo: Demo) -> None:
    demo.group("Brouillon un", "helene", "samir")
    demo.group("Brouillon deux", "helene", "samir")
    here = desk("helene")
    here.open("Brouillon un")
    here.composer.fill("pas encore fini")
    here.open("Brouillon deux")
    expect(here.composer).to_have_value("")
    here.open("Brouillon un")
    expect(here.composer).to_have_value("pas encore fini")


@pytest.mark.parametrize("end", ["reload", "address", "session"])
def test_a_draft_holds_its_reply_and_outlives_the_page_and_the_session(desk: Seat, demo: Demo, end: str) -> None:
    title = f"Brouillon gardé {end}"
    conversation = demo.group(title, "brune", "samir")
    demo.write("samir", conversation, "Une question ?")
    here = desk()
    here.sign_in("brune")
    here.open(title)
    here.message("Une question").hover()
    here.message("Une question").get_by_role("button", name="Répondre").click()
    here.composer.press_sequentially("Une réponse à moitié")
    if end == "reload":
        here.page.reload()
    elif end == "address":
        here.page.goto("/agenda")
    else:
        here.page.context.clear_cookies()
        here.page.reload()
        expect(here.page.get_by_text("1 brouillon est gardé")).to_be_visible()
        here.sign_in("brune")
    here.page.goto("/discussions")
    expect(here.row(title)).to_contain_text("Brouillon : Une réponse à moitié")
    here.open(title)
    expect(here.composer).to_have_value("Une réponse à moitié")
    expect(here.page.locator(".creply")).to_contain_text("Une question ?")
    here.composer.press("Enter")
    expect(here.message("Une réponse à moitié").locator(".quote")).to_have_text("Une question ?")
    here.page.goto("/discussions")
    expect(here.row(title)).to_contain_text("Vous : Une réponse à moitié")
    here.open(title)
    expect(here.composer).to_have_value("")


def test_nothing_waiting_is_lost_by_signing_out_without_a_question(desk: Seat, demo: Demo) -> None:
    title = "Déconnexion prudente"
    demo.group(title, "brune", "samir")
    here = desk()
    here.sign_in("brune")
    here.open(title)
    here.composer.fill("À finir")
    here.page.get_by_role("link", name="Moi").first.click()
    here.page.get_by_role("button", name="Se déconnecter").click()
    dialog = here.page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 brouillon n’est pas envoyé.")
    dialog.get_by_role("button", name="Annuler").click()
    here.page.goto("/discussions")
    here.open(title)
    expect(here.composer).to_have_value("À finir")
    here.page.goto("/moi")
    here.page.get_by_role("button", name="Se déconnecter").click()
    dialog.get_by_role("button", name="Se déconnecter quand même").click()
    here.sign_in("brune")
    here.open(title)
    expect(here.composer).to_have_value("")


def test_keys_of_an_input_method_are_not_ours(desk: Seat, demo: Demo) -> None:
    title = "Méthode de saisie"
    demo.group(title, "helene", "samir")
    here = desk("helene")
    here.open(title)
    session = here.context.new_cdp_session(here.page)

    def compose(text: str) -> None:
        place = {"selectionStart": len(text), "selectionEnd": len(text)}
        session.send("Input.imeSetComposition", {"text": text, **place})

    here.composer.focus()
    compose("かんじ")
    here.page.keyboard.press("Enter")
    expect(here.messages).to_have_count(0)
    expect(here.page.locator(".flow .mine")).to_have_count(0)
    here.page.keyboard.press("Escape")
    expect(here.composer).to_be_visible()
    session.send("Input.insertText", {"text": "漢字"})
    here.page.keyboard.press("Enter")
    expect(here.message("漢字")).to_be_visible()
    expect(here.composer).to_have_value("")


def test_a_message_is_answered_by_a_swipe_and_by_a_long_press(desk: Seat, demo: Demo) -> None:
    title = "Du bout du doigt"
    conversation = demo.group(title, "samir", "helene")
    demo.write("samir", conversation, "Un message à toucher")
    here = desk("helene", phone=True)
    here.open(title)
    bubble = here.message("à toucher")
    expect(bubble.get_by_role("button", name="Répondre")).to_have_count(1)
    here.wait_loaded("Fingers")
    session = here.context.new_cdp_session(here.page)
    box = bubble.locator(".bub").bounding_box()
    assert box is not None
    x, y = box["x"] + 20, box["y"] + box["height"] / 2

    def touch(kind: str, at: float | None = None) -> None:
        points = [] if at is None else [{"x": at, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", x)
    for step in range(1, 9):
        touch("touchMove", x + step * 10)
    touch("touchEnd")
    expect(here.page.locator(".creply")).to_contain_text("Un message à toucher")
    here.page.get_by_role("button", name="Ne pas répondre à ce message").click()
    expect(here.page.locator(".creply")).to_have_count(0)
    touch("touchStart", x)
    sheet = here.page.get_by_role("dialog", name="Message")
    expect(sheet).to_contain_text("Un message à toucher")
    touch("touchEnd")
    sheet.get_by_role("button", name="Répondre").click()
    expect(here.page.locator(".creply")).to_contain_text("Un message à toucher")


def test_links_and_telephone_numbers_in_messages_lead_somewhere(desk: Seat, demo: Demo) -> None:
    conversation = demo.group("Liens", "samir", "helene")
    demo.write("samir", conversation, "Voir (https://exemple.test/a_(b)), ou « 06 39 98 41 07 ».")
    here = desk("helene")
    here.open("Liens")
    links = here.message("Voir").locator(".body a")
    expect(links).to_have_text(["https://exemple.test/a_(b)", "06 39 98 41 07"])
    expect(links.nth(1)).to_have_attribute("href", "tel:0639984107")


def test_the_title_of_the_page_follows_what_is_unread(desk: Seat, demo: Demo) -> None:
    conversation = demo.group("Titre vivant", "samir", "jildaz")
    here = desk()
    here.sign_in("jildaz")
    expect(here.row("Titre vivant")).to_be_visible()
    before = here.page.title()
    demo.write("samir", conversation, "Un")
    expect(here.page).not_to_have_title(before)
    assert re.fullmatch(r"\(\d+\) Relais", here.page.title())


def test_enter_sends_on_the_desktop_and_goes_to_a_new_line_on_the_phone(desk: Seat, demo: Demo) -> None:
    demo.group("Touche entrée", "helene", "samir")
    large, small = desk("helene"), desk("samir", phone=True)
    large.open("Touche entrée")
    large.composer.press_sequentially("une")
    large.composer.press("Shift+Enter")
    large.composer.press_sequentially("deux")
    large.composer.press("Enter")
    expect(large.message("une").locator(".body")).to_have_text("une\ndeux")
    expect(large.composer).to_have_value("")
    small.open("Touche entrée")
    small.composer.press_sequentially("trois")
    small.composer.press("Enter")
    expect(small.composer).to_have_value("trois\n")
    small.page.get_by_role("button", name="Envoyer").click()
    expect(large.message("trois")).to_be_visible()


def test_too_long_a_message_is_kept_and_not_sent(desk: Seat, demo: Demo) -> None:
    demo.group("Message trop long", "helene", "samir")
    here = desk("helene")
    here.open("Message trop long")
    here.composer.fill("a" * 20_003)
    expect(here.page.get_by_text("3 caractères de trop")).to_be_visible()
    expect(here.page.get_by_role("button", name="Envoyer")).to_be_disabled()
    here.composer.press("Enter")
    expect(here.messages).to_have_count(0)


def test_older_messages_arrive_above_without_moving_what_is_read(desk: Seat, demo: Demo) -> None:
    title = "Longue discussion"
    conversation = demo.group(title, "samir", "helene")
    writer = desk("samir")
    writer.open(title)
    for number in range(120):
        writer.send(f"Message numéro {number:03}")
    expect(writer.message("Message numéro 119").locator(".meta")).to_contain_text("Envoyé", timeout=60_000)
    reader = desk("helene")
    reader.page.goto(f"/discussions/{conversation}")
    reader.page.get_by_role("button", name="Aller au dernier message").click()
    expect(reader.row(title).get_by_role("img", name="non lu")).to_have_count(0)
    reader.page.reload()
    expect(reader.message("Message numéro 119")).to_be_in_viewport()
    flow = reader.page.locator(".flow")
    expect(reader.message("Message numéro 020")).to_have_count(0)
    flow.evaluate("box => { box.scrollTop = 320 }")
    anchor = flow.evaluate(TOPMOST)
    flow.evaluate("box => { box.scrollTop = 120 }")
    expect(reader.message("Message numéro 020")).to_have_count(1)
    top = flow.evaluate(PLACE_OF, anchor["key"])
    assert abs(top - anchor["top"] - 200) < 3
    expect(reader.page.get_by_role("button", name="Aller au dernier message")).to_be_visible()
    demo.write("samir", conversation, "Dernière nouvelle")
    reader.page.get_by_role("button", name="1 nouveau message").click()
    expect(reader.message("Dernière nouvelle")).to_be_in_viewport()


@pytest.mark.parametrize("offline", [False, True], ids=["online", "offline"])
def test_what_one_sends_is_shown_although_more_than_a_screen_is_unread(desk: Seat, demo: Demo, offline: bool) -> None:
    title = f"Beaucoup de nouveau {'sans' if offline else 'avec'} réseau"
    demo.group(title, "samir", "helene")
    writer = desk("samir")
    writer.open(title)
    for number in range(40):
        writer.send(f"Message numéro {number:03}")
    expect(writer.message("Message numéro 039").locator(".meta")).to_contain_text("Envoyé", timeout=60_000)
    reader = desk("helene", phone=True)
    reader.open(title)
    expect(reader.message("Message numéro 000")).to_be_in_viewport()
    expect(reader.message("Message numéro 039")).not_to_be_in_viewport()
    reader.cut(offline=offline)
    reader.send("Ma réponse")
    if offline:
        expect(reader.page.locator(".notice")).to_contain_text("Hors ligne")
        expect(reader.message("Ma réponse").locator(".meta")).to_have_text("En attente de réseau")
    else:
        # Its addressee may have read it before it is looked at.
        expect(reader.message("Ma réponse").locator(".meta")).to_contain_text(re.compile("Envoyé|Lu par"))
    expect(reader.message("Ma réponse")).to_be_in_viewport()
    reader.page.get_by_role("link", name="Retour aux discussions").click()
    expect(reader.row(title)).to_contain_text("Vous : Ma réponse")


def test_a_message_in_which_there_is_nothing_to_see_is_cleared(desk: Seat, demo: Demo) -> None:
    demo.group("Rien à voir", "helene", "samir")
    here = desk("helene")
    here.open("Rien à voir")
    here.send("\u200b\u2060")
    expect(here.composer).to_have_value("")
    expect(here.messages).to_have_count(0)


TOPMOST = """box => {
  const top = box.getBoundingClientRect().top;
  const row = [...box.querySelectorAll("[data-key]")].find(one => one.getBoundingClientRect().top >= top);
  return {key: row.dataset.key, top: row.getBoundingClientRect().bottom};
}"""
PLACE_OF = '(box, key) => box.querySelector(`[data-key="${key}"]`).getBoundingClientRect().bottom'


def test_a_group_is_opened_changed_and_left_from_the_screen(desk: Seat, demo: Demo) -> None:
    hers, his = desk("brune"), desk("jorick")
    hers.page.keyboard.press("n")
    dialog = hers.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Un groupe").click()
    dialog.get_by_role("button", name="Ouvrir la discussion").click()
    expect(dialog.get_by_text("Donnez un nom au groupe, sans nom de patient.")).to_be_visible()
    dialog.get_by_label("Nom du groupe").fill("Réunion du mardi")
    dialog.get_by_label("Chercher une personne").fill("ozanne")
    dialog.get_by_role("button", name="Jorick Ozanne").click()
    dialog.get_by_role("button", name="Ouvrir la discussion").click()
    expect(hers.page.get_by_role("heading", name="Réunion du mardi", level=1)).to_be_visible()
    # He is of none of her organisations: until he accepts he is shown to her as invited.
    expect(hers.page.get_by_text("Ils ne lisent rien du groupe")).to_be_visible()
    waits = his.page.get_by_role("region", name="Groupes en attente").locator("li", has_text="Réunion du mardi")
    waits.get_by_role("button", name="Accepter").click()
    expect(his.composer).to_be_visible()
    expect(hers.page.get_by_text("Ils ne lisent rien du groupe")).to_have_count(0)
    expect(his.page.get_by_role("button", name="Retirer Dr Jorick Ozanne")).to_have_count(0)

    hers.page.get_by_role("button", name="Ajouter").click()
    dialog.get_by_label("Chercher une personne").fill("kervadec")
    dialog.get_by_role("button", name="Solène Kervadec").click()
    expect(his.page.get_by_text("3 participants").first).to_be_visible()

    hers.page.get_by_role("button", name=re.compile("Retirer.*Ozanne")).click()
    expect(dialog).to_contain_text("n’aura plus accès")
    dialog.get_by_role("button", name="Retirer", exact=True).click()
    expect(his.page.get_by_text("Cette discussion n’existe pas, ou vous n’y participez plus.")).to_be_visible()
    expect(his.row("Réunion du mardi")).to_have_count(0)


def test_whoever_looks_after_a_group_lets_somebody_else_do_so_on_screens_that_are_open(desk: Seat, demo: Demo) -> None:
    title = "Responsables"
    demo.group(title, "helene", "samir")
    hers, his = desk("helene"), desk("samir", phone=True)
    hers.open(title)
    his.open(title)
    his.page.get_by_role("button", name="Participants et réglages").click()
    expect(his.page.get_by_role("button", name="Quitter la discussion")).to_be_visible()
    expect(his.page.get_by_role("button", name="Renommer")).to_have_count(0)
    hers.page.get_by_role("button", name=re.compile("Rôle de .*Samir Belkhadra")).click()
    hers.page.get_by_role("dialog").get_by_role("button", name="Nommer responsable").click()
    expect(his.page.get_by_role("button", name="Renommer")).to_be_visible()
    expect(hers.page.locator(".event").last).to_contain_text("est maintenant responsable de la discussion")

    his.page.get_by_role("button", name=re.compile("Rôle de .*Samir Belkhadra")).click()
    his.page.get_by_role("dialog").get_by_role("button", name="Retirer").click()
    expect(his.page.get_by_role("button", name="Renommer")).to_have_count(0)
    hers.page.get_by_role("button", name=re.compile("Rôle de .*Hélène Vauquier")).click()
    dialog = hers.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Retirer").click()
    expect(dialog.get_by_text("Nommez d’abord un autre responsable.")).to_be_visible()
    dialog.get_by_role("button", name="Annuler").click()

    hers.page.get_by_role("button", name="Quitter la discussion").click()
    hers.page.get_by_role("dialog").get_by_role("button", name="Quitter").click()
    expect(his.page.get_by_role("button", name="Renommer")).to_be_visible()
