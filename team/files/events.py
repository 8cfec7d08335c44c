"""What happens to files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from server.kernel.events import EventType, Level, Subject
from team.files import queries
from team.files.wire import FileChanged, FileView


def _files(ids: Collection[UUID], level: Level) -> Mapping[UUID, FileView]:
    return queries.views_of(ids)


FILE: Subject[FileView] = Subject(_files)
"""A file as it is now."""

EVENTS: list[EventType[Any]] = [EventType(FileChanged, FILE, lambda file: FileChanged(file=file))]
