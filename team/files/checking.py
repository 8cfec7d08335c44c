"""Checks files whose bytes are all there: asks the antivirus, has them inspected, and keeps what may be kept.

A file that is due is a row (``check_after``); a worker claims it for some minutes. Nothing is left half done: what is
kept is stored under new names before the outcome is recorded, and the parts of the upload go after that.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection
from msgspec.structs import replace

from server.kernel import dispatch, vault
from server.kernel.authentication import SYSTEM
from team.files import antivirus, sealed_chunks, store
from team.files.inspection.report import Report
from team.files.internal_commands import RecordCheck
from team.files.models import UploadPart
from team.files.wire import FILE_BYTES

log = logging.getLogger("team.files")

CLAIM_LASTS = timedelta(minutes=5)
"""Longer than a check takes, its antivirus and its inspection included."""
ATTEMPTS = 3
"""So often may a worker die of a file before it is refused."""
INSPECTION_SECONDS = 120
PAUSE = timedelta(seconds=15)
"""Between two attempts while the antivirus or the store is away."""
CONTENT, THUMBNAIL = "content", "thumbnail"
_ROOT = Path(__file__).resolve().parents[2]
_running = threading.Lock()


def preview(page: int) -> str:
    """The object that shows a page, counted from 1."""
    return f"preview-{page}"


class Claimed(NamedTuple):
    """A file that this worker checks, and until when nobody else does."""

    file: UUID
    size: int
    attempts: int
    until: datetime


def check_due() -> None:
    """Checks everything that is due, one at a time in each process: a check may take some hundred MiB."""
    if not _running.acquire(blocking=False):
        return
    try:
        while (claimed := _claim()) is not None:
            dispatch.dispatch(SYSTEM, _checked(claimed))
            _delete_parts(claimed.file)
    finally:
        _running.release()


def _claim() -> Claimed | None:
    now = dispatch.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM team_file WHERE state = 'checking' AND check_after <= %s"
            " AND (claimed_until IS NULL OR claimed_until <= %s) ORDER BY check_after LIMIT 1 FOR UPDATE SKIP LOCKED)"
            " UPDATE team_file file SET attempts = attempts + 1, claimed_until = %s FROM due WHERE file.id = due.id"
            " RETURNING file.id, file.received, file.attempts, file.claimed_until",
            (now, now, now + CLAIM_LASTS),
        )
        row = cursor.fetchone()
    return Claimed(*row) if row else None


def _checked(claimed: Claimed) -> RecordCheck:
    """What is to be recorded of one file. What it keeps is stored."""
    nothing = RecordCheck(file=claimed.file, claimed_until=claimed.until)
    if claimed.attempts > ATTEMPTS:
        return replace(nothing, refusal="damaged")
    try:
        return _found(claimed, nothing)
    except (vault.Unreadable, store.Missing):
        log.error("upload does not open", extra={"fields": {"file": claimed.file}})
        return replace(nothing, refusal="damaged")
    except Infected:
        return replace(nothing, refusal="infected", scanned=True)
    except (antivirus.ScannerAway, OSError) as error:
        # The scanner or the store is away, or full: the file is not to blame, and waits.
        log.warning("file not checked", extra={"fields": {"file": claimed.file, "error": str(error)}})
        return replace(nothing, retry_at=dispatch.now() + PAUSE)


def _found(claimed: Claimed, nothing: RecordCheck) -> RecordCheck:
    stored = store.configured()
    key = vault.key_for_sealing(sealed_chunks.owner(claimed.file))
    content = _uploaded(stored, key, claimed.file)
    scanned = _scanned(content)
    report = inspected(content)
    if report.refusal:
        return replace(nothing, refusal=report.refusal, scanned=scanned)
    kept = content if report.content is None else report.content
    if len(kept) > FILE_BYTES:
        return replace(nothing, refusal="too_large", scanned=scanned)
    _keep(stored, key, claimed.file, kept, report)
    return replace(
        nothing,
        type=report.type,
        size=len(kept),
        scanned=scanned,
        thumbnail=report.thumbnail is not None,
        previews=len(report.previews),
        pages=report.pages,
        width=report.width,
        height=report.height,
        seconds=report.seconds,
    )


class Infected(Exception):
    """The antivirus knows this content."""


def _scanned(content: bytes) -> bool:
    """Whether the antivirus has looked at it; ``Infected`` when it found something."""
    if antivirus.is_off(settings.RELAIS_ANTIVIRUS):
        return False
    if antivirus.infection(settings.RELAIS_ANTIVIRUS, content) is not None:
        raise Infected
    return True


def _uploaded(stored: store.Store, key: vault.Key, file: UUID) -> bytes:
    parts = UploadPart.objects.filter(file=file).order_by("start")
    return b"".join(sealed_chunks.open_whole(stored, key, file, part.stored_as, part.size) for part in parts)


def inspected(content: bytes) -> Report:
    """What inspecting these bytes finds, in a process of its own. One that dies or hangs has met a damaged file."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "team.files.inspection"],
            input=content,
            capture_output=True,
            timeout=INSPECTION_SECONDS,
            check=False,
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT), "PATH": "/usr/bin:/bin"},
        )
    except subprocess.TimeoutExpired:
        return Report(refusal="too_large")
    if done.returncode:
        log.warning("inspection died", extra={"fields": {"code": done.returncode}})
        return Report(refusal="damaged")
    return msgspec.msgpack.decode(done.stdout, type=Report)


def _keep(stored: store.Store, key: vault.Key, file: UUID, content: bytes, report: Report) -> None:
    _put(stored, key, file, CONTENT, [content])
    if report.thumbnail is not None:
        _put(stored, key, file, THUMBNAIL, [report.thumbnail])
    for page, shown in enumerate(report.previews, 1):
        _put(stored, key, file, preview(page), [shown])


def _put(stored: store.Store, key: vault.Key, file: UUID, name: str, content: Iterable[bytes]) -> None:
    appending = stored.append(file, name)
    try:
        for chunk in sealed_chunks.seal(key, name, content):
            appending.write(chunk)
        appending.finish()
    except BaseException:
        appending.abandon()
        raise


def _delete_parts(file: UUID) -> None:
    """The objects of an upload that is checked; one that is checked again later keeps them."""
    left = set(UploadPart.objects.filter(file=file).values_list("stored_as", flat=True))
    stored = store.configured()
    parts = [name for name in stored.names(file) if name.startswith("part-") and name not in left]
    stored.delete(file, parts)
