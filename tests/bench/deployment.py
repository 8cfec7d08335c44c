"""What every benchmark of one process stands on: a database of its own, as people run it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def installed() -> Iterator[Path]:
    """A fresh, migrated PostgreSQL with everything written through to the disk, and Django set up on it; a directory
    beside it for files. Once in a process."""
    from server.ops import datadir, embedded
    from tests.services_plugin import ENVIRONMENT

    with tempfile.TemporaryDirectory(prefix="relais-bench-") as directory:
        data = datadir.open_directory(Path(directory) / "data")
        with embedded.running(data) as servers:
            os.environ.update(ENVIRONMENT | {"DATABASE_URL": servers.owner_url, "REDIS_URL": servers.redis_url})
            os.environ["DJANGO_SETTINGS_MODULE"] = "server.settings"
            import django
            from django.core.management import call_command
            from django.db import connection

            django.setup()
            call_command("migrate", verbosity=0)
            try:
                yield Path(directory)
            finally:
                connection.close()
