"""Checks files as soon as they are due, until its input is closed: ``python -m tests.check_files``."""

import select
import sys

import django

django.setup()

from server import registry  # noqa: E402
from team.files import checking  # noqa: E402

registry.install()
while not select.select([sys.stdin], [], [], 0.1)[0]:
    checking.check_due()
