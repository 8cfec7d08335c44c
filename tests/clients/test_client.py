"""The Python client over real sockets, in front of a server that does what each test tells it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from relais_client import Client, Closed, Event, Lost, RequestRefused, Reset, StreamEvent, uuid7, wire

ME, CONVERSATION, AGENDA = (UUID(f"0193a000-0000-7000-8000-00000000000{number}") for number in (1, 2, 3))
STREAM, WATCHED = f"c:{CONVERSATION}", f"a:{AGENDA}"
AT = "2026-11-22T09:30:00Z"
LIMITS = {"frame_bytes": 65536, "in_flight": 32, "requests_per_second": 500.0, "sync_limit": 500}
PERSON = {"id": str(ME), "name": "A", "first_name": "A", "last_name": "", "email": "a@exemple.test", "function": "x"}
WELCOME = {
    "me": {**PERSON, "verified": True, "abilities": [], "organisations": []},
    "limits": {**LIMITS, "body_characters": 20000},
    "server_time": AT,
    "streams": [{"stream": f"i:{ME}", "head": 0}, {"stream": STREAM, "head": 5}],
}

Frame = dict[str, Any]
Serving = Callable[["Peer"], Awaitable[None]]


class Peer:
    """The server's end of one socket."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection

    async def request(self, method: str) -> Frame:
        frame: Frame = json.loads(await self.connection.recv())
        assert frame["method"] == method
        return frame

    async def answer(self, method: str, result: Any) -> None:
        frame = await self.request(method)
        await self.say({"id": frame["id"], "result": result})

    async def refuse(self, method: str, reason: str, **data: Any) -> None:
        frame = await self.request(method)
        data = {"reason": reason, **data}
        await self.say({"id": frame["id"], "error": {"code": -32000, "message": "No.", "data": data}})

    async def event(self, stream: str, seq: int) -> None:
        params = {"stream": stream, "seq": seq, "at": AT, "type": "conversation.sparkled", "data": {}}
        await self.say({"method": "event", "params": params})

    async def say(self, frame: Frame) -> None:
        await self.connection.send(json.dumps({"jsonrpc": "2.0", **frame}))


