"""What the machine does by itself."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from server.kernel import audit


@shared_task(name="kernel.anchor_audit")
def anchor_audit() -> None:
    """Ties the heads of the audit's chains together: what was done a minute ago cannot be removed unnoticed."""
    audit.anchor(timezone.now())


@shared_task(name="kernel.make_audit_partitions")
def make_audit_partitions() -> None:
    """The audit's tables for this month and the next three exist."""
    audit.make_partitions()
