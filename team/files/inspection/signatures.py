"""What content is, by its first bytes. Neither its name nor what its sender says it is plays any part."""

from __future__ import annotations

from typing import Literal

Kind = Literal["pdf", "image", "audio", "docx", "dicom", "ole", "unknown"]

_HEADS: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"%PDF-", "pdf"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"GIF87a", "image"),
    (0, b"GIF89a", "image"),
    (0, b"BM", "image"),
    (0, b"II*\0", "image"),
    (0, b"MM\0*", "image"),
    (0, b"PK\x03\x04", "docx"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"\x1a\x45\xdf\xa3", "audio"),
    (0, b"OggS", "audio"),
    (0, b"fLaC", "audio"),
    (0, b"ID3", "audio"),
    (8, b"WAVE", "audio"),
    (128, b"DICM", "dicom"),
)
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}


def kind_of(content: bytes) -> Kind:
    """The kind of file that begins like this."""
    if content[4:8] == b"ftyp":
        return "image" if content[8:12] in _HEIF else "audio"
    for start, head, kind in _HEADS:
        if content[start : start + len(head)] == head:
            return kind
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0:
        return "audio"  # An MPEG frame without tags.
    return "unknown"
