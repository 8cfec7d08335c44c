"""What clients see of files; a constant number of statements, whatever the number of files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import cast
from uuid import UUID

from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from team.files import access
from team.files.internal_commands import GetUpload, OpenFile, Upload
from team.files.models import File
from team.files.naming import shown_name
from team.files.sealed_chunks import owner
from team.files.wire import FileResult, FileView, GetFile, State, Why

NAME = "name"
"""The context in which a file's name is sealed."""


def file_views(rows: Iterable[File]) -> dict[UUID, FileView]:
    """Files as they are now, by id. One whose key is gone is ``erased``."""
    files = list(rows)
    keys = vault.keys_for_reading(owner(file.id) for file in files)
    return {file.id: _view(file, keys.open(owner(file.id), file.sealed_name, NAME)) for file in files}


def views_of(ids: Collection[UUID]) -> Mapping[UUID, FileView]:
    """The same for ids; what is gone is missing. For rows that the caller has obtained through their holder."""
    return file_views(File.objects.filter(pk__in=ids)) if ids else {}


def _view(file: File, name: bytes | None) -> FileView:
    if name is None:
        return FileView(id=file.id, name="", size=0, state="refused", erased=True)
    ready = file.state == File.State.READY
    return FileView(
        id=file.id,
        name=shown_name(name.decode(), file.type),
        size=file.size,
        state=cast(State, file.state),
        type=file.type,
        refusal=cast(Why, file.refusal) if file.refusal else None,
        unscanned=ready and not file.scanned,
        thumbnail=file.thumbnail,
        previews=file.previews,
        pages=file.pages,
        width=file.width,
        height=file.height,
        seconds=file.seconds,
        offset=file.received if file.state == File.State.UPLOADING else None,
    )


def get_file(actor: Actor, command: GetFile, tx: Transaction) -> FileResult:
    file = access.readable(actor, command.file)
    return FileResult(file=file_views([file])[file.id])


def open_file(actor: Actor, command: OpenFile, tx: Transaction) -> FileResult:
    file = access.openable(actor, command.file)
    return FileResult(file=file_views([file])[file.id])


def get_upload(actor: Actor, command: GetUpload, tx: Transaction) -> Upload:
    return upload_view(access.own_upload(actor, command.file))


def upload_view(file: File) -> Upload:
    """How far an upload has come."""
    finished = file.state != File.State.UPLOADING
    # Once it has been checked the file may be smaller or larger than what was sent.
    size = file.received if finished else file.size
    return Upload(id=file.id, size=size, offset=file.received, until=file.keep_until, finished=finished)
