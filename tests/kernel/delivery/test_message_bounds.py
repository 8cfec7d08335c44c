"""How many messages one person causes, and how many an address receives."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID, uuid4

import pytest
import redis

from referral.notices.refusals import TooManyNotices
from server.kernel.cache import ImpatientRedisCache
from server.kernel.delivery import kinds, message_bounds, sending
from server.kernel.delivery.message_bounds import (
    BY_ONE_PERSON,
    BY_ONE_PERSON_TO_ONE_ADDRESS,
    TO_ONE_ADDRESS,
    Bound,
    Exceeded,
    Sending,
    admitted,
    take,
)
from tests.kernel.delivery.conftest import Room, state
from tests.stand_ins.mail_server import MailServer
from tests.stand_ins.sms_gateway import SmsGateway

NOW = datetime(2026, 11, 26, 9, 10, tzinfo=UTC)
NUMBER, MAIL = "+33639984107", "odile@exemple.fr"


def bounds(count: int, person: UUID, number: str = NUMBER, at: datetime = NOW) -> list[Bound | None]:
    found = take([[Sending(person, "sms", number)] for _ in range(count)], at)
    return [exceeded and exceeded.bound for exceeded in found]


def test_one_person_causes_so_many_to_one_number_in_an_hour_and_others_still_may() -> None:
    ada, grace = uuid4(), uuid4()
    assert bounds(BY_ONE_PERSON_TO_ONE_ADDRESS + 1, ada) == [None] * BY_ONE_PERSON_TO_ONE_ADDRESS + ["sms_to_number"]
    assert bounds(1, ada) == ["sms_to_number"]
    assert bounds(1, grace) == [None]
    assert bounds(1, ada, "+33639984108") == [None]
    assert take([[Sending(ada, "sms", NUMBER)]], NOW + timedelta(minutes=10)) == [Exceeded("sms_to_number", 3000)]
    assert bounds(1, ada, at=NOW + timedelta(minutes=59, seconds=59)) == ["sms_to_number"]
    assert bounds(1, ada, at=NOW + timedelta(minutes=60)) == [None]


@pytest.mark.parametrize("start", range(0, 60, 7))
def test_no_hour_has_more_than_the_bound_wherever_it_begins(start: int) -> None:
    ada, caused, received = uuid4(), list[int](), list[int]()
    for minute in range(start, start + 180):
        at = NOW.replace(minute=0) + timedelta(minutes=minute)
        if bounds(1, ada, at=at) == [None]:
            caused.append(minute)
        if admitted([("sms", str(ada))], at) == [True]:
            received.append(minute)
    for times, limit in ((caused, BY_ONE_PERSON_TO_ONE_ADDRESS), (received, TO_ONE_ADDRESS)):
        assert len(times) == 3 * limit
        assert all(sum(first <= time < first + 60 for time in times) <= limit for first in times)


def test_one_person_causes_so_many_in_an_hour_to_whatever_numbers() -> None:
    ada = uuid4()
    numbers = [[Sending(ada, "sms", f"+3363998{number:04d}")] for number in range(BY_ONE_PERSON)]
    assert take(numbers, NOW) == [None] * BY_ONE_PERSON
    assert bounds(1, ada) == ["sms_by_person"]
    assert take([[Sending(ada, "email", MAIL)]], NOW) == [None], "each channel by itself"


def test_of_what_belongs_together_all_is_counted_or_nothing() -> None:
    ada = uuid4()
    mail = [Sending(ada, "email", MAIL)]
    assert take([mail] * BY_ONE_PERSON_TO_ONE_ADDRESS, NOW) == [None] * BY_ONE_PERSON_TO_ONE_ADDRESS
    both = [Sending(ada, "sms", NUMBER), Sending(ada, "email", MAIL.title())]
    assert take([both] * 10, NOW) == [Exceeded("mail_to_address", 3600)] * 10
    assert bounds(1, ada) == [None]


def test_what_is_carried_out_again_counts_once() -> None:
    ada = uuid4()
    booked = [Sending(ada, "sms", NUMBER, "book:1"), Sending(ada, "email", MAIL, "book:1")]
    for minute in range(20):
        assert take([booked, booked], NOW + timedelta(minutes=minute)) == [None, None]
    others = [[Sending(ada, "sms", NUMBER, f"book:{one}")] for one in range(2, 2 + BY_ONE_PERSON_TO_ONE_ADDRESS)]
    exceeded = Exceeded("sms_to_number", 3600)
    assert take(others, NOW) == [None] * (BY_ONE_PERSON_TO_ONE_ADDRESS - 1) + [exceeded]
    assert take([booked, others[-1]], NOW) == [None, exceeded]


def test_a_cache_that_says_nothing_is_waited_for_a_moment_only(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_bounds, "cache", ImpatientRedisCache(silent, {}))
    monkeypatch.setattr(message_bounds, "_asked_next", 0.0)
    began = time.monotonic()
    assert bounds(1, uuid4()) == [None]
    assert time.monotonic() - began < 1.5, "two seconds is what others wait"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a Redis that takes connections and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def test_an_address_has_so_many_in_an_hour_from_everybody() -> None:
    assert admitted([("sms", NUMBER)] * (TO_ONE_ADDRESS + 1), NOW) == [True] * TO_ONE_ADDRESS + [False]
    assert admitted([("sms", NUMBER), ("sms", "+33639984108")], NOW) == [False, True]
    assert admitted([("sms", NUMBER)], NOW + timedelta(minutes=59)) == [False]
    assert admitted([("sms", NUMBER)], NOW + timedelta(minutes=60)) == [True]
    assert bounds(1, uuid4()) == [None], "nobody is refused for it"


def test_every_bound_has_a_message() -> None:
    for bound in get_args(Bound):
        assert TooManyNotices(bound, 7).as_data() == {"reason": "too_many_notices", "bound": bound, "retry_after": 7}


def test_no_address_is_kept_in_clear() -> None:
    assert "63998" not in message_bounds._key("address", "sms", NUMBER)


@pytest.mark.usefixtures("db")
def test_what_an_address_has_too_much_of_fails_and_its_room_is_told(
    room: Room, gateway: SmsGateway, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_bounds, "TO_ONE_ADDRESS", 1)
    kinds.install([kinds.Kind("test", room.resolve, room.follow, bounded=True)])
    for channel, rows in (("sms", room.sms(NUMBER, NUMBER)), ("email", room.mails(MAIL, MAIL))):
        sending.deliver_due("sms" if channel == "sms" else "email")
        assert [state(row) for row in rows] == [("sent", 1, ""), ("failed", 1, "too_many_to_address")], channel
    assert len(gateway.requests) == 1
    assert {one.error for one in room.settled} == {"too_many_to_address", ""}


@pytest.mark.usefixtures("db")
def test_what_is_not_of_a_bounded_kind_is_not_counted(
    room: Room, gateway: SmsGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_bounds, "TO_ONE_ADDRESS", 1)
    rows = room.sms(NUMBER, NUMBER)
    sending.deliver_due("sms")
    assert [state(row)[0] for row in rows] == ["sent", "sent"]


def test_a_cache_that_has_failed_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked within the transaction of a booking: a cache that hangs would hold up everybody's, each time."""
    asked: list[object] = []

    class Hanging:
        def get_many(self, keys: object) -> object:
            asked.append(keys)
            raise redis.exceptions.TimeoutError

    monkeypatch.setattr(message_bounds, "cache", Hanging())
    monkeypatch.setattr(message_bounds, "_asked_next", 0.0)
    ada = uuid4()
    assert bounds(BY_ONE_PERSON_TO_ONE_ADDRESS + 1, ada) == [None] * (BY_ONE_PERSON_TO_ONE_ADDRESS + 1)
    assert bounds(1, ada) == [None]
    assert admitted([("sms", NUMBER)], NOW) == [True]
    assert len(asked) == 1
    monkeypatch.setattr(message_bounds, "_asked_next", 0.0)
    bounds(1, ada)
    assert len(asked) == 2
