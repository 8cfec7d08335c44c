"""Tables as text that spreadsheets in France read: semicolons, and no cell that they would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would calculate."""


def table(heading: Sequence[str] | None, rows: Iterable[Sequence[str]]) -> str:
    """Lines of a table, under a heading when there is one. A cell that begins as a formula gets an apostrophe."""
    written = io.StringIO()
    lines = csv.writer(written, delimiter=";", lineterminator="\r\n")
    if heading is not None:
        lines.writerow(heading)
    lines.writerows([_cell(one) for one in row] for row in rows)
    return written.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
