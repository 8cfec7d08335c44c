"""Where the sealed bytes of files lie: a directory, or an object store.

What is put is durable when ``put`` returns, whole or not at all. The store holds no plain byte, no name and no type:
a file's objects lie under its id. Errors of the place itself are ``OSError``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings


class Missing(OSError):
    """The object is not there."""


class Store(Protocol):
    """Objects of a file, by name. Names are ours: letters, digits and dashes."""

    def put(self, file: UUID, name: str, content: bytes | bytearray) -> None:
        """Stores an object, in place of any other one of the name."""

    def append(self, file: UUID, name: str) -> Appending:
        """An object that is written piece by piece; it is there once it is finished."""

    def read(self, file: UUID, name: str, start: int, size: int) -> bytes:
        """Up to ``size`` bytes of an object; ``Missing`` when it is not there."""

    def size(self, file: UUID, name: str) -> int:
        """How many bytes an object has; ``Missing`` when it is not there."""

    def delete(self, file: UUID, names: list[str] | None = None) -> None:
        """Deletes objects, or all of the file. What is not there is no error."""

    def names(self, file: UUID) -> list[str]:
        """The objects of a file."""

    def files(self) -> Iterator[UUID]:
        """Every file of which there are objects."""


class Appending(Protocol):
    """An object on its way."""

    def write(self, content: bytes) -> None: ...

    def finish(self) -> None:
        """It is durable, under its name."""

    def abandon(self) -> None:
        """Nothing of it is left."""


class Directory:
    """A directory on a file system that all processes share."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, file: UUID, name: str, content: bytes | bytearray) -> None:
        appending = self.append(file, name)
        try:
            appending.write(bytes(content))
            appending.finish()
        except BaseException:
            appending.abandon()
            raise

    def append(self, file: UUID, name: str) -> _OnDisk:
        return _OnDisk(self._of(file), name)

    def read(self, file: UUID, name: str, start: int, size: int) -> bytes:
        try:
            with (self._of(file) / name).open("rb") as stored:
                stored.seek(start)
                return stored.read(size)
        except FileNotFoundError:
            raise Missing(name) from None

    def size(self, file: UUID, name: str) -> int:
        try:
            return (self._of(file) / name).stat().st_size
        except FileNotFoundError:
            raise Missing(name) from None

    def delete(self, file: UUID, names: list[str] | None = None) -> None:
        directory = self._of(file)
        if names is None:
            shutil.rmtree(directory, ignore_errors=True)
            return
        for name in names:
            (directory / name).unlink(missing_ok=True)

    def names(self, file: UUID) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return sorted(entry.name for entry in self._of(file).iterdir())
        return []

    def files(self) -> Iterator[UUID]:
        for directory in self._path.glob("??/??/*"):
            with contextlib.suppress(ValueError):
                yield UUID(directory.name)

    def _of(self, file: UUID) -> Path:
        # The last digits of a UUID of version 7 are random: directories stay of one size.
        text = str(file)
        return self._path / text[-2:] / text[-4:-2] / text


class _OnDisk:
    """A file beside its place, moved there when it is whole and durable."""

    def __init__(self, directory: Path, name: str) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, path = tempfile.mkstemp(prefix="unfinished-", dir=directory)
        self._file = os.fdopen(handle, "wb", buffering=0)
        self._path = Path(path)
        self._target = directory / name

    def write(self, content: bytes) -> None:
        self._file.write(content)

    def finish(self) -> None:
        os.fsync(self._file.fileno())
        self._file.close()
        self._path.rename(self._target)
        _sync(self._target.parent)

    def abandon(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def _sync(directory: Path) -> None:
    """The name in a directory is durable too."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def configured() -> Store:
    """The store of this deployment."""
    if not settings.RELAIS_FILES:
        raise OSError("RELAIS_FILES is not set: name a directory for files.")
    return Directory(Path(settings.RELAIS_FILES))
