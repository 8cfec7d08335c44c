"""Frames that are wrong, in every way we could think of: each gets its answer, and the socket goes on."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from relais_client import uuid7
from tests.asgi_server import Someone, Web
from tests.wire.device import HELLO, Device, connected, opened

Make = Callable[[], Someone]
NOWHERE = "01939d1a-7c00-7000-8000-000000000000"


def request(**fields: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "session.list", **fields})


NOT_JSON = {
    "empty": "",
    "a word": "hello",
    "half": '{"jsonrpc":"2.0","id":1',
    "two": request() + request(),
    "trailing comma": '{"jsonrpc":"2.0","id":1,"method":"session.list",}',
    "single quotes": "{'jsonrpc':'2.0','id':1,'method':'session.list'}",
    "not a number": '{"jsonrpc":"2.0","id":1,"method":"session.list","params":{"limit":NaN}}',
    "a NUL between": '{"jsonrpc":"2.0",\x00"id":1,"method":"session.list"}',
    "byte order mark": "\ufeff" + request(),
    "nested parameters": '{"jsonrpc":"2.0","id":1,"method":"typing","params":' + '{"a":' * 9_000 + "1" + "}" * 9_001,
}

NOT_A_REQUEST = {
    "a batch": f"[{request()}]",
    "an empty batch": "[]",
    "a string": '"session.list"',
    "a number": "1",
    "null": "null",
    "true": "true",
    "no version": '{"id":1,"method":"session.list"}',
    "another version": request(jsonrpc="1.0"),
    "a version that is a number": request(jsonrpc=2.0),
    "no id": '{"jsonrpc":"2.0","method":"session.list"}',
    "id null": request(id=None),
    "id a fraction": request(id=1.5),
    "id a list": request(id=[1]),
    "id too long": request(id="x" * 101),
    "no method": '{"jsonrpc":"2.0","id":1}',
    "method a number": request(method=1),
    "method too long": request(method="x" * 65),
    "an unknown field": request(extra=1),
    "an answer": '{"jsonrpc":"2.0","id":1,"result":{}}',
}


async def alive(device: Device) -> None:
    assert "sessions" in await device.call("session.list")


@pytest.mark.parametrize("text", NOT_JSON.values(), ids=NOT_JSON.keys())
async def test_what_is_not_json_is_answered_with_parse_error(here: Web, someone: Make, text: str) -> None:
    async with connected(here, someone()) as device:
        await device.text(text)
        answer = await device.frame()
        assert (answer["error"]["code"], answer["jsonrpc"]) == (-32700, "2.0")
        await alive(device)


@pytest.mark.parametrize("half", ["\\ud800", "\\udc00x"])
async def test_half_of_a_sign_is_answered_under_its_own_id(here: Web, someone: Make, half: str) -> None:
    async with connected(here, someone()) as device:
        await device.text(f'{{"jsonrpc":"2.0","id":71,"method":"typing","params":{{"conversation":"{half}"}}}}')
        answer = await device.frame()
        assert (answer["error"]["code"], answer["id"], answer["error"]["data"]["why"]) == (-32602, 71, "not_text")
        await alive(device)


async def test_an_id_that_no_answer_can_bear_is_answered_without(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        await device.text('{"jsonrpc":"2.0","id":"\\ud800","method":"session.list"}')
        answer = await device.frame()
        assert (answer["error"]["code"], answer["id"]) == (-32600, None)
        await alive(device)


@pytest.mark.parametrize("text", NOT_A_REQUEST.values(), ids=NOT_A_REQUEST.keys())
async def test_what_is_not_a_request_is_answered_with_invalid_request(here: Web, someone: Make, text: str) -> None:
    async with connected(here, someone()) as device:
        await device.text(text)
        answer = await device.frame()
        assert answer["error"]["code"] == -32600
        assert answer["id"] in {1, None}
        await alive(device)


@pytest.mark.parametrize("text", ["[" * 60_000, "[" * 30_000 + "]" * 30_000, '{"a":' * 10_000])
async def test_nesting_without_end_is_refused_and_nothing_more(here: Web, someone: Make, text: str) -> None:
    async with connected(here, someone()) as device:
        await device.text(text)
        assert (await device.frame())["error"]["code"] in {-32700, -32600}
        await alive(device)


@pytest.mark.parametrize("method", ["", "nothing.here", "hello ", "Hello", "identity.verify", "__init__", "session"])
async def test_a_method_that_does_not_exist_is_answered_with_method_not_found(
    here: Web, someone: Make, method: str
) -> None:
    async with connected(here, someone()) as device:
        assert (await device.refused(method)).code == -32601
        await alive(device)


WRONG_PARAMETERS: dict[str, tuple[str, Any, str]] = {
    "a missing field": ("message.read", {"conversation": NOWHERE}, "$.params.seq"),
    "an unknown field": ("session.list", {"colour": "red"}, "$.params.colour"),
    "an unknown field inside": (
        "directory.search",
        {"text": "x", "place": {"postal_code": "29200", "planet": "Mars"}},
        "$.params.place.planet",
    ),
    "a text for a number": ("message.read", {"conversation": NOWHERE, "seq": "1"}, "$.params.seq"),
    "a number below": ("message.read", {"conversation": NOWHERE, "seq": -1}, "$.params.seq"),
    "a number above": ("message.read", {"conversation": NOWHERE, "seq": 2**53}, "$.params.seq"),
    "a number beyond": ("message.read", {"conversation": NOWHERE, "seq": 10**30}, "$.params.seq"),
    "true for a number": ("message.read", {"conversation": NOWHERE, "seq": True}, "$.params.seq"),
    "not an id": ("conversation.get", {"conversation": "c:1"}, "$.params.conversation"),
    "null for an id": ("conversation.get", {"conversation": None}, "$.params.conversation"),
    "an empty text": ("message.send", {"id": NOWHERE, "conversation": NOWHERE, "body": ""}, "$.params.body"),
    "a NUL": ("message.send", {"id": NOWHERE, "conversation": NOWHERE, "body": "a\x00b"}, "$.params.body"),
    "too long a text": (
        "message.send",
        {"id": NOWHERE, "conversation": NOWHERE, "body": "x" * 20_001},
        "$.params.body",
    ),
    "a choice that is none": (
        "conversation.open",
        {"id": NOWHERE, "kind": "secret", "members": [NOWHERE]},
        "$.params.kind",
    ),
    "an empty list": ("conversation.open", {"id": NOWHERE, "kind": "group", "members": []}, "$.params.members"),
    "a wrong item": ("conversation.open", {"id": NOWHERE, "kind": "group", "members": [1]}, "$.params.members[0]"),
    "a line with a break": (
        "conversation.open",
        {"id": NOWHERE, "kind": "group", "members": [NOWHERE], "title": "a\nb"},
        "$.params.title",
    ),
    "a day that is none": ("agenda.slots", {"from": "2026-02-30", "to": "2026-03-01"}, "$.params.from"),
    "a moment without offset": (
        "slot.hold",
        {"id": NOWHERE, "agenda": NOWHERE, "reason": NOWHERE, "start": "2026-12-01T09:20:00"},
        "$.params.start",
    ),
    "an offset of no place": (
        "slot.hold",
        {"id": NOWHERE, "agenda": NOWHERE, "reason": NOWHERE, "start": "2026-12-01T09:20:00+23:59"},
        "$.params.start",
    ),
    "a list for parameters": ("session.list", [], "$.params"),
    "null for parameters": ("session.list", None, "$.params"),
    "a cursor that is none": ("conversation.list", {"cursor": "' OR 1=1"}, "$.params.cursor"),
    "a stream that is none": ("sync", {"stream": "x:1", "after": 0}, "$.params.stream"),
    "too many at once": ("sync", {"stream": f"c:{NOWHERE}", "after": 0, "limit": 501}, "$.params.limit"),
}


@pytest.mark.parametrize(("method", "params", "path"), WRONG_PARAMETERS.values(), ids=WRONG_PARAMETERS.keys())
async def test_a_wrong_parameter_is_named_by_its_path(
    here: Web, someone: Make, method: str, params: Any, path: str
) -> None:
    async with connected(here, someone()) as device:
        await device.text(json.dumps({"jsonrpc": "2.0", "id": "p", "method": method, "params": params}))
        answer = await device.answer("p")
        assert answer["error"]["code"] == -32602
        assert answer["error"]["data"]["path"] == path
        await alive(device)


async def test_parameters_may_be_left_out_and_an_id_may_be_text(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        for chosen in ("seven", 0, -1, 2**53, "é" * 100):
            await device.text(json.dumps({"jsonrpc": "2.0", "id": chosen, "method": "session.list"}))
            assert "result" in await device.answer(chosen)


async def test_a_right_to_left_override_is_kept_as_it_was_sent(here: Web, someone: Make) -> None:
    body = "\u202eexe.gpj\u202c 👩🏽‍⚕️ é\u0301 \u2066x\u2069"
    async with connected(here, someone()) as device:
        conversation = await device.open(someone())
        assert (await device.say(conversation, body))["body"] == body


async def test_a_frame_of_64_kib_is_read_and_one_byte_more_closes_with_1009(here: Web, someone: Make) -> None:
    ada = someone()
    whole = request(params={})
    for surplus, text in ((0, whole + " " * (64 * 1024 - len(whole))), (1, whole + " " * (64 * 1024 + 1 - len(whole)))):
        async with connected(here, ada) as device:
            await device.text(text)
            if surplus:
                assert await device.closed() == 1009
            else:
                assert "result" in await device.answer(1)


async def test_bytes_are_counted_and_not_characters(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        await device.text(request(params={"x": "é" * (32 * 1024)}))
        assert await device.closed() == 1009


async def test_a_far_too_long_frame_closes_with_1009(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        await device.text(" " * 1_000_000)
        assert await device.closed() == 1009


async def test_a_binary_frame_closes_with_4400(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        await device.text(request().encode())
        assert await device.closed() == 4400


async def test_nonsense_without_end_closes_with_4400(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        for _ in range(100):
            await device.text("nonsense")
        assert await device.closed() == 4400


async def test_an_id_that_is_in_flight_is_refused(here: Web, someone: Make) -> None:
    async with opened(here, someone().token) as device:
        hello = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": HELLO})
        await device.text(hello)
        await device.text(request())
        answers = [await device.frame(), await device.frame()]
        assert {answer.get("error", {}).get("code") for answer in answers} == {None, -32600}


async def test_an_object_that_names_a_field_twice_does_one_thing_or_nothing(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        conversation = await device.open(someone())
        first, second = str(uuid7()), str(uuid7())
        params = f'{{"id":"{first}","id":"{second}","conversation":"{conversation}","body":"x"}}'
        await device.text(f'{{"jsonrpc":"2.0","id":1,"method":"message.send","params":{params}}}')
        answer = await device.answer(1)
        if "result" in answer:
            assert answer["result"]["message"]["id"] in {first, second}
        page = await device.call("message.history", {"conversation": conversation})
        assert len(page["messages"]) == ("result" in answer)
