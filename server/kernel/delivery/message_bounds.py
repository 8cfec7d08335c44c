"""How many messages one person causes to be sent, and how many one address receives.

Each rings in somebody's pocket, and an SMS costs money. Two questions, asked at two moments. What one person causes is
counted when it becomes due: to one address, and to all of a channel. How many an address has had, from whomever, is
counted at hand-over: it is a reason to send no more for a while, and never one to refuse anybody anything, since
somebody else has used it up.

Moments are kept in the cache by a keyed digest of the address, those of the last hour: a full hour of the clock is
nobody's second chance. Without the cache nothing is counted. It is asked within the transaction of whoever books, so a
cache that hangs is left alone for a while.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import redis
from django.core.cache import caches
from django.utils.crypto import salted_hmac

from server.kernel import outages

log = logging.getLogger("kernel.delivery")

cache = caches["impatient"]

WINDOW = 3600
"""Seconds: any hour, wherever it begins."""
TO_ONE_ADDRESS = 20
"""In an hour, from everybody together."""
BY_ONE_PERSON_TO_ONE_ADDRESS = 6
PAUSE = 30.0
"""Seconds in which the cache is not asked again after it has failed. It is asked within a transaction that others wait
for, and gets a fraction of a second (``settings.CACHES``)."""
BY_ONE_PERSON = 200
"""By one channel. A practice that writes to each of its patients of a day stays well below."""

Channel: TypeAlias = Literal["sms", "email"]
Bound: TypeAlias = Literal["sms_to_number", "sms_by_person", "mail_to_address", "mail_by_person"]

_BOUNDS: dict[Channel, tuple[Bound, Bound]] = {
    "sms": ("sms_to_number", "sms_by_person"),
    "email": ("mail_to_address", "mail_by_person"),
}


_asked_next = 0.0


class Sending(NamedTuple):
    """A message that somebody causes to be sent. What has the same ``cause`` counts once: a transaction that is undone
    and carried out again, a request that is sent again."""

    person: UUID
    channel: Channel
    address: str
    cause: str = ""


class Exceeded(NamedTuple):
    """A bound, and after how many seconds the same may be sent."""

    bound: Bound
    retry_after: int


Counted: TypeAlias = tuple[int, str]
"""When a message was counted, and its cause; empty: it has none of its own."""
Times: TypeAlias = dict[str, list[Counted]]
"""By key, the messages of the last hour: the oldest first."""


def take(groups: Sequence[Sequence[Sending]], now: datetime) -> list[Exceeded | None]:
    """Counts what people cause, a group wholly or not at all: for each group None, or the bound that it would exceed.

    Two exchanges with the cache, whatever the number of groups.
    """
    keyed = [[(one, *_keys_of_person(one)) for one in group] for group in groups]
    if not any(keyed) or time.monotonic() < _asked_next:
        return [None for _ in groups]
    try:
        times = _last_hour({key for group in keyed for _, *keys in group for key in keys}, at := int(now.timestamp()))
        found = [_take(group, times, at) for group in keyed]
        cache.set_many(times, timeout=WINDOW)
    except (redis.RedisError, OSError) as error:
        _not_counted(error)
        return [None for _ in groups]
    return found


def _take(group: Iterable[tuple[Sending, str, str]], times: Times, at: int) -> Exceeded | None:
    mine = dict(times)
    for sending, to_address, by_person in group:
        to_one, by_one = _BOUNDS[sending.channel]
        for key, bound, limit in (
            (to_address, to_one, BY_ONE_PERSON_TO_ONE_ADDRESS),
            (by_person, by_one, BY_ONE_PERSON),
        ):
            if sending.cause and any(cause == sending.cause for _, cause in mine[key]):
                continue
            if len(mine[key]) >= limit:
                return Exceeded(bound, mine[key][-limit][0] + WINDOW - at)
            mine[key] = [*mine[key], (at, sending.cause)]
    times |= mine
    return None


def _last_hour(keys: Collection[str], at: int) -> Times:
    kept = cache.get_many(keys)
    return {key: [(time, cause) for time, cause in kept.get(key, ()) if time > at - WINDOW] for key in keys}


def admitted(messages: Sequence[tuple[Channel, str]], now: datetime) -> list[bool]:
    """Counts messages to addresses at hand-over: for each, whether its address may have one more within the hour."""
    keys = [_key("address", channel, address) for channel, address in messages]
    if time.monotonic() < _asked_next:
        return [True for _ in messages]
    try:
        times = _last_hour(set(keys), at := int(now.timestamp()))
        found = []
        for key in keys:
            found.append(len(times[key]) < TO_ONE_ADDRESS)
            times[key] += [(at, "")] * found[-1]
        cache.set_many(times, timeout=WINDOW)
    except (redis.RedisError, OSError) as error:
        _not_counted(error)
        return [True for _ in messages]
    return found


def _keys_of_person(sending: Sending) -> tuple[str, str]:
    person, channel, address, _ = sending
    return _key("to", channel, str(person), address), _key("by", channel, str(person))


def _key(kind: str, channel: Channel, *of: str) -> str:
    digest = salted_hmac("delivery.message_bounds", "|".join(of).casefold()).hexdigest()[:32]
    return f"caused:{kind}:{channel}:{digest}"


def _not_counted(error: Exception) -> None:
    global _asked_next
    _asked_next = time.monotonic() + PAUSE
    if not outages.noted(error):
        log.warning("messages are not counted", extra={"fields": {"error": type(error).__name__}})
