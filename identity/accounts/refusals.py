"""Refusals that say something about an account."""

from __future__ import annotations

from server.kernel.wire.errors import Forbidden


class NotVerified(Forbidden):
    """The caller's identity is not verified: nothing clinical until it is."""

    reason = "not_verified"

    def __init__(self, message: str = "Verify your identity first: nothing clinical is open until then.") -> None:
        super().__init__(message)
