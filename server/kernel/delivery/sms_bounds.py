"""To which numbers SMS are sent, and how many: each of them costs money, and rings in somebody's pocket.

France, overseas and the countries of ``RELAIS_SMS_COUNTRIES``: elsewhere are the numbers whose owners are paid for
being sent messages. Premium, shared-cost, short and other service numbers receive none anywhere. Counts are kept in
the cache by a keyed digest of the number, in windows of an hour; without the cache nothing is counted.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import phonenumbers
import redis
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from phonenumbers import PhoneNumberType

log = logging.getLogger("kernel.delivery")

HOME_CODES = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})
"""Country codes of France and overseas."""
REFUSED_TYPES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.PAGER,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)
WINDOW = 3600
"""Seconds."""
TO_ONE_NUMBER = 20
"""In a window. A course of twenty sessions can be booked at once."""
BY_ONE_PERSON = 200


class Sending(NamedTuple):
    """An SMS that somebody causes to be sent."""

    person: UUID
    number: str


def is_allowed(number: str) -> bool:
    """Whether SMS are sent to a number in international form at all."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    if not phonenumbers.is_possible_number(parsed) or phonenumbers.number_type(parsed) in REFUSED_TYPES:
        return False
    if parsed.country_code in HOME_CODES:
        return True
    return phonenumbers.region_code_for_number(parsed) in settings.RELAIS_SMS_COUNTRIES


def take(sendings: Sequence[Sending], now: datetime) -> list[float]:
    """Counts what is about to be sent: for each 0.0, or the seconds after which there may be another one. Two
    exchanges with the cache, whatever their number."""
    window, elapsed = divmod(int(now.timestamp()), WINDOW)
    keys = [_keys(one, window) for one in sendings]
    try:
        counts = cache.get_many({key for pair in keys for key in pair})
        waits = []
        for number, person in keys:
            if counts.get(number, 0) >= TO_ONE_NUMBER or counts.get(person, 0) >= BY_ONE_PERSON:
                waits.append(float(WINDOW - elapsed))
                continue
            waits.append(0.0)
            for key in (number, person):
                counts[key] = counts.get(key, 0) + 1
        cache.set_many(counts, timeout=2 * WINDOW)
    except (redis.RedisError, OSError) as error:
        log.warning("SMS are not counted", extra={"fields": {"error": type(error).__name__}})
        return [0.0 for _ in sendings]
    return waits


def _keys(sending: Sending, window: int) -> tuple[str, str]:
    return _key("number", sending.number, window), _key("person", sending.person, window)


def _key(kind: str, of: Hashable, window: int) -> str:
    return f"sms:{kind}:{salted_hmac('delivery.sms', str(of)).hexdigest()[:32]}:{window}"
