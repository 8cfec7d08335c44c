"""What only Relais itself may ask for: the command line, tasks and the demo. No socket can.

These go through the same door as everything else, and are declared apart from ``identity.wire`` because they are
no part of the protocol.
"""

from __future__ import annotations

from server.kernel.wire import Command, Done


class EndExpiredSessions(Command[Done]):
    """Ends what has expired, so that no socket outlives its session."""

    method = "identity.end_expired_sessions"
