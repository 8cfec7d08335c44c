"""``/files/``: resumable uploads by tus 1.0, and downloads with ranges.

A plain ASGI application beside Django: a file passes through it piece by piece, so that it takes some MiB of memory
however large it is, and no plain byte of it touches a disk. Who asks, from which page and with which token is checked
by the same code as everywhere else, and what they may do by the dispatcher and by ``access``.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from server.kernel import outages, vault
from server.kernel.authentication import Actor, Authenticate
from server.kernel.executor import carried_out
from server.kernel.http import Problem, actor_of, problem
from server.kernel.postgres import tried_again
from server.kernel.time_limits import RETRY_AFTER
from server.kernel.wire import text
from server.kernel.wire.errors import Refusal, Unavailable
from team.files import sealed_chunks, store, tus
from team.files.checking import CONTENT, THUMBNAIL, preview
from team.files.exchange import Exchange, Gone, Receive, Scope, Send
from team.files.internal_commands import BeginUpload, GetUpload, OpenFile, Upload
from team.files.receiving import Receiving
from team.files.wire import DiscardFile, FileView

PATH = "/files/"
THREADS = 4
NAME_CHARACTERS, ENDING_CHARACTERS = 200, 12
AT_ONCE, OF_ONE = 24, 6
"""Exchanges of files under way in one process, and how many of them are one person's."""

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
Start = Callable[[], Awaitable[None]]


class FilesApplication:
    """Answers what begins with ``/files/``; ``start`` is awaited before each exchange: the executor then runs."""

    def __init__(self, authenticate: Authenticate, start: Start) -> None:
        self._authenticate = authenticate
        self._start = start
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="relais-files")
        self._under_way: Counter[UUID] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        try:
            await self._start()
            await self._answer(exchange)
        except Gone:
            return
        except Problem as refused:
            await _refuse(exchange, refused)
        except Refusal as refused:
            await _refuse(exchange, problem(refused))
        except Exception as error:
            if not outages.noted(error) or exchange.is_answering:
                raise
            await _refuse(exchange, problem(Unavailable(retry_after=RETRY_AFTER)))

    async def _answer(self, exchange: Exchange) -> None:
        if exchange.method == "OPTIONS":
            return await exchange.answer(204, tus.CAPABILITIES)
        actor: Actor = await self._in_thread(tried_again, lambda: actor_of(exchange.request, self._authenticate))
        person = actor.person
        if self._under_way[person] >= OF_ONE or self._under_way.total() >= AT_ONCE:
            raise problem(Unavailable("Other files are on their way: send this one again.", retry_after=2))
        self._under_way[person] += 1
        try:
            await self._route(exchange, actor)
        finally:
            self._under_way[person] -= 1
            self._under_way += Counter()  # Drops those that are at 0.

    async def _route(self, exchange: Exchange, actor: Actor) -> None:
        rest = exchange.path.removeprefix(PATH)
        if not rest:
            return await self._create(exchange, actor) if exchange.method == "POST" else _wrong_method("POST, OPTIONS")
        name, _, shown = rest.partition("/")
        file = _id(name)
        if file is None:
            raise Problem(404, "not_found", "There is nothing here under this id.")
        if exchange.method == "GET":
            return await self._download(exchange, actor, file, shown)
        if shown or exchange.method not in {"HEAD", "PATCH", "DELETE"}:
            return _wrong_method("GET" if shown else "GET, HEAD, PATCH, DELETE")
        tus.require_version(exchange.headers)
        if exchange.method == "HEAD":
            return await self._tell(exchange, await carried_out(actor, GetUpload(file=file)), 200)
        if exchange.method == "PATCH":
            return await self._append(exchange, actor, file)
        await carried_out(actor, GetUpload(file=file))
        await carried_out(actor, DiscardFile(file=file))
        await self._in_thread(store.configured().delete, file)
        return await exchange.answer(204, {"Tus-Resumable": tus.VERSION})

    # Uploads

    async def _create(self, exchange: Exchange, actor: Actor) -> None:
        """A new upload, or how far the one of this id has come; with a body, its first bytes are taken at once."""
        tus.require_version(exchange.headers)
        size = tus.length(exchange.headers)
        metadata = tus.metadata(exchange.headers)
        file = _id(metadata.get("id", ""))
        if file is None:
            raise Problem(400, "invalid", "Send an id of your own in Upload-Metadata.", path="Upload-Metadata.id")
        name = _name(metadata.get("filename", ""))
        if not name:
            raise Problem(400, "invalid", "Send the file's name in Upload-Metadata.", path="Upload-Metadata.filename")
        upload = await carried_out(actor, BeginUpload(id=file, name=name, size=size))
        if exchange.headers.get("Content-Type") == tus.OFFSET_TYPE and not upload.finished and not upload.offset:
            upload = await self._receive(exchange, actor, upload)
        await self._tell(exchange, upload, 201, {"Location": f"{PATH}{file}"})

    async def _append(self, exchange: Exchange, actor: Actor, file: UUID) -> None:
        if exchange.headers.get("Content-Type") != tus.OFFSET_TYPE:
            raise Problem(415, "wrong_type", f"Send the bytes as {tus.OFFSET_TYPE}.")
        offset = tus.number(exchange.headers, "Upload-Offset")
        upload = await carried_out(actor, GetUpload(file=file))
        if offset != upload.offset:
            raise Problem(409, "wrong_offset", "The upload ends elsewhere: go on from there.", offset=upload.offset)
        await self._tell(exchange, await self._receive(exchange, actor, upload), 204)

    async def _receive(self, exchange: Exchange, actor: Actor, upload: Upload) -> Upload:
        key = await self._in_thread(_key, upload.id)
        if key is None:
            raise Problem(404, "not_found", "This upload is gone: begin again.")
        checksum = tus.checksum(exchange.headers)
        receiving = Receiving(actor, upload, key, store.configured(), self._in_thread, checksum)
        try:
            async for piece in exchange.body():
                await receiving.take(piece)
            return await receiving.finish()
        except (Gone, Problem):
            await receiving.keep()
            raise
        finally:
            await receiving.drop()

    async def _tell(
        self, exchange: Exchange, upload: Upload, status: int, headers: Mapping[str, str] | None = None
    ) -> None:
        told = {
            "Tus-Resumable": tus.VERSION,
            "Upload-Offset": str(upload.offset),
            **({"Upload-Length": str(upload.size)} if exchange.method == "HEAD" else {}),
            **({} if upload.finished else {"Upload-Expires": format_datetime(upload.until, usegmt=True)}),
            **(headers or {}),
        }
        await exchange.answer(status, told)

    # Downloads

    async def _download(self, exchange: Exchange, actor: Actor, file: UUID, shown: str) -> None:
        """The file, its ``thumbnail``, or a page of its ``preview``: whoever may read what holds it may have it now."""
        view: FileView = (await carried_out(actor, OpenFile(file=file, shown=shown))).file
        name, kind = _object(view, shown, exchange.query.get("page", "1"))
        key = await self._in_thread(_key, file)
        if key is None:
            raise Problem(404, "not_found", "This file is gone.")
        stored = store.configured()
        try:
            sealed = await self._in_thread(stored.size, file, name)
        except store.Missing:
            raise Problem(404, "not_found", "This file is gone.") from None
        size = sealed_chunks.plain_size(sealed)
        start, end = _range(exchange.headers, size)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(end - start),
            "Accept-Ranges": "bytes",
            "Content-Disposition": _disposition(view, inline=bool(shown)),
        }
        partial = (start, end) != (0, size)
        if partial:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        chunks = sealed_chunks.open_range(stored, key, file, name, size, start, end)
        await exchange.stream(206 if partial else 200, headers, self._pieces(chunks))

    async def _pieces(self, chunks: Any) -> AsyncIterator[bytes]:
        while (piece := await self._in_thread(next, chunks, None)) is not None:
            yield piece

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def _id(text: str) -> UUID | None:
    """An id in its one spelling."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def _name(sent: str) -> str:
    """A file's name as it is kept: one line; a longer one loses the end of what stands before its ending."""
    name = text.line(sent.replace("\0", ""))
    if len(name) <= NAME_CHARACTERS:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending) < ENDING_CHARACTERS else ""
    return name[: NAME_CHARACTERS - len(ending)] + ending


