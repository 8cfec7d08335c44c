"""What the machine does by itself."""

from __future__ import annotations

from celery import shared_task

from server.kernel import audit, dispatch, retention, task_requests
from server.kernel.authentication import SYSTEM
from server.kernel.delivery import queue, sending
from server.kernel.work.internal_commands import LapseWork


@shared_task(name="kernel.anchor_audit")
def anchor_audit() -> None:
    """Ties the heads of the audit's chains together: what was done a minute ago cannot be removed unnoticed."""
    audit.anchor(dispatch.now())


@shared_task(name="kernel.make_audit_partitions")
def make_audit_partitions() -> None:
    """The audit's tables for this month and the next three exist."""
    audit.make_partitions()


@shared_task(name="kernel.delete_expired")
def delete_expired() -> None:
    """Deletes records of the machine that have been kept for long enough."""
    retention.delete_expired()


@shared_task(name=queue.task("sms"))
def deliver_sms() -> None:
    """Hands over the SMS that are due."""
    task_requests.begun(queue.task("sms"))
    sending.deliver_due("sms")


@shared_task(name=queue.task("email"))
def deliver_email() -> None:
    """Hands over the e-mails that are due."""
    task_requests.begun(queue.task("email"))
    sending.deliver_due("email")


@shared_task(name="kernel.lapse_work")
def lapse_work() -> None:
    """Settles what nobody needs to do any more."""
    dispatch.dispatch(SYSTEM, LapseWork())
