"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload): read strictly, without I/O."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from server.kernel.http import Problem
from team.files.wire import FILE_BYTES

VERSION = "1.0.0"
OFFSET_TYPE = "application/offset+octet-stream"
CHECKSUMS = ("sha1", "sha256")
EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"
CHECKSUM_MISMATCH = 460
LARGEST_METADATA = 4_096

CAPABILITIES = {
    "Tus-Resumable": VERSION,
    "Tus-Version": VERSION,
    "Tus-Max-Size": str(FILE_BYTES),
    "Tus-Extension": EXTENSIONS,
    "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
}


def require_version(headers: Mapping[str, str]) -> None:
    """Returns when the client speaks this version; else 412."""
    if headers.get("Tus-Resumable") != VERSION:
        raise Problem(412, "wrong_version", f"Send Tus-Resumable: {VERSION}.")


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that is a number of bytes; ``Problem`` 400 when it is missing or none."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Problem(400, "invalid", f"Send {name} as a number of bytes.", path=name)
    return int(text)


def length(headers: Mapping[str, str]) -> int:
    """The size of a new upload. 413 when it is larger than any file may be."""
    if "Upload-Defer-Length" in headers:
        raise Problem(400, "invalid", "Say the size at once, in Upload-Length.", path="Upload-Length")
    size = number(headers, "Upload-Length")
    if size > FILE_BYTES:
        raise Problem(413, "too_large", f"A file has at most {FILE_BYTES} bytes.", limit=FILE_BYTES)
    return size


def metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """``Upload-Metadata``: keys, each with a value in base64."""
    text = headers.get("Upload-Metadata", "")
    found: dict[str, str] = {}
    try:
        if len(text) > LARGEST_METADATA:
            raise ValueError("too long")
        for pair in filter(None, (one.strip() for one in text.split(","))):
            key, _, value = pair.partition(" ")
            if key in found:
                raise ValueError("twice")
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
    except (ValueError, binascii.Error):
        raise Problem(
            400, "invalid", "Upload-Metadata is pairs of a key and a value in base64.", path="Upload-Metadata"
        ) from None
    return found


class Checksum:
    """What a request says its body's digest is."""

    def __init__(self, algorithm: str, expected: bytes) -> None:
        self._digest: Any = hashlib.new(algorithm, usedforsecurity=False)
        self._expected = expected

    def update(self, content: bytes | bytearray) -> None:
        self._digest.update(content)

    def require(self) -> None:
        """Returns when the whole body was as announced; else 460."""
        if self._digest.digest() != self._expected:
            raise Problem(
                CHECKSUM_MISMATCH, "checksum_mismatch", "The bytes were damaged on their way: send them again."
            )


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """The checksum of a request, if it has one."""
    text = headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    if algorithm not in CHECKSUMS:
        raise Problem(400, "invalid", f"Use one of {', '.join(CHECKSUMS)}.", path="Upload-Checksum")
    try:
        return Checksum(algorithm, base64.b64decode(value, validate=True))
    except binascii.Error:
        raise Problem(400, "invalid", "The checksum is base64.", path="Upload-Checksum") from None
