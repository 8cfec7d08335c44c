"""What Relais' own tasks ask for. No socket can.

They go through the dispatcher as everything else does, and are no part of the protocol.
"""

from __future__ import annotations

from referral.scheduling.internal_commands import Count
from server.kernel.wire import InternalCommand


class DeliverNotice(InternalCommand[Count]):
    """Hands one due notice to the carrier or the mail server; none when nothing is due."""

    method = "referral.deliver_notice"
