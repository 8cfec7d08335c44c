"""The references for machines: JSON Schema, AsyncAPI 3 for the socket, OpenAPI 3.1 for HTTP."""

from __future__ import annotations

from typing import Any

from server.codegen.codes import CLOSE_CODES, ERROR_CODES, REASONS
from server.codegen.declarations import Declarations, Schema, reference
from server.codegen.examples import example
from server.codegen.markdown import refusals
from server.kernel.wire import Command

TITLE, VERSION, LICENSE = "Relais", "1", {"name": "Apache-2.0", "identifier": "Apache-2.0"}
DIALECT = "https://json-schema.org/draft/2020-12/schema"
REQUEST_ID = {"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 100}]}


def schema(wire: Declarations) -> Schema:
    """``schema.json``: every struct under ``$defs``, and which of them stands where."""
    return {
        "$schema": DIALECT,
        "title": f"{TITLE} protocol {VERSION}",
        "x-methods": {
            command.method: {
                "params": command.__name__,
                "result": command.result.__name__,
                "refusals": [refusal.reason for refusal in refusals(command)],
            }
            for command in wire.commands
        },
        "x-events": {event.type: event.__name__ for event in wire.events},
        "x-masked-events": {name: masked.__name__ for name, masked in wire.masked.items()},
        "x-signals": {signal.type: signal.__name__ for signal in wire.signals},
        "x-close-codes": {str(code.number): code.meaning for code in CLOSE_CODES},
        "$defs": _pointing_to(wire.schemas, "#/$defs/"),
    }


def asyncapi(wire: Declarations) -> Schema:
    """``asyncapi.json``: one channel, a request and its answer for each method, and what the server says of itself."""
    messages: dict[str, Schema] = {}
    operations: dict[str, Schema] = {}
    for command in wire.commands:
        name = command.method
        messages[name] = _message(name, wire.schemas[command.__name__], _request(name, command.__name__, wire))
        messages[f"{name}.answer"] = _message(f"answer to {name}", {}, _answer(command.result.__name__))
        operations[name] = {
            "action": "receive",
            "channel": {"$ref": "#/channels/socket"},
            "messages": [{"$ref": f"#/channels/socket/messages/{name}"}],
            "reply": {
                "channel": {"$ref": "#/channels/socket"},
                "messages": [{"$ref": f"#/channels/socket/messages/{name}.answer"}],
            },
        }
    for kind, told in (("event", wire.events), ("signal", wire.signals)):
        for one in told:
            name = f"{kind}.{one.type}"
            masked = wire.masked.get(one.type)
            forms = [one.__name__, *([masked.__name__] if masked else [])]
            messages[name] = _message(one.type, wire.schemas[one.__name__], _notice(kind, one.type, forms))
            operations[name] = {
                "action": "send",
                "channel": {"$ref": "#/channels/socket"},
                "messages": [{"$ref": f"#/channels/socket/messages/{name}"}],
            }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"{TITLE} protocol {VERSION}", "version": VERSION, "license": {"name": LICENSE["name"]}},
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/ws",
                "description": "WebSocket, subprotocol relais.v1, text frames of JSON-RPC 2.0 up to 64 KiB.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": operations,
        "components": {"messages": messages, "schemas": {**wire.schemas, "Error": _error()}},
    }


def openapi(wire: Declarations) -> Schema:
    """``openapi.json``: what HTTP is for."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{TITLE} over HTTP", "version": VERSION, "license": LICENSE},
        "paths": {
            "/health/live": {"get": _get("The web process lives.", {"200": "It does."}, "text/plain")},
            "/health/ready": {
                "get": _get(
                    "Whether this web process can serve people. `database`, `redis` and `worker` say what works.",
                    {"200": "It can: the database takes writes.", "503": "The database cannot be written to."},
                    "application/json",
                )
            },
            "/metrics": {"get": _get("Measurements for Prometheus.", {"200": "In its text format."}, "text/plain")},
            "/ws": {
                "get": {
                    **_get("The socket of protocol 1: see asyncapi.json.", {"101": "Switching to WebSocket."}, None),
                    "security": [{"cookie": []}, {"bearer": []}],
                }
            },
            **_authentication(),
            **_commands(wire),
        },
        "components": {
            "schemas": {**_reached(wire, [one for one in wire.commands if one.over_http]), "Problem": _problem()},
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": "relais"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _authentication() -> dict[str, Schema]:
    """The part of django-allauth's headless interface for browsers that clients here use."""
    session = "/auth/browser/v1/auth"
    text = {"type": "string"}
    return {
        f"{session}/session": {
            "get": _get("Who is signed in.", {"200": "Somebody.", "401": "Nobody."}, "application/json"),
            "delete": _get(
                "Signs out: sockets of the session close with 4401.", {"401": "Signed out."}, "application/json"
            ),
        },
        f"{session}/login": {
            "post": {
                **_get(
                    "Signs in by e-mail and password; sets the session cookie. Needs `X-CSRFToken`.",
                    {
                        "200": "Signed in.",
                        "400": "E-mail and password do not belong together, or the body is no JSON object.",
                        "401": "A further step is pending: `flows` says which.",
                        "403": "`suspended`, after the right password; or no CSRF token.",
                        "413": "The body is larger than 64 KiB.",
                        "415": "The body is not JSON.",
                        "429": "Too many attempts: wait.",
                    },
                    "application/json",
                ),
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["email", "password"],
                                "properties": {"email": {**text, "format": "email"}, "password": text},
                            }
                        }
                    },
                },
            }
        },
    }


