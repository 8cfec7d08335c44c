"""What arrives over uvicorn's socket is what the library alone would hand on, however the bytes are cut."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from server.kernel.asgi_extensions import LISTEN, WRITE, text_frame
from server.ops.websocket_protocol import WebSocketProtocol

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
LARGEST = 1_000


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Server:
    """One connection to an application that keeps what it hears."""

    def __init__(self, kind: type[WebSocketsSansIOProtocol], *, listens: bool) -> None:
        self.heard: list[Any] = []
        self.extensions: dict[str, Any] = {}
        self._listens = listens
        config = Config(
            self._application, lifespan="off", log_config=None, interface="asgi3", ws_max_size=LARGEST,
            ws_per_message_deflate=False, ws_ping_interval=None,
        )  # fmt: skip
        config.load()
        self.transport = Transport()
        self.protocol = kind(config, ServerState(), {}, asyncio.get_running_loop())

    async def open(self) -> Server:
        self.protocol.connection_made(self.transport)
        await self.receive(HANDSHAKE)
        assert b" 101 " in self.transport.written.pop()
        return self

    async def receive(self, data: bytes) -> None:
        if not self.transport.closed:
            self.protocol.data_received(data)
        for _ in range(4):
            await asyncio.sleep(0)

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.extensions = scope["extensions"]
        if self._listens and LISTEN in self.extensions:
            self.extensions[LISTEN](lambda text: self.heard.append({"type": "websocket.receive", "text": text}))
        while (message := await receive())["type"] != "websocket.disconnect":
            self.heard.append(message)
        self.heard.append(message)


def frame(opcode: Opcode, data: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=mask)


def fragments(parts: list[bytes]) -> bytes:
    first, *rest = parts
    return frame(Opcode.TEXT, first, fin=not rest) + b"".join(
        frame(Opcode.CONT, part, fin=at == len(rest)) for at, part in enumerate(rest, 1)
    )


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=240).map(
    lambda text: frame(Opcode.TEXT, text.encode())
)
BYTES = st.binary(max_size=125)
KNOWN = st.one_of(
    TEXTS,
    TEXTS,
    BYTES.map(lambda data: frame(Opcode.PING, data)),
    BYTES.map(lambda data: frame(Opcode.PONG, data)),
)
GOOD = st.one_of(
    KNOWN,
    st.lists(st.just(b"part"), min_size=2, max_size=3).map(fragments),
    BYTES.map(lambda data: frame(Opcode.BINARY, data)),
)
WRONG = st.one_of(
    st.just(frame(Opcode.CLOSE, b"\x03\xe8over")),
    st.just(frame(Opcode.TEXT, b"\xff")),
    st.just(frame(Opcode.TEXT, b"unmasked", mask=False)),
    st.just(b"\xc1" + frame(Opcode.TEXT, b"a reserved bit")[1:]),
    st.just(frame(Opcode.TEXT, b"x" * (LARGEST + 1))),
    st.just(frame(Opcode.TEXT, b"x" * 70_000)),
    st.just(frame(Opcode.CONT, b"of nothing")),
    st.just(b"\x89\xfe\x00\x7e" + bytes(130)),  # a ping of 126 bytes
    st.binary(max_size=20),
)
ENDS = st.one_of(st.lists(GOOD, max_size=3), st.lists(WRONG, min_size=1, max_size=1))


async def outcome(
    kind: type[WebSocketsSansIOProtocol], pieces: list[bytes], *, listens: bool
) -> tuple[list[Any], bytes, bool]:
    server = await Server(kind, listens=listens).open()
    for piece in pieces:
        await server.receive(piece)
    return server.heard, b"".join(server.transport.written), server.transport.closed


def cut(data: bytes, places: list[float]) -> list[bytes]:
    ends = sorted({int(place * len(data)) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(ends)]


@settings(max_examples=100, deadline=None)
@given(st.lists(KNOWN, max_size=6), ENDS, st.lists(st.floats(0, 1), max_size=8), st.booleans())
@example([frame(Opcode.TEXT, b"x" * 200)] * 3, [frame(Opcode.TEXT, b"end")], [n / 700 for n in range(700)], True)
def test_it_hears_and_answers_what_the_library_does(
    before: list[bytes], end: list[bytes], places: list[float], listens: bool
) -> None:
    # The library is given each frame by itself: what came in one piece with a wrong frame before it, uvicorn drops.
    frames = [*before, *end]
    expected = asyncio.run(outcome(WebSocketsSansIOProtocol, frames, listens=False))
    assert asyncio.run(outcome(WebSocketProtocol, cut(b"".join(frames), places), listens=listens)) == expected


@pytest.mark.parametrize("text", ["", "x" * 125, "x" * 126, "é" * 70, "x" * 65_535, "x" * 65_536])
def test_a_text_is_framed_as_the_library_does(text: str) -> None:
    assert text_frame(text) == Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


async def test_a_frame_is_written_at_once_unless_the_client_does_not_keep_up_or_is_leaving() -> None:
    server = await Server(WebSocketProtocol, listens=True).open()
    write = server.extensions[WRITE]
    assert write("one")
    server.protocol.pause_writing()
    assert not write("two")
    server.protocol.resume_writing()
    assert write("three")
    assert server.transport.written == [text_frame("one"), text_frame("three")]
    await server.receive(frame(Opcode.CLOSE, b"\x03\xe8"))
    assert not write("four")


async def test_a_listener_never_overtakes_what_waits_to_be_received() -> None:
    server = await Server(WebSocketProtocol, listens=False).open()
    listen = server.extensions[LISTEN]
    server.protocol.data_received(frame(Opcode.TEXT, b"first"))
    listen(lambda text: server.heard.append(text))
    server.protocol.data_received(frame(Opcode.TEXT, b"second"))
    await server.receive(frame(Opcode.TEXT, b"third"))
    await server.receive(frame(Opcode.TEXT, b"fourth"))
    assert [one if isinstance(one, str) else one["text"] for one in server.heard] == [
        "first",
        "second",
        "third",
        "fourth",
    ]
