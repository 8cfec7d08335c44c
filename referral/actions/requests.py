"""Telling a request that is sent again from another one under the same id."""

from __future__ import annotations

import msgspec

from server import vault
from server.dispatch import Actor
from server.wire import Command


def digest(actor: Actor, command: Command) -> bytes:
    """Equal for the same request of the same person, and for no other; nothing of its content can be learnt
    from it.
    """
    method = type(command).method
    return vault.blind(msgspec.json.encode([method, actor.person, command], order="deterministic"))
