"""Daphne, which also says when a client reads too slowly, and why it closes a socket.

Daphne hands every frame to Twisted at once and never waits: what a slow client does not read would pile up in this
process. Twisted tells a registered producer to pause when its buffer is full; the socket asks before it writes, keeps
what waits in its own bounded queue, and closes with 4430 when that is full.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor
from twisted.internet.interfaces import IPushProducer
from twisted.internet.task import deferLater
from zope.interface import implementer

SECONDS_TO_HEAR = 0.2
CLOSE_SECONDS = 15
EXTENSION = "relais.congested"
"""In the scope's extensions: a function without arguments, true while nothing should be written."""


@implementer(IPushProducer)
class Congestion:
    """Whether Twisted's buffer for one client is full."""

    __slots__ = ("full",)

    def __init__(self) -> None:
        self.full = False

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.full = True

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.full = False

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is gone: whoever still writes is told so by the connection itself."""
        self.full = False

    def __call__(self) -> bool:
        return self.full


class DaphneWebSocket(WebSocketProtocol):
    """Daphne's protocol, which can say all that protocol 1 says: answers of any length, and every close code."""

    def serverSend(self, content: str, binary: bool = False) -> None:  # noqa: N802 - Daphne's name
        """Autobahn holds what a server says to the limit for what it hears, and drops a page that is longer."""
        if self.state == self.STATE_OPEN:
            self.sendFrame(opcode=1, payload=content.encode())

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - Daphne's name
        """Autobahn lets an application close with 1000 and 3000 to 4999 only; 1009 and 1012 are a server's to say."""
        self.sendCloseFrame(code=code or 1000)


# Daphne makes its factory itself, and leaves no other way to give it a protocol.
WebSocketFactory.protocol = DaphneWebSocket


class CongestionAwareServer(Server):
    """Daphne's server; a WebSocket's scope carries the extension above."""

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Daphne's own, with the connection's congestion in the scope."""
        if scope["type"] == "websocket":
            # A frame that is too long gets the close code that says so, and not a connection that breaks off.
            protocol.failByDrop = False
            # A slow client must first read what was sent before the close: a second is not enough.
            protocol.closeHandshakeTimeout = CLOSE_SECONDS
            scope["extensions"] = {**scope.get("extensions", {}), EXTENSION: _watched(protocol)}
        return super().create_application(protocol, scope)

    def kill_all_applications(self) -> Any:
        """At the end: sockets are told that we start again (1012), and get a moment to hear it."""
        for protocol in list(self.connections):
            if isinstance(protocol, WebSocketProtocol) and protocol.state == protocol.STATE_OPEN:
                protocol.serverClose(1012)
        return deferLater(reactor, SECONDS_TO_HEAR, super().kill_all_applications)


def _watched(protocol: Any) -> Callable[[], bool]:
    congestion = Congestion()
    # HTTP, which began this connection, may have registered itself: it has nothing more to produce.
    protocol.transport.unregisterProducer()
    protocol.transport.registerProducer(congestion, True)
    return congestion
