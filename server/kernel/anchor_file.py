"""Anchors of the audit log that are kept outside the database, in a file that only grows.

A line is ``2026-11-22T09:30:00+00:00 41:5f0c…``: when, the anchor's number, and its digest in hexadecimal. The value
after the time is what the log says too, and what ``relais audit verify --anchor`` takes.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

DIGEST_BYTES = 32


class NotAnAnchor(Exception):
    """What was given is neither an anchor nor a file of anchors; the message says where it stops being one."""


class OutsideAnchor(NamedTuple):
    """An anchor as it was noted outside the database."""

    number: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.digest.hex()}"


def append(path: Path, anchor: OutsideAnchor, at: datetime) -> None:
    """Adds a line, written through to the disk. Nobody else may read or write the file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{at.isoformat(timespec='seconds')} {anchor}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def parse(value: str) -> OutsideAnchor:
    """One value, as the log and each line of the file have it."""
    number, _, digest = value.strip().partition(":")
    try:
        parsed = OutsideAnchor(int(number), bytes.fromhex(digest))
    except ValueError:
        raise NotAnAnchor(f"{value.strip()!r} is not an anchor, such as 41:5f0c…") from None
    if len(parsed.digest) != DIGEST_BYTES:
        raise NotAnAnchor(f"The digest of anchor {parsed.number} is not {DIGEST_BYTES} bytes: it was cut off.")
    return parsed


def read(path: Path) -> list[OutsideAnchor]:
    """Every anchor of a file, in the order in which they were written."""
    try:
        lines = path.read_text().splitlines()
        return [parse(line.rpartition(" ")[2]) for line in lines if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise NotAnAnchor(f"{path} cannot be read: {type(error).__name__}.") from error
    except NotAnAnchor as error:
        raise NotAnAnchor(f"{path}: {error}") from None
