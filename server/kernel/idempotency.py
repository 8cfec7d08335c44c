"""Telling a request that is sent again from another one under the same id."""

from __future__ import annotations

import msgspec

from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.wire import Command


def request_digest(actor: Actor, command: Command) -> bytes:
    """Equal for the same request of the same person, and for no other; nothing of its content can be learnt
    from it.
    """
    method = type(command).method
    return vault.keyed_digest(msgspec.json.encode([method, actor.person, command], order="deterministic"))
