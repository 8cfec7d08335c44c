"""The tables of the composition are what the rooms and the protocol declare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast, get_args, get_origin, get_type_hints

import pytest

from server.codegen.declarations import declared
from server.kernel.authentication import Actor
from server.kernel.dispatch import Action, Call, Transaction
from server.kernel.wire import Command
from server.kernel.wire.errors import Refusal
from server.registry import ACTIONS, INTERNAL

EVERYTHING = [*ACTIONS, *INTERNAL]


def test_every_command_of_the_protocol_can_be_asked_for_and_no_other() -> None:
    assert {action.command for action in ACTIONS} == set(declared().commands)


def test_a_command_is_carried_out_in_one_way() -> None:
    commands = [action.command for action in EVERYTHING]
    assert len(set(commands)) == len(commands)
    assert len({command.method for command in commands}) == len(commands)


@pytest.mark.parametrize("action", EVERYTHING, ids=lambda action: action.command.method)
def test_a_handler_takes_its_command_and_returns_its_result(action: Action[Any]) -> None:
    handler: Any = action.handler or action.batch_handler
    given = handler.keywords if isinstance(handler, partial) else {}
    hints = get_type_hints(handler.func if isinstance(handler, partial) else handler)
    parameters = [hint for name, hint in hints.items() if name not in {"return", *given}]
    if action.handler is not None:
        assert parameters == [Actor, action.command, Transaction]
        assert hints["return"] is action.command.result
    else:
        sequence, call = cast(Any, Sequence), cast(Any, Call)
        assert parameters == [sequence[call[action.command]], Transaction]
        returned = hints["return"]
        if get_origin(returned) is Callable:  # What makes them after the commit.
            arguments, returned = get_args(returned)
            assert arguments == []
        assert (get_origin(returned), set(get_args(get_args(returned)[0]))) == (list, {action.command.result, Refusal})


@pytest.mark.parametrize("action", EVERYTHING, ids=lambda action: action.command.method)
def test_what_the_audit_entry_is_about_is_a_field_of_the_command(action: Action[Any]) -> None:
    assert action.subject in {None, "", *action.command.__struct_fields__}


def test_an_action_has_one_handler() -> None:
    class Nothing(Command[Any]):
        method = "test.nothing"

    with pytest.raises(TypeError, match="either"):
        Action(Nothing)
