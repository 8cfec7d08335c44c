"""What every test may use."""

from __future__ import annotations

import pytest

from server import audit, vault


@pytest.fixture(autouse=True)
def _a_database_of_its_own() -> None:
    """Each test begins with an empty database: what this process remembers of the one before is forgotten."""
    vault.forget()
    audit.chain.break_off()
