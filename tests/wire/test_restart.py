"""A process that is told to end tells its sockets to come back."""

import signal
from collections.abc import Callable

import pytest

from tests.asgi_server import Someone, Web, web
from tests.wire.conftest import KINDS
from tests.wire.device import connected, opened


@pytest.mark.parametrize("kind", KINDS)
async def test_a_process_that_ends_closes_its_sockets_with_1012(
    kind: str, deployment: dict[str, str], someone: Callable[[], Someone]
) -> None:
    ada = someone()
    with web(kind, deployment) as process:
        async with connected(process, ada) as device:
            process.process.send_signal(signal.SIGTERM)
            assert await device.closed() == 1012


@pytest.mark.parametrize("kind", KINDS)
async def test_after_kill_9_everything_acknowledged_is_there(
    kind: str, deployment: dict[str, str], processes: dict[str, Web], someone: Callable[[], Someone]
) -> None:
    ada, grace = someone(), someone()
    with web(kind, deployment) as process:
        async with connected(process, ada) as device:
            conversation = await device.open(grace)
            said = [(await device.say(conversation, f"message {number}"))["id"] for number in range(20)]
            process.kill()
            assert await device.closed() == 1006
        process.restart()
        async with opened(process, grace.token) as device:
            await device.hello()
            page = await device.call("message.history", {"conversation": conversation})
    assert [message["id"] for message in reversed(page["messages"])] == said
