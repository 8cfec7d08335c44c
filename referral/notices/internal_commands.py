"""What only Relais itself may ask for: its tasks. No socket can.

These go through the same door as everything else, and are declared apart from ``referral.wire`` because
they are no part of the protocol.
"""

from __future__ import annotations

from referral.scheduling.internal_commands import Count
from server.kernel.wire import Command


class DeliverNotice(Command[Count]):
    """Hands one due notice to the carrier or the mail server; none when nothing is due."""

    method = "referral.deliver_notice"
