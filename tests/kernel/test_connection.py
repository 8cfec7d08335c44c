"""The engine of a socket, without a socket and without a clock."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.kernel.connection import Close, Connection, Effect, Limits, Run, Write
from server.kernel.wire import Command
from server.kernel.wire.close_codes import CloseCode
from server.registry import socket_commands
from team.messages.wire import ReadMessages, SendMessage

COMMANDS = socket_commands()
ONE, TWO = (UUID(f"0193a000-0000-7000-8000-00000000000{number}") for number in (1, 2))
HOT = (SendMessage, ReadMessages)
HELLO = {"protocol": 1, "client": {"name": "test"}}


def is_hot(command: Command[Any]) -> bool:
    return isinstance(command, HOT)


def text(request: Any, method: str, params: Any = None) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": request, "method": method, "params": params or {}})


def send(request: Any, conversation: UUID = ONE) -> str:
    return text(request, "message.send", {"id": str(TWO), "conversation": str(conversation), "body": "x"})


def get(request: Any, conversation: UUID = ONE) -> str:
    return text(request, "conversation.get", {"conversation": str(conversation)})


def fresh(**limits: Any) -> Connection:
    return Connection(COMMANDS, is_hot, 0.0, Limits(**limits))


def greeted(**limits: Any) -> Connection:
    session = fresh(**limits)
    [run] = session.received(text("hello", "hello", HELLO), 0.0)
    assert isinstance(run, Run)
    assert session.finished("hello") == []
    session.greeted_now()
    return session


def error_of(effects: list[Effect]) -> dict[str, Any]:
    [write] = effects
    assert isinstance(write, Write)
    answer: dict[str, Any] = json.loads(write.text)
    return {"id": answer["id"], **answer["error"]}


def ran(effects: list[Effect]) -> list[object]:
    assert all(isinstance(effect, Run) for effect in effects)
    return [effect.request for effect in effects if isinstance(effect, Run)]


# hello


@pytest.mark.parametrize("method", ["session.list", "sync", "message.send"])
def test_nothing_is_carried_out_before_hello(method: str) -> None:
    session = fresh()
    params = {"sync": {"stream": f"c:{ONE}", "after": 0}, "message.send": json.loads(send(1))["params"]}
    assert error_of(session.received(text(1, method, params.get(method)), 0.0))["code"] == -32600
    assert ran(session.received(text(1, "hello", HELLO), 0.0)) == [1]
    assert error_of(session.received(text(2, "session.list"), 0.0))["code"] == -32600, "hello is not answered yet"


def test_hello_is_said_once() -> None:
    session = fresh()
    assert ran(session.received(text(1, "hello", HELLO), 0.0)) == [1]
    assert error_of(session.received(text(2, "hello", HELLO), 0.0))["code"] == -32600
    session.finished(1)
    session.greeted_now()
    assert error_of(session.received(text(3, "hello", HELLO), 0.0))["code"] == -32600


def test_a_hello_that_was_refused_may_be_said_again() -> None:
    session = fresh()
    session.received(text(1, "hello", HELLO), 0.0)
    session.finished(1)
    assert ran(session.received(text(2, "hello", HELLO), 0.0)) == [2]


def test_without_hello_in_time_the_socket_closes_with_4408() -> None:
    session = fresh(hello_within=10.0)
    assert session.deadline == 10.0
    assert session.tick(9.99) == []
    assert [effect.code for effect in session.tick(10.0) if isinstance(effect, Close)] == [CloseCode.SILENT]
    assert session.received(text(1, "hello", HELLO), 11.0) == []


def test_a_hello_that_came_in_time_may_take_long_to_answer() -> None:
    session = fresh()
    session.received(text("hello", "hello", HELLO), 9.9)
    assert session.tick(10.0) == []


def test_an_answered_hello_is_never_late_and_a_refused_one_is() -> None:
    assert greeted().tick(1000.0) == []
    session = fresh()
    session.received(text(1, "hello", HELLO), 0.0)
    session.finished(1)
    assert session.tick(10.0)


# Frames


def test_64_kib_are_read_and_a_byte_more_closes_with_1009() -> None:
    whole = text(1, "session.list")
    room = 64 * 1024 - len(whole)
    assert ran(greeted().received(whole + " " * room, 0.0)) == [1]
    assert greeted().received(whole + " " * (room + 1), 0.0) == [Close(CloseCode.TOO_BIG, "frames are at most 64 KiB")]


@pytest.mark.parametrize("letter", ["é", "€", "👩", "\ud800"])
def test_a_frame_is_measured_in_bytes(letter: str) -> None:
    size = len(letter.encode(errors="surrogatepass"))
    fits = letter * (64 * 1024 // size)
    assert error_of(greeted().received(fits, 0.0))["code"] == -32700
    [closing] = greeted().received(fits + "xxxx", 0.0)
    assert isinstance(closing, Close)
    assert closing.code == CloseCode.TOO_BIG


def test_what_is_not_text_closes_with_4400() -> None:
    [closing] = greeted().received(None, 0.0)
    assert isinstance(closing, Close)
    assert closing.code == CloseCode.PROTOCOL_ERROR


def test_nonsense_without_end_is_answered_and_then_closed_with_4400() -> None:
    session = greeted(malformed_until_close=3)
    assert error_of(session.received("nonsense", 0.0))["code"] == -32700
    assert error_of(session.received("[]", 0.0))["code"] == -32600
    last = session.received("nonsense", 0.0)
    assert [type(effect) for effect in last] == [Write, Close]
    assert session.closed
    assert session.received(text(1, "session.list"), 0.0) == []


def test_mistakes_in_method_and_parameters_close_nothing() -> None:
    session = greeted(malformed_until_close=2, burst=1000)
    for number in range(100):
        assert error_of(session.received(text(number, "no.such"), 0.0))["code"] == -32601
        assert error_of(session.received(text(number, "typing"), 0.0))["data"]["path"] == "$.params.conversation"
    assert ran(session.received(text(1, "session.list"), 0.0)) == [1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
likely = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | json_values,
        "id": st.integers(0, 3) | st.text(max_size=2) | json_values,
        "method": st.sampled_from(sorted(COMMANDS._decoders)) | st.text(max_size=9),
        "params": json_values
        | st.fixed_dictionaries(
            {},
            optional={
                "id": st.just(str(TWO)),
                "conversation": st.just(str(ONE)),
                "body": st.text(min_size=1, max_size=5),
                "seq": st.integers(),
                "protocol": st.just(1),
                "client": st.just({"name": "x"}),
                "stream": st.just(f"c:{ONE}"),
                "after": st.integers(),
            },
        ),
    },
)
hostile = st.none() | st.text() | json_values.map(json.dumps) | likely.map(json.dumps) | st.just("[" * 20_000)


@given(st.lists(hostile, max_size=40), st.booleans())
def test_a_hostile_frame_never_raises_and_is_always_answered_or_closes(frames: list[str | None], said: bool) -> None:
    session = greeted(malformed_until_close=8) if said else fresh(malformed_until_close=8)
    waiting = 0
    for frame in frames:
        was_closed = session.closed
        effects = session.received(frame, 0.0)
        for effect in effects:
            if isinstance(effect, Write):
                answer = json.loads(effect.text)
                assert answer["jsonrpc"] == "2.0"
                assert "error" in answer
            elif isinstance(effect, Run):
                assert isinstance(effect.command, Command)
        if was_closed:
            assert effects == []
        elif not effects:
            waiting += 1
            assert len(session._flight) > waiting - 1, "what is neither answered nor run waits for what is"
        assert not any(isinstance(effect, Close) for effect in effects[:-1]), "nothing follows a close"


# The window and the rate


def test_32_requests_may_be_in_flight_and_the_next_is_refused_with_a_time_to_wait() -> None:
    session = greeted()
    assert [ran(session.received(text(number, "session.list"), 0.0)) for number in range(32)] == [
        [n] for n in range(32)
    ]
    refused = error_of(session.received(text(32, "session.list"), 0.0))
    assert (refused["id"], refused["code"], refused["data"]["reason"]) == (32, -32000, "rate_limited")
    assert refused["data"]["retry_after"] > 0
    session.finished(7)
    assert ran(session.received(text(32, "session.list"), 0.0)) == [32]


def test_requests_that_wait_for_others_count_as_in_flight() -> None:
    session = greeted()
    for number in range(32):
        session.received(get(number), 0.0)
    assert error_of(session.received(get(32), 0.0))["data"]["reason"] == "rate_limited"


def test_too_many_requests_wait_and_time_lets_them_in_again() -> None:
    session = greeted(burst=6, requests_per_second=2.0)
    for number in range(5):
        assert ran(session.received(text(number, "session.list"), 0.0)) == [number]
    refused = error_of(session.received(text(9, "session.list"), 0.0))
    assert refused["data"] == {"reason": "rate_limited", "retry_after": 0.5}
    assert ran(session.received(text(9, "session.list"), 0.5)) == [9]


@pytest.mark.parametrize("per_second", [0.3, 2.0, 500.0, 3000.0, 1e6, 1e9])
def test_who_waits_as_long_as_they_are_told_is_let_in_and_nobody_is_told_not_to_wait(per_second: float) -> None:
    session = greeted(burst=2, requests_per_second=per_second)
    session.received(text(1, "session.list"), 0.0)
    now = 0.0
    for number in range(2, 20):
        [effect] = session.received(text(number, "session.list"), now)
        if isinstance(effect, Write):
            told = error_of([effect])["data"]["retry_after"]
            assert 0.001 <= told <= 1 / per_second + 0.001
            now += told
            assert ran(session.received(text(number, "session.list"), now)) == [number]


def test_a_flood_is_closed_with_4429_and_patience_is_forgiven() -> None:
    session = greeted(burst=1, requests_per_second=0.001, refusals_until_close=3, refusals_forgiven_per_second=1.0)
    for now in (0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0):
        assert error_of(session.received(text(1, "session.list"), now))["data"]["reason"] == "rate_limited"
    codes = [effect.code for effect in session.received(text(1, "session.list"), 4.0) if isinstance(effect, Close)]
    assert codes == [CloseCode.TOO_MANY_REQUESTS]


def test_an_id_in_flight_is_refused_and_free_again_afterwards() -> None:
    session = greeted()
    session.received(text(1, "session.list"), 0.0)
    assert error_of(session.received(text(1, "session.list"), 0.0))["code"] == -32600
    assert ran(session.received(text("1", "session.list"), 0.0)) == ["1"], "a text is another id than a number"
    session.finished(1)
    assert ran(session.received(text(1, "session.list"), 0.0)) == [1]


def test_an_answer_that_nobody_asked_for_or_after_the_end_changes_nothing() -> None:
    session = greeted()
    assert session.finished(99) == []
    session.received(get(1), 0.0)
    session.received(get(2), 0.0)
    session.received(None, 0.0)
    assert session.finished(1) == []


# Order


def test_requests_to_one_conversation_wait_for_one_another_and_to_two_do_not() -> None:
    session = greeted()
    assert ran(session.received(get(1, ONE), 0.0)) == [1]
    assert ran(session.received(get(2, ONE), 0.0)) == []
    assert ran(session.received(get(3, TWO), 0.0)) == [3]
    assert ran(session.finished(3)) == []
    assert ran(session.finished(1)) == [2]


def test_messages_to_one_conversation_go_together_and_in_order_with_what_is_between_them() -> None:
    session = greeted()
    assert [ran(session.received(send(number), 0.0)) for number in (1, 2)] == [[1], [2]]
    assert ran(session.received(get(3), 0.0)) == []
    assert ran(session.received(send(4), 0.0)) == []
    assert ran(session.received(send(5), 0.0)) == []
    assert ran(session.finished(1)) == []
    assert ran(session.finished(2)) == [3]
    assert ran(session.finished(3)) == [4, 5]


def test_a_message_waits_for_the_opening_of_its_conversation() -> None:
    session = greeted()
    opening = {"id": str(ONE), "kind": "group", "members": [str(TWO)]}
    assert ran(session.received(text(1, "conversation.open", opening), 0.0)) == [1]
    assert ran(session.received(send(2, ONE), 0.0)) == []
    assert ran(session.finished(1)) == [2]


class Ordering(RuleBasedStateMachine):
    """Whatever arrives and whenever it is finished: each conversation's requests run in the order sent, different
    ones never at the same time, and in the end everything has run."""

    def __init__(self) -> None:
        super().__init__()
        self.session = greeted(burst=10**6, in_flight=12, refusals_until_close=10**6)
        self.number = 0
        self.sent: dict[UUID, list[int]] = defaultdict(list)
        self.begun: dict[UUID, list[int]] = defaultdict(list)
        self.running: dict[int, Command[Any]] = {}
        self.in_flight: set[int] = set()

    def take(self, effects: list[Effect]) -> None:
        for effect in effects:
            assert isinstance(effect, Run)
            assert isinstance(effect.request, int)
            conversation = getattr(effect.command, effect.command.ordered_by)
            beside = [one for one in self.running.values() if getattr(one, one.ordered_by) == conversation]
            assert all(is_hot(effect.command) and type(one) is type(effect.command) for one in beside)
            self.running[effect.request] = effect.command
            self.begun[conversation].append(effect.request)

    @rule(
        conversation=st.sampled_from([ONE, TWO]),
        kind=st.sampled_from(["message.send", "message.read", "conversation.get", "conversation.open"]),
    )
    def request(self, conversation: UUID, kind: str) -> None:
        self.number += 1
        params: dict[str, Any] = {"conversation": str(conversation)}
        of_its_own: dict[str, dict[str, Any]] = {
            "message.send": {"id": str(TWO), "body": "x"},
            "message.read": {"seq": 1},
        }
        params |= of_its_own.get(kind, {})
        if kind == "conversation.open":
            params = {"id": str(conversation), "kind": "group", "members": [str(TWO)]}
        effects = self.session.received(text(self.number, kind, params), 0.0)
        if len(self.in_flight) == 12:
            assert error_of(effects)["data"]["reason"] == "rate_limited"
            return
        self.in_flight.add(self.number)
        self.sent[conversation].append(self.number)
        self.take(effects)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(sorted(self.running)))
        del self.running[request]
        self.in_flight.remove(request)
        self.take(self.session.finished(request))

    @invariant()
    def in_order(self) -> None:
        for conversation, begun in self.begun.items():
            assert begun == self.sent[conversation][: len(begun)]

    @invariant()
    def nothing_waits_for_nothing(self) -> None:
        assert bool(self.running) == bool(self.in_flight)

    def teardown(self) -> None:
        while self.running:
            request = min(self.running)
            del self.running[request]
            self.take(self.session.finished(request))
        assert self.begun == self.sent
        assert not self.session._flight
        assert not self.session._queues


TestOrdering = Ordering.TestCase
TestOrdering.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("typed", ["x", "é", "😀"])
def test_a_request_tells_how_many_bytes_its_frame_had(typed: str) -> None:
    sent = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "session.list", "params": {}}, ensure_ascii=False)
    sent = sent.replace('"id": 1', f'"id": "{typed * 50}"')
    [run] = greeted().received(sent, 0.0)
    assert isinstance(run, Run)
    assert run.size == len(sent.encode())
