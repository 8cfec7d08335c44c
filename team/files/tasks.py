"""What is done with files after a commit, and from time to time."""

from __future__ import annotations

from celery import shared_task

from server.kernel import task_requests
from team.files import checking, collecting
from team.files.actions import CHECK_TASK


@shared_task(name=CHECK_TASK)
def check_files() -> None:
    """Checks the files that are due."""
    task_requests.begun(CHECK_TASK)
    checking.check_due()


@shared_task(name="team.collect_files")
def collect_files() -> None:
    """Throws away files that nothing holds."""
    collecting.collect()
