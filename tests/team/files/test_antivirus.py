"""Files before a real ClamAV: what it knows is refused, and without its verdict nothing passes."""

from __future__ import annotations

import io
import socket
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.kernel import dispatch as dispatching
from server.kernel import vault
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from team.files import antivirus, checking, collecting, sealed_chunks, store
from team.files.internal_commands import AddParts, BeginUpload, Part
from team.files.receiving import _put
from team.files.wire import FileView, GetFile
from tests.factories import Account, account
from tests.stand_ins.clamav import SIGNATURE, STREAM_BYTES, Clamd, clamd
from tests.team.files import samples

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def daemon() -> Iterator[Clamd]:
    with clamd() as daemon:
        yield daemon


@pytest.fixture
def scanner(daemon: Clamd, settings: Any, tmp_path: Path) -> Clamd:
    """The antivirus that this Relais asks."""
    settings.RELAIS_ANTIVIRUS = daemon.address
    settings.RELAIS_FILES = str(tmp_path)
    return daemon


@pytest.fixture
def move_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    really, ahead = dispatching.now, timedelta()

    def move(by: timedelta) -> None:
        nonlocal ahead
        ahead += by
        monkeypatch.setattr(dispatching, "now", lambda: really() + ahead)

    return move


def sent(who: Account, content: bytes) -> UUID:
    """An upload of theirs whose bytes have all come."""
    file, name = uuid7(), "part-0"
    dispatch(who.actor, BeginUpload(id=file, name="Écho.pdf", size=len(content)))
    key = vault.key_for_sealing(sealed_chunks.owner(file))
    _put(store.configured(), key, file, name, content)
    dispatch(who.actor, AddParts(file=file, offset=0, parts=[Part(size=len(content), stored_as=name)]))
    return file


def seen(who: Account, file: UUID) -> FileView:
    return dispatch(who.actor, GetFile(file=file)).file


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("compte-rendu.txt", content)
    return out.getvalue()


def test_a_clean_file_is_ready_and_counts_as_scanned(scanner: Clamd) -> None:
    ada = account()
    file = sent(ada, samples.picture("PNG"))
    checking.check_due()
    assert (seen(ada, file).state, seen(ada, file).unscanned) == ("ready", False)


def test_what_nobody_scans_says_so(scanner: Clamd, settings: Any) -> None:
    settings.RELAIS_ANTIVIRUS = "off"
    ada = account()
    file = sent(ada, samples.picture("PNG"))
    checking.check_due()
    assert (seen(ada, file).state, seen(ada, file).unscanned) == ("ready", True)


@pytest.mark.parametrize("content", [SIGNATURE, samples.picture("PNG") + SIGNATURE, zipped(b"- " + SIGNATURE)])
def test_what_the_antivirus_knows_is_refused_and_nothing_of_it_is_kept(scanner: Clamd, content: bytes) -> None:
    ada = account()
    file = sent(ada, content)
    checking.check_due()
    assert (seen(ada, file).state, seen(ada, file).refusal) == ("refused", "infected")
    assert store.configured().names(file) == []


def test_while_the_scanner_is_away_for_an_hour_files_wait_and_are_none_the_worse_for_it(
    scanner: Clamd, move_clock: Callable[[timedelta], None]
) -> None:
    ada = account()
    clean, bad = sent(ada, samples.picture("PNG")), sent(ada, SIGNATURE)
    scanner.stop()
    try:
        for _ in range(12):
            checking.check_due()
            move_clock(timedelta(minutes=5))
        collecting.collect()
        assert [seen(ada, file).state for file in (clean, bad)] == ["checking", "checking"]
    finally:
        scanner.start()
    checking.check_due()
    assert (seen(ada, clean).state, seen(ada, clean).unscanned) == ("ready", False)
    assert seen(ada, bad).refusal == "infected"


def test_an_answer_that_is_no_verdict_lets_nothing_pass(scanner: Clamd) -> None:
    ada = account()
    file = sent(ada, samples.picture("PNG") + bytes(2 * STREAM_BYTES))
    checking.check_due()
    assert seen(ada, file).state == "checking"


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK, almost\0", b"OK\0", b"\0"])
def test_only_the_words_of_a_verdict_are_one(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(antivirus, "_connect", lambda address: ours)
    with theirs:
        theirs.sendall(answer)
        with pytest.raises(antivirus.ScannerAway):
            antivirus.infection("unix:///clamd.ctl", b"clean")


def test_a_scanner_that_takes_everything_and_says_nothing_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(antivirus, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(antivirus.ScannerAway):
        antivirus.infection(f"tcp://127.0.0.1:{silent.getsockname()[1]}", b"clean")
