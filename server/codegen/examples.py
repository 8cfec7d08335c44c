"""One example of everything on the wire, made from its declaration: it decodes as what it is an example of."""

from __future__ import annotations

from typing import Any

from server.codegen.declarations import Schema, optional, reference, without_null

WORDS: dict[str, Any] = {
    "abilities": ["read", "post"],
    "address": "12 rue de Siam",
    "after": 41,
    "before": 43,
    "birth_date": "1958-03-14",
    "body_characters": 20000,
    "body": "ECG joint, qu'en pensez-vous ?",
    "city": "Brest",
    "closes": "12:00",
    "country": "FR",
    "email": "camille.le-goff@example.fr",
    "end": "2026-12-01T09:40:00+01:00",
    "expires_at": "2026-11-22T09:45:00Z",
    "family_name": "Le Goff",
    "first_name": "Camille",
    "first_names": "Camille",
    "frame_bytes": 65536,
    "from": "2026-12-01",
    "function": "doctor",
    "head": 42,
    "in_flight": 32,
    "insee": "29019",
    "ins": "258032901912345 67",
    "kind": "practice",
    "label": "Firefox, Linux",
    "last_name": "Le Goff",
    "lat": 48.39,
    "limit": 20,
    "lon": -4.49,
    "minutes": 20,
    "name": "Camille Le Goff",
    "opens": "09:00",
    "phone": "+33612345678",
    "postal_code": "29200",
    "practitioner_name": "Camille Le Goff",
    "profession": "Médecin",
    "proof": "kPq3x0RtWn8vYb2mZc5sLd7fGh9jKa1eUo4iTr6yQwE",
    "protocol": 1,
    "read": 41,
    "reason_name": "Consultation",
    "referrer_name": "Nolwenn Kerbrat",
    "requests_per_second": 500,
    "rpps": "10001234567",
    "secret": "Zc5sLd7fGh9jKa1eUo4iTr6yQwEkPq3x0RtWn8vYb2m",
    "seq": 42,
    "speciality": "Cardiologie",
    "start": "2026-12-01T09:20:00+01:00",
    "stream": "c:019aab54-6b00-7000-8000-000000000002",
    "sync_limit": 500,
    "text": "cardiologue brest",
    "time_zone": "Europe/Paris",
    "title": "Garde du week-end",
    "to": "2026-12-15",
    "type": "message.sent",
    "unread": 1,
    "version": "1.0.0",
    "why": ["name"],
}
SHOWN_WHEN_OPTIONAL = {"text", "title", "device", "cursors", "practitioner", "message", "place", "postal_code"}
IDS = ("id", "conversation", "person", "practitioner", "agenda", "reason", "hold", "referral", "appointment")


def example(name: str, schemas: dict[str, Schema]) -> dict[str, Any]:
    """An example of the struct: what it must have, and the optional fields that say most."""
    schema = schemas[name]
    return {
        field: _value(field, without_null(shape)[0], schemas)
        for field, shape in schema.get("properties", {}).items()
        if not optional(schema, field) or (field in SHOWN_WHEN_OPTIONAL and "additionalProperties" in schema)
    }


def _value(field: str, schema: Schema, schemas: dict[str, Schema]) -> Any:
    if name := reference(schema):
        return example(name, schemas)
    if "anyOf" in schema:
        return _value(field, schema["anyOf"][0], schemas)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "uuid":
        return identifier(field)
    if schema.get("type") == "array":
        kept = WORDS.get(field)
        return kept if isinstance(kept, list) else [_value(field.rstrip("s"), schema["items"], schemas)]
    if schema.get("type") == "object":
        return {WORDS["stream"]: 41} if field == "cursors" else {}
    if field in WORDS and _fits(WORDS[field], schema):
        return WORDS[field]
    shown = {"date-time": "2026-11-22T09:30:00.123Z", "date": "2026-12-01"}.get(schema.get("format", ""), "…")
    return {"string": shown, "integer": 1, "number": 1.5, "boolean": True}.get(schema.get("type", ""), {})


def _fits(value: Any, schema: Schema) -> bool:
    kinds: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float)}
    return isinstance(value, kinds.get(schema.get("type", ""), ()))


def identifier(field: str) -> str:
    """The same id for the same field, wherever it stands."""
    number = IDS.index(field) + 1 if field in IDS else sum(field.encode()) % 89 + 10
    return f"019aab54-6b00-7000-8000-{number:012d}"
