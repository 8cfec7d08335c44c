"""Files that are attached to a message: however the line, the page and the tabs behave meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Route, expect

from tests.e2e.people import Demo, Desk
from tests.team.files import samples

Seat = Callable[..., Desk]
PIECE = 8_000_000
LONG = 60_000
# The kept files are read later than the server answers.
SLOW_TO_READ = """
    const all = IDBObjectStore.prototype.getAll;
    IDBObjectStore.prototype.getAll = function (...what) {
      const asked = all.apply(this, what);
      if (this.name === "files")
        asked.addEventListener = (type, listener) =>
          IDBRequest.prototype.addEventListener.call(asked, type, event => setTimeout(listener, 1000, event));
      return asked;
    };
"""


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def large() -> FilePayload:
    """More than one request carries."""
    return payload("Scanner.dcm", samples.dicom() + os.urandom(PIECE + 1_000_000))


def choose(here: Desk, *files: Any) -> None:
    here.page.locator(".attach input[type=file]").first.set_input_files(list(files))


def tray(here: Desk) -> Locator:
    return here.page.locator(".tray .att.up")


class Line:
    """What carries the bytes of uploads: each request says where it begins; from ``held`` on none gets through."""

    def __init__(self, here: Desk, *, held: int | None = None) -> None:
        self.held = held
        self.offsets: list[int] = []
        self._waiting: list[Route] = []
        self._page = here.page
        here.page.route("**/files/*", self._carry)

    def _carry(self, route: Route) -> None:
        if route.request.method != "PATCH":
            return route.continue_()
        offset = int(route.request.headers["upload-offset"])
        self.offsets.append(offset)
        if self.held is not None and offset >= self.held:
            return self._waiting.append(route)
        return route.continue_()

    def wait(self) -> None:
        """Returns when a request is held: all before it has arrived."""
        for _ in range(600):
            if self._waiting:
                return
            self._page.wait_for_timeout(100)
        raise AssertionError("nothing more is sent")

    def cut(self) -> None:
        for route in self._waiting:
            route.abort("connectionreset")
        self._waiting = []


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_files_go_with_the_message_and_what_cannot_go_says_why(
    desk: Seat, demo: Demo, tmp_path: Path, phone: bool
) -> None:
    title = f"Pièces jointes {'téléphone' if phone else 'bureau'}"
    demo.group(title, "helene", "samir")
    huge = tmp_path / "Scanner complet.pdf"
    huge.touch()
    os.truncate(huge, 50_000_001)
    here, there = desk("helene", phone=phone), desk("samir")
    here.open(title)
    there.open(title)
    for name, content in {
        "Écho.pdf": samples.pdf(),
        "ECG.png": samples.picture("PNG", (1200, 800)),
        "visionneuse.pdf.exe": b"MZ" + bytes(300),
        "vide.pdf": b"",
    }.items():
        choose(here, payload(name, content))
    choose(here, huge)
    expect(tray(here)).to_have_count(5)
    expect(tray(here).nth(0)).to_contain_text("prêt, non analysé", timeout=LONG)
    expect(tray(here).nth(1)).to_contain_text("prêt, non analysé", timeout=LONG)
    expect(tray(here).nth(2)).to_contain_text("ce type de fichier n’est pas accepté", timeout=LONG)
    expect(tray(here).nth(3)).to_contain_text("Ce fichier est vide")
    expect(tray(here).nth(4)).to_contain_text("50 Mo, la limite est de 50 Mo")
    expect(here.page.locator(".trayh")).to_contain_text("2 arrivés, 3 refusés")
    right = here.page.viewport_size
    assert right is not None
    assert here.page.evaluate("document.documentElement.scrollWidth") <= right["width"]
    here.send("L’écho et l’ECG.")
    message = there.message("L’écho et l’ECG.")
    expect(message.locator(".att")).to_have_count(2)
    expect(message.locator(".att").first).to_contain_text("Écho")
    expect(here.message("L’écho et l’ECG.").locator("a.att")).to_have_count(2)
    # What did not go stays until it has been seen.
    expect(tray(here)).to_have_count(3)
    here.page.get_by_role("button", name="Tout retirer").click()
    expect(here.page.locator(".tray")).to_have_count(0)


def test_a_message_of_files_alone_goes_and_what_is_written_meanwhile_does_not_wait(desk: Seat, demo: Demo) -> None:
    demo.group("Gros fichier", "helene", "samir")
    here, there = desk("helene"), desk("samir")
    here.open("Gros fichier")
    there.open("Gros fichier")
    line = Line(here, held=PIECE)
    choose(here, large())
    line.wait()
    expect(tray(here)).to_contain_text("8 Mo sur 9 Mo")
    here.page.get_by_role("button", name="Envoyer", exact=True).click()
    pending = here.page.locator("[data-state=waiting]:has(.att.up)")
    expect(pending).to_contain_text("Partira quand les fichiers seront arrivés.")
    here.send("Le scanner arrive.")
    expect(there.message("Le scanner arrive.")).to_be_visible()
    expect(there.page.locator(".att")).to_have_count(0)
    line.held = None
    line.cut()
    expect(there.page.locator(".bub .att")).to_contain_text("Scanner", timeout=LONG)
    expect(pending).to_have_count(0)
    assert line.offsets == [0, PIECE, PIECE]


def test_after_a_reload_it_goes_on_from_where_it_was_and_its_message_goes(desk: Seat, demo: Demo) -> None:
    demo.group("Page rechargée", "helene", "samir")
    here, there = desk("helene"), desk("samir")
    here.open("Page rechargée")
    there.open("Page rechargée")
    line = Line(here, held=PIECE)
    choose(here, large())
    line.wait()
    expect(tray(here)).to_contain_text("8 Mo sur 9 Mo")
    here.send("Voici le scanner.")
    expect(here.page.locator("[data-state=waiting]:has(.att.up)")).to_be_visible()
    line.held = None
    here.page.reload()
    message = there.message("Voici le scanner.")
    expect(message.locator(".att")).to_contain_text("Scanner", timeout=LONG)
    assert line.offsets == [0, PIECE, PIECE]
    expect(here.message("Voici le scanner.").locator("a.att")).to_be_visible(timeout=LONG)


def test_a_paused_file_stays_paused_until_it_is_resumed_and_a_draft_holds_it(desk: Seat, demo: Demo) -> None:
    demo.group("Pause", "helene", "samir")
    here = desk("helene")
    here.open("Pause")
    line = Line(here, held=PIECE)
    choose(here, large())
    line.wait()
    expect(tray(here)).to_contain_text("8 Mo sur 9 Mo")
    here.page.get_by_role("button", name="Mettre en pause").click()
    expect(tray(here)).to_contain_text("En pause")
    line.held = None
    here.context.add_init_script(SLOW_TO_READ)
    here.page.reload()
    expect(tray(here)).to_contain_text("En pause")
    assert line.offsets == [0, PIECE]
    here.page.get_by_role("button", name="Reprendre").click()
    expect(tray(here)).to_contain_text("prêt", timeout=LONG)
    assert line.offsets == [0, PIECE, PIECE]
    tray(here).get_by_role("button", name="Retirer").click()
    expect(here.page.locator(".tray")).to_have_count(0)


def test_a_message_that_waits_for_its_files_is_taken_back(desk: Seat, demo: Demo) -> None:
    demo.group("Repris", "helene", "samir")
    here = desk("helene")
    here.open("Repris")
    Line(here, held=0)
    choose(here, large())
    here.send("Pas encore.")
    here.page.get_by_role("button", name="Reprendre dans le message").click()
    expect(here.composer).to_have_value("Pas encore.")
    expect(tray(here)).to_have_count(1)
    expect(here.messages).to_have_count(0)


def test_another_tab_shows_it_and_goes_on_with_it_when_its_own_is_closed(desk: Seat, demo: Demo) -> None:
    demo.group("Deux onglets", "helene", "samir")
    here = desk("helene")
    here.open("Deux onglets")
    other = here.tab()
    other.open("Deux onglets")
    line, second = Line(here, held=PIECE), Line(other)
    choose(here, large())
    line.wait()
    expect(tray(here)).to_contain_text("8 Mo sur 9 Mo")
    expect(tray(other)).to_contain_text("8 Mo sur 9 Mo")
    assert second.offsets == []
    line.cut()  # what is held as the page closes would still get through
    here.page.close()
    expect(tray(other)).to_contain_text("prêt", timeout=LONG)
    assert (line.offsets, second.offsets) == ([0, PIECE], [PIECE])
    other.send("Reçu ?")
    expect(other.message("Reçu ?").locator("a.att")).to_be_visible(timeout=LONG)


def test_a_device_that_keeps_no_files_says_so_and_takes_the_file_again(desk: Seat, demo: Demo) -> None:
    demo.group("Rien de gardé", "helene", "samir")
    here = desk("helene")
    here.open("Rien de gardé")
    # As on a full disk: what is small still fits.
    here.context.add_init_script(
        "const put = IDBObjectStore.prototype.put;"
        "IDBObjectStore.prototype.put = function (value, ...rest) {"
        "  if (value.content) throw new DOMException('', 'QuotaExceededError');"
        "  return put.call(this, value, ...rest); };"
    )
    here.page.reload()
    expect(here.composer).to_be_visible()
    line = Line(here, held=PIECE)
    choose(here, large())
    line.wait()
    expect(tray(here)).to_contain_text("8 Mo sur 9 Mo")
    expect(here.page.locator(".tray")).to_contain_text("Gardez cet onglet ouvert")
    line.held = None
    here.page.reload()
    expect(tray(here)).to_contain_text("n’est plus sur cet appareil", timeout=LONG)
    expect(here.page.get_by_role("button", name="Envoyer", exact=True)).to_be_disabled()
    tray(here).locator("input[type=file]").set_input_files([large()])
    expect(tray(here)).to_contain_text("prêt", timeout=LONG)
    expect(tray(here)).to_have_count(1)


def test_files_are_dropped_on_the_thread_and_pasted_into_the_text(desk: Seat, demo: Demo) -> None:
    demo.group("Déposés", "helene", "samir")
    here = desk("helene")
    here.open("Déposés")
    expect(here.page.locator(".attach")).to_be_visible()

    def held(name: str) -> Any:
        make = "name => { const held = new DataTransfer(); held.items.add(new File(['%PDF-'], name)); return held; }"
        return here.page.evaluate_handle(make, name)

    thread = here.page.locator(".thread")
    thread.dispatch_event("dragover", {"dataTransfer": held("a.pdf")})
    expect(here.page.locator(".dropover")).to_contain_text("Partira à")
    expect(here.page.locator(".dropover")).to_contain_text("Déposés")
    thread.dispatch_event("drop", {"dataTransfer": held("Courrier.pdf")})
    expect(here.page.locator(".dropover")).to_have_count(0)
    paste = "(field, held) => field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: held, bubbles: true}))"
    here.composer.evaluate(paste, held("Capture.pdf"))
    expect(tray(here)).to_have_count(2)
    expect(tray(here).nth(0)).to_contain_text("Courrier")
    expect(tray(here).nth(1)).to_contain_text("Capture")
    here.page.get_by_role("button", name="Tout retirer").click()
