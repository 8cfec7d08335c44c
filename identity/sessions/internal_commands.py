"""What Relais itself asks for about sessions: the command line, tasks and the demo. No socket can.

They go through the dispatcher as everything else does, and are no part of the protocol.
"""

from __future__ import annotations

from server.kernel.wire import Done, InternalCommand


class EndExpiredSessions(InternalCommand[Done]):
    """Ends what has expired, so that no socket outlives its session."""

    method = "identity.end_expired_sessions"


class EndProviderSessions(InternalCommand[Done]):
    """Ends what was opened by a session of the identity provider, or by a subject of its: the provider has ended it."""

    method = "identity.end_provider_sessions"

    subject: str = ""
    provider_session: str = ""
