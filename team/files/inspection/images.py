"""Pictures: decoded within a limit, turned upright, and encoded anew, so that nothing but the picture is left."""

from __future__ import annotations

import io

import pillow_heif
from PIL import Image, ImageCms, ImageOps, ImageSequence

from team.files.inspection.report import Refused, Report

PIXELS = 80_000_000
"""Of all frames together: more than any phone's camera."""
FRAMES = 200
THUMBNAIL, PREVIEW = 320, 1_600
"""The longer side, in pixels."""
PREVIEWS = 30
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "HEIF")
KEPT_AS = {"JPEG": "JPEG", "HEIF": "JPEG", "PNG": "PNG", "BMP": "PNG", "GIF": "GIF", "TIFF": "TIFF"}

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = PIXELS


def inspect(content: bytes) -> Report:
    """The picture anew, without place, device or any other word; ``Refused``: it is too large, or does not decode."""
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        kept_as = KEPT_AS[picture.format or ""]
        frames = _frames(picture)
    except Image.DecompressionBombError:
        raise Refused("too_large") from None
    except Refused:
        raise
    except Exception as error:
        # Whatever a decoder raises (OSError, ValueError, SyntaxError, struct.error …): the file does not decode.
        raise Refused("damaged") from error
    first = frames[0]
    return Report(
        type=f"image/{kept_as.lower()}",
        content=_encoded(frames, kept_as, picture.info.get("duration")),
        thumbnail=jpeg(first, THUMBNAIL),
        previews=[jpeg(frame, PREVIEW) for frame in (frames[:PREVIEWS] if kept_as == "TIFF" else frames[:1])],
        pages=len(frames) if kept_as == "TIFF" and len(frames) > 1 else None,
        width=first.width,
        height=first.height,
    )


def _frames(picture: Image.Image) -> list[Image.Image]:
    """Its frames, upright and in sRGB. More pixels than ``PIXELS`` are refused before they are decoded."""
    frames: list[Image.Image] = []
    pixels = 0
    for frame in ImageSequence.Iterator(picture):
        pixels += frame.width * frame.height
        if pixels > PIXELS or len(frames) >= FRAMES:
            raise Refused("too_large")
        if picture.format == "HEIF" and frames:
            break  # Other pictures of a burst: what is shown is the first.
        frames.append(_upright(frame))
    return frames


def _upright(frame: Image.Image) -> Image.Image:
    profile = frame.info.get("icc_profile")
    turned = ImageOps.exif_transpose(frame.copy())
    if profile and turned.mode in {"RGB", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = (
                ImageCms.profileToProfile(turned, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or turned
            )
        except (ImageCms.PyCMSError, OSError):
            pass  # A profile that cannot be read changes no colour.
    clean = Image.new(turned.mode, turned.size)
    if turned.mode == "P":
        clean = turned.convert("RGBA" if "transparency" in turned.info else "RGB")
    else:
        clean.paste(turned)
    return clean


def _encoded(frames: list[Image.Image], kept_as: str, duration: int | None) -> bytes:
    out = io.BytesIO()
    first, others = frames[0], frames[1:]
    if kept_as == "JPEG":
        _opaque(first).save(out, "JPEG", quality=90)
    elif kept_as == "PNG":
        first.save(out, "PNG", compress_level=4)
    elif kept_as == "TIFF":
        first.save(out, "TIFF", compression="tiff_deflate", save_all=True, append_images=others)
    else:
        timing = {"duration": duration, "loop": 0} if others and duration else {}
        first.save(out, "GIF", save_all=True, append_images=others, **timing)
    return out.getvalue()


def jpeg(picture: Image.Image, side: int) -> bytes:
    """A picture at most ``side`` pixels wide and high, as JPEG."""
    small = _opaque(picture)
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _opaque(picture: Image.Image) -> Image.Image:
    """On white where it is transparent; a copy of its own."""
    if picture.mode in {"RGBA", "LA", "PA"}:
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture.getchannel("A"))
        return white
    if picture.mode.startswith("I") or picture.mode == "F":
        # Sixteen bits a pixel, as X-ray pictures have: shown with its own range.
        return ImageOps.autocontrast(picture.convert("F").point(lambda value: value / 256).convert("L"))
    return picture.convert("RGB")
