"""Pages of lists: how much of a list one answer holds, and where the next one begins.

An answer is bounded in bytes, whatever stands in the rows: it holds as many as fit, one at least, so that a page always
makes progress, and says that there are more. An answer to one's own request can therefore never be too much for a
socket.

A cursor is the position of the last row of a page, encoded. It says nothing that the page did not show, and gives no
access: the rows after it are looked up with access as it is then.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar, cast

import msgspec
from django.core import signing
from django.db.models import Model, QuerySet

from server.kernel.wire.errors import Invalid
from server.kernel.wire.tidying import in_utc

Position = TypeVar("Position")
Row = TypeVar("Row", bound=Model)
View = TypeVar("View")

PAGE_BYTES = 256 * 1024
"""What the rows of one page may measure as JSON. A single row may be larger: it is then sent alone."""

_encode = msgspec.json.Encoder().encode


class Room:
    """So many bytes of JSON that an answer may still take."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, views: Iterable[View], *, at_least: int = 0) -> list[View]:
        """The first of these that fit, ``at_least`` so many in any case; each with the comma after it."""
        taken: list[View] = []
        for view in views:
            size = len(_encode(view)) + 1
            if size > self.left and len(taken) >= at_least:
                break
            self.left -= size
            taken.append(view)
        return taken


def fitting(views: Iterable[View], most_bytes: int = PAGE_BYTES) -> list[View]:
    """The first of these that make one page: as many as fit into so many bytes of JSON, and one at least."""
    return Room(most_bytes).take(views, at_least=1)


def encode(position: object, question: str = "") -> str:
    """The cursor that stands for a position: anything that msgspec encodes as JSON.

    With a ``question`` it is signed, and good for that question alone: for positions whose parts go into a statement
    unchecked, or that mean nothing for another question.
    """
    cursor = base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()
    return _signer(question).sign(cursor) if question else cursor


def decode(cursor: str, kind: type[Position], question: str = "") -> Position:
    """The position in a cursor; ``Invalid`` at ``cursor`` when it is none of such a list, or of another question."""
    try:
        if question:
            cursor = _signer(question).unsign(cursor)
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        position = msgspec.json.decode(raw, type=kind)
    except (signing.BadSignature, msgspec.DecodeError, binascii.Error, UnicodeError, ValueError):
        message = "Use the cursor of the page before, with the same question, or none."
        raise Invalid("$.params.cursor", message) from None
    if isinstance(position, tuple):  # Whoever makes up a cursor writes what they like into it.
        told = tuple(in_utc(one, "$.params.cursor") if isinstance(one, datetime) else one for one in position)
        return cast(Position, told)
    return position


def _signer(question: str) -> signing.Signer:
    return signing.Signer(salt=f"cursor of {question}", sep=".")


def page(rows: QuerySet[Row], limit: int) -> tuple[list[Row], bool]:
    """The first ``limit`` of these ordered rows, and whether there are more. One statement."""
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit
