"""What every test may use."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection

from server.kernel import audit, outages, vault
from server.kernel.refusals import refusals
from tests.asgi_server import template
from tests.relais_process import remove

SLOW = ("kill", "ops", "e2e", "cli", "demo", "clients", "wire", "upgrade")
"""Directories whose files take longest. Files go to several processes one by one: were a slow one among the last, all
but one process would wait for it with nothing to do."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """The slow files come first, whatever the order is otherwise."""
    yield
    ranks = {Path(__file__).parent / name: rank for rank, name in enumerate(SLOW)}
    items.sort(key=lambda item: ranks.get(item.path.parent, len(SLOW)))


@pytest.fixture(autouse=True)
def _a_database_of_its_own() -> None:
    """Each test begins with an empty database: what this process remembers of the one before is forgotten."""
    vault.clear_cache()
    audit.chain.start_new_chain()
    refusals.clear()
    outages.clear()
    cache.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Of several processes that run the tests, one makes the tables."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = template(os.environ["DATABASE_URL"])


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory, removed with whatever servers kept for it elsewhere."""
    directory = Path(tempfile.mkdtemp(prefix="relais-place-"))
    yield directory
    remove(directory)
