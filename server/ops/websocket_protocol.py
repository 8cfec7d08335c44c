"""uvicorn's WebSocket for many small texts: whole text frames are read and written here, all else by ``websockets``.

The library reads and writes each frame as objects of its own, and uvicorn passes it through a queue and a coroutine:
together half of what a message cost the event loop. The handshake, control frames, fragments, binary and whatever is
wrong remain theirs. To the library a frame is always whole, or it has the connection for good.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN
from websockets.speedups import apply_mask

from server.kernel.asgi_extensions import LISTEN, WRITE, text_frame
from server.ops.socket_waits import Gate, Inbox

TEXT = 0x81
CONTROL = (0x88, 0x89, 0x8A)
"""Close, ping, pong. First bytes with FIN, as control frames must have it."""
MASKED = 0x80
LENGTH = 0x7F
CONTROL_BYTES = 125

Listener = Callable[[str], None]


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.queue = cast(Any, Inbox())
        self.writable = cast(Any, Gate())
        self._begun = b""
        """The beginning of a frame whose rest is to come."""
        self._is_librarys = False
        self._listener: Listener | None = None

    # In

    def data_received(self, data: bytes) -> None:
        if self._is_librarys or not self.handshake_complete:
            # Frames that come before the handshake was answered are the library's, and so all that follow.
            self._is_librarys = self._is_librarys or self.handshake_initiated
            super().data_received(data)
            return
        if self._begun:
            data, self._begun = self._begun + data, b""
        at, is_ours = self._take_frames(data)
        if not is_ours:
            self._is_librarys = True
            super().data_received(data[at:])
        elif at < len(data):
            self._begun = data[at:]

    def _take_frames(self, data: bytes) -> tuple[int, bool]:
        """Takes whole frames. Where what is left begins, and whether it is a frame of a kind that is known here."""
        at, size = 0, len(data)
        while size - at >= 2:
            first, length = data[at], data[at + 1] & LENGTH
            start = at + 6
            if length == LENGTH - 1:
                length, start = int.from_bytes(data[at + 2 : at + 4]), at + 8
            longest = self.config.ws_max_size if first == TEXT else CONTROL_BYTES if first in CONTROL else -1
            if not data[at + 1] & MASKED or data[at + 1] & LENGTH == LENGTH or length > longest:
                return at, False
            end = start + length
            if size < end:
                break
            if first != TEXT:
                super().data_received(data[at:end])
            elif not self._take_text(apply_mask(data[start:end], data[start - 4 : start])):
                return at, False
            at = end
        return at, True

    def _take_text(self, payload: bytes) -> bool:
        """Hands a text on; False when it is none, or when the connection is being closed."""
        if self.conn.state is not OPEN:
            return False
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            return False
        if self._listener is not None and self.queue.empty():
            self._listener(text)
            return True
        self.queue.put_nowait({"type": "websocket.receive", "text": text})
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()
        return True

    def _listen(self, listener: Listener) -> None:
        self._listener = listener

    # Out

    def _write(self, text: str) -> bool:
        if self.conn.state is not OPEN or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(text_frame(text))
        return True

    # From the handshake to the end

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = {WRITE: self._write, LISTEN: self._listen}
        self.scope["extensions"] = {**(self.scope["extensions"] or {}), **extensions}
        await super().run_asgi()

    def start_keepalive(self) -> None:
        """The handshake is answered: what it was about would stay in memory as long as the socket."""
        super().start_keepalive()
        del self.request, self.response

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener = None
        super().connection_lost(exc)
