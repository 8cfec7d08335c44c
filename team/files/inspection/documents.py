"""PDF and Word documents: what acts by itself is taken out, or the document is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2

from team.files.inspection import images
from team.files.inspection.report import Refused, Report

PAGES_SHOWN = 30
PAGE_WIDTH = 1_200
TAIL = 64 * 1024

ACTIONS = frozenset(
    f"/{name}"
    for name in (
        "JavaScript", "Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "Rendition", "Movie", "Sound",
        "RichMediaExecute", "GoTo3DView", "Trans", "SetOCGState", "Hide", "ResetForm",
    )
)  # fmt: skip
"""Actions that do more than to show another place of the same document, or an address that one taps."""
EMBEDDED = ("/AA", "/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AF", "/XFA", "/RichMediaContent", "/Collection")
ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOCX_ENTRIES, DOCX_BYTES = 5_000, 400_000_000
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def inspect_pdf(content: bytes) -> Report:
    """A PDF without scripts and attachments. A signed one is kept byte for byte, and refused when it has any."""
    if b"%%EOF" not in content:
        raise Refused("damaged")  # Cut short: what a reader would make of it is not what was sent.
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            pages = len(pdf.pages)
            signed = any(_is_signature(one) for one in _dictionaries(pdf))
            active = [_disarm(one, remove=not signed) for one in _dictionaries(pdf)]
            if signed:
                if any(active) or _has_a_second_nature(content):
                    raise Refused("type")
                kept = None
            else:
                kept = _saved(pdf)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except (pikepdf.PdfError, ValueError, RecursionError) as error:
        raise Refused("damaged") from error
    if not pages:
        raise Refused("damaged")
    shown = _pages(kept or content)
    return Report(
        type="application/pdf",
        content=kept,
        thumbnail=images.jpeg(shown[0], images.THUMBNAIL),
        previews=[images.jpeg(page, images.PREVIEW) for page in shown],
        pages=pages,
    )


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary of a document, those inside others and inside streams' heads included."""
    waiting: list[Any] = [*pdf.objects, pdf.trailer]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting += [item for item in one if _is_inside(item)]
        elif isinstance(one, pikepdf.Stream):
            waiting.append(one.stream_dict)
        elif isinstance(one, pikepdf.Dictionary):
            yield one
            waiting += [value for _, value in one.items() if _is_inside(value)]


def _is_inside(value: Any) -> bool:
    """What an object contains; what it refers to is an object of its own, and met there."""
    return isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect


def _is_signature(one: Any) -> bool:
    return "/ByteRange" in one and "/Contents" in one


def _disarm(one: Any, *, remove: bool) -> bool:
    """Whether a dictionary holds something that acts, or another file; it is taken out."""
    doomed = [name for name in EMBEDDED if name in one]
    for name in ("/A", "/OpenAction", "/Next", "/PA"):
        action = one.get(name)
        acts = isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) in ACTIONS
        if acts or (name == "/Next" and isinstance(action, pikepdf.Array)):
            doomed.append(name)
    shown_as = str(one.get("/Subtype", ""))
    if shown_as in ANNOTATIONS and ("/Rect" in one or "/FS" in one):
        doomed.append("/Subtype")
    if remove:
        for name in doomed:
            if name == "/Subtype":
                one[name] = pikepdf.Name("/Text")
                if "/FS" in one:
                    del one["/FS"]
            else:
                del one[name]
    return bool(doomed)


def _has_a_second_nature(content: bytes) -> bool:
    """Whether another program would read something else in these bytes: an archive is found from its end."""
    return b"PK\x05\x06" in content[-TAIL:] or b"%%EOF" not in content[-1024:]


def _pages(content: bytes) -> list[Any]:
    try:
        document = pypdfium2.PdfDocument(content)
        shown = []
        for number in range(min(len(document), PAGES_SHOWN)):
            page = document[number]
            width, height = page.get_size()
            scale = min(PAGE_WIDTH / max(width, 1), 2 * PAGE_WIDTH / max(height, 1))
            shown.append(page.render(scale=scale, may_draw_forms=False).to_pil())
        return shown
    except pypdfium2.PdfiumError as error:
        raise Refused("damaged") from error


def inspect_docx(content: bytes) -> Report:
    """A Word document, kept as it is. ``Refused``: it has macros, is no document, or would unpack to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > DOCX_ENTRIES or sum(entry.file_size for entry in entries) > DOCX_BYTES:
                raise Refused("too_large")
            if any(entry.flag_bits & 1 for entry in entries):
                raise Refused("encrypted")
            if not {"[Content_Types].xml", "word/document.xml"} <= names:
                raise Refused("type")
            if any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")) for name in names):
                raise Refused("type")
            if b"macroEnabled" in archive.read("[Content_Types].xml"):
                raise Refused("type")
            for entry in entries:
                _read_through(archive, entry)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Refused("damaged") from error
    return Report(type=DOCX)


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Returns when an entry is as long as it says, and undamaged."""
    left = entry.file_size
    with archive.open(entry) as opened:
        while piece := opened.read(1024 * 1024):
            left -= len(piece)
            if left < 0:
                raise Refused("damaged")


def inspect_ole(content: bytes) -> Report:
    """An old Office document, which is not accepted, or a new one under a password."""
    raise Refused("encrypted" if ENCRYPTED_PACKAGE in content else "type")
