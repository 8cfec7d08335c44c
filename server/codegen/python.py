"""The Python client's types: the same structs, decoding leniently, each command knowing its result."""

from __future__ import annotations

import keyword
import textwrap
from collections.abc import Iterator

from server.codegen.codes import CLOSE_CODES, REASONS
from server.codegen.declarations import Declarations, Schema, optional, reference
from server.kernel.wire.handshake import HELLO_CURSORS

HEAD = '''\
"""The structs of protocol 1, written by `relais wire` from the declarations of the rooms: edit those instead.

Unknown fields are ignored when decoding; what has its default is left out when encoding.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar
from uuid import UUID

import msgspec

PROTOCOL = 1

R = TypeVar("R")


class Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Anything on the wire."""


class Command(Struct, Generic[R], frozen=True, kw_only=True, omit_defaults=True):
    """A request whose answer is an ``R``."""

    method: ClassVar[str]
    result: ClassVar[type[Any]]
'''


def python(wire: Declarations) -> str:
    """The whole of ``relais_client/wire.py``."""
    results = {command.__name__: command for command in wire.commands}
    parts = [HEAD]
    for name in _dependencies_first(wire.schemas):
        command = results.get(name)
        if command is None:
            parts.append(_struct(name, "Struct", wire.schemas[name], []))
        else:
            shown = command.result.__name__
            fixed = [f'method: ClassVar[str] = "{command.method}"', f"result: ClassVar[type[Any]] = {shown}"]
            parts.append(_struct(name, f"Command[{shown}]", wire.schemas[name], fixed))
    parts.append(_map("COMMANDS", "Command[Any]", {c.method: c.__name__ for c in wire.commands}))
    parts.append(_map("EVENTS", "Struct", {event.type: event.__name__ for event in wire.events}))
    parts.append(_map("MASKED_EVENTS", "Struct", {name: masked.__name__ for name, masked in wire.masked.items()}))
    parts.append(_map("SIGNALS", "Struct", {signal.type: signal.__name__ for signal in wire.signals}))
    parts.append("Reason: TypeAlias = Literal[\n" + "".join(f'    "{r}",\n' for r in REASONS) + "]")
    parts.append(f"HELLO_CURSORS = {HELLO_CURSORS}")
    parts.append("\n".join(f"{code.name.upper()} = {code.number}" for code in CLOSE_CODES))
    return "\n\n".join(part.rstrip("\n") + "\n" for part in parts).replace("\n\n\n\n", "\n\n\n")


def _dependencies_first(schemas: dict[str, Schema]) -> list[str]:
    """Names in an order in which every struct stands after those it holds."""
    done: list[str] = []

    def visit(name: str) -> None:
        if name not in done:
            for used in _used(schemas[name]):
                if used != name:
                    visit(used)
            done.append(name)

    commands_last = sorted(schemas, key=lambda name: "additionalProperties" in schemas[name])
    for name in commands_last:
        visit(name)
    return done


def _used(schema: Schema) -> Iterator[str]:
    if name := reference(schema):
        yield name
    for value in schema.values():
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            if isinstance(part, dict):
                yield from _used(part)
        if isinstance(value, dict):
            yield from _used(value)


def _struct(name: str, parent: str, schema: Schema, fixed: list[str]) -> str:
    lines = [f"class {name}({parent}, frozen=True, kw_only=True):"]
    if text := schema.get("description"):
        lines += [textwrap.indent(f'"""{_wrapped(text)}"""', "    "), ""]
    lines += [f"    {line}" for line in fixed]
    if fixed:
        lines.append("")
    is_request = "additionalProperties" in schema
    for field, shape in schema.get("properties", {}).items():
        shown = shape if is_request else _lenient(shape)
        lines.append(f"    {_field(field, shown, optional(schema, field))}")
    while lines[-1] == "":
        lines.pop()
    if len(lines) == 1:
        lines.append("    pass")
    return "\n".join(lines)


def _wrapped(text: str) -> str:
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, 98) or [""]]
    return "\n".join(lines) + ("\n" if len(lines) > 1 else "")


def _field(name: str, shape: Schema, may_miss: bool) -> str:
    attribute, arguments = name, []
    if keyword.iskeyword(name) or name == "method":  # The latter says which command it is.
        attribute = f"{name}_"
        arguments.append(f'name="{name}"')
    hint = _type(shape)
    if may_miss:
        default = shape.get("default")
        if isinstance(default, list | dict):
            arguments.append(f"default_factory={type(default).__name__}")
        else:
            hint = f"{hint} | None" if default is None and "None" not in hint else hint
            hint = _in_brackets(hint) if "\n" in hint and " | " in hint else hint
            shown = f'"{default}"' if isinstance(default, str) else repr(default)
            if not arguments:
                return f"{attribute}: {hint} = {shown}"
            arguments.append(f"default={shown}")
    return f"{attribute}: {hint}" + (f" = msgspec.field({', '.join(arguments)})" if arguments else "")


def _in_brackets(hint: str) -> str:
    """Alternatives of which one takes several lines, as the formatter writes them."""
    branches = [branch.replace("\n", "\n    ") for branch in hint.split(" | ")]
    return "(\n        " + "\n        | ".join(branches) + "\n    )"


def _lenient(shape: Schema) -> Schema:
    """What the server says may be a word that is newer than the client: a set of words is any text there."""
    if all(isinstance(word, str) for word in shape.get("enum", [None])):
        return {**{key: value for key, value in shape.items() if key != "enum"}, "type": "string"}
    if "anyOf" in shape:
        return {**shape, "anyOf": [_lenient(branch) for branch in shape["anyOf"]]}
    return {**shape, "items": _lenient(shape["items"])} if "items" in shape else shape


def _type(schema: Schema) -> str:
    if name := reference(schema):
        return name
    if "anyOf" in schema:
        return " | ".join(_type(branch) for branch in schema["anyOf"])
    if "enum" in schema:
        return _literal([f'"{value}"' if isinstance(value, str) else repr(value) for value in schema["enum"]])
    if schema.get("type") == "array":
        return f"list[{_type(schema['items']) if 'items' in schema else 'Any'}]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {_type(values) if isinstance(values, dict) else 'Any'}]"
    if schema.get("type") == "string":
        return {"uuid": "UUID", "date-time": "datetime", "date": "date"}.get(schema.get("format", ""), "str")
    return {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}.get(schema.get("type", ""), "Any")


def _literal(values: list[str]) -> str:
    if len(joined := ", ".join(values)) < 80:
        return f"Literal[{joined}]"
    return "Literal[\n" + "".join(f"        {value},\n" for value in values) + "    ]"


def _map(name: str, kind: str, entries: dict[str, str]) -> str:
    return f"{name}: dict[str, type[{kind}]] = {{\n" + "".join(f'    "{k}": {v},\n' for k, v in entries.items()) + "}"
