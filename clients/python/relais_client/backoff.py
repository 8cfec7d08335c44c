"""How long to wait before trying again: exponential with full jitter, so that clients do not come back in step."""

from __future__ import annotations

from relais_client.closures import Reconnect

SHORTEST, LONGEST = 0.5, 30.0
LEAST_LONG = 10.0
"""The least after too many requests."""
SPREAD = 2
"""A restarting server is met by everybody: their first attempts are spread over four times as long."""
LONGEST_RETRY = 60.0


def reconnect_delay(attempt: int, closure: Reconnect, random: float) -> float:
    """Seconds before attempt number ``attempt`` to connect (0 is the first after a cut); ``random`` is in [0, 1]."""
    if closure.wait == "long":
        return LEAST_LONG + random * (LONGEST - LEAST_LONG)
    doublings = attempt + (SPREAD if closure.wait == "spread" else 0)
    return SHORTEST + random * (min(LONGEST, 2.0 ** min(doublings, 10)) - SHORTEST)


def retry_delay(tries: int, random: float) -> float:
    """Seconds before the same question is asked again; ``tries`` is how often it has failed before, 0 at first."""
    return 0.25 + random * (min(LONGEST_RETRY, 2.0 ** min(tries, 10)) - 0.25)
