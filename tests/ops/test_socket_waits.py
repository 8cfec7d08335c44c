"""What an open socket waits with under uvicorn: nothing is lost or turned around, and nobody waits who need not."""

from __future__ import annotations

import asyncio

import pytest

from server.ops.socket_waits import Gate, Inbox


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_an_inbox_gives_what_came_in_its_order_and_waits_for_more() -> None:
    inbox = Inbox()
    inbox.put_nowait(1)
    inbox.put_nowait(2)
    assert [await inbox.get(), inbox.empty(), await inbox.get(), inbox.empty()] == [1, False, 2, True]
    reading = asyncio.ensure_future(inbox.get())
    await settled()
    assert not reading.done()
    inbox.put_nowait(3)
    inbox.put_nowait(4)
    assert [await reading, await inbox.get()] == [3, 4]


async def test_a_reader_who_gives_up_takes_nothing_along() -> None:
    inbox = Inbox()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await inbox.get()
    inbox.put_nowait(1)
    reading = asyncio.ensure_future(inbox.get())
    await settled()
    assert reading.result() == 1


async def test_what_comes_while_a_reader_is_being_cancelled_stays() -> None:
    inbox = Inbox()
    reading = asyncio.ensure_future(inbox.get())
    await settled()
    reading.cancel()
    inbox.put_nowait(1)
    await asyncio.wait([reading])
    assert await inbox.get() == 1


async def test_everybody_passes_an_open_gate_and_waits_at_a_closed_one() -> None:
    gate = Gate()
    with pytest.raises(StopIteration):
        gate.wait().send(None)  # Without a turn of the loop.
    gate.clear()
    waiting = [asyncio.ensure_future(gate.wait()) for _ in range(3)]
    await settled()
    assert not any(one.done() for one in waiting)
    waiting[0].cancel()
    gate.set()
    await settled()
    assert [one.cancelled() for one in waiting] == [True, False, False]
    assert all(one.result() for one in waiting[1:])


async def test_who_waits_at_a_gate_that_closes_at_once_again_goes_on_waiting() -> None:
    gate = Gate()
    gate.clear()
    waiting = asyncio.ensure_future(gate.wait())
    await settled()
    gate.set()
    gate.clear()
    await settled()
    assert not waiting.done()
    gate.set()
    assert await waiting
