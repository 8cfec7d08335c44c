"""Periodic work on holds."""

from __future__ import annotations

from celery import shared_task

from referral.scheduling.internal_commands import ReapHolds
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch


@shared_task(name="referral.reap_holds")
def reap_holds() -> None:
    """Frees the slots whose quarter of an hour is over."""
    limit = ReapHolds().limit
    while dispatch(SYSTEM, ReapHolds()).count >= limit:
        pass
