"""Protocol 1 only grows: what a newer definition takes from programs that were written against an older one.

A client of an older version keeps working with a newer server when, in its eyes, nothing has changed:

- no method, event, signal or close code disappears;
- of a request, no field disappears or becomes required, and no value that was accepted is refused by its shape;
- of an answer, event or signal, no field disappears or changes its type, and one that was always there stays so.

New methods, events, optional request fields, answer fields and values of a listed kind (another state, another kind of
conversation) are additions: clients ignore what they do not know, and show an unknown value by its name.
Anything else takes another protocol number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.codegen.declarations import Schema

_VALUE = "value "
_LOWER_BOUNDS = ("minimum", "minLength", "minItems", "exclusiveMinimum")
_UPPER_BOUNDS = ("maximum", "maxLength", "maxItems", "exclusiveMaximum")


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """What ``new`` breaks, in words; both are ``schema.json``. Empty when every older program keeps working."""
    return sorted({*_gone(old, new), *_requests(old, new), *_answers(old, new)})


def _gone(old: Schema, new: Schema) -> Iterator[str]:
    for kind in ("x-methods", "x-events", "x-signals", "x-close-codes"):
        for name in old[kind].keys() - new[kind].keys():
            yield f"{kind.removeprefix('x-')}: {name} is gone"


def _requests(old: Schema, new: Schema) -> Iterator[str]:
    for method in old["x-methods"].keys() & new["x-methods"].keys():
        before, after = (whole["x-methods"][method]["params"] for whole in (old, new))
        yield from _Comparison(old, new, sent_by_client=True).compare(
            {"$ref": f"#/$defs/{before}"}, {"$ref": f"#/$defs/{after}"}, method
        )


def _answers(old: Schema, new: Schema) -> Iterator[str]:
    pairs = [
        (f"answer to {method}", old["x-methods"][method]["result"], new["x-methods"][method]["result"])
        for method in old["x-methods"].keys() & new["x-methods"].keys()
    ]
    for kind in ("x-events", "x-signals"):
        pairs += [(name, old[kind][name], new[kind][name]) for name in old[kind].keys() & new[kind].keys()]
    for name, before, after in pairs:
        yield from _Comparison(old, new, sent_by_client=False).compare(
            {"$ref": f"#/$defs/{before}"}, {"$ref": f"#/$defs/{after}"}, name
        )


class _Comparison:
    """Two definitions walked side by side, from one method or event down."""

    def __init__(self, old: Schema, new: Schema, *, sent_by_client: bool) -> None:
        self._old = old
        self._new = new
        self._sent_by_client = sent_by_client
        self._seen: set[tuple[str, str]] = set()

    def compare(self, before: Any, after: Any, path: str) -> Iterator[str]:
        references = (before.get("$ref", ""), after.get("$ref", ""))
        if all(references):
            if references in self._seen:
                return
            self._seen.add(references)
        before, after = _resolved(before, self._old), _resolved(after, self._new)
        if not before or not after:
            return  # Anything may stand there.
        yield from self._alternatives(before, after, path)
        yield from self._fields(before, after, path)
        if "items" in before and "items" in after:
            yield from self.compare(before["items"], after["items"], f"{path}[]")
        if self._sent_by_client:
            yield from _narrower(before, after, path)

    def _alternatives(self, before: Schema, after: Schema, path: str) -> Iterator[str]:
        """Kinds of value: a client may still send each it could, and receives none that it could not."""
        known, now = _kinds(before, self._old), _kinds(after, self._new)
        if self._sent_by_client:
            yield from (f"{path}: {kind} is refused" for kind in known - now)
        else:
            yield from (f"{path}: {kind} is new" for kind in now - known if not kind.startswith(_VALUE))

    def _fields(self, before: Schema, after: Schema, path: str) -> Iterator[str]:
        fields, now = before.get("properties", {}), after.get("properties", {})
        for name in fields.keys() - now.keys():
            yield f"{path}.{name} is gone"
        must, must_now = set(before.get("required", ())), set(after.get("required", ()))
        if self._sent_by_client:
            for name in must_now - must:
                yield f"{path}.{name} is required"
        else:
            for name in (must - must_now) & now.keys():
                yield f"{path}.{name} may be absent"
        for name in fields.keys() & now.keys():
            yield from self.compare(fields[name], now[name], f"{path}.{name}")


def _resolved(schema: Schema, whole: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    return found


def _kinds(schema: Schema, whole: Schema) -> set[str]:
    """The kinds of value that a schema admits; the values themselves where it lists them."""
    if "anyOf" in schema:
        return {kind for one in schema["anyOf"] for kind in _kinds(_resolved(one, whole), whole)}
    if "enum" in schema:
        return {f"{_VALUE}{value!r}" for value in schema["enum"]}
    if "const" in schema:
        return {f"{_VALUE}{schema['const']!r}"}
    return {str(schema["type"])} if "type" in schema else set()


def _narrower(before: Schema, after: Schema, path: str) -> Iterator[str]:
    for bound in _LOWER_BOUNDS:
        if bound in after and (bound not in before or after[bound] > before[bound]):
            yield f"{path}: {bound} is {after[bound]}"
    for bound in _UPPER_BOUNDS:
        if bound in after and (bound not in before or after[bound] < before[bound]):
            yield f"{path}: {bound} is {after[bound]}"
    if after.get("pattern", before.get("pattern")) != before.get("pattern"):
        yield f"{path}: another pattern"
