"""Messages between devices on two processes: live, in order, once, and to nobody else."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from relais_client import uuid7
from tests.asgi_server import Someone, Web
from tests.wire.device import Device, connected

Make = Callable[[], Someone]


async def test_a_message_reaches_every_device_of_every_member(here: Web, elsewhere: Web, someone: Make) -> None:
    ada, grace = someone(), someone()
    async with (
        connected(here, ada) as writer,
        connected(elsewhere, ada) as other,
        connected(here, grace) as near,
        connected(elsewhere, grace) as far,
    ):
        conversation = await writer.open(grace)
        sent = await writer.say(conversation, "ECG joint, qu'en pensez-vous ?")
        for device in (writer, other, near, far):
            event = await device.event("message.sent")
            assert event["stream"] == f"c:{conversation}"
            assert event["seq"] == sent["seq"]
            assert event["data"]["message"] == sent


async def test_an_outsider_hears_nothing(here: Web, elsewhere: Web, someone: Make) -> None:
    ada, grace, outsider = someone(), someone(), someone()
    async with (
        connected(here, ada) as device,
        connected(elsewhere, grace) as member,
        connected(here, outsider) as other,
    ):
        conversation = await device.open(grace)
        await device.say(conversation)
        await member.event("message.sent")
        await other.silence(0.3)
        assert other.events == []
        assert other.signals == []


async def test_the_same_request_again_has_one_effect_and_the_same_answer(
    here: Web, elsewhere: Web, someone: Make
) -> None:
    ada, grace = someone(), someone()
    async with connected(here, ada) as first, connected(elsewhere, ada) as second:
        opening = {"id": str(uuid7()), "kind": "group", "members": [grace.id], "title": "Garde"}
        opened = [await device.call("conversation.open", opening) for device in (first, first, second)]
        assert len({one["conversation"]["id"] for one in opened}) == 1
        params = {"id": str(uuid7()), "conversation": opening["id"], "body": "Une fois"}
        requests = [await device.send("message.send", params) for device in (first, second) for _ in range(5)]
        answers = [await (first if at < 5 else second).result(request) for at, request in enumerate(requests)]
        assert all(answer == answers[0] for answer in answers)
        assert len((await first.call("message.history", {"conversation": opening["id"]}))["messages"]) == 1
        await first.silence(0.3)
        assert [event["seq"] for event in first.events if event["type"] == "message.sent"] == [
            answers[0]["message"]["seq"]
        ]


async def test_an_id_that_stands_for_something_else_is_refused(here: Web, someone: Make) -> None:
    ada, grace = someone(), someone()
    async with connected(here, ada) as device, connected(here, grace) as other:
        conversation = await device.open(grace)
        params = {"id": str(uuid7()), "conversation": conversation, "body": "Un"}
        await device.call("message.send", params)
        assert (await device.refused("message.send", {**params, "body": "Deux"})).reason == "id_taken"
        assert (await other.refused("message.send", params)).reason == "id_taken"
        group = {"id": str(uuid7()), "kind": "group", "members": [grace.id], "title": "Un"}
        await device.call("conversation.open", group)
        assert (await device.refused("conversation.open", {**group, "title": "Deux"})).reason == "id_taken"


async def test_requests_to_one_conversation_are_carried_out_in_the_order_sent(here: Web, someone: Make) -> None:
    async with connected(here, someone()) as device:
        conversation = await device.open(someone())
        bodies = [f"message {number}" for number in range(30)]
        requests = [
            await device.send("message.send", {"id": str(uuid7()), "conversation": conversation, "body": body})
            for body in bodies
        ]
        seqs = [(await device.result(request))["message"]["seq"] for request in requests]
        assert seqs == list(range(seqs[0], seqs[0] + 30))


async def pour(device: Device, conversation: str, count: int) -> None:
    for number in range(count):
        await device.say(conversation, f"message {number}")


async def test_two_writers_on_two_processes_leave_no_gap_and_one_order(
    here: Web, elsewhere: Web, someone: Make
) -> None:
    ada, grace, reader = someone(), someone(), someone()
    async with (
        connected(here, ada) as one,
        connected(elsewhere, grace) as two,
        connected(here, reader) as near,
        connected(elsewhere, reader) as far,
    ):
        conversation = await one.open(grace, reader)
        await asyncio.gather(pour(one, conversation, 40), pour(two, conversation, 40))
        stream = f"c:{conversation}"
        heard: list[dict[int, Any]] = []
        for device in (near, far):
            found: dict[int, Any] = {}
            while len(found) < 80:
                event = await device.event("message.sent", stream)
                assert event["seq"] not in found
                found[event["seq"]] = event["data"]["message"]["id"]
            heard.append(found)
        assert heard[0] == heard[1]
        assert sorted(heard[0]) == list(range(2, 82))
        synced = await near.call("sync", {"stream": stream, "after": 1})
        assert [event["seq"] for event in synced["events"]] == list(range(2, 82))
        assert {event["seq"]: event["data"]["message"]["id"] for event in synced["events"]} == heard[0]


async def test_after_a_cut_sync_has_what_was_missed(here: Web, elsewhere: Web, someone: Make) -> None:
    ada, grace = someone(), someone()
    async with connected(here, ada) as writer:
        async with connected(elsewhere, grace) as reader:
            conversation = await writer.open(grace)
            stream = f"c:{conversation}"
            head = (await writer.say(conversation, "avant"))["seq"]
            assert (await reader.event("message.sent"))["seq"] == head
        await pour(writer, conversation, 12)
        async with connected(elsewhere, grace, cursors={stream: head}) as reader:
            first = await reader.call("sync", {"stream": stream, "after": head, "limit": 5})
            assert ([event["seq"] for event in first["events"]], first["more"]) == (
                list(range(head + 1, head + 6)),
                True,
            )
            rest = await reader.call("sync", {"stream": stream, "after": head + 5})
            assert [event["seq"] for event in rest["events"]] == list(range(head + 6, head + 13))
            assert (rest["head"], rest.get("more", False)) == (head + 12, False)


async def test_nothing_falls_between_hello_and_the_first_event(here: Web, elsewhere: Web, someone: Make) -> None:
    ada, grace = someone(), someone()
    async with connected(elsewhere, ada) as writer:
        conversation = await writer.open(grace)
        stream = f"c:{conversation}"
        pouring = asyncio.create_task(pour(writer, conversation, 60))
        for _ in range(5):
            async with connected(here, grace) as reader:
                pass
        async with connected(here, grace) as reader:
            welcome = await reader.call("sync", {"stream": stream, "after": 0})
            await pouring
            seen = [event["seq"] for event in welcome["events"]]
            last = (await writer.say(conversation, "fin"))["seq"]
            while last not in seen:
                seen.append((await reader.event("message.sent", stream))["seq"])
            assert sorted(set(seen)) == list(range(1, last + 1))


async def test_a_removed_member_is_silent_at_once_and_told_to_erase(here: Web, elsewhere: Web, someone: Make) -> None:
    ada, grace, kate = someone(), someone(), someone()
    async with connected(here, ada) as owner, connected(elsewhere, grace) as removed, connected(here, kate) as member:
        conversation = await owner.open(grace, kate)
        stream = f"c:{conversation}"
        await owner.say(conversation, "avant")
        await removed.event("message.sent")
        began = time.monotonic()
        await owner.call("conversation.remove", {"conversation": conversation, "person": grace.id})
        await owner.say(conversation, "après")
        erase = await removed.event("conversation.removed", f"i:{grace.id}")
        assert time.monotonic() - began < 1
        assert erase["data"]["conversation"] == conversation
        assert (await member.event("member.removed", stream))["data"] == {"person": grace.id, "by": ada.id}
        await removed.silence(0.3)
        assert [event for event in removed.events if event["stream"] == stream and event["seq"] > 2] == []
        for method, params in (
            ("sync", {"stream": stream, "after": 0}),
            ("conversation.get", {"conversation": conversation}),
            ("message.history", {"conversation": conversation}),
            ("message.send", {"id": str(uuid7()), "conversation": conversation, "body": "x"}),
            ("message.read", {"conversation": conversation, "seq": 1}),
            ("typing", {"conversation": conversation}),
        ):
            nowhere = {
                key: f"c:{uuid7()}" if key == "stream" else str(uuid7()) if key == "conversation" else value
                for key, value in params.items()
            }
            lost, never = await removed.refused(method, params), await removed.refused(method, nowhere)
            assert (lost.code, lost.message, lost.data) == (never.code, never.message, never.data), method
            assert lost.reason == "not_found"


async def test_whoever_is_added_is_told_and_hears_from_then_on(here: Web, elsewhere: Web, someone: Make) -> None:
    ada, grace, kate = someone(), someone(), someone()
    async with connected(here, ada) as owner, connected(elsewhere, kate) as added:
        conversation = await owner.open(grace)
        await owner.say(conversation, "avant")
        await owner.call("conversation.add", {"conversation": conversation, "person": kate.id})
        assert (await added.event("conversation.added"))["data"]["conversation"] == conversation
        await owner.say(conversation, "après")
        assert (await added.event("message.sent"))["data"]["message"]["body"] == "après"
        shown = (await added.call("conversation.get", {"conversation": conversation}))["conversation"]
        assert (shown["from"], shown["head"], shown["unread"]) == (3, 4, 1)
        synced = await added.call("sync", {"stream": f"c:{conversation}", "after": 0})
        assert [event["seq"] for event in synced["events"]] == [3, 4]
        assert synced.get("more", False) is False
    async with connected(here, kate) as again:
        listed = (await again.call("conversation.list"))["conversations"]
        assert [one["from"] for one in listed] == [3]


async def test_typing_and_receipts_are_signals_and_leave_no_trace(here: Web, elsewhere: Web, someone: Make) -> None:
    ada, grace = someone(), someone()
    async with connected(here, ada) as writer, connected(elsewhere, grace) as reader:
        conversation = await writer.open(grace)
        seq = (await writer.say(conversation))["seq"]
        await writer.call("typing", {"conversation": conversation})
        assert (await reader.signal("typing"))["data"] == {"person": ada.id}
        read = await reader.call("message.read", {"conversation": conversation, "seq": seq})
        assert (read["read"], read["unread"]) == (seq, 0)
        assert (await writer.signal("message.read"))["data"] == {"person": grace.id, "seq": seq}
        assert (await reader.call("sync", {"stream": f"c:{conversation}", "after": seq}))["events"] == []
        back = await reader.call("message.read", {"conversation": conversation, "seq": 1})
        assert back["read"] == seq


async def test_what_is_more_than_a_page_of_sync_comes_in_pages(here: Web, someone: Make) -> None:
    ada = someone()
    async with connected(here, ada) as device:
        conversation = await device.open(someone())
        for number in range(40):
            await device.say(conversation, f"{number} " + "é" * 5_000)
        seqs, more = [1], True
        while more:
            page = await device.call("sync", {"stream": f"c:{conversation}", "after": seqs[-1]})
            seqs, more = [*seqs, *(event["seq"] for event in page["events"])], page.get("more", False)
        assert seqs == list(range(1, 42))
        assert len(page["events"]) < 40
        assert await device.call("session.list")
