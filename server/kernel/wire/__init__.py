"""Protocol 1: what a request, an answer and an event look like. No Django, no channels, no I/O."""

from server.kernel.wire.definitions import (
    NO_NUL,
    Command,
    Cursor,
    Done,
    Event,
    Id,
    Instant,
    Line,
    MaskedEvent,
    NewId,
    Page,
    Signal,
    View,
    Words,
    stream_name,
    stream_parts,
)

__all__ = [
    "NO_NUL",
    "Command",
    "Cursor",
    "Done",
    "Event",
    "Id",
    "Instant",
    "Line",
    "MaskedEvent",
    "NewId",
    "Page",
    "Signal",
    "View",
    "Words",
    "stream_name",
    "stream_parts",
]
