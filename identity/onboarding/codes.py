"""Codes of six digits that prove that a mail or an SMS was read.

A code is computed from this deployment's secret, and kept nowhere: the message that bears it is written when it is
handed over. Whoever guesses has five attempts at each of five codes, of a million that there are.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from django.conf import settings

SIGN_UP, MOBILE = "sign up", "mobile"
"""What codes are for."""
DIGITS = 6
LASTS = timedelta(minutes=15)
ATTEMPTS = 5
"""Wrong codes, after which another one has to be sent."""
SENDS = 5
"""Codes that are sent for one thing to confirm."""
RESEND_AFTER = timedelta(seconds=60)


def code(purpose: str, subject: UUID, number: int, to: str) -> str:
    """The ``number``-th code that is sent ``to`` an address for this purpose."""
    text = f"{purpose}|{subject}|{number}|{to}"
    digest = hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def is_right(typed: str, expected: str) -> bool:
    """Compared in constant time; spaces that people type between digits do not count."""
    return hmac.compare_digest("".join(typed.split()).encode(), expected.encode())
