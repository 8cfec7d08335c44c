"""A socket in a test's hand: it sends what it is told to, right or wrong, and keeps what comes."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from relais_client import uuid7
from tests.asgi_server import Someone, Web

HELLO = {"protocol": 1, "client": {"name": "test"}}
SECONDS = 30.0
"""For what comes at once on a machine that has nothing else to do."""


class Refused(Exception):
    """An error was the answer."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error))
        self.code = error["code"]
        self.message = error["message"]
        self.data: dict[str, Any] = error.get("data", {})
        self.reason = self.data.get("reason")


class Device:
    """One socket. Events and signals are kept in order; answers are found by their id."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.events: list[dict[str, Any]] = []
        self.signals: list[dict[str, Any]] = []
        self._answers: dict[Any, dict[str, Any]] = {}
        self._ids = itertools.count(1)

    async def text(self, frame: str | bytes) -> None:
        """Sends a frame as it is."""
        await self.connection.send(frame)

    async def frame(self) -> dict[str, Any]:
        """The next frame, whatever it is."""
        async with asyncio.timeout(SECONDS):
            found: dict[str, Any] = json.loads(await self.connection.recv())
        return found

    async def send(self, method: str, params: Mapping[str, Any] | None = None) -> int:
        """Sends a request without waiting for its answer."""
        request = next(self._ids)
        await self.text(json.dumps({"jsonrpc": "2.0", "id": request, "method": method, "params": params or {}}))
        return request

    async def answer(self, request: Any) -> dict[str, Any]:
        """The whole answer to a request."""
        while request not in self._answers:
            self._keep(await self.frame())
        return self._answers.pop(request)

    async def result(self, request: Any) -> Any:
        """The result of a request; raises ``Refused``."""
        answer = await self.answer(request)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    async def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        return await self.result(await self.send(method, params))

    async def refused(self, method: str, params: Mapping[str, Any] | None = None) -> Refused:
        """The refusal of a request; it is a failure when it is carried out."""
        try:
            result = await self.call(method, params)
        except Refused as refused:
            return refused
        raise AssertionError(f"{method} was carried out: {result}")

    async def event(self, kind: str, stream: str | None = None) -> dict[str, Any]:
        """The next event of this type that nobody has taken yet."""
        while True:
            for event in self.events:
                if event["type"] == kind and stream in {None, event["stream"]}:
                    self.events.remove(event)
                    return event
            self._keep(await self.frame())

    async def signal(self, kind: str) -> dict[str, Any]:
        while True:
            for signal in self.signals:
                if signal["type"] == kind:
                    self.signals.remove(signal)
                    return signal
            self._keep(await self.frame())

    async def silence(self, seconds: float) -> None:
        """Keeps what comes within this time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    self._keep(json.loads(await self.connection.recv()))

    async def closed(self, seconds: float = SECONDS) -> int:
        """The code with which the server closes; what comes before is kept."""
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(seconds):
                while True:
                    self._keep(json.loads(await self.connection.recv()))
        assert self.connection.close_code is not None
        return self.connection.close_code

    async def hello(self, **more: Any) -> dict[str, Any]:
        welcome: dict[str, Any] = await self.call("hello", {**HELLO, **more})
        return welcome

    async def open(self, *members: Someone, title: str | None = "Garde") -> str:
        """A new group's id, or the direct conversation's when there is no title."""
        params: dict[str, Any] = {"id": str(uuid7()), "members": [one.id for one in members], "kind": "direct"}
        if title is not None:
            params |= {"kind": "group", "title": title}
        found: str = (await self.call("conversation.open", params))["conversation"]["id"]
        return found

    async def say(self, conversation: str, body: str = "Bonjour", **more: Any) -> dict[str, Any]:
        params = {"id": str(uuid7()), "conversation": conversation, "body": body, **more}
        message: dict[str, Any] = (await self.call("message.send", params))["message"]
        return message

    def kept(self) -> list[dict[str, Any]]:
        """Answers that nobody has taken."""
        return list(self._answers.values())

    def _keep(self, frame: dict[str, Any]) -> None:
        match frame.get("method"):
            case "event":
                self.events.append(frame["params"])
            case "signal":
                self.signals.append(frame["params"])
            case _:
                self._answers[frame.get("id")] = frame


@contextlib.asynccontextmanager
async def opened(
    process: Web,
    token: str | None = None,
    *,
    cookie: str | None = None,
    origin: str | None = None,
    address: str | None = None,
) -> AsyncIterator[Device]:
    """A socket to this process on which nothing has been said."""
    headers = {}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if cookie is not None:
        headers["Cookie"] = cookie
    async with connect(
        address or process.address,
        subprotocols=[Subprotocol("relais.v1")],
        additional_headers=headers,
        origin=None if origin is None else Origin(origin),
        compression=None,
        max_size=32 * 1024 * 1024,
        ping_interval=None,
        proxy=None,
        close_timeout=2,
    ) as connection:
        yield Device(connection)


@contextlib.asynccontextmanager
async def connected(process: Web, who: Someone, **more: Any) -> AsyncIterator[Device]:
    """A socket on which ``hello`` has been answered."""
    async with opened(process, who.token) as device:
        await device.hello(**more)
        yield device
