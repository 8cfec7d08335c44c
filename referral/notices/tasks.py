"""What happens by itself: holds that run out, and what patients are told."""

from __future__ import annotations

from celery import shared_task

from referral.notices.internal_commands import DeliverNotice
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch

AT_ONCE = 500
"""Notices that one run hands over: beat comes again in a moment."""


@shared_task(name="referral.deliver_notices")
def deliver_notices() -> None:
    """Hands over what is due, one notice in a transaction, so that a failure of one holds up no other."""
    for _ in range(AT_ONCE):
        if not dispatch(SYSTEM, DeliverNotice()).count:
            return
