"""The references and the clients' types, written from the declarations of the rooms and from nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from server.codegen import contracts
from server.codegen.constants import constants, field_rules
from server.codegen.declarations import Schema, declared
from server.codegen.markdown import page
from server.codegen.python import python
from server.codegen.typescript import typescript


def pages() -> dict[str, str]:
    """Every generated file by its place in the repository. The same declarations give the same bytes."""
    wire = declared()
    return {
        "docs/protocol.md": page(wire),
        "clients/reference/schema.json": _json(contracts.schema(wire)),
        "clients/reference/asyncapi.json": _json(contracts.asyncapi(wire)),
        "clients/reference/openapi.json": _json(contracts.openapi(wire)),
        "clients/web/src/wire/types.ts": typescript(wire),
        "clients/web/src/wire/constants.ts": constants(wire),
        "clients/web/src/wire/fieldRules.ts": field_rules(),
        "clients/python/relais_client/wire.py": python(wire),
    }


def write(root: Path) -> list[Path]:
    """Writes what is stale or missing under ``root`` and returns it."""
    changed = stale(root)
    texts = pages()
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path.relative_to(root).as_posix()], encoding="utf-8")
    return changed


def stale(root: Path) -> list[Path]:
    """The generated files under ``root`` that say something else than the declarations do."""
    return [
        root / name
        for name, text in pages().items()
        if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != text
    ]


def _json(schema: Schema) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
