"""What people type into fields, and what becomes of it: tables that the server, the web form and the tests of the
Python client all run. A case has what is ``typed`` and either the ``value`` that is kept or ``why`` it is refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def table(name: str) -> list[Any]:
    """The cases of one table as parameters of a test, each named by what is typed."""
    import pytest

    cases = json.loads(Path(__file__).with_name(f"{name}.json").read_text())["cases"]
    return [pytest.param(case, id=ascii(case.get("typed", case.get("wire")))[:60]) for case in cases]
