"""What a web server offers the socket beyond ASGI, in the scope's extensions. Without them it does the same by
``send``, at several times the cost: a queue, a coroutine and a turn of the event loop for each frame.
"""

from __future__ import annotations

CONGESTED = "relais.congested"
"""A function without arguments: whether nothing should be written now."""
WRITE = "relais.write"
"""A function of a text: writes it as one frame and returns True, or does nothing and returns False while the client
does not keep up, or the socket is not open."""

_TEXT = b"\x81"


def text_frame(text: str) -> bytes:
    """A text as one whole frame of a server (RFC 6455, 5.2): unmasked, uncompressed."""
    payload = text.encode()
    length = len(payload)
    if length < 126:
        return b"\x81%c%b" % (length, payload)
    size = b"\x7e" + length.to_bytes(2) if length < 1 << 16 else b"\x7f" + length.to_bytes(8)
    return _TEXT + size + payload
