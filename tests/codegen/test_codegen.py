"""The references say what the declarations say, and nothing else."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server import codegen
from server.codegen.declarations import declared
from server.codegen.examples import example
from server.kernel.wire import Command

ROOT = Path(__file__).parents[2]
WIRE = declared()


def test_nothing_that_is_committed_is_stale() -> None:
    assert codegen.stale(ROOT) == [], "run `relais wire`"


def test_the_same_declarations_give_the_same_bytes() -> None:
    assert codegen.pages() == codegen.pages()


def test_what_is_missing_or_edited_by_hand_is_stale_and_written_again(tmp_path: Path) -> None:
    written = codegen.write(tmp_path)
    assert len(written) == len(codegen.pages())
    edited = tmp_path / "docs" / "protocol.md"
    edited.write_text(edited.read_text() + "\n")
    assert codegen.stale(tmp_path) == [edited]
    assert codegen.write(tmp_path) == [edited]
    assert codegen.stale(tmp_path) == []


@pytest.mark.parametrize("struct", [*WIRE.commands, *WIRE.events, *WIRE.signals], ids=lambda struct: struct.__name__)
def test_every_example_is_what_it_is_an_example_of(struct: type[msgspec.Struct]) -> None:
    msgspec.convert(example(struct.__name__, WIRE.schemas), struct)


@pytest.mark.parametrize("command", WIRE.commands, ids=lambda command: command.method)
def test_every_method_stands_in_every_reference(command: type[Command[Any]]) -> None:
    pages = codegen.pages()
    assert f"### {command.method}\n" in pages["docs/protocol.md"]
    assert f'"{command.method}": {{ params: {command.__name__}' in pages["clients/web/src/wire/types.ts"]
    assert f'method: ClassVar[str] = "{command.method}"' in pages["clients/python/relais_client/wire.py"]
    assert command.method in json.loads(pages["clients/reference/asyncapi.json"])["operations"]
    assert command.method in json.loads(pages["clients/reference/schema.json"])["x-methods"]


def test_the_web_client_is_given_the_sizes_of_requests_and_of_what_stands_in_them() -> None:
    written = codegen.pages()["clients/web/src/wire/constants.ts"]
    for constant in ("SEND_MESSAGE_LENGTHS", "PATIENT_FORM_LENGTHS", "BIRTH_PLACE_LENGTHS"):
        assert f"export const {constant} = {{\n" in written
    assert "  body: 20000,\n" in written
    assert "VIEW_LENGTHS" not in written


@pytest.mark.parametrize("name", ["schema", "asyncapi", "openapi"])
def test_every_reference_of_a_contract_leads_somewhere(name: str) -> None:
    contract = json.loads(codegen.pages()[f"clients/reference/{name}.json"])

    def follow(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                found = contract
                for step in value["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
            for inner in value.values():
                follow(inner)
        elif isinstance(value, list):
            for inner in value:
                follow(inner)

    follow(contract)


def test_methods_and_types_are_named_once() -> None:
    for names in ([c.method for c in WIRE.commands], [e.type for e in WIRE.events], [s.type for s in WIRE.signals]):
        assert len(names) == len(set(names))


def test_a_view_takes_words_that_are_newer_than_the_client_and_a_request_does_not() -> None:
    structs = codegen.pages()["clients/python/relais_client/wire.py"].split("\nclass ")
    [view] = [text for text in structs if text.startswith("ConversationView(")]
    [request] = [text for text in structs if text.startswith("OpenConversation(")]
    assert "    kind: str\n" in view
    assert '    kind: Literal["case", "direct", "group"]\n' in request
