"""Periodic work of this room."""

from __future__ import annotations

from celery import shared_task

from identity.onboarding.internal_commands import ForgetSignUps
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch


@shared_task(name="identity.forget_sign_ups")
def forget_sign_ups() -> None:
    """Erases what somebody declared and never confirmed."""
    dispatch(SYSTEM, ForgetSignUps())
