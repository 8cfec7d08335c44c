"""Files in a conversation, as the other person finds them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import expect

from relais_client import wire
from server.kernel.identifiers import uuid7
from tests.e2e.people import Demo, Desk
from tests.relais_process import eventually
from tests.team.files import samples

Seat = Callable[..., Desk]


def uploaded(demo: Demo, who: str, name: str, content: bytes) -> UUID:
    """A file of somebody's, sent from another program, once it has been checked."""
    file = uuid7()
    pairs = {"id": str(file), "filename": name}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    headers = {
        "Authorization": f"Bearer {demo.person(who)['token']}",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "Upload-Metadata": metadata,
        "Content-Type": "application/offset+octet-stream",
    }
    answer = httpx.post(f"{demo.url}/files/", headers=headers, content=content, timeout=30)
    assert answer.status_code == 201, answer.text
    eventually(lambda: demo.ask(who, wire.GetFile(file=file)).file.state != "checking", 60)
    return file


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_files_stand_in_the_thread_with_what_they_are_and_are_saved_by_a_tap(
    desk: Seat, demo: Demo, phone: bool
) -> None:
    title = f"Compte rendu {'téléphone' if phone else 'bureau'}"
    group = UUID(demo.group(title, "helene", "samir"))
    letter = uploaded(demo, "helene", "Échographie cardiaque transthoracique du 24 novembre 2026.pdf", samples.pdf())
    photo = uploaded(demo, "helene", "ECG.heic", samples.picture("HEIF", (1200, 800)))
    refused = uploaded(demo, "helene", "visionneuse.pdf.exe", b"MZ" + bytes(300))
    sent = wire.SendMessage(id=uuid7(), conversation=group, body="Voici l’écho.", attachments=[letter, photo])
    demo.ask("helene", sent)
    assert demo.ask("helene", wire.GetFile(file=refused)).file.refusal == "type"

    his = desk("samir", phone=phone)
    his.open(title)
    message = his.message("Voici l’écho.")
    expect(message.locator(".att")).to_have_count(2)
    expect(message.locator(".att").first).to_contain_text("2 pages")
    expect(message.locator(".att").first).to_contain_text("non analysé")
    expect(message.locator(".att").last).to_contain_text("ECG")
    expect(message.locator("img.ft").last).to_have_js_property("complete", value=True)
    beyond = "(one) => one.getBoundingClientRect().right - one.closest('.bub').getBoundingClientRect().right"
    assert message.locator(".att").first.evaluate(beyond) <= 0
    with his.page.expect_download() as download:
        message.get_by_role("link", name="ECG.jpg").click()
    assert download.value.suggested_filename == "ECG.jpg"
