"""Whose request it is when proxies stand between: by address, for limits and for the audit.

``RELAIS_TRUSTED_PROXIES`` counts the proxies of ours. Each adds one address to ``X-Forwarded-For``, so that the client
is that many from its end; what stands before it the client may have written itself. A public deployment always has a
proxy, which ends TLS, and does not start without that number. On any other one, a proxy that was forgotten is noticed
by its header: it is said in the log, and by ``relais check``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache

from server.kernel.socket import Scope

log = logging.getLogger("server.ops.proxies")

NOTICED = "unexpected-proxy"
NOTICED_LASTS = 24 * 3600
SAID_EVERY = 60.0
"""Seconds."""
FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")


class _Notices:
    """What was said when, and what is being written."""

    said_at = -SAID_EVERY
    writing: set[asyncio.Task[None]] = set()


def client_address(scope: Scope) -> str:
    """The address that the limits of this request count by; the peer's when our proxies do not say another."""
    peer = scope["client"][0] if scope.get("client") else ""
    headers = [(name, value) for name, value in scope["headers"] if name in FORWARDED]
    count = settings.RELAIS_TRUSTED_PROXIES
    if not count:
        if headers:
            _notice()
        return peer
    named = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1").split(",")
    return named[-count].strip() if len(named) >= count and named[-count].strip() else peer


def is_direct(scope: Mapping[str, Any]) -> bool:
    """Whether the request was made on this machine itself, by nobody's proxy."""
    peer = scope["client"][0] if scope.get("client") else ""
    return peer in {"127.0.0.1", "::1"} and not any(name in FORWARDED for name, _ in scope["headers"])


def _notice() -> None:
    now = time.monotonic()
    if now < _Notices.said_at + SAID_EVERY:
        return
    _Notices.said_at = now
    log.warning("a proxy forwards requests, and RELAIS_TRUSTED_PROXIES is 0: everybody shares one limit")
    task = asyncio.get_running_loop().create_task(asyncio.to_thread(_keep))
    _Notices.writing.add(task)
    task.add_done_callback(_Notices.writing.discard)


def _keep() -> None:
    """For ``relais check``, which is another process."""
    with contextlib.suppress(redis.RedisError, OSError):
        cache.set(NOTICED, 1, timeout=NOTICED_LASTS)


def was_noticed() -> bool:
    """Whether a proxy that was not counted has forwarded a request in the last day."""
    with contextlib.suppress(redis.RedisError, OSError):
        return settings.RELAIS_TRUSTED_PROXIES == 0 and cache.get(NOTICED) is not None
    return False
