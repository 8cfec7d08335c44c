"""What only Relais itself may ask for: the command line, tasks and the demo. No socket can.

These go through the same door as everything else, and are declared apart from ``identity.wire`` because they are
no part of the protocol.
"""

from __future__ import annotations

from datetime import datetime

from server.kernel.wire import Command, Done, Id, NewId


class StoreToken(Command[Done]):
    """Lets the holder of a token in as a person. Only the token's digest is given, and kept."""

    method = "identity.store_token"

    id: NewId
    person: Id
    digest: bytes
    label: str
    expires_at: datetime


class ChangePassword(Command[Done]):
    """Sets an encoded password and ends every session of the person but ``keep``."""

    method = "identity.change_password"

    person: Id
    password: str
    keep: Id | None = None