class Heard:
    """What a client delivered."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()

    async def next(self, kind: type[Event]) -> Any:
        async with asyncio.timeout(5):
            while not isinstance(event := await self.events.get(), kind):
                pass
        return event


@contextlib.asynccontextmanager
async def client_of(*sockets: Serving) -> AsyncIterator[tuple[Client, Heard]]:
    """A client, and one of ``sockets`` for each connection that it makes; each socket stays open until it is cut."""
    waiting = list(sockets)
    failures: list[BaseException] = []

    async def handle(connection: ServerConnection) -> None:
        try:
            await waiting.pop(0)(Peer(connection))
            await connection.wait_closed()
        except BaseException as failure:
            failures.append(failure)
            raise

    heard = Heard()
    async with serve(handle, "127.0.0.1", 0, subprotocols=[Subprotocol("relais.v1")]) as server:
        port = server.sockets[0].getsockname()[1]
        async with Client(f"http://127.0.0.1:{port}", "token", listener=heard.events.put_nowait) as client:
            yield client, heard
    assert [failure for failure in failures if isinstance(failure, AssertionError)] == []


async def greet(peer: Peer) -> None:
    await peer.answer("hello", WELCOME)


async def test_text_of_the_server_that_is_not_well_formed_harms_nothing() -> None:
    async def serving(peer: Peer) -> None:
        await greet(peer)
        params = f'{{"stream":"{STREAM}","seq":6,"at":"{AT}","type":"message.sent","data":{{"message":"\\ud800"}}}}'
        await peer.connection.send(f'{{"jsonrpc":"2.0","method":"event","params":{params}}}')
        await peer.connection.send("[" * 100_000)
        await peer.connection.send(b"not text")
        await peer.event(STREAM, 7)

    async with client_of(serving) as (client, heard):
        first, second = await heard.next(StreamEvent), await heard.next(StreamEvent)
        assert [(event.seq, event.data) for event in (first, second)] == [(6, {"message": "\ufffd"}), (7, {})]
        assert client.engine.connection == "up-to-date"


async def test_an_answer_that_is_not_what_was_asked_for_is_refused_and_nobody_waits_for_ever() -> None:
    async def serving(peer: Peer) -> None:
        await greet(peer)
        await peer.answer("conversation.list", {"conversations": 7})
        await peer.answer("conversation.list", {"conversations": []})

    async with client_of(serving) as (client, _):
        with pytest.raises(RequestRefused) as refused:
            await client.call(wire.ListConversations())
        assert refused.value.reason == "internal"
        assert (await client.call(wire.ListConversations())).conversations == []


async def test_text_that_no_json_can_hold_is_sent_with_a_mark_in_it() -> None:
    sent: list[str] = []

    async def serving(peer: Peer) -> None:
        await greet(peer)
        sent.append((await peer.request("message.send"))["params"]["body"])

    async with client_of(serving) as (client, _):
        with pytest.raises(TimeoutError):
            await client.call(wire.SendMessage(id=uuid7(), conversation=CONVERSATION, body="caf\udce9\0"), within=0.5)
    assert sent == ["caf\ufffd"]


async def test_a_request_without_an_answer_is_given_up_when_its_time_is_over() -> None:
    async with client_of(greet) as (client, _):
        await client.connected()
        with pytest.raises(TimeoutError):
            await client.call(wire.ListConversations(), within=0.2)


async def test_a_refused_hello_is_said_again_and_the_reason_is_kept() -> None:
    async def refusing(peer: Peer) -> None:
        await peer.refuse("hello", "unavailable")

    async with client_of(refusing, greet) as (client, _):
        welcome = await client.connected(within=10)
        assert welcome.me.id == ME
        assert client.last_error == "hello was refused: No."


async def test_a_session_that_has_ended_ends_the_client() -> None:
    async def serving(peer: Peer) -> None:
        await greet(peer)
        await peer.connection.close(4401)

    async with client_of(serving) as (client, _):
        with pytest.raises(Closed) as closed:
            await client.ended()
        assert closed.value.code == wire.NOT_SIGNED_IN


async def test_an_agenda_is_watched_again_after_a_cut_and_what_is_shown_of_it_is_reset() -> None:
    async def first(peer: Peer) -> None:
        await greet(peer)
        await peer.answer("agenda.watch", {"stream": WATCHED, "head": 3})
        await peer.event(WATCHED, 4)
        await peer.request("conversation.list")
        await peer.connection.close(1001)

    async def second(peer: Peer) -> None:
        await greet(peer)
        await peer.answer("conversation.list", {"conversations": []})
        await peer.answer("agenda.watch", {"stream": WATCHED, "head": 9})
        await peer.event(WATCHED, 10)

    async with client_of(first, second) as (client, heard):
        await client.call(wire.WatchAgenda(agenda=AGENDA))
        assert (await heard.next(StreamEvent)).seq == 4
        await client.call(wire.ListConversations())
        assert (await heard.next(Reset)).stream == WATCHED
        assert (await heard.next(StreamEvent)).seq == 10


async def test_an_agenda_that_may_no_longer_be_watched_is_lost() -> None:
    async def first(peer: Peer) -> None:
        await greet(peer)
        await peer.answer("agenda.watch", {"stream": WATCHED, "head": 3})
        await peer.request("conversation.list")
        await peer.connection.close(1001)

    async def second(peer: Peer) -> None:
        await greet(peer)
        await peer.answer("conversation.list", {"conversations": []})
        await peer.refuse("agenda.watch", "not_found")

    async with client_of(first, second) as (client, heard):
        await client.call(wire.WatchAgenda(agenda=AGENDA))
        await client.call(wire.ListConversations())
        assert (await heard.next(Lost)).stream == WATCHED


async def test_a_failure_of_the_listener_ends_the_client_and_is_not_swallowed() -> None:
    async def serving(peer: Peer) -> None:
        await greet(peer)
        await peer.event(STREAM, 6)

    def listen(event: Event) -> None:
        if isinstance(event, StreamEvent):
            raise LookupError("of the listener")

    async with client_of(serving) as (client, _):
        client.listener = listen
        with pytest.raises(Closed):
            await client.ended()
        with pytest.raises(LookupError):
            await client.close()
