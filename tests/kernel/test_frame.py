"""The frame: what is a request, what is answered to what is none, and what the server's own frames look like."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral.scheduling.wire_agendas import Note
from server.kernel.wire import Command, Line, Words, stream_name, stream_parts
from server.kernel.wire.close_codes import CloseCode
from server.kernel.wire.errors import Invalid, NotFound, RateLimited
from server.kernel.wire.frame import (
    Commands,
    FrameError,
    Request,
    decode_request,
    event,
    failure,
    refusal,
    result,
    signal,
)
from server.kernel.wire.handshake import StreamEventView
from server.registry import ACTIONS, socket_commands
from team.conversations.wire import ConversationView, MessageSent
from team.messages.wire import SendMessageResult, TypingSignal

ANSWERS = {action.command.method: action.command.result for action in ACTIONS}
FROM_ELSEWHERE = {1000, 1001, 1005, 1006, 1011, 4499}
"""Close codes of browsers, proxies and web servers; 4499 stands for one of a later protocol."""
OF_ANOTHER_SERVER = {"hello_not_understood", "newer_words"}
"""Transcripts in which the server speaks as this one cannot: of a later version, or broken."""
TRANSCRIPTS = sorted(
    path for path in (Path(__file__).parents[1] / "transcripts").glob("*.json") if path.stem not in OF_ANOTHER_SERVER
)


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: Annotated[int, msgspec.Meta(ge=0, le=9)]


class Noted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: Words
    title: Line | None = None
    note: Note | None = None


class Probe(Command[SendMessageResult]):
    method = "probe"

    name: Line
    noted: list[Noted] = msgspec.field(default_factory=list)
    inner: Inner | None = None
    many: list[Inner] = msgspec.field(default_factory=list)
    by_name: dict[str, Inner] = msgspec.field(default_factory=dict)


commands = Commands([Probe])
registered = socket_commands()


def request(**fields: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "probe", **fields})


def refused(text: str) -> dict[str, Any]:
    """The error that a frame is answered with, and the answer's id beside it."""
    with pytest.raises(FrameError) as caught:
        commands.decode(decode_request(text))
    answer = json.loads(caught.value.answer)
    assert set(answer) == {"jsonrpc", "id", "error"}
    assert answer["jsonrpc"] == "2.0"
    assert set(answer["error"]) == {"code", "message", "data"}
    return {"id": answer["id"], **answer["error"]}


@pytest.mark.parametrize("chosen", [0, 1, -1, 2**53, -(2**53), "", "seven", "é" * 100, "\x00"])
def test_a_request_is_decoded_and_its_answer_bears_its_id(chosen: int | str) -> None:
    decoded = decode_request(request(id=chosen, params={"name": "Ada"}))
    assert decoded.id == chosen
    assert commands.decode(decoded) == Probe(name="Ada")
    assert json.loads(result(decoded.id, None)) == {"jsonrpc": "2.0", "id": chosen, "result": None}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "nul",
        "'x'",
        "{}{}",
        "[1,]",
        "\ufeff{}",
        '{"a":1,}',
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\x"',
        "\ud800",
        "{\x00}",
        '"\x1f"',
        "[" * 60_000,
        "[" * 60_000 + "]" * 60_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        request(params=0)[:-2] + "[" * 50_000 + "]" * 50_000 + "}",
        "1e5e",
        "-",
        "NaN",
        "Infinity",
    ],
    ids=range(23),
)
def test_what_is_not_json_is_a_parse_error(text: str) -> None:
    answer = refused(text)
    assert (answer["id"], answer["code"], answer["data"]) == (None, -32700, {"reason": "parse_error"})


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("[]", None),
        (f"[{request()}]", None),
        ("null", None),
        ("1", None),
        ('"probe"', None),
        ("{}", None),
        (request(jsonrpc="1.0"), 1),
        (request(jsonrpc="2.0\n"), 1),
        (request(jsonrpc=2.0), 1),
        (request(extra=1), 1),
        (request(method=None), 1),
        (request(method="x" * 65), 1),
        (request(id=None), None),
        (request(id=True), None),
        (request(id=1.5), None),
        (request(id=2**53 + 1), None),
        (request(id=10**400), None),
        (request(id="x" * 101), None),
        (request(id=[1]), None),
        ('{"jsonrpc":"2.0","id":7,"result":{}}', 7),
        ('{"jsonrpc":"2.0","method":"probe"}', None),
    ],
)
def test_what_is_not_a_request_is_an_invalid_request(text: str, known: int | None) -> None:
    answer = refused(text)
    assert (answer["id"], answer["code"]) == (known, -32600)
    assert answer["data"] == {"reason": "invalid_request"}


