"""What a client checks or shows before it asks: sizes and sets, written from where the server itself takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from identity.accounts.models import Function
from identity.fields import (
    COUNTRIES,
    EMAIL_LIMIT,
    FICTION,
    NAME_LIMIT,
    OLDEST_AGE,
    PHONE_REGIONS,
    TEN_DIGIT_REGIONS,
    TEXT_LIMIT,
)
from referral.scheduling.hold_limits import HOLD
from referral.scheduling.lifecycle import OCCUPYING
from server.codegen.declarations import Declarations, Schema, reference, without_null
from server.kernel.wire.errors import REFUSED
from server.registry import REFUSALS
from team.messages.wire import TYPING_SECONDS, UNDO_SECONDS

HEAD = """\
// Written by `relais wire` from the declarations of the rooms: change those, then run it.
"""


def constants(wire: Declarations) -> str:
    """The whole of ``clients/web/src/wire/constants.ts``."""
    states = [state for state in _enum(wire, "AppointmentView", "state") if state in OCCUPYING]
    parts = [
        HEAD,
        _constant("How long a slot is held, in minutes.", "HOLD_MINUTES", int(HOLD.total_seconds() // 60)),
        _constant("How long a `typing` signal counts, in seconds.", "TYPING_SECONDS", TYPING_SECONDS),
        _constant("For how long a message that was sent can be undone, in seconds.", "UNDO_SECONDS", UNDO_SECONDS),
        _constant("Years that the birth of a patient may lie back, at most.", "OLDEST_AGE", OLDEST_AGE),
        _constant("The states of an appointment in which its time is taken.", "OCCUPYING_STATES", states),
        _constant(
            "Why a request is refused by the domain (-32000).",
            "REFUSALS",
            [refusal.reason for refusal in REFUSALS if refusal.code == REFUSED],
        ),
        _constant("What a member of an organisation does.", "MEMBER_FUNCTIONS", Function.values),
        "export type MemberFunction = (typeof MEMBER_FUNCTIONS)[number];\n",
    ]
    for name in sorted(set(_requested(wire))):
        lengths = _lengths(wire.schemas[name])
        if lengths:
            constant = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_LENGTHS"
            parts.append(_constant(f"Characters in the fields of `{name}`, at most.", constant, lengths))
    return "\n".join(parts)


def field_rules() -> str:
    """The whole of ``clients/web/src/wire/fieldRules.ts``: apart, since the first screen has no form."""
    parts = [
        HEAD,
        _constant(
            "Characters of a field of a patient's form, at most.",
            "FIELD_LENGTHS",
            {"name": NAME_LIMIT, "text": TEXT_LIMIT, "email": EMAIL_LIMIT},
        ),
        _constant("The countries that a place of birth may be in.", "COUNTRIES", " ".join(sorted(COUNTRIES))),
        _constant(
            "The region of the numbering plan by what a postal code begins with; elsewhere metropolitan France.",
            "PHONE_REGIONS",
            {json.dumps(code): json.dumps(region) for code, region in PHONE_REGIONS.items()},
        ),
        _constant("The regions that share the plan of ten digits.", "TEN_DIGIT_REGIONS", list(TEN_DIGIT_REGIONS)),
        _constant("Numbers for works of fiction; mobiles are in the group.", "FICTION_NUMBERS", f"^(?:{FICTION})$"),
    ]
    return "\n".join(parts)


def _requested(wire: Declarations) -> Iterator[str]:
    """The commands, and every struct that stands in one of them."""
    pending = [command.__name__ for command in wire.commands]
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            yield name
            pending += _references(wire.schemas[name])


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if name := reference(schema):
            yield name
        for inner in schema.values():
            yield from _references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)


def _lengths(schema: Schema) -> dict[str, int]:
    fields = {field: without_null(shape)[0] for field, shape in schema.get("properties", {}).items()}
    return {field: shape["maxLength"] for field, shape in fields.items() if "maxLength" in shape}


def _enum(wire: Declarations, struct: str, field: str) -> list[str]:
    values: list[str] = wire.schemas[struct]["properties"][field]["enum"]
    return values


def _constant(comment: str, name: str, value: object) -> str:
    return f"/** {comment} */\nexport const {name} = {_literal(value)};\n"


def _literal(value: object) -> str:
    """As TypeScript writes it, one entry on a line."""
    if isinstance(value, dict):
        return "{\n" + "".join(f"  {key}: {inner},\n" for key, inner in value.items()) + "} as const"
    if isinstance(value, list):
        return "[\n" + "".join(f"  {json.dumps(inner)},\n" for inner in value) + "] as const"
    return json.dumps(value)
