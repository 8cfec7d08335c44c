"""What is kept of a file, and what is refused: by its content alone."""

from __future__ import annotations

import io
import zipfile

import pikepdf
import pytest
from PIL import Image

from team.files.checking import inspected
from team.files.inspection.report import Report
from tests.team.files import samples

MAKER, PLACE = 0x010F, 0x8825


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("JPEG", "jpeg"), ("PNG", "png"), ("GIF", "gif"), ("BMP", "png"), ("TIFF", "tiff"), ("HEIF", "jpeg")],
)
def test_a_picture_is_kept_without_place_and_device(kind: str, kept: str) -> None:
    sent = samples.picture(kind)
    report = inspected(sent)
    assert (report.refusal, report.type, report.width, report.height) == ("", f"image/{kept}", 60, 40)
    assert report.content is not None
    assert b"Maker of telephones" not in report.content
    shown = Image.open(io.BytesIO(report.content))
    assert shown.format == kept.upper()
    assert not {MAKER, PLACE} & set(shown.getexif())
    assert len(report.previews) == 1
    assert report.thumbnail is not None
    assert Image.open(io.BytesIO(report.previews[0])).size == (60, 40)


def test_a_turned_picture_is_upright() -> None:
    report = inspected(samples.picture("JPEG", turned=True))
    assert (report.width, report.height) == (40, 60)


def test_every_page_of_a_scan_is_kept() -> None:
    report = inspected(samples.picture("TIFF", frames=3))
    assert (report.pages, len(report.previews)) == (3, 3)
    assert report.content is not None
    assert getattr(Image.open(io.BytesIO(report.content)), "n_frames") == 3  # noqa: B009  (of some formats alone)


def test_a_moving_picture_still_moves() -> None:
    report = inspected(samples.picture("GIF", frames=4))
    assert report.content is not None
    assert report.pages is None
    assert getattr(Image.open(io.BytesIO(report.content)), "is_animated") is True  # noqa: B009


@pytest.mark.parametrize("size", [(60_000, 60_000), (9_000, 9_000)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    assert inspected(samples.png_of(*size)).refusal == "too_large"


def test_a_pdf_loses_its_scripts_and_attachments() -> None:
    report = inspected(samples.pdf(script=True, attachment=True))
    assert (report.refusal, report.type, report.pages, len(report.previews)) == ("", "application/pdf", 2, 2)
    assert report.content is not None
    assert report.content.startswith(b"%PDF-")
    with pikepdf.open(io.BytesIO(report.content)) as kept:
        assert not list(kept.attachments)
        assert "/OpenAction" not in kept.Root
        assert "/AA" not in kept.pages[0].obj
    again = inspected(report.content)
    assert again.refusal == ""


def test_a_signed_pdf_is_kept_byte_for_byte() -> None:
    assert inspected(samples.pdf(signed=True)) == Report(
        type="application/pdf",
        content=None,
        thumbnail=inspected(samples.pdf(signed=True)).thumbnail,
        previews=inspected(samples.pdf(signed=True)).previews,
        pages=2,
    )


@pytest.mark.parametrize(
    "signed",
    [
        samples.pdf(signed=True, script=True),
        samples.pdf(signed=True, attachment=True),
        samples.pdf(signed=True) + samples.docx(),
    ],
    ids=["script", "attachment", "archive behind it"],
)
def test_a_signed_pdf_that_would_have_to_be_changed_is_refused(signed: bytes) -> None:
    assert inspected(signed).refusal == "type"


def test_what_stands_behind_an_unsigned_pdf_is_gone() -> None:
    report = inspected(samples.pdf() + samples.docx())
    assert report.content is not None
    assert not zipfile.is_zipfile(io.BytesIO(report.content))


def test_a_word_document_is_kept_as_it_is() -> None:
    report = inspected(samples.docx())
    assert (report.refusal, report.content) == ("", None)
    assert report.type.endswith("wordprocessingml.document")


def test_dicom_is_kept_as_it_is() -> None:
    assert inspected(samples.dicom()) == Report(type="application/dicom")


@pytest.mark.parametrize("kind", ["webm", "mp3", "wav", "ogg", "ipod"])
def test_a_recording_becomes_aac_in_mp4_without_its_title(kind: str) -> None:
    report = inspected(samples.recording(kind))
    assert (report.refusal, report.type, report.seconds) == ("", "audio/mp4", 2)
    assert report.content is not None
    assert b"MARCHANDEAU" not in report.content
    assert report.content[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"MZ" + bytes(200), "type"),
        (b"<html><script>alert(1)</script></html>", "type"),
        (b"%!PS-Adobe", "type"),
        (b" " + samples.pdf(), "type"),
        (samples.encrypted_pdf(), "encrypted"),
        (samples.pdf()[:300], "damaged"),
        (b"%PDF-1.7\n" + bytes(500), "damaged"),
        (samples.picture("JPEG")[:200], "damaged"),
        (samples.docx(macros=True), "type"),
        (samples.docx(bomb=True), "too_large"),
        (samples.docx()[:-40], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "type"),
        (samples.recording("webm")[:60], "damaged"),
        (samples.recording("matroska", film=True), "type"),
    ],
    ids=[
        "program", "page", "postscript", "pdf not at the beginning", "encrypted pdf", "cut pdf", "empty pdf",
        "cut jpeg",
        "macros", "bomb", "cut docx", "encrypted docx", "doc", "cut recording", "film",
    ],
)  # fmt: skip
def test_what_is_refused_says_why(content: bytes, why: str) -> None:
    assert inspected(content).refusal == why
