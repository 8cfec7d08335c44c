"""Pages of lists: where the next one begins, as an opaque cursor that comes from the page before.

A cursor is the position of the last row of a page, encoded. It says nothing that the page did not show, and gives no
access: the rows after it are looked up with access as it is then.
"""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec
from django.db.models import Model, QuerySet

from server.kernel.wire.errors import Invalid

Position = TypeVar("Position")
Row = TypeVar("Row", bound=Model)


def encode(position: object) -> str:
    """The cursor that stands for a position: anything that msgspec encodes as JSON."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def decode(cursor: str, kind: type[Position]) -> Position:
    """The position in a cursor; ``Invalid`` at ``cursor`` when it is none of such a list."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, binascii.Error, UnicodeError, ValueError):
        raise Invalid("$.params.cursor", "Use the cursor of the page before, or none.") from None


def page(rows: QuerySet[Row], limit: int) -> tuple[list[Row], bool]:
    """The first ``limit`` of these ordered rows, and whether there are more. One statement."""
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit
