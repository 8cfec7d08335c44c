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
from pathlib import Path
from typing import Any

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

from relais_client import wire
from relais_client.client import Client
from tests.relais_process import ROOT, environment

NUMBERS = count(7)
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# What the browser itself says about an answer that is not 200: signing in wrongly is one.
EXPECTED = re.compile(r"Failed to load resource|WebSocket connection to .* failed|net::ERR_INTERNET_DISCONNECTED")

expect.set_options(timeout=15_000)
CONFIRMED_SECONDS = 420
"""For so long after signing in nothing sensitive asks again who is there; the server has ten minutes."""


class Demo:
    """The demo world as `relais demo` prints it."""

    def __init__(self, url: str, printed: dict[str, Any]) -> None:
        self.url = url
        self.people: list[dict[str, Any]] = printed["people"]
        self.agendas: list[dict[str, Any]] = printed["agendas"]
        self.signed_in: dict[str, float] = {}

    def person(self, who: str) -> dict[str, Any]:
        return next(one for one in self.people if one["email"].startswith(who))

    def client(self, who: str, *words: str) -> Any:
        """One command of the program for the command line, as somebody else's device."""
        token = self.person(who)["token"]
        command = [str(Path(sys.executable).with_name("relais-client")), "--url", self.url, "--json", *words]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(RELAIS_TOKEN=token),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        printed = [json.loads(line) for line in done.stdout.splitlines()]
        return printed[0] if len(printed) == 1 else printed

    def ask(self, who: str, command: Any) -> Any:
        """The answer to one command of somebody's, from another device of theirs."""

        async def asked() -> Any:
            async with Client(self.url, self.person(who)["token"], name="tests") as client:
                await client.connected()
                return await client.call(command)

        # The thread of the pages has a loop of its own that runs.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(asked())).result()

    def release_holds(self, who: str) -> None:
        """Gives back what somebody holds: all their devices know of it, those of the next test too."""
        for held in self.ask(who, wire.ListHolds()).holds:
            self.ask(who, wire.ReleaseSlot(hold=held.hold))

    def group(self, title: str, *who: str) -> str:
        """A new group, opened by the first of them; its id."""
        opener, *others = who
        opened = self.client(opener, "open", "--title", title, *(self.person(other)["id"] for other in others))
        return str(opened["id"])

    def write(self, who: str, conversation: str, text: str) -> None:
        self.client(who, "send", conversation, text)


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
        self.page.get_by_label("Mot de passe", exact=True).fill(password or person["password"])
        self.page.get_by_role("button", name="Continuer").click()
        if password is None and person["verified"]:
            expect(self.page.locator(".app")).to_be_visible()

    # Discussions

    def row(self, title: str) -> Locator:
        return self.page.locator(".conv", has_text=title)

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
