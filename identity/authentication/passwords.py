"""How passwords are hashed: at a cost that many sign-ins at once cannot turn against the machine.

Argon2id with 19 MiB, two passes and one lane is the OWASP Password Storage Cheat Sheet's recommendation (2025). Each
process hashes few passwords at a time, whatever asks: signing in, a change, a new account, an address that nobody has.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher

from server.kernel.wire.errors import Unavailable

AT_ONCE = 2
WAIT_SECONDS = 8.0

# Threads of their own: each thread that hashes keeps the memory that it used, and of others there are many.
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="relais-password")

T = TypeVar("T")


def _hashed(work: Callable[[], T]) -> T:
    found = _threads.submit(work)
    try:
        return found.result(WAIT_SECONDS)
    except TimeoutError:
        found.cancel()
        raise Unavailable(retry_after=5) from None


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id. A password that was hashed at another cost is hashed anew when its owner signs in."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        encode = super().encode
        return _hashed(lambda: encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        verify = super().verify
        return _hashed(lambda: verify(password, encoded))
