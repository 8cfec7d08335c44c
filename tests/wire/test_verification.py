"""What an open socket learns when its person is verified, loses that, or is suspended."""

import asyncio
from collections.abc import Callable

import pytest

from tests.asgi_server import Someone, Web, people, run_module
from tests.wire.device import connected, opened

Make = Callable[[], Someone]


@pytest.fixture
def relais(deployment: dict[str, str]) -> Callable[..., object]:
    """``relais person ...`` on this deployment, beside its web processes."""

    async def run(*words: str) -> None:
        await asyncio.to_thread(run_module, "server.cli", "person", *words, environment=deployment)

    return run


async def test_once_verified_the_socket_begins_again_and_everything_is_open(
    here: Web, elsewhere: Web, deployment: dict[str, str], relais: Callable[..., asyncio.Future[None]]
) -> None:
    [new] = people(1, deployment, "--unverified")
    async with connected(here, new) as near, connected(elsewhere, new) as far:
        assert (await near.refused("agenda.list")).reason == "not_verified"
        await relais("verify", new.email)
        assert [await near.closed(), await far.closed()] == [1012, 1012]
    async with opened(here, new.token) as device:
        welcome = await device.hello()
        assert [state["stream"] for state in welcome["streams"]] == [f"i:{new.id}"]
        await device.call("agenda.list")


async def test_whose_verification_is_withdrawn_hears_nothing_more_of_what_they_belonged_to(
    here: Web, elsewhere: Web, someone: Make, relais: Callable[..., asyncio.Future[None]]
) -> None:
    ada, grace = someone(), someone()
    async with connected(elsewhere, ada) as device, connected(here, grace) as before:
        conversation = await device.open(grace)
        await device.say(conversation)
        await before.event("message.sent")
        await relais("withdraw", grace.email)
        assert await before.closed() == 1012
        async with connected(here, grace) as after:
            await device.say(conversation)
            await device.call("typing", {"conversation": conversation})
            await after.silence(0.5)
            assert (after.events, after.signals) == ([], [])
            refused = await after.refused("message.history", {"conversation": conversation})
            assert refused.reason == "not_verified"


async def test_who_is_suspended_is_out_at_once_by_socket_and_over_http(
    here: Web, elsewhere: Web, someone: Make, relais: Callable[..., asyncio.Future[None]]
) -> None:
    ada = someone()
    async with connected(here, ada) as near, connected(elsewhere, ada) as far:
        await relais("suspend", ada.email)
        assert [await near.closed(), await far.closed()] == [4403, 4403]
    for process in (here, elsewhere):
        async with opened(process, ada.token) as device:
            assert await device.closed() == 4403
