"""Small files of every kind, made here."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pikepdf
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def picture(kind: str, size: tuple[int, int] = (60, 40), *, turned: bool = False, frames: int = 1) -> bytes:
    """A picture with the place where it was taken, and the name of a device, where its format can say so."""
    image = Image.new("RGB", size, "teal")
    image.putpixel((0, 0), (255, 0, 0))
    exif = Image.Exif()
    exif[0x010F] = "Maker of telephones"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0)})
    if turned:
        exif[0x0112] = 6
    out = io.BytesIO()
    extra: dict[str, Any] = {"exif": exif} if kind in {"JPEG", "PNG", "TIFF", "HEIF"} else {}
    if frames > 1:
        extra |= {"save_all": True, "append_images": [Image.new("RGB", size, "navy")] * (frames - 1)}
    image.save(out, kind, **extra)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and is small."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def pdf(*, pages: int = 2, script: bool = False, attachment: bool = False, signed: bool = False) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
    if script:
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        document.Root.OpenAction = document.make_indirect(action)
        document.pages[0].obj.AA = pikepdf.Dictionary(O=action)
    if attachment:
        document.attachments["virus.exe"] = b"MZ" + bytes(100)
    if signed:
        signature = pikepdf.Dictionary(
            Type=pikepdf.Name.Sig, ByteRange=pikepdf.Array([0, 10, 20, 30]), Contents=pikepdf.String("00")
        )
        field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=pikepdf.String("s"), V=document.make_indirect(signature))
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([document.make_indirect(field)]), SigFlags=3)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def encrypted_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def docx(*, macros: bool = False, bomb: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
        if macros:
            archive.writestr("word/vbaProject.bin", bytes(10))
        if bomb:
            archive.writestr("word/media/image1.png", bytes(450_000_000))
    return out.getvalue()


def recording(kind: str, *, film: bool = False) -> bytes:
    """Two seconds of a tone, with a title."""
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"]
    picture_of = ["-f", "lavfi", "-i", "color=size=32x32:duration=2"] if film else []
    codec = ["-c:a", "libopus"] if kind == "webm" else []
    handle = os.memfd_create("sample")
    try:
        subprocess.run(
            [
                imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *sound, *picture_of, *codec,
                "-metadata", "title=Madame MARCHANDEAU", "-f", kind, f"/proc/self/fd/{handle}",
            ],
            check=True,
            pass_fds=(handle,),
        )  # fmt: skip
        return Path(f"/proc/self/fd/{handle}").read_bytes()
    finally:
        os.close(handle)


def dicom() -> bytes:
    return bytes(128) + b"DICM" + bytes(64)
