"""What Relais' own tasks ask for. No socket can.

They go through the dispatcher as everything else does, and are no part of the protocol.
"""

from __future__ import annotations

from server.kernel.wire import InternalCommand, View


class Count(View):
    """How many there were; as many as the limit means that there may be more."""

    count: int


class ReapHolds(InternalCommand[Count]):
    """Frees slots whose hold is over, in at most ``limit`` agendas."""

    method = "referral.reap_holds"

    limit: int = 200
