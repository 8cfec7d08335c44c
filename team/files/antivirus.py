"""The antivirus: ClamAV's daemon, spoken to by INSTREAM (clamd(8)).

``RELAIS_ANTIVIRUS`` is ``off``, ``tcp://host:3310`` or ``unix:///run/clamav/clamd.ctl``. A scanner that does not
answer, or answers anything but a verdict, is away: nothing is ever taken as clean for an error.
"""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

PIECE = 64 * 1024
SECONDS = 60.0
"""How long one exchange may take: ClamAV has a limit of its own, of two minutes, which is longer than ours."""

_FOUND = re.compile(rb"stream: (.+) FOUND\0?$")


class ScannerAway(Exception):
    """The scanner gave no verdict. It is asked again later."""


def is_off(address: str) -> bool:
    """Whether files are not scanned here: then they say so (``unscanned``)."""
    return address == "off"


def infection(address: str, content: bytes) -> str | None:
    """What the scanner found in these bytes; None: nothing. ``ScannerAway`` when it says neither."""
    try:
        with _connect(address) as connection:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                connection.sendall(len(piece).to_bytes(4, "big") + piece)
            connection.sendall(bytes(4))
            answer = _answer(connection)
    except OSError as error:
        raise ScannerAway(type(error).__name__) from error
    if found := _FOUND.match(answer):
        return found[1].decode(errors="replace")
    if answer.rstrip(b"\0") == b"stream: OK":
        return None
    raise ScannerAway(answer[:80].decode(errors="replace"))


def _connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        try:
            connection.connect(parts.path)
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=SECONDS)


def _answer(connection: socket.socket) -> bytes:
    answer = bytearray()
    while piece := connection.recv(4096):
        answer += piece
        if answer.endswith(b"\0") or len(answer) > 4096:
            break
    return bytes(answer)
