"""One PostgreSQL for a whole run of pytest, and one Redis for each of its processes, in directories that are removed.

pytest-django gives each process a database of its own. Redis cannot be divided like that: what is published reaches
the subscribers of every numbered database.

A plugin (`-p tests.services_plugin` in pyproject.toml) and not a fixture, because Django's settings are read before
the first fixture could run. Tests that kill things start a `relais up` of their own instead.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.ops import datadir, embedded
from tests import prepared

ENVIRONMENT = {
    "RELAIS_ORIGINS": "http://localhost:8000",
    "RELAIS_SECRET_KEY": "tests-" * 10,
    "RELAIS_MASTER_KEY": "cmVsYWlzLXRlc3RzLXJlbGFpcy10ZXN0cy1yZWxhaXM=",
    "RELAIS_FAKE_DELIVERY": "1",
    "RELAIS_FILES": "/nonexistent",
}

UNSAFE_AND_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextlib.contextmanager
def temporary_servers() -> Iterator[dict[str, str]]:
    """The addresses of both servers, as environment variables. What they keep is thrown away: no syncing."""
    with _temporary_data() as data, embedded.running(data, **UNSAFE_AND_FAST) as servers:
        # Tests make databases and tables: they are the owner, but for those that look at what the running role may do.
        yield {
            "DATABASE_URL": servers.owner_url,
            "TEST_RUNNING_ROLE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
        }


@contextlib.contextmanager
def temporary_redis() -> Iterator[dict[str, str]]:
    """The address of a Redis for one process of several that share PostgreSQL."""
    with _temporary_data() as data:
        servers = embedded.Servers(data)
        program = servers.redis()
        process = program.start()
        try:
            while not program.has_started(process):
                time.sleep(0.02)
            yield {"REDIS_URL": servers.redis_url}
        finally:
            program.stop(process)


@contextlib.contextmanager
def _temporary_data() -> Iterator[datadir.DataDirectory]:
    directory = Path(tempfile.mkdtemp(prefix="relais-tests-"))
    data = datadir.open_directory(directory / "data")
    try:
        yield data
    finally:
        shutil.rmtree(data.sockets, ignore_errors=True)
        shutil.rmtree(data.home, ignore_errors=True)
        shutil.rmtree(directory)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    stack = contextlib.ExitStack()
    early_config.add_cleanup(stack.close)
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    os.environ.update(ENVIRONMENT | stack.enter_context(temporary_redis() if is_worker else temporary_servers()))
    if not is_worker:
        os.environ.update(stack.enter_context(prepared.place_for_prepared()))
    files = tempfile.mkdtemp(prefix="relais-files-")
    stack.callback(shutil.rmtree, files)
    os.environ["RELAIS_FILES"] = files
    return (yield)
