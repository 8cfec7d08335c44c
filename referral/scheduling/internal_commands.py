"""What only Relais itself may ask for: its tasks. No socket can.

These are dispatched as everything else is, and are declared apart from ``wire`` because they are no part of the
protocol.
"""

from __future__ import annotations

from server.kernel.wire import Command, View


class Count(View):
    """How many there were; as many as the limit means that there may be more."""

    count: int


class ReapHolds(Command):
    """Frees slots whose hold is over, in at most ``limit`` agendas."""

    method = "referral.reap_holds"
    result = Count

    limit: int = 200
