"""Protocol 1 only grows: a program written against an older definition keeps working."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from server.codegen import contracts
from server.codegen.compatibility import breaking_changes
from server.codegen.declarations import declared
from tests.relais_process import ROOT

BASELINE = ROOT / "clients" / "reference" / "baseline.json"
Schema = dict[str, Any]


@pytest.fixture(scope="module")
def current() -> Schema:
    found: Schema = json.loads(json.dumps(contracts.schema(declared())))
    return found


def test_nothing_that_programs_rely_on_was_taken_away(current: Schema) -> None:
    assert breaking_changes(json.loads(BASELINE.read_text()), current) == []


def _without_a_method(whole: Schema) -> None:
    del whole["x-methods"]["message.send"]


def _without_an_event(whole: Schema) -> None:
    del whole["x-events"]["message.sent"]


def _without_a_masked_event(whole: Schema) -> None:
    del whole["x-masked-events"]["slot.held"]


def _without_a_field_of_a_masked_event(whole: Schema) -> None:
    del whole["$defs"]["SlotHeldMasked"]["properties"]["start"]


def _without_a_field_of_an_answer(whole: Schema) -> None:
    del whole["$defs"]["MessageView"]["properties"]["author"]


def _with_a_field_that_may_be_absent(whole: Schema) -> None:
    whole["$defs"]["MessageView"]["required"].remove("author")


def _with_another_type(whole: Schema) -> None:
    whole["$defs"]["MessageView"]["properties"]["seq"] = {"type": "string"}


def _without_a_field_of_a_request(whole: Schema) -> None:
    del whole["$defs"]["SendMessage"]["properties"]["reply_to"]


def _with_a_required_field(whole: Schema) -> None:
    whole["$defs"]["SendMessage"]["required"].append("reply_to")


def _with_a_shorter_text(whole: Schema) -> None:
    whole["$defs"]["SendMessage"]["properties"]["body"]["maxLength"] -= 1


def _with_a_value_refused(whole: Schema) -> None:
    whole["$defs"]["OpenConversation"]["properties"]["kind"]["enum"].remove("group")


@pytest.mark.parametrize(
    "change",
    [
        _without_a_method,
        _without_an_event,
        _without_a_masked_event,
        _without_a_field_of_a_masked_event,
        _without_a_field_of_an_answer,
        _with_a_field_that_may_be_absent,
        _with_another_type,
        _without_a_field_of_a_request,
        _with_a_required_field,
        _with_a_shorter_text,
        _with_a_value_refused,
    ],
)
def test_what_takes_something_away_is_seen(change: Callable[[Schema], None], current: Schema) -> None:
    changed = copy.deepcopy(current)
    change(changed)
    assert breaking_changes(current, changed)


def test_what_adds_something_is_no_break(current: Schema) -> None:
    changed = copy.deepcopy(current)
    changed["x-methods"]["message.colour"] = changed["x-methods"]["message.send"]
    changed["$defs"]["SendMessage"]["properties"]["colour"] = {"type": "string"}
    changed["$defs"]["MessageView"]["properties"]["colour"] = {"type": "string"}
    changed["$defs"]["ConversationView"]["properties"]["kind"]["enum"].append("case")
    changed["$defs"]["SendMessage"]["properties"]["body"]["maxLength"] += 1
    assert breaking_changes(current, changed) == []
