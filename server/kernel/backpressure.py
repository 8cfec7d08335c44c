"""Daphne with backpressure and every close code.

Daphne passes each frame to Twisted without waiting, so whatever a slow client does not read would accumulate in this
process. Twisted tells a registered producer to pause when its buffer is full: the socket checks that before it writes,
queues frames itself up to a limit, and closes with 4430 beyond it.
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

from server.kernel.asgi_extensions import CONGESTED, WRITE, text_frame

SECONDS_TO_FLUSH = 0.2
CLOSE_SECONDS = 15


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
        """The connection is gone; writing to it fails by itself."""
        self.full = False

    def __call__(self) -> bool:
        return self.full


class DaphneWebSocket(WebSocketProtocol):
    """Daphne's protocol without two of its limits: answers may be of any length, and every close code can be sent."""

    def serverSend(self, content: str, binary: bool = False) -> None:  # noqa: N802 - Daphne's name
        """Autobahn applies the limit for inbound frames to outbound ones too, and would drop a longer page."""
        if self.state == self.STATE_OPEN:
            self.transport.write(text_frame(content))

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - Daphne's name
        """Autobahn allows applications 1000 and 3000 to 4999 only; we also need 1009 and 1012."""
        self.sendCloseFrame(code=code or 1000)


# Daphne creates its factory itself: this is the only way to set the protocol class.
WebSocketFactory.protocol = DaphneWebSocket


class CongestionAwareServer(Server):
    """Daphne's server; the scope of a connection carries the extension above."""

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Daphne's own, with the connection's congestion in the scope."""
        if scope["type"] == "websocket":
            # An oversized frame gets its close code instead of a dropped connection.
            protocol.failByDrop = False
            # A slow client must first read what precedes the close frame: one second is too short.
            protocol.closeHandshakeTimeout = CLOSE_SECONDS
            scope["extensions"] = {**scope.get("extensions", {}), **_extensions(protocol)}
            return super().create_application(protocol, scope)
        congestion = Congestion()
        protocol.registerProducer(congestion, True)
        scope["extensions"] = {**scope.get("extensions", {}), CONGESTED: congestion}
        queue = super().create_application(protocol, scope)
        return queue if protocol.body_queue is None else protocol.body_queue.attach(queue)

    def kill_all_applications(self) -> Any:
        """On shutdown, close sockets with 1012 and give the frames a moment to leave."""
        for protocol in list(self.connections):
            if isinstance(protocol, WebSocketProtocol) and protocol.state == protocol.STATE_OPEN:
                protocol.serverClose(1012)
        return deferLater(reactor, SECONDS_TO_FLUSH, super().kill_all_applications)


def _extensions(protocol: Any) -> dict[str, Callable[..., bool]]:
    congestion = Congestion()
    # The HTTP protocol that accepted this connection may have registered itself; it produces nothing more.
    protocol.transport.unregisterProducer()
    protocol.transport.registerProducer(congestion, True)

    def write(text: str) -> bool:
        if congestion.full or protocol.state != protocol.STATE_OPEN:
            return False
        protocol.transport.write(text_frame(text))
        return True

    return {CONGESTED: congestion, WRITE: write}
