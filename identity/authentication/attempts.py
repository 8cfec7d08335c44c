"""How many passwords may be tried: on one account from one address, on one account from everywhere, from one address.

Each attempt counts before the password is looked at, so that many at once are no way around, and is taken back when it
was right. The count goes by the e-mail that was typed, whether anybody has it or not. On a device that knows the
account (``known_devices``) only that device counts: whoever tries passwords from elsewhere locks its owner out of
nothing but new devices, and the owner is told. A new device still gets in by what is no password (a passkey, a card),
and comes to know the account by a link out of the owner's mailbox (``forgotten_passwords``).
"""

from __future__ import annotations

import math
import time
from typing import Any

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

from identity.authentication import known_devices
from server.kernel.wire.errors import RateLimited

APP = "allauth.account"
ON_DEVICE = "password_on_device"
FROM_ADDRESS = "password_from_address"
ON_ACCOUNT_FROM_ADDRESS = "password_on_account_from_address"
ON_ACCOUNT = "password_on_account"


def count(request: HttpRequest, action: str, key: str = "") -> None:
    """Counts one attempt of a kind of ``ACCOUNT_RATE_LIMITS``; ``RateLimited`` when there were too many."""
    if ratelimit.consume(request, app=APP, action=action, key=key, limit_get=True) is None:
        raise RateLimited(wait(request, action, key))


def wait(request: HttpRequest, action: str, key: str) -> int:
    """Seconds until the oldest of those that count counts no more."""
    waits = [1.0]
    for rate in ratelimit.get_rates(app=APP, action=action):
        name = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key)
        times = cache.get(name, [])
        if len(times) >= rate.amount:
            waits.append(times[-1] + rate.duration - time.time())
    return math.ceil(max(waits))


class TooManyOnAccount(RateLimited):
    """Too many wrong passwords on one account from everywhere. Its owner can get in all the same, and is told how."""


class Attempt:
    """One password that is tried; ``rollback`` when it was the right one."""

    def __init__(self, request: HttpRequest, email: str) -> None:
        """Counts it; ``RateLimited`` when there were too many."""
        self._request = request
        self._used: list[Any] = []
        account = email.strip().lower()
        if device := known_devices.of(request, account):
            self._count(ON_DEVICE, f"{device}:{account}")
            return
        self._count(ON_ACCOUNT_FROM_ADDRESS, f"{ratelimit.get_ip(request)}:{account}")
        self._count(FROM_ADDRESS, "")
        self._count(ON_ACCOUNT, account)

    def rollback(self) -> None:
        for usage in self._used:
            usage.rollback()

    def _count(self, action: str, key: str) -> None:
        usage = ratelimit.consume(self._request, app=APP, action=action, key=key)
        if usage is not None:
            self._used.append(usage)
            return
        refusal = TooManyOnAccount if action == ON_ACCOUNT else RateLimited
        raise refusal(wait(self._request, action, key))
