"""What only Relais itself may ask for: its tasks. No socket can."""

from __future__ import annotations

from server.kernel.wire import Command, Done


class LapseWork(Command):
    """Settles what nobody needs to do any more."""

    method = "kernel.lapse_work"
    result = Done
