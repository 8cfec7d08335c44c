"""PostgreSQL as everything here reaches it: a dead connection is dropped, and none is waited for without end.

``base`` is the Django backend that ``settings.DATABASES`` names. Before work begins on a kept connection it looks at
the connection's socket: one that PostgreSQL or a pooler has closed meanwhile is replaced. What is lost in the middle
of work raises; ``tried_again`` and the dispatcher do that work once more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")


def tried_again(work: Callable[[], T]) -> T:
    """What ``work`` returns. It runs a second time when the connection was lost under it, and must therefore be
    harmless to repeat. The connection that it leaves behind can be used."""
    try:
        return work()
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or not is_lost():
            raise
        connection.close()
    try:
        return work()
    except (OperationalError, InterfaceError):
        if is_lost():
            connection.close()
        raise


def is_lost() -> bool:
    """Whether this thread has no connection that could be used."""
    return connection.connection is None or bool(connection.connection.closed)
