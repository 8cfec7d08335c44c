"""Demo people at their devices: what they see, what they press."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from itertools import count
from typing import Any, Literal, TypeVar
from uuid import UUID

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    StorageState,
    ViewportSize,
    WebSocket,
    expect,
)

from relais_client import Client, Closed, uuid7, wire
from relais_client.wire import NOT_SIGNED_IN, WIPED
from tests.relais_process import ROOT, Running, environment, eventually

R = TypeVar("R")

NUMBERS = count(7)
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# What the browser itself says about an answer that is not 200: signing in wrongly is one.
EXPECTED = re.compile(r"Failed to load resource|WebSocket connection to .* failed|net::ERR_INTERNET_DISCONNECTED")

expect.set_options(timeout=15_000)
CONFIRMED_SECONDS = 420
"""For so long after signing in nothing sensitive asks again who is there; the server has ten minutes."""


class Demo:
    """The demo world as `relais demo` prints it, and whoever is made for one test alone.

    The demo's own people are everybody's: a test may write and book in their name, but what would change them for the
    next test (their settings, rights, devices, whom they block or refuse) it does with a ``colleague`` of its own or a
    ``practice``. `tests/e2e/shared.py` finds those that do not.
    """

    def __init__(self, relais: Running) -> None:
        printed = relais.command("demo")
        self.url = relais.url
        self.data = relais.data
        self.people: list[dict[str, Any]] = printed["people"]
        self.agendas: list[dict[str, Any]] = printed["agendas"]
        self.signed_in: dict[str, float] = {}
        self._maker: subprocess.Popen[str] | None = None

    def close(self) -> None:
        if self._maker is not None:
            self._maker.communicate()

    def made(self, *wish: str) -> Any:
        """The answer of `tests.e2e.making`."""
        if self._maker is None:
            self._maker = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.making", str(self.data)],
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._maker.stdin is not None
        assert self._maker.stdout is not None
        self._maker.stdin.write(f"{json.dumps(wish)}\n")
        self._maker.stdin.flush()
        return json.loads(self._maker.stdout.readline())

    def colleague(self) -> str:
        """The address of a verified practitioner whom no other test knows, of the same CPTS as the demo's."""
        person = self.made("colleague")
        self.people.append(person)
        return str(person["email"])

    def practice(self) -> list[dict[str, Any]]:
        """The owner of a practice that no other test knows, a doctor with the agenda "Médecine générale", and a nurse
        without rights."""
        members: list[dict[str, Any]] = self.made("practice")
        self.people += members
        return members

    def practice_of(self, owner: str) -> str:
        """The id of the practice that somebody owns."""
        [found] = self.made("organisations", owner)
        return str(found)

    def captured_code(self, to: str) -> str:
        """The six digits of the last message to somebody that has any."""
        found: list[str] = []

        def has_come() -> bool:
            texts = [one["text"] for one in self.made("captured") if one["to"] == to]
            found[:] = re.findall(r"\b\d{6}\b", "\n".join(texts))
            return bool(found)

        eventually(has_come)
        return found[-1]

    def person(self, who: str) -> dict[str, Any]:
        """Somebody by their address, or by what it begins with."""
        return next(one for one in self.people if one["email"].startswith(who))

    def ask(self, who: str, command: wire.Command[R]) -> R:
        """The answer to one command of somebody's, from another device of theirs."""
        person = self.person(who)

        async def asked() -> R:
            async with Client(self.url, person["token"], name="tests") as client:
                await client.connected()
                return await client.call(command)

        # The thread of the pages has a loop of its own that runs.
        with ThreadPoolExecutor(1) as thread:
            try:
                return thread.submit(lambda: asyncio.run(asked())).result()
            except Closed as closed:
                if closed.code not in {NOT_SIGNED_IN, WIPED}:
                    raise
                person["token"] = self.made("token", person["email"])
                return thread.submit(lambda: asyncio.run(asked())).result()

    def release_holds(self, who: str) -> None:
        """Gives back what somebody holds: all their devices know of it, those of the next test too."""
        for held in self.ask(who, wire.ListHolds()).holds:
            self.ask(who, wire.ReleaseSlot(hold=held.hold))

    def _opened(self, kind: Literal["direct", "group"], title: str | None, opener: str, *others: str) -> str:
        members = [UUID(self.person(other)["id"]) for other in others]
        opening = wire.OpenConversation(id=uuid7(), kind=kind, members=members, title=title)
        return str(self.ask(opener, opening).conversation.id)

    def group(self, title: str, *who: str) -> str:
        """A new group, opened by the first of them; its id."""
        return self._opened("group", title, *who)

    def direct(self, who: str, other: str) -> str:
        """The conversation of these two, which may be there already; its id."""
        return self._opened("direct", None, who, other)

    def write(self, who: str, conversation: str, text: str) -> None:
        self.ask(who, wire.SendMessage(id=uuid7(), conversation=UUID(conversation), body=text))

    def history(self, who: str, conversation: str) -> list[wire.MessageView]:
        """The last fifty messages, the oldest first."""
        page = self.ask(who, wire.GetHistory(conversation=UUID(conversation), limit=50))
        return page.messages[::-1]


class Desk:
    """One browser of one person. ``faults`` collects what may never happen: a script's error, a breach of policy."""

    def __init__(
        self,
        browser: Browser,
        demo: Demo,
        sessions: dict[str, StorageState],
        who: str | None,
        *,
        phone: bool = False,
        dark: bool = False,
        english: bool = False,
    ) -> None:
        self.demo = demo
        self.who = who
        self.phone = phone
        self.english = english
        self.has_held = False
        # Nobody may have more than a few SMS an hour sent to one number.
        self.mobile = f"06 39 98 41 {next(NUMBERS) % 100:02}"
        self.faults: list[str] = []
        if who and time.monotonic() - demo.signed_in.get(who, 0) > CONFIRMED_SECONDS:
            sessions.pop(who, None)
        self.context = browser.new_context(
            base_url=demo.url,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            color_scheme="dark" if dark else "light",
            locale="en-GB" if english else "fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            storage_state=sessions.get(who) if who else None,
        )
        self.page: Page = self._new_page()
        if who and who not in sessions:
            self.sign_in(who)
            # Each browser is a device of its own: only the session is carried over, not the device's id.
            demo.signed_in[who] = time.monotonic()
            sessions[who] = {"cookies": self.context.storage_state()["cookies"]}
        elif who:
            self.page.goto("/discussions")
            expect(self.page.locator(".app")).to_be_visible()

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        opened: list[WebSocket] = []
        self._opened = opened

        def asked(request: Request) -> None:
            # The sockets of the page before are gone with it, and say nothing more.
            if request.is_navigation_request():
                opened.clear()

        page.on("websocket", lambda socket: opened.append(socket))
        page.on("request", asked)
        return page

    def wait_loaded(self, module: str) -> None:
        """Until a part of the client that is loaded lazily is there. Playwright's own ``wait_for_function`` evaluates
        its words anew in the page whenever it has to wait, which the page's policy forbids."""
        names = "module => performance.getEntriesByType('resource').some(one => one.name.includes(`/${module}-`))"
        eventually(lambda: self.page.evaluate(names, module))

    def sockets(self) -> int:
        """How many sockets this page has open."""
        return sum(not one.is_closed() for one in self._opened)

    def tab(self) -> Desk:
        """Another tab of the same browser, beside this one."""
        other = copy(self)
        other.page = other._new_page()
        other.page.goto("/discussions")
        expect(other.page.locator(".app")).to_be_visible()
        return other

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            self.faults.append(message.text)

    def leave(self) -> None:
        self.context.close()
        if self.has_held and self.who:
            self.demo.release_holds(self.who)

    def sign_in(self, who: str, password: str | None = None) -> None:
        self.who = who
        person = self.demo.person(who)
        self.page.goto("/")
        self.page.get_by_label("E-mail").fill(person["email"])
        secret, go_on = ("Password", "Continue") if self.english else ("Mot de passe", "Continuer")
        self.page.get_by_label(secret, exact=True).fill(password or person["password"])
        self.page.get_by_role("button", name=go_on).click()
        if password is None and person["verified"]:
            expect(self.page.locator(".app")).to_be_visible()

    # Discussions

    def row(self, title: str) -> Locator:
        """By the whole title: other tests have conversations whose titles begin alike."""
        whole = re.compile(rf"^(Dr )?{re.escape(title)}$")
        return self.page.locator(".conv", has=self.page.locator(".l1 > bdi", has_text=whole))

    def open(self, title: str) -> None:
        self.row(title).click()
        expect(self.composer).to_be_visible()

    @property
    def composer(self) -> Locator:
        return self.page.get_by_label("Votre message")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".flow [data-key]:has(.bub)")

    def message(self, text: str) -> Locator:
        return self.messages.filter(has_text=text)

    def send(self, text: str) -> None:
        self.composer.fill(text)
        if self.phone:
            self.page.get_by_role("button", name="Envoyer").click()
        else:
            self.composer.press("Enter")

    def cut(self, *, offline: bool) -> None:
        """Takes the network away, or gives it back."""
        self.context.set_offline(offline)

    # Adressage

    def search(self, text: str) -> None:
        self.page.goto("/adressage")
        self.page.get_by_label("Qui ou quoi").fill(text)

    def choose(self, name: str, reason: str) -> None:
        """From the search to the slots of a colleague."""
        found = self.page.locator(".res", has_text=name).first
        found.get_by_role("button", name="Prendre rendez-vous").click()
        options = self.page.get_by_label("Motif").locator("option", has_text=reason)
        expect(options).not_to_have_count(0)
        self.page.get_by_label("Motif").select_option(label=options.first.inner_text())
        self.turn_to_a_week_with(14)

    @property
    def slots(self) -> Locator:
        return self.page.locator("button.slot:enabled")

    def turn_to_a_week_with(self, count: int) -> None:
        """On a Friday evening, or after many tests, the first week has few slots left."""
        expect(self.slots.first).to_be_visible()
        while self.slots.count() < count:
            self.page.get_by_role("button", name="Semaine suivante").click()
            expect(self.slots.first).to_be_visible()

    def slot(self, start: str) -> Locator:
        return self.page.locator(f'button.slot[data-start="{start}"]')

    def hold(self, at: int) -> str:
        """Touches the slot at this place of the list; when it begins."""
        self.turn_to_a_week_with(at + 1)
        slot = self.slots.nth(at)
        start = slot.get_attribute("data-start")
        assert start is not None
        self.has_held = True
        slot.click()
        expect(self.page.get_by_label("Nom de famille")).to_be_visible()
        return start

    def fill_patient(self, family_name: str, **changes: str) -> None:
        typed = {
            "Prénom(s)": "Odile Marie",
            "Nom de famille": family_name,
            "Date de naissance": "14/03/1954",
            "Commune de naissance": "Ploërmel",
            "Téléphone mobile": self.mobile,
            **changes,
        }
        self.page.get_by_text("Madame", exact=True).click()
        for label, value in typed.items():
            self.page.get_by_label(label).fill(value)
        self.page.locator("label:has(input[name=seen_before])", has_text="Non").click()

    def confirm(self) -> None:
        self.page.get_by_role("button", name="Confirmer le rendez-vous").click()
