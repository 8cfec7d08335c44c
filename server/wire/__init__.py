"""Protocol 1: what a request, an answer and an event look like. No Django, no channels, no I/O."""

from server.wire.definitions import (
    NO_NUL,
    Command,
    Event,
    Id,
    Instant,
    Line,
    Page,
    Signal,
    View,
    stream_name,
    stream_parts,
)

__all__ = [
    "NO_NUL",
    "Command",
    "Event",
    "Id",
    "Instant",
    "Line",
    "Page",
    "Signal",
    "View",
    "stream_name",
    "stream_parts",
]
