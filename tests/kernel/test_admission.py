"""Whose a socket is, is asked for all that open at one moment together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest
from django.db import OperationalError

from server.kernel.authentication import Actor, Bearer, Credential, Person, Refused
from server.kernel.socket import ADMITTED_AT_ONCE, Admission

PEOPLE = {f"key {number}": Person(uuid4(), uuid4()) for number in range(300)}
NOBODY = Refused("not_signed_in", "Sign in.")


class Asked:
    """The database in a test's hand: it remembers how many it was asked about at once, and fails when told to."""

    def __init__(self, *failures: Exception) -> None:
        self.sizes: list[int] = []
        self.failures = list(failures)

    def __call__(self, credentials: Sequence[Credential | None]) -> list[Actor | Refused]:
        self.sizes.append(len(credentials))
        if self.failures:
            raise self.failures.pop()
        return [PEOPLE.get(one.key, NOBODY) if one else NOBODY for one in credentials]


async def test_sockets_that_open_together_are_asked_about_together_and_each_is_told_its_own() -> None:
    asked = Asked()
    admission = Admission(asked, asyncio.get_running_loop())
    keys = [*PEOPLE, "of nobody"]
    found = await asyncio.gather(*(admission.ask(Bearer(key)) for key in keys))
    assert found == [*PEOPLE.values(), NOBODY]
    assert sum(asked.sizes) == len(keys)
    assert max(asked.sizes) <= ADMITTED_AT_ONCE
    assert len(asked.sizes) <= 4
    assert await admission.ask(Bearer("key 7")) == PEOPLE["key 7"]


async def test_a_connection_that_died_unnoticed_is_tried_once_more() -> None:
    asked = Asked(OperationalError("the server closed the connection"))
    admission = Admission(asked, asyncio.get_running_loop())
    assert await admission.ask(Bearer("key 1")) == PEOPLE["key 1"]
    assert asked.sizes == [1, 1]


async def test_a_fault_is_told_to_those_who_asked_and_to_nobody_after() -> None:
    asked = Asked(ValueError("a defect"))
    admission = Admission(asked, asyncio.get_running_loop())
    with pytest.raises(ValueError, match="a defect"):
        await admission.ask(Bearer("key 1"))
    assert await admission.ask(Bearer("key 1")) == PEOPLE["key 1"]


async def test_a_client_that_leaves_meanwhile_keeps_nobody_waiting() -> None:
    admission = Admission(Asked(), asyncio.get_running_loop())
    gone = asyncio.ensure_future(admission.ask(Bearer("key 1")))
    stays = asyncio.ensure_future(admission.ask(Bearer("key 2")))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == PEOPLE["key 2"]
