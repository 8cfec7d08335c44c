"""The PostgreSQL that dies is replaced by its standby: what was acknowledged is there, and people go on."""

from __future__ import annotations

import asyncio
import os
from uuid import UUID

import pytest

from relais_client import Client, uuid7, wire
from tests.asgi_server import people, web
from tests.relais_process import eventually
from tests.stand_ins.standby import pair

pytestmark = pytest.mark.kill


async def test_what_was_acknowledged_survives_the_primary_and_writing_goes_on_at_the_standby() -> None:
    with pair() as servers:
        environment = {"DATABASE_URL": servers.url, "REDIS_URL": os.environ["REDIS_URL"]}
        ada, grace = await asyncio.to_thread(people, 2, environment, "--migrate")
        await asyncio.to_thread(servers.synchronous)
        with web("uvicorn", environment) as process:
            async with Client(process.url, ada.token, name="writer") as client:
                opening = wire.OpenConversation(id=uuid7(), kind="direct", members=[UUID(grace.id)])
                conversation = (await client.call(opening)).conversation.id
                acknowledged: list[tuple[int, UUID]] = []
                stop = asyncio.Event()
                writing = asyncio.create_task(write(client, conversation, acknowledged, stop))
                await asyncio.sleep(1)
                assert len(acknowledged) > 10
                # What the standby has not got is not acknowledged either, and dies with the primary.
                with servers.behind():
                    await asyncio.sleep(0.5)
                    servers.kill_primary()
                before = len(acknowledged)
                await asyncio.to_thread(servers.promote)
                await asyncio.to_thread(eventually, lambda: len(acknowledged) > before + 10, 30)
                stop.set()
                await writing
        with servers.connect(servers.hosts[1]) as connection:
            rows = connection.execute("SELECT seq, id FROM team_message ORDER BY seq").fetchall()
        assert rows == acknowledged


async def write(client: Client, conversation: UUID, acknowledged: list[tuple[int, UUID]], stop: asyncio.Event) -> None:
    """One message after the other, each under its id until it is acknowledged."""
    while not stop.is_set():
        command = wire.SendMessage(id=uuid7(), conversation=conversation, body="écrit")
        sent = await client.call(command, within=60)
        acknowledged.append((sent.message.seq, sent.message.id))
