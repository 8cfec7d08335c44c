"""What a file is called for people: as its sender named it, ending in what it is."""

from __future__ import annotations

ENDINGS: dict[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/tiff": ("tiff", "tif"),
    "audio/mp4": ("m4a",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/dicom": ("dcm", "dicom"),
}
"""By type; the first is the one that is given."""

REPLACED = frozenset({"heic", "heif", "bmp", "webm", "ogg", "oga", "opus", "mp4", "mp3", "wav", "flac", "aac", "m4b"})
"""Endings of what is kept in another form: they give way to the new one."""

FORBIDDEN = frozenset('/\\:*?"<>|')


def shown_name(name: str, kind: str) -> str:
    """The name under which a file of this type is shown and saved.

    An ending that belongs to the type stays, that of a form which is not kept gives way, and any other one is followed
    by the right one: nothing that looks like a program is saved as one.
    """
    clean = "".join("_" if sign in FORBIDDEN or not sign.isprintable() else sign for sign in name).strip(" .") or "file"
    endings = ENDINGS.get(kind)
    if endings is None:
        return clean
    stem, dot, ending = clean.rpartition(".")
    if dot and stem and ending.lower() in endings:
        return clean
    if dot and stem and ending.lower() in REPLACED:
        return f"{stem}.{endings[0]}"
    return f"{clean}.{endings[0]}"
