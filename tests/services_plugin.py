"""One PostgreSQL and one Redis for a whole run of pytest, in a directory that is removed afterwards.

A plugin (`-p tests.services_plugin` in pyproject.toml) and not a fixture, because Django's settings are read before
the first fixture could run. Tests that kill things start a `relais up` of their own instead.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.ops import datadir, embedded

ENVIRONMENT = {
    "RELAIS_ORIGINS": "http://localhost:8000",
    "RELAIS_SECRET_KEY": "tests-" * 10,
    "RELAIS_MASTER_KEY": "cmVsYWlzLXRlc3RzLXJlbGFpcy10ZXN0cy1yZWxhaXM=",
    "RELAIS_FAKE_DELIVERY": "1",
}


@contextlib.contextmanager
def temporary_servers() -> Iterator[dict[str, str]]:
    """The addresses of both servers, as environment variables. What they keep is thrown away: no syncing."""
    directory = Path(tempfile.mkdtemp(prefix="relais-tests-"))
    data = datadir.open_directory(directory / "data")
    try:
        with embedded.running(data, fsync="off", synchronous_commit="off", full_page_writes="off") as servers:
            yield {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    finally:
        shutil.rmtree(data.sockets, ignore_errors=True)
        shutil.rmtree(data.home, ignore_errors=True)
        shutil.rmtree(directory)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    stack = contextlib.ExitStack()
    early_config.add_cleanup(stack.close)
    os.environ.update(ENVIRONMENT | stack.enter_context(temporary_servers()))
    return (yield)