def _key(file: UUID) -> vault.Key | None:
    owner = sealed_chunks.owner(file)
    return tried_again(lambda: vault.keys_for_reading((owner,))).get(owner)


def _object(view: FileView, shown: str, page: str) -> tuple[str, str]:
    """The stored object that is asked for, and its type."""
    if not shown:
        return CONTENT, view.type
    if shown == "thumbnail" and view.thumbnail:
        return THUMBNAIL, "image/jpeg"
    if shown == "preview" and page.isascii() and page.isdigit() and len(page) < 4 and 1 <= int(page) <= view.previews:
        return preview(int(page)), "image/jpeg"
    raise Problem(404, "not_found", "There is no such view of this file.")


def _range(headers: Mapping[str, str], size: int) -> tuple[int, int]:
    """The first byte that is wanted and the one after the last. What is no single range is the whole; 416 when it lies
    outside."""
    asked = _RANGE.match(headers.get("Range", ""))
    # Nothing here says which version of a file a client has: a conditional range gets the whole.
    if asked is None or "If-Range" in headers or asked[0] == "bytes=-":
        return 0, size
    first, last = asked[1], asked[2]
    if len(first) > 15 or len(last) > 15:
        start, end = size, size
    elif not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    if start >= end:
        raise Problem(416, "outside", f"The file has {size} bytes.", size=size)
    return start, end


def _disposition(view: FileView, *, inline: bool) -> str:
    """A file is saved and never shown as a page of ours; its small pictures are shown."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in view.name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(view.name, safe='')}"


def _wrong_method(allowed: str) -> None:
    raise Problem(405, "method_not_allowed", f"Use one of {allowed}.")


async def _refuse(exchange: Exchange, refused: Problem) -> None:
    if exchange.is_answering:
        return
    response = refused.response()
    headers = {**dict(response.items()), "Tus-Resumable": tus.VERSION}
    if "offset" in refused.body:
        headers["Upload-Offset"] = str(refused.body["offset"])
    await exchange.answer(response.status_code, headers, response.content)
