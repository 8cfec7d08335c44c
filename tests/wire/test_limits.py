"""Too many, too slow, too much at once."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from typing import Any

from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from relais_client import uuid7
from server.kernel.socket import SOCKETS_OF_ONE
from tests.asgi_server import Someone, Web
from tests.wire.device import HELLO, connected

Make = Callable[[], Someone]


async def test_a_flood_is_refused_with_a_time_to_wait_and_then_closed_with_4429(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        request = '{"jsonrpc":"2.0","id":%d,"method":"session.list"}'
        closing = asyncio.create_task(device.closed(30))
        with contextlib.suppress(ConnectionClosed):
            for number in range(10_000):
                await device.text(request % number)
        assert await closing == 4429
        refused = [answer["error"]["data"] for answer in device.kept() if "error" in answer]
        assert refused
        assert all(data["reason"] == "rate_limited" and data["retry_after"] > 0 for data in refused)


async def test_a_client_that_heeds_rate_limited_goes_on(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        requests = [await device.send("session.list") for _ in range(60)]
        answers = [await device.answer(request) for request in requests]
        waits = [answer["error"]["data"]["retry_after"] for answer in answers if "error" in answer]
        await asyncio.sleep(max(waits, default=0))
        assert "sessions" in await device.call("session.list")


async def test_32_requests_may_be_in_flight(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        requests = [await device.send("session.list") for _ in range(32)]
        for request in requests:
            await device.result(request)


async def test_one_more_socket_than_a_person_may_have_closes_their_oldest(here: Web, someone: Make) -> None:
    ada, grace = someone(), someone()
    async with contextlib.AsyncExitStack() as stack:
        other = await stack.enter_async_context(connected(here, grace))
        hers = [await stack.enter_async_context(connected(here, ada)) for _ in range(SOCKETS_OF_ONE)]
        newest = await stack.enter_async_context(connected(here, ada))
        assert await hers[0].closed() == 4409
        for device in (hers[1], hers[-1], newest, other):
            assert "sessions" in await device.call("session.list")


class Deaf:
    """A socket that says hello and then never reads again, with as little room as the system lets it have."""

    def __init__(self, process: Web, who: Someone) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", process.port))
        self.protocol = ClientProtocol(parse_uri(process.address), max_size=None)
        request = self.protocol.connect()
        request.headers["Authorization"] = f"Bearer {who.token}"
        self.protocol.send_request(request)
        self._flush()
        while not self.read():
            pass
        hello = {"jsonrpc": "2.0", "id": 1, "method": "hello", "params": HELLO}
        self.protocol.send_text(json.dumps(hello).encode())
        self._flush()
        while not any(isinstance(event, Frame) and event.opcode is Opcode.TEXT for event in self.read()):
            pass

    def read(self) -> list[object]:
        data = self.socket.recv(65536)
        if data:
            self.protocol.receive_data(data)
        else:
            self.protocol.receive_eof()
        return list(self.protocol.events_received())

    def listen_again(self) -> int | None:
        """Reads all that is left; the close code."""
        while self.protocol.close_code in {None, 1006} and self.protocol.close_rcvd is None:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                break
            if not data:
                break
            self.protocol.receive_data(data)
        return None if self.protocol.close_rcvd is None else self.protocol.close_rcvd.code

    def answers(self, count: int) -> list[dict[str, Any]]:
        """So many answers, as they come."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            self.protocol.receive_data(self.socket.recv(1 << 20))
            frames = [event for event in self.protocol.events_received() if isinstance(event, Frame)]
            found += [json.loads(bytes(frame.data)) for frame in frames if frame.opcode is Opcode.TEXT]
        return found

    def _flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                self.socket.sendall(data)

    def close(self) -> None:
        self.socket.close()


async def test_a_client_that_does_not_read_is_closed_with_4430_and_holds_nobody_up(
    here: Web, elsewhere: Web, someone: Make
) -> None:
    slow, grace, *writing = (someone() for _ in range(9))
    deaf = await asyncio.to_thread(Deaf, here, slow)
    try:
        async with contextlib.AsyncExitStack() as stack, connected(here, grace) as reader:
            # Several, since one person brings no more than two megabytes at once.
            writers = [await stack.enter_async_context(connected(elsewhere, one)) for one in writing]
            conversation = await writers[0].open(slow, grace, *writing[1:])
            body = "x" * 19_900
            for number in range(600):
                params = {"id": str(uuid7()), "conversation": conversation, "body": f"{number} {body}"}
                await writers[number % len(writers)].call("message.send", params)
                event = await reader.event("message.sent")
                assert event["data"]["message"]["body"].startswith(f"{number} ")
        code = await asyncio.to_thread(deaf.listen_again)
        assert code == 4430
    finally:
        deaf.close()


async def test_answers_to_ones_own_requests_are_never_read_too_slowly(here: Web, someone: Make) -> None:
    ada, grace = someone(), someone()
    async with connected(here, ada) as device:
        conversation = await device.open(grace)
        for _ in range(30):
            await device.say(conversation, "x" * 20_000)
        history = {"conversation": conversation, "limit": 50}
        requests = [await device.send("message.history", history) for _ in range(32)]
        await asyncio.sleep(0.5)  # All of it is made while nobody reads.
        answers = [await device.result(request) for request in requests]
        assert all(answer["messages"] and answer["more"] for answer in answers)
        await device.call("session.list")


async def test_as_many_answers_may_wait_to_be_read_as_requests_may_be_in_flight(here: Web, someone: Make) -> None:
    ada, grace = someone(), someone()
    async with connected(here, ada) as device:
        conversation = await device.open(grace)
        for _ in range(14):
            await device.say(conversation, "x" * 20_000)
    deaf = await asyncio.to_thread(Deaf, here, ada)
    try:
        question = {"conversation": conversation, "limit": 50}
        for number in range(2, 202):
            frame = {"jsonrpc": "2.0", "id": number, "method": "message.history", "params": question}
            deaf.protocol.send_text(json.dumps(frame).encode())
            deaf._flush()
            await asyncio.sleep(0.005)
        answers = await asyncio.to_thread(deaf.answers, 200)
        assert len(answers) == 200
        refused = [answer["error"]["data"]["reason"] for answer in answers if "error" in answer]
        assert set(refused) == {"rate_limited"}
        assert len(answers) - len(refused) < 120
    finally:
        deaf.close()
