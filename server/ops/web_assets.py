"""Serves the built web client from memory: files compressed once, one page for every path.

A file with a hash in its name never changes, so browsers cache it indefinitely; the page that names those files is
revalidated each time by its ETag.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotModified

HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.\w+$")
COMPRESSED = {".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".txt", ".map"}
NOT_BUILT = "Le client web n'est pas construit : lancez `make setup`.\n"


@dataclass(frozen=True)
class File:
    """One file in every encoding that a browser may ask for."""

    media_type: str
    etag: str
    caching: str
    encodings: dict[str, bytes]

    def response(self, request: HttpRequest) -> HttpResponse:
        headers = {"ETag": self.etag, "Cache-Control": self.caching, "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == self.etag:
            return HttpResponseNotModified(headers=headers)
        words = request.headers.get("Accept-Encoding", "").split(",")
        usable = {word.partition(";")[0].strip() for word in words} & self.encodings.keys()
        encoding = next((name for name in ("br", "gzip") if name in usable), "identity")
        if encoding != "identity":
            headers["Content-Encoding"] = encoding
        return HttpResponse(self.encodings[encoding], content_type=self.media_type, headers=headers)


def read(path: Path) -> File:
    """The file at `path` with its compressed forms."""
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    encodings = {"identity": content}
    if path.suffix in COMPRESSED:
        encodings |= {"br": brotli.compress(content, quality=9), "gzip": gzip.compress(content, 9, mtime=0)}
    return File(
        media_type=f"{media_type}; charset=utf-8" if path.suffix in COMPRESSED else media_type,
        etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        caching="public, max-age=31536000, immutable" if HASHED.search(path.name) else "no-cache",
        encodings=encodings,
    )


@cache
def files(root: Path) -> dict[str, File]:
    """Every built file by its path; no request path can reach anything else."""
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): read(path) for path in paths}


async def serve(request: HttpRequest, path: str) -> HttpResponse:
    """The file at `path`, otherwise the client's page, which routes the path itself."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    built = files(settings.RELAIS_WEB_CLIENT)
    found = built.get(path)
    if found is None and "." in path.rpartition("/")[2]:
        return HttpResponse("Not found\n", status=404, content_type="text/plain")
    found = found or built.get("index.html")
    if found is None:
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    return found.response(request)
