"""How many messages one person causes to be sent, and how many one address receives.

Each rings in somebody's pocket, and an SMS costs money. Two questions, asked at two moments. What one person causes is
counted when it becomes due: to one address, and to all of a channel. How many an address has had, from whomever, is
counted at hand-over: it is a reason to send no more for a while, and never one to refuse anybody anything, since
somebody else has used it up.

Counts are kept in the cache by a keyed digest of the address, in windows of an hour; without the cache nothing is
counted. It is asked within the transaction of whoever books, so a cache that hangs is left alone for a while.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import redis
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from server.kernel import outages

log = logging.getLogger("kernel.delivery")

WINDOW = 3600
"""Seconds."""
TO_ONE_ADDRESS = 20
"""In a window, from everybody together."""
BY_ONE_PERSON_TO_ONE_ADDRESS = 6
PAUSE = 30.0
"""Seconds in which the cache is not asked again after it has failed: each attempt could hang for as long as it may."""
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
    """A message that somebody causes to be sent."""

    person: UUID
    channel: Channel
    address: str


def take(groups: Sequence[Sequence[Sending]], now: datetime) -> list[Bound | None]:
    """Counts what people cause, a group wholly or not at all: for each group None, or the bound that it would exceed.

    Two exchanges with the cache, whatever the number of groups.
    """
    keyed = [[(one.channel, *_keys_of_person(one, now)) for one in group] for group in groups]
    if not any(keyed) or time.monotonic() < _asked_next:
        return [None for _ in groups]
    try:
        counts = cache.get_many({key for group in keyed for _, *keys in group for key in keys})
        found = [_take(group, counts) for group in keyed]
        cache.set_many(counts, timeout=2 * WINDOW)
    except (redis.RedisError, OSError) as error:
        _not_counted(error)
        return [None for _ in groups]
    return found


def _take(group: Iterable[tuple[Channel, str, str]], counts: dict[str, int]) -> Bound | None:
    mine = dict(counts)
    for channel, to_address, by_person in group:
        to_one, by_one = _BOUNDS[channel]
        for key, bound, limit in (
            (to_address, to_one, BY_ONE_PERSON_TO_ONE_ADDRESS),
            (by_person, by_one, BY_ONE_PERSON),
        ):
            if mine.get(key, 0) >= limit:
                return bound
            mine[key] = mine.get(key, 0) + 1
    counts |= mine
    return None


def admitted(messages: Sequence[tuple[Channel, str]], now: datetime) -> list[bool]:
    """Counts messages to addresses at hand-over: for each, whether its address may have one more in this window."""
    keys = [_key("address", now, channel, address) for channel, address in messages]
    if time.monotonic() < _asked_next:
        return [True for _ in messages]
    try:
        counts = cache.get_many(set(keys))
        found = []
        for key in keys:
            found.append(counts.get(key, 0) < TO_ONE_ADDRESS)
            counts[key] = counts.get(key, 0) + found[-1]
        cache.set_many(counts, timeout=2 * WINDOW)
    except (redis.RedisError, OSError) as error:
        _not_counted(error)
        return [True for _ in messages]
    return found


def seconds_left(now: datetime) -> int:
    """After how many seconds counting begins anew."""
    return WINDOW - int(now.timestamp()) % WINDOW


def _keys_of_person(sending: Sending, now: datetime) -> tuple[str, str]:
    person, channel, address = sending
    return _key("to", now, channel, str(person), address), _key("by", now, channel, str(person))


def _key(kind: str, now: datetime, channel: Channel, *of: str) -> str:
    digest = salted_hmac("delivery.message_bounds", "|".join(of).casefold()).hexdigest()[:32]
    return f"message:{kind}:{channel}:{digest}:{int(now.timestamp()) // WINDOW}"


def _not_counted(error: Exception) -> None:
    global _asked_next
    _asked_next = time.monotonic() + PAUSE
    if not outages.noted(error):
        log.warning("messages are not counted", extra={"fields": {"error": type(error).__name__}})
