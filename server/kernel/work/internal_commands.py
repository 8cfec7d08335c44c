"""Commands that only Celery tasks dispatch. No socket can."""

from __future__ import annotations

from server.kernel.wire import Done, InternalCommand


class LapseWork(InternalCommand[Done]):
    """Settles what nobody needs to do any more."""

    method = "kernel.lapse_work"
