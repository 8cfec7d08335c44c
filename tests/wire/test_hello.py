"""Opening a socket: who may, and what the first answer promises."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

from tests.asgi_server import Someone, Web
from tests.wire.device import HELLO, SECONDS, connected, opened

Make = Callable[[], Someone]


async def test_hello_says_who_one_is_and_where_every_stream_stands(here: Web, someone: Make) -> None:
    ada, grace = someone(), someone()
    async with connected(here, ada) as device:
        conversation = await device.open(grace)
        await device.say(conversation)
    async with opened(here, grace.token) as device:
        assert device.connection.subprotocol == "relais.v1"
        welcome = await device.hello()
    assert welcome["me"]["id"] == grace.id
    assert "clinical" in welcome["me"]["abilities"]
    assert welcome["limits"]["in_flight"] == 32
    assert welcome["limits"]["frame_bytes"] == 64 * 1024
    streams = {state["stream"]: state for state in welcome["streams"]}
    assert set(streams) >= {f"i:{grace.id}", f"c:{conversation}"}
    state = streams[f"c:{conversation}"]
    assert (state["head"], state["unread"]) == (2, 1)
    assert {member["person"] for member in state["conversation"]["members"]} == {ada.id, grace.id}


async def test_cursors_are_accepted_and_another_protocol_is_not(here: Web, someone: Make) -> None:
    ada = someone()
    async with opened(here, ada.token) as device:
        refused = await device.refused("hello", {**HELLO, "protocol": 2})
        assert (refused.code, refused.data["path"]) == (-32602, "$.params.protocol")
        await device.hello(cursors={f"i:{ada.id}": 0})


async def test_hello_is_said_first_and_once(here: Web, someone: Make) -> None:
    async with opened(here, someone().token) as device:
        assert (await device.refused("session.list")).code == -32600
        await device.hello()
        assert (await device.refused("hello", HELLO)).code == -32600
        await device.call("session.list")


async def test_without_a_valid_key_the_socket_opens_and_closes_with_4401(here: Web) -> None:
    for token in (None, "relais_of-nobody", ""):
        async with opened(here, token) as device:
            assert await device.closed() == 4401
    async with opened(here, cookie="relais=of-nobody") as device:
        assert await device.closed() == 4401


async def test_a_person_who_is_not_verified_has_a_socket_for_their_sessions_and_for_nothing_else(
    here: Web, unverified: Someone, someone: Make
) -> None:
    async with opened(here, unverified.token) as device:
        welcome = await device.hello()
        assert (welcome["me"]["verified"], welcome["me"]["abilities"], welcome["streams"]) == (False, [], [])
        assert len((await device.call("session.list"))["sessions"]) == 1
        refused = [
            await device.refused("directory.search", {"text": "x"}),
            await device.refused("sync", {"stream": f"i:{unverified.id}", "after": 0}),
            await device.refused("message.send", {"id": str(uuid4()), "conversation": str(uuid4()), "body": "x"}),
        ]
        assert {one.reason for one in refused} == {"not_verified"}


async def test_a_page_of_another_site_is_closed_with_4403(here: Web, someone: Make) -> None:
    token = someone().token
    for origin in ("https://evil.example", "http://localhost:8001", "https://localhost:8000", "null"):
        async with opened(here, token, origin=origin) as device:
            assert await device.closed() == 4403
    async with opened(here, token, origin="http://localhost:8000") as device:
        await device.hello()


async def test_whoever_does_not_say_hello_is_closed_with_4408(here: Web, someone: Make) -> None:
    began = asyncio.get_running_loop().time()
    async with opened(here, someone().token) as device:
        assert await device.closed(seconds=SECONDS + 5) == 4408
    assert asyncio.get_running_loop().time() - began > 9


async def test_the_same_device_elsewhere_closes_the_first_with_4409(here: Web, elsewhere: Web, someone: Make) -> None:
    ada, device = someone(), str(uuid4())
    client = {"name": "test", "device": device}
    for second in (here, elsewhere):
        async with connected(here, ada, client=client) as first, connected(second, ada, client=client) as later:
            assert await first.closed() == 4409
            await later.call("session.list")
    async with connected(here, ada, client=client) as first, connected(here, ada, client={"name": "test"}) as later:
        await first.call("session.list")
        await later.call("session.list")