def _commands(wire: Declarations) -> dict[str, Schema]:
    """``POST /api/<method>``: what a program without a socket may ask for."""
    refused = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    statuses = {
        "400": "The body is not JSON, or a parameter is wrong: `path` names it.",
        "401": "`not_signed_in`.",
        "403": "`suspended`, `not_verified`, `forbidden`, `csrf_failed` or `foreign_origin`.",
        "404": "`not_found`.",
        "413": "The body is larger than 64 KiB.",
        "415": "The body is not JSON.",
        "500": "A defect of ours: `incident` is what to tell us.",
        "503": "`unavailable`: send the same request again.",
    }
    return {
        f"/api/{command.method}": {
            "post": {
                "summary": wire.schemas[command.__name__].get("description", command.method),
                "description": "As on the socket. With the session cookie it needs `X-CSRFToken`.",
                "security": [{"cookie": []}, {"bearer": []}],
                "requestBody": {"content": _json_of(command.__name__)},
                "responses": {
                    "200": {"description": "Done.", "content": _json_of(command.result.__name__)},
                    **{status: {"description": said, **refused} for status, said in statuses.items()},
                },
            }
        }
        for command in wire.commands
        if command.over_http
    }


def _json_of(struct: str) -> Schema:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{struct}"}}}


def _reached(wire: Declarations, commands: list[type[Command[Any]]]) -> dict[str, Schema]:
    """The schemas of these commands, of their results, and of what stands in them."""
    found: dict[str, Schema] = {}
    waiting = [name for command in commands for name in (command.__name__, command.result.__name__)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = wire.schemas[name]
            waiting += _references(found[name])
    return dict(sorted(found.items()))


def _references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [name] if (name := reference(schema)) else []
        return own + [name for inner in schema.values() for name in _references(inner)]
    return [name for inner in schema for name in _references(inner)] if isinstance(schema, list) else []


def _problem() -> Schema:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["reason", "message"],
        "properties": {
            "reason": {**text, "description": "Stable: what programs decide by."},
            "message": {**text, "description": "For people who read logs: what to do next."},
            "path": {**text, "description": "The field that is wrong, from the body: `$.session`."},
            "retry_after": {"type": "number"},
            "incident": {**text, "format": "uuid"},
        },
    }


def _get(summary: str, answers: dict[str, str], kind: str | None) -> dict[str, Any]:
    content: Schema = {} if kind is None else {"content": {kind: {}}}
    return {"summary": summary, "responses": {code: {"description": said, **content} for code, said in answers.items()}}


def _message(title: str, struct: Schema, payload: Schema) -> Schema:
    described = {"summary": struct["description"]} if "description" in struct else {}
    examples = payload.pop("examples", [])
    shown = {"examples": [{"payload": one} for one in examples]} if examples else {}
    return {"title": title, **described, "payload": payload, **shown}


def _frame(required: list[str], properties: dict[str, Schema]) -> Schema:
    fields = {"jsonrpc": {"const": "2.0"}, **properties}
    return {"type": "object", "required": ["jsonrpc", *required], "properties": fields}


def _request(method: str, struct: str, wire: Declarations) -> Schema:
    frame = _frame(
        ["id", "method"],
        {"id": REQUEST_ID, "method": {"const": method}, "params": {"$ref": f"#/components/schemas/{struct}"}},
    )
    sent = {"jsonrpc": "2.0", "id": 1, "method": method, "params": example(struct, wire.schemas)}
    return {**frame, "additionalProperties": False, "examples": [sent]}


def _answer(struct: str) -> Schema:
    right = _frame(["id", "result"], {"id": REQUEST_ID, "result": {"$ref": f"#/components/schemas/{struct}"}})
    wrong = _frame(["id", "error"], {"id": REQUEST_ID, "error": {"$ref": "#/components/schemas/Error"}})
    return {"oneOf": [right, wrong]}


def _notice(kind: str, name: str, forms: list[str]) -> Schema:
    """``forms``: the struct of its data, then the masked one if there is one."""
    fields: dict[str, Schema] = {"stream": {"type": "string"}}
    if kind == "event":
        fields |= {"seq": {"type": "integer", "minimum": 1}, "at": {"type": "string", "format": "date-time"}}
    shown: list[Schema] = [{"$ref": f"#/components/schemas/{struct}"} for struct in forms]
    if kind == "event":
        shown.append({"const": {}})
    fields |= {"type": {"const": name}, "data": shown[0] if len(shown) == 1 else {"anyOf": shown}}
    params = {"type": "object", "required": list(fields), "properties": fields}
    if kind == "event":
        params["properties"] = {**fields, "masked": {"type": "boolean"}, "erased": {"type": "boolean"}}
    return _frame(["method", "params"], {"method": {"const": kind}, "params": params})


def _error() -> Schema:
    return {
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": {"enum": [code.number for code in ERROR_CODES]},
            "message": {"type": "string"},
            "data": {
                "type": "object",
                "properties": {
                    "reason": {"enum": list(REASONS)},
                    "path": {"type": "string"},
                    "retry_after": {"type": "number"},
                    "incident": {"type": "string", "format": "uuid"},
                },
            },
        },
    }


def _pointing_to(value: Any, place: str) -> Any:
    """The same schemas with their references to ``place``."""
    if isinstance(value, dict):
        return {
            key: f"{place}{inner.rpartition('/')[2]}"
            if key == "$ref" and isinstance(inner, str)
            else _pointing_to(inner, place)
            for key, inner in value.items()
        }
    return [_pointing_to(inner, place) for inner in value] if isinstance(value, list) else value
