"""The reference for people: every method, event and code of protocol 1 on one page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from server.codegen.codes import CLOSE_CODES, ERROR_CODES
from server.codegen.declarations import Declarations, Schema, optional, reference, without_null
from server.codegen.examples import example
from server.kernel.wire import Command, Event
from server.kernel.wire.errors import IdTaken, NotFound, Refusal
from server.kernel.wire.handshake import Hello
from server.registry import REFUSALS

HEAD = """\
# Protocol 1

Written by `relais wire` from the declarations of the rooms (`server/kernel/wire` and each room's `wire.py`): change
those, then run it. The same as machines read it:
[JSON Schema](../clients/reference/schema.json), [AsyncAPI](../clients/reference/asyncapi.json) for the socket,
[OpenAPI](../clients/reference/openapi.json) for HTTP.

## The socket

`GET /ws`, subprotocol `relais.v1`, text frames of UTF-8 JSON up to 64 KiB: JSON-RPC 2.0 without batches. A browser is
known by its session cookie (and its `Origin` is checked), another program by `Authorization: Bearer …`. The first
request is `hello`; it comes within 10 seconds. Before a person's identity is verified, everything but what says so is
refused with `not_verified`. The server sends a WebSocket ping every 20 seconds.

```json
{"jsonrpc":"2.0","id":7,"method":"message.send","params":{"id":"019a…","conversation":"019a…","body":"ECG joint"}}
{"jsonrpc":"2.0","id":7,"result":{"message":{"id":"019a…","seq":42}}}
{"jsonrpc":"2.0","id":8,"error":{"code":-32000,"message":"Choose another slot.","data":{"reason":"slot_taken"}}}
{"jsonrpc":"2.0","method":"event","params":{"stream":"c:019a…","seq":42,"at":"2026-11-22T09:30:00.123Z",
 "type":"message.sent","data":{}}}
{"jsonrpc":"2.0","method":"signal","params":{"stream":"c:019a…","type":"typing","data":{}}}
```

- Answers may come in any order; requests to one conversation are carried out in the order sent. At most 32 may be in
  flight.
- A request with an `id` among its parameters makes something; the id is a UUIDv7 of the client's choosing, and the
  time in it is about now: at most a day ahead of the server's clock, or it is refused as `invalid` at `$.params.id`.
  Sent twice it has one effect and the same answer; with other content the method refuses it with `id_taken`.
- An answer to a change comes after the change is durable.
- Unknown fields in a request are refused. Clients ignore fields, events and signals that they do not know.
- Every lasting change is an event in a stream, numbered from 1 without gaps: `c:` a conversation, `a:` an agenda, `i:`
  a person's inbox. A client that sees a gap asks with `sync`; one that sees a number again ignores it.
- An event with `"masked": true` carries the masked form of its type: the reader may know that it happened, and when.
- Every answer is bounded in bytes, whatever is there: `hello` has at most 64 KiB, a page at most 256 KiB (or one row
  that is larger), and says with `more` or a `cursor` that there is more. Answers to one's own requests never count as
  reading too slowly (4430); as many may wait to be read as may be in flight.
- `hello` lists what moved last; `conversation.list` has the rest. What a client holds of a conversation that was not
  listed although there are `more` may be out of date: it says so until `conversation.get` was asked. An event of a
  stream whose position is not known is no gap: ask `conversation.get`, then `message.history`.
- What is erased, or can no longer be opened, stays in its place as a tombstone and says `"erased": true`: an event then
  has empty `data` and its number counts; a message, a conversation, an appointment, a referral keeps its id and its
  times and lacks what was written. Clients drop what they hold of it, and show that it is gone.
- An event is the same for all who may read its stream, and so carries no `abilities`: those come with answers.
- A signal is not numbered, not kept, and may be dropped.
- A field that is absent from a view is empty, false or not set.

## Signing up

Over HTTP, since there is nobody yet: JSON by `POST`, for browsers (with the CSRF token) under `/auth/browser/v1/auth/`,
for other programs under `/auth/app/v1/auth/`. An answer is `{"status": 200, "data": {…}}`, a refusal
`{"status": 4xx, "errors": [{"code", "message", "param"}]}` with `Retry-After` where there is one. Nothing tells whether
an address has an account.

- `GET signup/documents` → `{documents: [{document, version}], code_digits}`
- `GET signup/specialities` → `{specialities: [{key, label, profession}]}`
- `GET signup/towns?postal_code=` or `?name=` → `{towns: [{name, postal_codes}]}`, 20 at most
- `signup` `{email, password, first_name, last_name, address?, postal_code, city, speciality, practice_mode, rpps?,
  adeli?, terms, data_agreement, invitation?, language?}` → `{signup, email, expires_at, resend_at, attempts_left}`
- `signup/resend` `{signup}` → as `signup`; once a minute, five times
- `signup/address` `{signup, email}` → as `signup`
- `signup/confirm` `{signup, code}` → `{user}`, signed in by cookie; for other programs with a `token`. Otherwise the
  error's `code` is `wrong_code` (with `attempts_left`), `expired` or `too_many_attempts`

`speciality` is a `key` of the list, `terms` and `data_agreement` the versions that were shown (`outdated` otherwise).
`signup` is the key to what waits for its code, for a day; no account is made before.

## How it changes

Protocol 1 only grows. A newer server may know more methods, events and signals, accept more optional fields and say
more in its answers; it takes nothing away, requires nothing new of a request, and narrows nothing it accepted. So a
client of any age works with a server of any age, as long as it ignores what it does not know. Whatever cannot be
added in this way gets another number in `hello`, and both are spoken for a year. `server/codegen/compatibility.py`
states the rule, and `make test` compares the declarations with `clients/reference/baseline.json`.
"""


def page(wire: Declarations) -> str:
    """The whole of ``docs/protocol.md``."""
    parts = [HEAD, _errors(), _closes(), "## Methods\n", _contents(wire.commands)]
    parts += [_method(command, wire.schemas) for command in wire.commands]
    parts.append("## Events\n\nThe `data` of a numbered change.\n")
    parts += [_event(event, wire) for event in wire.events]
    parts.append("## Signals\n\nThe `data` of something momentary.\n")
    parts += [_named(signal.type, signal.__name__, wire.schemas) for signal in wire.signals]
    parts.append("## Views\n\nWhat stands in results, events and parameters.\n")
    parts += [_view(name, wire.schemas[name]) for name in _views(wire)]
    return "\n".join(parts)


def refusals(command: type[Command[Any]]) -> list[type[Refusal]]:
    """What a command may be refused with beside its shape, the rate and a pause of ours, in the order of the reference.

    One that names things may name what is not there; one that makes something may reuse an id.
    """
    found = set(command.refuses)
    fields = command.__struct_fields__
    if "id" in fields:
        found.add(IdTaken)
    if any(command.__annotations__.get(name, "").startswith(("Id", "StreamName")) for name in fields if name != "id"):
        found.add(NotFound)
    return [refusal for refusal in REFUSALS if refusal in found]


def _errors() -> str:
    rows = [f"| {code.number} | {code.meaning} |" for code in ERROR_CODES]
    text = "## Errors\n\n" + _table("code | meaning", rows) + "\n`data.reason` of a refusal is stable:\n\n"
    return text + _table("reason | meaning", [f"| `{r.reason}` | {_first(r.__doc__)} |" for r in REFUSALS])


def _closes() -> str:
    rows = [f"| {code.number} | {code.meaning} |" for code in CLOSE_CODES]
    return "## Close codes\n\n" + _table("code | meaning", rows)


def _contents(commands: Iterable[type[Command[Any]]]) -> str:
    links = (f"[`{c.method}`](#{c.method.replace('.', '')})" for c in commands)
    return " · ".join(links) + "\n"


def _method(command: type[Command[Any]], schemas: dict[str, Schema]) -> str:
    schema = schemas[command.__name__]
    text = f"### {command.method}\n\n"
    if "description" in schema:
        text += f"{schema['description']}\n\n"
    text += _fields(schema) if schema.get("properties") else "No parameters.\n"
    text += f"\nResult: [`{command.result.__name__}`](#{command.result.__name__.lower()})."
    if reasons := refusals(command):
        text += " Refusals: " + ", ".join(f"`{refusal.reason}`" for refusal in reasons) + "."
    if command.open_to == Hello.open_to:
        text += " Open before one's identity is verified."
    if command.sensitive:
        text += " Sensitive: the caller must have proved within ten minutes that it is them."
    if command.over_http:
        text += f" Over HTTP too: `POST /api/{command.method}`."
    request = {"jsonrpc": "2.0", "id": 1, "method": command.method, "params": example(command.__name__, schemas)}
    answer = {"jsonrpc": "2.0", "id": 1, "result": example(command.result.__name__, schemas)}
    return f"{text}\n\n```json\n{_json(request)}\n{_json(answer)}\n```\n"


def _named(name: str, struct: str, schemas: dict[str, Schema]) -> str:
    schema = schemas[struct]
    text = f"### {name} ({struct})\n\n" + (f"{schema['description']}\n\n" if "description" in schema else "")
    return text + (_fields(schema) if schema.get("properties") else "No fields.\n")


def _event(event: type[Event], wire: Declarations) -> str:
    text = _named(event.type, event.__name__, wire.schemas) + f"\nStands in streams `{event.stream}:`."
    masked = wire.masked.get(event.type)
    if masked is None:
        return f"{text}\n"
    fields = ", ".join(f"`{field}`" for field in wire.schemas[masked.__name__].get("properties", {})) or "no fields"
    return f"{text} Masked (`{masked.__name__}`): {fields}.\n"


def _views(wire: Declarations) -> list[str]:
    shown = {struct.__name__ for struct in (*wire.commands, *wire.events, *wire.masked.values(), *wire.signals)}
    return [name for name in wire.schemas if name not in shown]


def _view(name: str, schema: Schema) -> str:
    text = f"### {name}\n\n" + (f"{schema['description']}\n\n" if "description" in schema else "")
    return text + (_fields(schema) if schema.get("properties") else "No fields.\n")


def _fields(schema: Schema) -> str:
    rows = []
    for field, shape in schema["properties"].items():
        inner, _ = without_null(shape)
        needed = "may be left out" if optional(schema, field) else "always"
        if shape.get("default") not in (None, [], {}, "", False):
            needed += f": {json.dumps(shape['default'], ensure_ascii=False)}"
        rows.append(f"| `{field}` | {_type(inner)} | {needed} |")
    return _table("field | type | presence", rows)


def _type(schema: Schema) -> str:
    if name := reference(schema):
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(branch) for branch in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}{_bounds(schema, 'Items')}"
    if schema.get("type") == "string":
        kind = {"uuid": "UUID", "date-time": "instant", "date": "day"}.get(schema.get("format", ""), "text")
        return kind + _bounds(schema, "Length")
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    limits = "" if low is None and high is None else f", {low} to {high}"
    return f"{schema.get('type', 'anything')}{limits}"


def _bounds(schema: Schema, what: str) -> str:
    low, high = schema.get(f"min{what}"), schema.get(f"max{what}")
    return "" if high is None else f", {low or 0} to {high}"


def _table(head: str, rows: Iterable[str]) -> str:
    columns = head.count("|") + 1
    return f"| {head} |\n|{' --- |' * columns}\n" + "".join(f"{row}\n" for row in rows)


def _first(docstring: str | None) -> str:
    return " ".join((docstring or "").split())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
