"""What the Python engine does beyond the shared transcripts."""

import json
from typing import Any
from uuid import UUID

from relais_client import wire
from relais_client.engine import Engine
from relais_client.events import Refused, StreamEvent, Welcomed

ME, CONVERSATION = UUID("0193a000-0000-7000-8000-0000000000a1"), UUID("0193a000-0000-7000-8000-0000000000c3")
LIMITS = {"frame_bytes": 65536, "in_flight": 32, "requests_per_second": 500, "sync_limit": 500, "body_characters": 9}
PERSON = {"id": str(ME), "name": "A", "first_name": "A", "last_name": "", "email": "a@exemple.test", "function": "x"}


def connected(streams: dict[str, int], cursors: dict[str, int] | None = None, **limits: Any) -> Engine:
    engine = Engine(wire.Client(name="test"), cursors, random=lambda: 1.0)
    engine.start()
    engine.connected()
    engine.data_to_send()
    welcome = {
        "me": {**PERSON, "verified": True, "abilities": [], "organisations": []},
        "limits": {**LIMITS, **limits},
        "server_time": "2026-11-22T09:30:00Z",
        "streams": [{"stream": stream, "head": head} for stream, head in streams.items()],
    }
    engine.receive_text(json.dumps({"jsonrpc": "2.0", "id": 0, "result": welcome}))
    engine.events()
    return engine


def sent(engine: Engine) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in engine.data_to_send()]


def test_cursors_of_an_earlier_run_are_where_it_begins() -> None:
    engine = connected({f"i:{ME}": 4, f"c:{CONVERSATION}": 9}, {f"i:{ME}": 4, f"c:{CONVERSATION}": 7})
    [sync] = sent(engine)
    assert sync["params"] == {"stream": f"c:{CONVERSATION}", "after": 7, "limit": 500}
    assert engine.cursors == {f"i:{ME}": 4, f"c:{CONVERSATION}": 7}


def test_hello_names_the_inbox_and_500_streams_at_most() -> None:
    cursors = {f"c:{UUID(int=number)}": 1 for number in range(600)} | {f"i:{ME}": 0}
    engine = connected(cursors)
    engine.disconnected(1006)
    engine.tick(2)
    engine.connected()
    [hello] = sent(engine)
    assert len(hello["params"]["cursors"]) == wire.HELLO_CURSORS == 500
    assert hello["params"]["cursors"][f"i:{ME}"] == 0


def test_questions_take_half_of_what_may_be_in_flight() -> None:
    streams = {f"c:{UUID(int=number)}": 1 for number in range(40)}
    engine = connected(streams, dict.fromkeys(streams, 0))
    assert [frame["method"] for frame in sent(engine)] == ["sync"] * 16
    assert engine.next_tick is not None
    assert engine.next_tick > 0
    engine.request(wire.ListConversations())
    assert [frame["method"] for frame in sent(engine)] == ["conversation.list"]


def test_a_stream_that_is_not_named_as_one_is_ignored() -> None:
    engine = connected({f"i:{ME}": 0})
    event = {"stream": "c:nobody", "seq": 1, "at": "2026-11-22T09:30:00Z", "type": "x", "data": {}}
    engine.receive_text(json.dumps({"jsonrpc": "2.0", "method": "event", "params": event}))
    assert (sent(engine), engine.events(), engine.connection) == ([], [], "up-to-date")


def test_a_request_is_given_up_when_its_time_is_over_and_one_without_is_kept() -> None:
    engine = connected({f"i:{ME}": 0})
    hurried, patient = engine.request(wire.ListConversations(), within=3), engine.request(wire.ListConversations())
    engine.disconnected(1006)
    engine.tick(2.9)
    engine.events()
    assert engine.next_tick == 3
    engine.tick(3)
    [refused] = [event for event in engine.events() if isinstance(event, Refused)]
    assert (refused.request, refused.reason) == (hurried, "timeout")
    engine.abandon(patient)


def test_an_abandoned_request_is_not_sent_again() -> None:
    engine = connected({f"i:{ME}": 0})
    request = engine.request(wire.ListConversations())
    engine.abandon(request)
    [frame] = sent(engine)
    engine.receive_text(json.dumps({"jsonrpc": "2.0", "id": frame["id"], "result": {"conversations": []}}))
    assert engine.events() == []


def test_stopped_it_refuses_what_it_holds_and_wants_nothing() -> None:
    engine = connected({f"i:{ME}": 0})
    engine.request(wire.ListConversations())
    engine.stop()
    assert [event.reason for event in engine.events() if isinstance(event, Refused)] == ["offline"]
    assert (engine.wants_close, engine.wants_connection, engine.next_tick, engine.connection) == (
        True,
        False,
        None,
        "stopped",
    )


def test_a_stream_without_a_head_is_delivered_as_it_comes_and_never_asked_for() -> None:
    engine = connected({f"i:{ME}": 0})
    agenda = f"a:{UUID(int=1)}"

    def hear(seq: int) -> list[int]:
        event = {"stream": agenda, "seq": seq, "at": "2026-11-22T09:30:00Z", "type": "agenda.changed", "data": {}}
        engine.receive_text(json.dumps({"jsonrpc": "2.0", "method": "event", "params": event}))
        return [event.seq for event in engine.events() if isinstance(event, StreamEvent)]

    assert hear(41) == []
    engine.follow(agenda, None)
    assert [hear(seq) for seq in (41, 42, 42, 45, 44)] == [[], [42], [], [45], []]
    assert (sent(engine), engine.connection, engine.cursors) == ([], "up-to-date", {f"i:{ME}": 0})
    engine.forget(agenda)
    assert hear(46) == []


def test_the_welcome_says_which_streams_are_unchanged() -> None:
    other = f"c:{UUID(int=7)}"
    engine = Engine(wire.Client(name="test"), {f"i:{ME}": 4, f"c:{CONVERSATION}": 7, other: 1}, random=lambda: 1.0)
    engine.start()
    engine.connected()
    welcome: dict[str, Any] = {
        "me": {**PERSON, "verified": True, "abilities": [], "organisations": []},
        "limits": LIMITS,
        "server_time": "2026-11-22T09:30:00Z",
        "streams": [{"stream": other, "head": 2}],
    }
    for more, unchanged in ((False, (f"i:{ME}", f"c:{CONVERSATION}")), (True, ())):
        engine.receive_text(json.dumps({"jsonrpc": "2.0", "id": 0, "result": {**welcome, "more": more}}))
        [told] = [event for event in engine.events() if isinstance(event, Welcomed)]
        assert told.unchanged == unchanged
        engine.disconnected(1006)
        engine.tick(9)
        engine.connected()
