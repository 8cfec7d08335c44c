"""The web client's types: one interface for each struct, and the maps from names on the wire to them."""

from __future__ import annotations

import json

from server.codegen.codes import CLOSE_CODES, REASONS
from server.codegen.declarations import Declarations, Schema, optional, reference, without_null
from server.kernel.wire.handshake import HELLO_CURSORS

HEAD = """\
// Written by `relais wire` from the declarations of the rooms: change those, then run it.

/** An id chosen by whoever creates the thing: a UUID, version 7. */
export type Id = string;
/** A moment with its offset: "2026-11-22T09:30:00.123Z". */
export type Instant = string;
/** A day of the place concerned: "2026-12-01". */
export type CalendarDay = string;

export const PROTOCOL = 1;
"""

FRAME = """\
export type MethodName = keyof Methods;
export type Params<M extends MethodName> = Methods[M]["params"];
export type Result<M extends MethodName> = Methods[M]["result"];
export type EventType = keyof Events;
export type SignalType = keyof Signals;

export interface Request<M extends MethodName = MethodName> {
  jsonrpc: "2.0";
  id: number | string;
  method: M;
  params: Params<M>;
}

export interface Refused {
  code: number;
  message: string;
  data?: { reason?: Reason; path?: string; retry_after?: number; incident?: string; [more: string]: unknown };
}

export interface Answer {
  jsonrpc: "2.0";
  id: number | string | null;
  result?: unknown;
  error?: Refused;
}

/** A lasting change, numbered from 1 without gaps in its stream. Types not in `Events` are ignored. */
export type StreamEvent<T extends EventType = EventType> = {
  [K in T]: { stream: string; seq: number; at: Instant; type: K; data: Events[K] };
}[T];

/** Something momentary: not numbered, not stored, may be dropped. */
export type StreamSignal<T extends SignalType = SignalType> = {
  [K in T]: { stream: string; type: K; data: Signals[K] };
}[T];

export type Notification =
  | { jsonrpc: "2.0"; method: "event"; params: StreamEvent }
  | { jsonrpc: "2.0"; method: "signal"; params: StreamSignal };
"""

REASON_COMMENT = "/** Why a request was not carried out: what people are told follows from it. */\n"


def typescript(wire: Declarations) -> str:
    """The whole of ``clients/web/src/wire/types.ts``."""
    parts = [HEAD]
    parts += [_interface(name, schema) for name, schema in wire.schemas.items()]
    parts.append(
        _map(
            "Methods",
            {c.method: f"{{ params: {c.__name__}; result: {c.result.__name__} }}" for c in wire.commands},
        )
    )
    parts.append(_map("Events", {event.type: event.__name__ for event in wire.events}))
    parts.append(_map("Signals", {signal.type: signal.__name__ for signal in wire.signals}))
    reasons = "".join(f"\n  | {json.dumps(reason)}" for reason in REASONS)
    parts.append(f"{REASON_COMMENT}export type Reason ={reasons};\n")
    parts.append(FRAME)
    parts.append(
        "/** Streams of which one `hello` may say how far they are known. */\n"
        f"export const HELLO_CURSORS = {HELLO_CURSORS};\n"
    )
    codes = "".join(f"  /** {code.meaning} */\n  {code.name}: {code.number},\n" for code in CLOSE_CODES)
    parts.append(f"export const CLOSE = {{\n{codes}}} as const;\n")
    parts.append("export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];\n")
    return "\n".join(parts)


def _interface(name: str, schema: Schema) -> str:
    fields = ""
    for field, shape in schema.get("properties", {}).items():
        may_miss = optional(schema, field)
        # The server leaves out what has its default; a request may also say null.
        if may_miss and "additionalProperties" not in schema:
            shape = without_null(shape)[0]
        key = field if field.isidentifier() else json.dumps(field)
        fields += f"  {key}{'?' if may_miss else ''}: {_type(shape)};\n"
    if not fields:
        return f"{_comment(schema)}export type {name} = Record<string, never>;\n"
    return f"{_comment(schema)}export interface {name} {{\n{fields}}}\n"


def _comment(schema: Schema) -> str:
    text = schema.get("description")
    if not text:
        return ""
    lines = text.replace("*/", "* /").splitlines()
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"


def _type(schema: Schema) -> str:
    if name := reference(schema):
        return name
    if "anyOf" in schema:
        return " | ".join(_type(branch) for branch in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if schema.get("type") == "array":
        item = _type(schema["items"]) if "items" in schema else "unknown"
        return f"({item})[]" if " | " in item else f"{item}[]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
    if schema.get("type") == "string":
        return {"uuid": "Id", "date-time": "Instant", "date": "CalendarDay"}.get(schema.get("format", ""), "string")
    plain = {"integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
    return plain.get(schema.get("type", ""), "unknown")


def _map(name: str, entries: dict[str, str]) -> str:
    return f"export interface {name} {{\n" + "".join(f"  {json.dumps(k)}: {v};\n" for k, v in entries.items()) + "}\n"
