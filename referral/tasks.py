"""What happens by itself: holds that run out, and what patients are told."""

from __future__ import annotations

from celery import shared_task

from referral.orders import HandOverNotice, ReapHolds
from server.dispatch import SYSTEM, execute

AT_ONCE = 500
"""Notices that one run hands over: beat comes again in a moment."""


@shared_task(name="referral.reap_holds")
def reap_holds() -> None:
    """Frees the slots whose quarter of an hour is over."""
    limit = ReapHolds().limit
    while execute(SYSTEM, ReapHolds()).count >= limit:
        pass


@shared_task(name="referral.hand_over_notices")
def hand_over_notices() -> None:
    """Hands over what is due, one notice in a transaction, so that a failure of one holds up no other."""
    for _ in range(AT_ONCE):
        if not execute(SYSTEM, HandOverNotice()).count:
            return
