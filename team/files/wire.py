"""Views and commands of files. Their bytes travel over HTTP: ``/files/``."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from server.kernel.wire import Command, Done, Event, Id, View

FILE_BYTES = 50_000_000
"""The largest file."""
FILES_OF_ONE = 20
"""Files that one message, referral or document holds, at most."""
FILES_A_DAY, BYTES_A_DAY = 500, 4_000_000_000
"""What one person may upload in 24 hours."""
KEPT_HOURS = 24
"""How long a file is kept that nothing holds, finished or not."""

State: TypeAlias = Literal["uploading", "checking", "ready", "refused"]
Why: TypeAlias = Literal["infected", "type", "damaged", "encrypted", "too_large"]
FileName: TypeAlias = Annotated[
    str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00\r\n]*$(?!\n)", extra={"typed": "line"})
]
Attachments: TypeAlias = Annotated[list[Id], msgspec.Meta(max_length=FILES_OF_ONE)]


class FileView(View):
    """A file as it is now. Only a ``ready`` one can be opened, and only by whoever may read what holds it.

    ``type`` is what its content was found to be, ``size`` is in bytes, ``previews`` counts the pages that
    ``/files/<id>/preview`` shows; ``seconds`` is how long a recording lasts. ``unscanned``: no antivirus has looked at
    it. ``offset`` is how much of an unfinished upload is durable. ``erased``: it is gone, and only its place is left.
    """

    id: Id
    name: str
    size: int
    state: State
    type: str = ""
    refusal: Why | None = None
    unscanned: bool = False
    thumbnail: bool = False
    previews: int = 0
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    offset: int | None = None
    erased: bool = False


class FileResult(View):
    file: FileView


class GetFile(Command[FileResult]):
    """A file that the caller uploads, or that something holds which they may read."""

    method = "file.get"

    file: Id


class DiscardFile(Command[Done]):
    """Throws away a file of the caller's that nothing holds, or its unfinished upload. Again, it changes nothing."""

    method = "file.discard"

    file: Id


class FileChanged(Event):
    """A file that the person uploads was checked: it is ready, or refused. It is shown as it is when this is read."""

    type = "file.changed"
    stream = "i"

    file: FileView
