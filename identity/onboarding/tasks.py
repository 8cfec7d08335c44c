"""Periodic work of this room."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from identity.onboarding import onfido, register_comparison, steps
from identity.onboarding.internal_commands import ForgetSignUps
from identity.onboarding.verifying import STEP_TASK
from server.kernel import task_requests
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch


@shared_task(name="identity.forget_sign_ups")
def forget_sign_ups() -> None:
    """Erases what somebody declared and never confirmed."""
    dispatch(SYSTEM, ForgetSignUps())


@shared_task(name="identity.compare_register")
def compare_register() -> None:
    """Finds who has left the register, and whose time to confirm is over."""
    register_comparison.compare_all()


@shared_task(name=STEP_TASK)
def verification_steps() -> None:
    """Asks the identity provider what is due."""
    task_requests.begun(STEP_TASK)
    if settings.RELAIS_ONFIDO_TOKEN:
        steps.take_due(onfido.configured)
