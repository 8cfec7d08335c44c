"""Two hosts, as two network namespaces: when the link between them is cut, nothing is lost. Only root can make them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import unquote, urlsplit

import pytest

from relais_client import uuid7
from tests.asgi_server import Web, database, people, web
from tests.kill.conftest import postgres_socket
from tests.stand_ins.cuttable import Network
from tests.wire.device import Device, Refused, connected

pytestmark = pytest.mark.kill

HERE, THERE = "10.203.77.1", "10.203.77.2"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@contextmanager
def other_host() -> Iterator[tuple[str, str]]:
    """A namespace, and the name of our end of the link to it."""
    name = f"relais-{os.getpid()}"
    ours, theirs = f"ra{os.getpid()}", f"rb{os.getpid()}"
    ip("netns", "add", name)
    try:
        ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name)
        ip("addr", "add", f"{HERE}/30", "dev", ours)
        ip("link", "set", ours, "up")
        for words in (("addr", "add", f"{THERE}/30", "dev", theirs), ("link", "set", theirs, "up")):
            ip("-n", name, *words)
        yield name, ours
    finally:
        ip("netns", "del", name)


class WebElsewhere(Web):
    """A web process whose connections begin in the namespace; sockets reach it from here."""

    namespace = ""

    def _start(self) -> subprocess.Popen[bytes]:
        descriptor = self._listener.fileno()
        command = [sys.executable, "-m", *self._module, self.kind, "--descriptor", str(descriptor)]
        inside = ["ip", "netns", "exec", self.namespace, *command]
        return subprocess.Popen(inside, env=self._environment, pass_fds=[descriptor])


async def hear(device: Device, found: dict[int, str], count: int) -> list[str]:
    """All messages of the conversation once there are so many, by their numbers; what comes twice counts once."""
    async with asyncio.timeout(20):
        while len(found) < count:
            event = await device.event("message.sent")
            found.setdefault(event["seq"], event["data"]["message"]["body"])
    return [found[seq] for seq in sorted(found)]


async def test_when_the_link_between_two_hosts_was_cut_both_have_everything() -> None:
    with ExitStack() as stack:
        address = stack.enter_context(database(os.environ["DATABASE_URL"]))
        ada, grace = people(2, {"DATABASE_URL": address})
        WebElsewhere.namespace, link = stack.enter_context(other_host())
        redis_socket = unquote(urlsplit(os.environ["REDIS_URL"]).path)
        postgres = stack.enter_context(Network(postgres_socket(address), HERE).serving())
        redis = stack.enter_context(Network(redis_socket, HERE).serving())
        parts = urlsplit(address)
        there = {
            "DATABASE_URL": parts._replace(
                netloc=f"{parts.netloc.rpartition('@')[0]}@{HERE}:{postgres.port}", query=""
            ).geturl(),
            "REDIS_URL": f"redis://{HERE}:{redis.port}/0",
            "RELAIS_STATEMENT_SECONDS": "2",
        }
        near = stack.enter_context(web("uvicorn", {"DATABASE_URL": address}))
        far = WebElsewhere("uvicorn", there)
        stack.callback(far.stop)
        await asyncio.to_thread(far.wait_ready)
        async with connected(near, ada) as here, connected(far, grace) as elsewhere:
            heard_here: dict[int, str] = {}
            heard_there: dict[int, str] = {}
            conversation = await here.open(grace)
            await here.say(conversation, "before")
            assert await hear(elsewhere, heard_there, 1) == ["before"]
            ip("link", "set", link, "down")
            for number in range(3):
                await here.say(conversation, f"cut {number}")
            message = {"id": str(uuid7()), "conversation": conversation, "body": "from elsewhere"}
            with pytest.raises(Refused) as refused:
                await elsewhere.call("message.send", message)
            assert refused.value.reason == "unavailable"
            ip("link", "set", link, "up")
            assert await hear(elsewhere, heard_there, 4) == ["before", "cut 0", "cut 1", "cut 2"]
            async with asyncio.timeout(10):
                while True:
                    try:
                        await elsewhere.call("message.send", message)
                        break
                    except Refused:
                        await asyncio.sleep(0.2)
            assert (await hear(here, heard_here, 5))[-1] == "from elsewhere"
