"""Bytes of an upload on their way into the store: sealed and stored a few MiB at a time, whatever the client sends."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from server.kernel.authentication import Actor
from server.kernel.executor import carried_out
from server.kernel.http import Problem
from server.kernel.vault import Key
from server.kernel.wire.errors import Refusal
from team.files import sealed_chunks
from team.files.internal_commands import AddParts, Part, Upload
from team.files.store import Store
from team.files.tus import Checksum

PART = 4 * 1024 * 1024
"""What is gathered in memory before it is stored. So much of an upload is lost at most when a process is killed."""


class InThread(Protocol):
    """Runs something that waits for a disk in a thread."""

    async def __call__(self, work: Callable[..., Any], *arguments: Any) -> Any: ...


class Receiving:
    """The bytes of one request, which begin where the upload ends.

    What is stored is added to the upload at once, so that a client which is cut off goes on from there. With a checksum
    nothing is added before the whole body has come and is right.
    """

    def __init__(
        self, actor: Actor, upload: Upload, key: Key, store: Store, in_thread: InThread, checksum: Checksum | None
    ) -> None:
        self.upload = upload
        self._actor = actor
        self._key = key
        self._store = store
        self._in_thread = in_thread
        self._checksum = checksum
        self._waiting = bytearray()
        self._offset = upload.offset
        self._stored: list[Part] = []

    async def take(self, content: bytes) -> None:
        """Takes what has arrived. 413 when it is more than was announced."""
        if self._offset + len(self._waiting) + len(content) > self.upload.size:
            raise Problem(413, "too_large", "These are more bytes than were announced.", limit=self.upload.size)
        if self._checksum is not None:
            self._checksum.update(content)
        self._waiting += content
        while len(self._waiting) >= PART:
            await self._store_part(PART)

    async def finish(self) -> Upload:
        """Everything has come: stored, added, and how far the upload has come by it."""
        if self._checksum is not None:
            self._checksum.require()
        if self._waiting:
            await self._store_part(len(self._waiting))
        await self._add()
        return self.upload

    async def keep(self) -> None:
        """The client was cut off: what had arrived is kept, unless a checksum would have to vouch for it."""
        if self._checksum is None:
            with contextlib.suppress(Refusal):
                await self.finish()

    async def drop(self) -> None:
        """What was stored and never added is deleted."""
        names = [part.stored_as for part in self._stored]
        self._stored = []
        if names:
            await self._in_thread(self._store.delete, self.upload.id, names)

    async def _store_part(self, size: int) -> None:
        content, self._waiting = bytes(self._waiting[:size]), self._waiting[size:]
        name = f"part-{self._offset}-{secrets.token_hex(8)}"
        await self._in_thread(_put, self._store, self._key, self.upload.id, name, content)
        self._stored.append(Part(size=size, stored_as=name))
        self._offset += size
        if self._checksum is None:
            await self._add()

    async def _add(self) -> None:
        if not self._stored:
            return
        command = AddParts(file=self.upload.id, offset=self.upload.offset, parts=self._stored)
        self.upload = await carried_out(self._actor, command)
        self._stored = []


def _put(store: Store, key: Key, file: UUID, name: str, content: bytes) -> None:
    store.put(file, name, b"".join(sealed_chunks.seal(key, name, [content])))
