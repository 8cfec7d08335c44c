"""kill -9 of every part in turn while people write: nothing acknowledged is lost, doubled or out of order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from relais_client import Client, Event, RequestRefused, Reset, StreamEvent, uuid7, wire
from tests.prepared import running_demo
from tests.relais_process import Running, eventually

pytestmark = pytest.mark.kill

PARTS = ("web", "valkey-server", "postgres", "worker", "web")
WRITING = 0.5
"""Seconds of quiet writing before and after each kill."""


@pytest.fixture(scope="module", params=["daphne", "uvicorn"])
def up(request: pytest.FixtureRequest) -> Iterator[Running]:
    with running_demo("--web", request.param) as started:
        yield started


class Writer:
    """Somebody who writes one message after the other, whatever happens, and keeps what was acknowledged."""

    def __init__(self, up: Running, token: str) -> None:
        self.client = Client(up.url, token, name="writer", listener=self.hear)
        self.acknowledged: dict[UUID, list[tuple[int, UUID]]] = {}
        self.heard: dict[str, list[tuple[int, UUID]]] = {}
        self.resets: dict[str, list[int]] = {}
        """Per stream the head at which it was taken up again, too far behind for every event to be sent."""
        self.last = 0.0

    def hear(self, event: Event) -> None:
        if isinstance(event, StreamEvent):
            data = event.data
            message = data.message.id if isinstance(data, wire.MessageSent) else UUID(int=event.seq)
            self.heard.setdefault(event.stream, []).append((event.seq, message))
        elif isinstance(event, Reset):
            self.resets.setdefault(event.stream, []).append(self.client.engine.cursors[event.stream])

    async def write(self, conversations: list[UUID], stop: asyncio.Event) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            conversation = conversations[number % len(conversations)]
            command = wire.SendMessage(id=uuid7(), conversation=conversation, body=f"message {number}")
            sent = await self.send(command)
            assert sent.message.id == command.id
            self.acknowledged.setdefault(conversation, []).append((sent.message.seq, command.id))
            self.last = time.monotonic()

    async def send(self, command: wire.SendMessage) -> wire.SendMessageResult:
        """As a device does: what could not be done for a while is asked again, as the refusal says."""
        while True:
            try:
                return await self.client.call(command, within=120)
            except RequestRefused as refused:
                if refused.reason != "unavailable":
                    raise

    def is_next(self, stream: str, before: int, seq: int) -> bool:
        """Whether `seq` may be heard right after `before`: the next one, or the first after a told reset."""
        return seq == before + 1 or (seq > before and seq - 1 in self.resets.get(stream, []))


def all_wrote(writers: list[Writer], since: float) -> bool:
    return all(writer.last > since for writer in writers)


def has_heard(writer: Writer, stream: str, seq: int) -> bool:
    return writer.client.engine.cursors[stream] >= seq


async def kill_in_turn(up: Running, writers: list[Writer]) -> None:
    """Each part once, and until everybody's writing is acknowledged again each time."""
    for name in PARTS:
        await asyncio.sleep(WRITING)
        await asyncio.to_thread(up.kill, name)
        killed = time.monotonic()
        await asyncio.to_thread(eventually, partial(all_wrote, writers, killed), 60)
        await asyncio.to_thread(up.wait_ready, 60)
    await asyncio.sleep(WRITING)


async def whole(client: Client, conversation: UUID) -> list[tuple[int, UUID]]:
    """Every message of a conversation with its number, from the log."""
    found: list[tuple[int, UUID]] = []
    after, more = 0, True
    while more:
        page = await client.call(wire.Sync(stream=f"c:{conversation}", after=after))
        assert [event.seq for event in page.events] == list(range(after + 1, after + 1 + len(page.events)))
        found += [
            (event.seq, UUID(event.data["message"]["id"])) for event in page.events if event.type == "message.sent"
        ]
        after, more = after + len(page.events), page.more
    return found


async def test_nothing_acknowledged_is_lost_doubled_or_out_of_order(up: Running) -> None:
    world: dict[str, Any] = up.command("demo")
    people = [person for person in world["people"] if person["verified"]][:4]
    writers = [Writer(up, person["token"]) for person in people]
    stop = asyncio.Event()
    async with writers[0].client, writers[1].client, writers[2].client, writers[3].client:
        conversations = []
        for writer in writers:
            await writer.client.connected()
        for title in ("Garde", "Plaies", "Sorties"):
            members = [UUID(person["id"]) for person in people[1:]]
            opening = wire.OpenConversation(id=uuid7(), kind="group", members=members, title=title)
            conversations.append((await writers[0].client.call(opening)).conversation.id)
        writing = [asyncio.create_task(writer.write(conversations, stop)) for writer in writers]
        killing = asyncio.create_task(kill_in_turn(up, writers))
        await asyncio.wait([killing, *writing], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.gather(killing, *writing)
        for conversation in conversations:
            await compare(writers, conversation)


async def compare(writers: list[Writer], conversation: UUID) -> None:
    kept = await whole(writers[0].client, conversation)
    assert len({message for _, message in kept}) == len(kept), "doubled"
    acknowledged = [pair for writer in writers for pair in writer.acknowledged.get(conversation, [])]
    assert len(acknowledged) > 10
    assert sorted(acknowledged) == kept, "every message sent was acknowledged in the end, with its number"
    for writer in writers:
        assert writer.acknowledged[conversation] == sorted(writer.acknowledged[conversation])
        stream = f"c:{conversation}"
        await asyncio.to_thread(eventually, partial(has_heard, writer, stream, kept[-1][0]), 30)
        heard = writer.heard[stream]
        numbers = [seq for seq, _ in heard]
        gaps = [(before, seq) for before, seq in pairwise(numbers) if not writer.is_next(stream, before, seq)]
        assert gaps == [], "a device missed, doubled or misplaced one, and no reset told it to load the stream anew"
        assert numbers[-1] == kept[-1][0] or kept[-1][0] in writer.resets.get(stream, [])
        assert {pair for pair in heard if pair[1].int > 2**64} == {pair for pair in kept if pair[0] in set(numbers)}