@pytest.mark.parametrize("method", ["", "Probe", "probe ", "probe\x00", "__class__", "team.probe"])
def test_a_method_that_is_not_registered_does_not_exist(method: str) -> None:
    answer = refused(request(method=method))
    assert (answer["id"], answer["code"]) == (1, -32601)


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({}, "$.params.name"),
        ({"name": ""}, "$.params.name"),
        ({"name": "a\x00"}, "$.params.name"),
        ({"name": "a\n"}, "$.params.name"),
        ({"name": "x" * 201}, "$.params.name"),
        ({"name": 1}, "$.params.name"),
        ({"name": None}, "$.params.name"),
        ({"name": "Ada", "nmae": 1}, "$.params.nmae"),
        ({"name": "Ada", "inner": {"size": 1, "colour": 2}}, "$.params.inner.colour"),
        ({"name": "Ada", "inner": {}}, "$.params.inner.size"),
        ({"name": "Ada", "inner": {"size": 10}}, "$.params.inner.size"),
        ({"name": "Ada", "inner": {"size": 10**30}}, "$.params.inner.size"),
        ({"name": "Ada", "inner": {"size": "1"}}, "$.params.inner.size"),
        ({"name": "Ada", "inner": []}, "$.params.inner"),
        ({"name": "Ada", "many": [{"size": 1}, {"size": -1}]}, "$.params.many[1].size"),
        ({"name": "Ada", "many": [{"size": 1, "x": 1}]}, "$.params.many[0].x"),
        ({"name": "Ada", "by_name": {"a": {"size": True}}}, "$.params.by_name[...].size"),
        ([], "$.params"),
        (None, "$.params"),
        ("x", "$.params"),
        (10**400, "$.params"),
    ],
)
def test_a_parameter_of_the_wrong_shape_is_named_by_its_path(params: Any, path: str) -> None:
    answer = refused(request(id="p", params=params))
    assert (answer["id"], answer["code"]) == ("p", -32602)
    data = answer["data"]
    assert (data.pop("reason"), data.pop("path")) == ("invalid", path)
    assert data in ({}, {"why": "required"}, {"why": "too_long", "limit": 200})


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("", "required"),
        ("\u200b", "required"),
        ("\u00a0 \u2060", "required"),
        ("\u2800", "required"),
        ("x" * 201, "too_long"),
    ],
)
def test_a_text_with_nothing_to_read_or_too_much_says_why(sent: str, why: str) -> None:
    data = refused(request(params={"name": sent}))["data"]
    assert (data["path"], data["why"]) == ("$.params.name", why)


def test_text_is_tidied_wherever_it_stands_in_a_command() -> None:
    decoded = commands.decode(decode_request(request(params={"name": "\u200b Ada\u00a0 Lovelace "})))
    assert decoded == Probe(name="Ada Lovelace")
    params = {"name": "a", "noted": [{"words": "\u00a0b\u200b", "note": " c "}, {"words": "\u200b", "note": "\u200b"}]}
    assert commands.decode(decode_request(request(params=params))) == Probe(
        name="a", noted=[Noted(words="b", note=" c "), Noted(words="", note="")]
    )
    params = {"name": "a", "noted": [{"words": "b", "title": "\u200b"}]}
    assert refused(request(params=params))["data"]["path"] == "$.params.noted[0].title"


def test_a_message_keeps_what_its_author_wrote_and_is_not_empty_to_the_eye() -> None:
    def send(body: str) -> Any:
        ids = {"id": str(uuid4()), "conversation": str(uuid4())}
        text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "message.send", "params": {**ids, "body": body}})
        return registered.decode(decode_request(text))

    assert send("\u200b a\u00a0\n b ").body == "\u200b a\u00a0\n b "
    with pytest.raises(FrameError):
        send("\u200b\n\u2800")


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ('{"name":"vu \\ud83d"}', "$.params.name"),
        ('{"name":"\\ude00 vu"}', "$.params.name"),
        ('{"name":"a","many":[{"size":1},{"size":"\\udc00"}]}', "$.params.many[1].size"),
        ('{"name":"a","\\ud800":1}', "$.params"),
    ],
)
def test_text_that_cannot_be_read_is_refused_under_the_requests_own_id(params: str, path: str) -> None:
    for frame in (
        f'{{"jsonrpc":"2.0","id":7,"method":"probe","params":{params}}}',
        f'{{"params":{params},"method":"probe","id":7,"jsonrpc":"2.0"}}',
    ):
        answer = refused(frame)
        assert (answer["id"], answer["code"]) == (7, -32602)
        assert answer["data"] == {"reason": "invalid", "path": path, "why": "not_text"}
    with pytest.raises(FrameError) as over_http:
        commands.decode(Request("2.0", 0, "probe", msgspec.Raw(params.encode())))
    assert over_http.value.data == {"reason": "invalid", "path": path, "why": "not_text"}


