"""An empty place for data directories; and what can only be seen as root is collected for root only."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import remove

collect_ignore = [] if os.geteuid() == 0 else ["test_as_root.py"]


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory, removed with whatever servers kept for it elsewhere."""
    directory = Path(tempfile.mkdtemp(prefix="relais-place-"))
    yield directory
    remove(directory)
