"""What the addresses of uploads and the worker that checks ask for. No socket can."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server.kernel.wire import Command, Done, Id, Instant, InternalCommand, NewId, View
from team.files.wire import FILE_BYTES, FileName, FileResult

Size = Annotated[int, msgspec.Meta(ge=0)]


class Upload(View):
    """How far an upload has come. ``until`` is when it is thrown away unless it is finished and held by then."""

    id: Id
    size: int
    offset: int
    until: Instant
    finished: bool = False


class BeginUpload(Command[Upload]):
    """Begins an upload of ``size`` bytes. The same request again answers with how far it has come."""

    method = "team.begin_upload"

    id: NewId
    name: FileName
    size: Annotated[int, msgspec.Meta(ge=0, le=FILE_BYTES)]


class GetUpload(Command[Upload]):
    """How far an upload of the caller's has come."""

    method = "team.get_upload"

    file: Id


class Part(msgspec.Struct, frozen=True):
    """Bytes that are durable already, under a name of the store."""

    size: int
    stored_as: str


class AddParts(Command[Upload]):
    """Adds stored bytes to the end of an upload, if it ends at ``offset``. With the last of them its check is due."""

    method = "team.add_parts"

    file: Id
    offset: Size
    parts: list[Part]


class OpenFile(Command[FileResult]):
    """Somebody is about to be sent the content of a file, or a picture of it (``shown``): ``thumbnail``, ``preview``.

    It is read by whoever may read what holds the file at this moment.
    """

    method = "team.open_file"

    file: Id
    shown: str = ""


class RecordCheck(InternalCommand[Done]):
    """What checking a file has found. Nothing is recorded when its claim no longer stands.

    With ``retry_at`` nothing was found yet: the antivirus is away, or the check died.
    """

    method = "team.record_check"

    file: Id
    claimed_until: Instant
    refusal: str = ""
    retry_at: Instant | None = None
    type: str = ""
    size: int = 0
    scanned: bool = False
    thumbnail: bool = False
    previews: int = 0
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: int | None = None


class ForgetFiles(InternalCommand[Done]):
    """Erases these files: those that nothing holds and whose time is over when it looks again, under their locks."""

    method = "team.forget_files"

    files: list[Id]
