"""What the rooms declare of protocol 1, gathered in one order: the only input of every reference."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from typing import Any

import msgspec

from identity.organisations.wire import Me
from referral.scheduling.wire import HeldSlot
from server.kernel.wire import Command, Event, MaskedEvent, Signal
from team.conversations.wire import ConversationView

ROOMS = (
    "server.kernel.wire.handshake",
    "identity.accounts.wire",
    "identity.organisations.wire",
    "identity.organisations.wire_organisations",
    "identity.organisations.wire_members",
    "identity.organisations.wire_invitations",
    "identity.contacts.wire",
    "identity.auditing.wire",
    "identity.sessions.wire",
    "identity.directory.wire",
    "identity.onboarding.wire",
    "team.files.wire",
    "team.conversations.wire",
    "team.conversations.wire_cases",
    "team.messages.wire",
    "referral.scheduling.wire_agendas",
    "referral.scheduling.wire",
    "identity.patients.wire",
    "referral.referrals.wire",
)
REF = "#/components/schemas/{name}"

SHOWN = {
    ("Welcome", "me"): Me,
    ("StreamState", "conversation"): ConversationView,
    ("Me", "holds"): HeldSlot,
}
"""Views of the rooms that the machine passes on without knowing them."""

Schema = dict[str, Any]


@dataclass(frozen=True)
class Declarations:
    """Everything the wire carries beyond its frame; ``schemas`` holds each struct's JSON Schema."""

    commands: tuple[type[Command[Any]], ...]
    events: tuple[type[Event], ...]
    signals: tuple[type[Signal], ...]
    masked: dict[str, type[MaskedEvent]]
    """The masked forms of events, by the type of the event."""
    schemas: dict[str, Schema]


def declared() -> Declarations:
    """The declarations of every room, in the order of the rooms and of their pages."""
    for room in ROOMS:
        importlib.import_module(room)
    commands = _ordered(Command)
    events = _ordered(Event)
    signals = _ordered(Signal)
    masked = {event.type: event.masked for event in events if event.masked is not None}
    results = [command.result for command in commands]
    structs = [*commands, *results, *events, *masked.values(), *signals, *SHOWN.values()]
    _, schemas = msgspec.json.schema_components(structs, ref_template=REF, schema_hook=_anything)
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    for (struct, field), view in SHOWN.items():
        properties, shown = schemas[struct]["properties"], {"$ref": REF.format(name=view.__name__)}
        properties[field] = {"type": "array", "items": shown} if properties[field].get("type") == "array" else shown
    return Declarations(tuple(commands), tuple(events), tuple(signals), masked, dict(sorted(schemas.items())))


def _anything(kind: type[Any]) -> Schema:
    """The shape of what the machine does not look into; ``SHOWN`` says what stands there."""
    if kind is object:
        return {"title": "A view"}
    raise TypeError(f"{kind} has no place on the wire.")


def _ordered(root: type[Any]) -> list[type[Any]]:
    """Subclasses declared by the rooms; what a test declares for itself is not part of the protocol."""
    found: list[type[Any]] = []
    for child in root.__subclasses__():
        found += [child, *_ordered(child)]
    found = [struct for struct in found if _room(struct) is not None and _is_named(struct)]
    return sorted(found, key=lambda struct: (_room(struct), inspect.getsourcelines(struct)[1]))


def _is_named(struct: type[Any]) -> bool:
    """Whether it stands on the wire itself: what only others inherit from has no method and no type."""
    return hasattr(struct, "method") or hasattr(struct, "type")


def _room(struct: type[Any]) -> tuple[int, str] | None:
    for number, room in enumerate(ROOMS):
        if struct.__module__ == room or struct.__module__.startswith(f"{room}."):
            return number, struct.__module__
    return None


def reference(schema: Schema) -> str | None:
    """The name that a ``$ref`` points to."""
    target = schema.get("$ref")
    return target.rpartition("/")[2] if isinstance(target, str) else None


def without_null(schema: Schema) -> tuple[Schema, bool]:
    """The schema without its ``null`` branch, and whether it had one."""
    branches = schema.get("anyOf")
    if not branches or {"type": "null"} not in branches:
        return schema, False
    rest = [branch for branch in branches if branch != {"type": "null"}]
    return (rest[0] if len(rest) == 1 else {"anyOf": rest}), True


def optional(schema: Schema, name: str) -> bool:
    """Whether a field may be left out."""
    return name not in schema.get("required", [])