@pytest.mark.parametrize("half", ["\\ud800", "x\\udc00", "\ud800"])
@pytest.mark.parametrize("version", ['"2.0"', '"1.0"'])
def test_an_id_that_no_answer_can_bear_is_an_invalid_request(half: str, version: str) -> None:
    for params in ("{}", '{"name":"\\ud800"}'):
        text = f'{{"jsonrpc":{version},"id":"{half}","method":"probe","params":{params}}}'
        answer = refused(text)
        assert (answer["id"], answer["code"]) == (None, -32600)
        assert answer["data"] == {"reason": "invalid_request"}


def test_of_a_field_that_is_named_twice_the_last_counts_everywhere() -> None:
    decoded = decode_request(
        '{"jsonrpc":"2.0","id":1,"id":2,"method":"x","method":"probe","params":{"name":"a","name":"b"}}'
    )
    assert (decoded.id, commands.decode(decoded)) == (2, Probe(name="b"))


def code_of(decoder: Commands, text: str) -> int | None:
    """The code of the error that a frame is answered with; None for a request that can be carried out."""
    try:
        decoder.decode(decode_request(text))
    except FrameError as error:
        code: int = json.loads(error.answer)["error"]["code"]
        return code
    return None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.text() | st.text(alphabet='{}[]":,0123456789eE.-\\uud8 nulltruefas', max_size=40) | json_values.map(json.dumps)
)
def test_no_text_is_anything_but_a_request_or_a_frame_error(text: str) -> None:
    assert code_of(commands, text) in {None, -32700, -32600, -32601, -32602}


@given(json_values)
def test_no_parameters_make_the_decoder_of_any_command_stumble(params: Any) -> None:
    for method in registered._decoders:
        text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        assert code_of(registered, text) in {None, -32602}


def test_a_refusal_carries_its_reason_and_its_data() -> None:
    assert json.loads(refusal(3, RateLimited(2)))["error"] == {
        "code": -32000,
        "message": "Too many requests: wait and send it again.",
        "data": {"reason": "rate_limited", "retry_after": 2},
    }
    assert json.loads(refusal(3, Invalid("$.params.phone", "No.")))["error"]["code"] == -32602
    assert json.loads(refusal("x", NotFound()))["id"] == "x"
    assert json.loads(failure(None, -32700, "No.", {}))["id"] is None


def test_events_and_signals_look_as_the_protocol_says() -> None:
    at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    raw = msgspec.Raw('{"name":"é\u202e"}'.encode())
    view = StreamEventView(stream="c:1", seq=7, at=at, type="it.happened", data=raw)
    params = {"stream": "c:1", "seq": 7, "at": "2026-11-22T09:30:00Z", "type": "it.happened"}
    whole = {"jsonrpc": "2.0", "method": "event", "params": {**params, "data": {"name": "é\u202e"}}}
    assert json.loads(event(view)) == whole
    for mark in ("masked", "erased"):
        marked = json.loads(event(msgspec.structs.replace(view, data=msgspec.Raw(b"{}"), **{mark: True})))
        assert marked["params"] == {**params, "data": {}, mark: True}
    person = uuid4()
    assert json.loads(signal("c:1", TypingSignal(person=person)))["params"] == {
        "stream": "c:1",
        "type": "typing",
        "data": {"person": str(person)},
    }


@given(st.sampled_from("cari"), st.uuids())
def test_a_stream_has_one_name(kind: str, owner: UUID) -> None:
    name = stream_name(kind, owner)
    assert stream_parts(name) == (kind, owner)
    for other in (
        name.upper(),
        name + "\n",
        f"{kind}:{owner.hex}",
        f"{kind}:----{owner.hex}",
        f"{kind}{owner}",
    ):
        with pytest.raises(Invalid):
            stream_parts(other)


@given(st.text())
def test_what_names_no_stream_is_invalid(name: str) -> None:
    with pytest.raises(Invalid):
        stream_parts(name)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcripts_let_the_server_say_only_what_it_can_say(path: Path) -> None:
    steps = json.loads(path.read_text())["steps"]
    methods = {step["out"]["id"]: step["out"]["method"] for step in steps if "id" in step.get("out", {})}
    for told in (step["in"] for step in steps if "in" in step):
        if "close" in told:
            assert told["close"] in {*CloseCode, *FROM_ELSEWHERE}
        elif "result" in told:
            answer = msgspec.json.decode(json.dumps(told["result"]), type=ANSWERS[methods[told["id"]]])
            for state in getattr(answer, "streams", []):
                if state.conversation is not None:
                    msgspec.convert(state.conversation, ConversationView)
        elif told.get("params", {}).get("erased"):
            assert told["params"]["data"] == {}
        elif told.get("params", {}).get("type") == "message.sent":
            msgspec.convert(told["params"]["data"], MessageSent)
        elif "error" in told:
            assert told["error"]["code"] in {-32700, -32600, -32601, -32602, -32603, -32000}
