"""Refusals that say something about an account."""

from __future__ import annotations

from server.kernel.wire.errors import Forbidden


class NotVerified(Forbidden):
    """The caller's identity is not verified: nothing clinical until it is."""

    reason = "not_verified"

    def __init__(self, message: str = "Verify your identity first: nothing clinical is open until then.") -> None:
        super().__init__(message)


class SecondFactorRequired(Forbidden):
    """The session was opened by a password alone: nothing clinical is open to it."""

    reason = "second_factor_required"

    def __init__(
        self, message: str = "Add a second factor, or sign in with one: nothing clinical is open to a password alone."
    ) -> None:
        super().__init__(message)


class ReauthenticationRequired(Forbidden):
    """What is sensitive is open for minutes after somebody has proved again that it is them."""

    reason = "reauthentication_required"

    def __init__(self, message: str = "Confirm first that it is you, then ask again.") -> None:
        super().__init__(message)
