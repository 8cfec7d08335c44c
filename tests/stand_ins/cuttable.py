"""A network between Relais and a server, in the test's hand: it passes everything on, cuts, refuses, or swallows.

What swallows takes every connection and every byte, and passes nothing on: as a host that froze, or a path on which
packets vanish behind a proxy. No error ever comes of it.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from typing import Literal

BYTES = 256 * 1024
State = Literal["passes", "refuses", "swallows"]


class Network:
    """A TCP port on the loopback address that leads to ``target``: a unix socket's path, or a host and port."""

    def __init__(self, target: str | tuple[str, int], host: str = "127.0.0.1") -> None:
        self._target = target
        self._listener = socket.create_server((host, 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.state: State = "passes"
        self.refused = threading.Event()
        """Somebody came while it took none."""
        self._others: dict[socket.socket, socket.socket] = {}
        self._swallowed: set[socket.socket] = set()
        self._selector = selectors.DefaultSelector()
        self._mutex = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def cut(self) -> None:
        """Ends every connection, as a server does that restarts. New ones are possible."""
        with self._mutex:
            for one in list(self._others):
                self._close(one)

    def refuse(self) -> None:
        """Ends every connection, and takes none."""
        self.state = "refuses"
        self.cut()

    def swallow(self) -> None:
        """Passes nothing on any more, and closes nothing. New connections are taken, and swallowed too."""
        with self._mutex:
            self.state = "swallows"
            self._swallowed |= self._others.keys()

    def recover(self) -> None:
        """New connections work. Those that were swallowed stay so: nobody is told."""
        self.state = "passes"

    @contextlib.contextmanager
    def serving(self) -> Iterator[Network]:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread.start()
        try:
            yield self
        finally:
            self._ended = True
            self._thread.join()
            self.cut()
            self._selector.close()
            self._listener.close()

    def _run(self) -> None:
        while not self._ended:
            for key, _ in self._selector.select(0.05):
                with self._mutex, contextlib.suppress(OSError):
                    if key.fileobj is self._listener:
                        self._take()
                    elif isinstance(key.fileobj, socket.socket):
                        self._pass_on(key.fileobj)

    def _take(self) -> None:
        near, _ = self._listener.accept()
        if self.state == "refuses":
            self.refused.set()
            near.close()
            return
        far = socket.socket(socket.AF_UNIX if isinstance(self._target, str) else socket.AF_INET)
        try:
            far.connect(self._target)
        except OSError:
            near.close()
            far.close()
            return
        self._others |= {near: far, far: near}
        if self.state == "swallows":
            self._swallowed |= {near, far}
        for one in (near, far):
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, source: socket.socket) -> None:
        if source not in self._others:
            return
        try:
            data = source.recv(BYTES)
            if data and source not in self._swallowed:
                self._others[source].sendall(data)
        except OSError:
            data = b""
        if not data:
            self._close(source)

    def _close(self, one: socket.socket) -> None:
        other = self._others.pop(one, None)
        if other is None:
            return
        self._others.pop(other, None)
        for end in (one, other):
            self._swallowed.discard(end)
            self._selector.unregister(end)
            end.close()
