"""Whoever is told to wait is told for how long: never 0, never too short, in whole seconds where HTTP says it too."""

from __future__ import annotations

import ast
import inspect
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server import registry
from server.kernel.http import problem
from server.kernel.rates import Bucket
from server.kernel.wire.errors import RateLimited, Refusal, Unavailable

ROOT = Path(__file__).resolve().parent.parent
WAITS = st.floats(0, 86_400 * 400)
OTHER = {"bound": "sms_to_number", "limit": 3}
"""What else such a refusal is made of."""


def that_say_when() -> list[type[Refusal]]:
    return [one for one in registry.REFUSALS if "retry_after" in inspect.signature(one).parameters]


def made(kind: type[Refusal], wait: float) -> Refusal:
    names = inspect.signature(kind).parameters
    others: dict[str, Any] = {name: value for name, value in OTHER.items() if name in names}
    return kind(retry_after=wait, **others)


def test_there_are_refusals_that_say_when() -> None:
    assert {RateLimited, Unavailable} < set(that_say_when())


@pytest.mark.parametrize("kind", that_say_when())
@given(wait=WAITS)
@example(wait=0.0)
@example(wait=1e-12)
@example(wait=0.0004)
@example(wait=59.0001)
def test_a_refusal_never_says_0_and_never_too_little(kind: type[Refusal], wait: float) -> None:
    refused = made(kind, wait)
    told = refused.as_data()["retry_after"]
    assert isinstance(told, int)
    assert max(wait, 1) <= told <= wait + 1
    assert problem(refused).response().headers["Retry-After"] == str(told)


@given(level=st.floats(0, 1), per_second=st.floats(1e-4, 1e4), amount=st.floats(0.5, 4))
def test_a_bucket_has_what_was_asked_for_once_the_wait_is_over(level: float, per_second: float, amount: float) -> None:
    bucket = Bucket(5.0, per_second, level, 0.0)
    wait = bucket.take(0.0, amount)
    if wait:
        assert wait > 0
        assert bucket.take(float(max(1, math.ceil(wait))), amount) == 0.0


def says_how_long(path: Path) -> bool:
    """Whether it puts a wait into an answer by name, where a refusal's constructor would round it."""
    names = {"retry_after", "Retry-After", b"retry-after"}
    return any(isinstance(one, ast.Constant) and one.value in names for one in ast.walk(ast.parse(path.read_text())))


ANSWERED_BY = {
    "server/kernel/wire/errors.py": "test_a_refusal_never_says_0_and_never_too_little",
    "server/kernel/http.py": "test_a_refusal_never_says_0_and_never_too_little",
    "server/kernel/connection.py": "test_who_waits_as_long_as_they_are_told_is_let_in_and_nobody_is_told_not_to_wait",
    "server/ops/admission.py": "test_who_waits_too_long_is_told_when_to_come_back",
    "identity/authentication/psc/http.py": "test_too_many_beginnings_from_one_address_are_refused",
    "identity/authentication/refused_sign_in.py": "test_too_many_beginnings_from_one_address_are_refused",
    "identity/authentication/http.py": "test_after_five_wrong_passwords_even_the_right_one_waits",
    "identity/onboarding/http.py": "test_a_refusal_never_says_0_and_never_too_little",
    "server/codegen/contracts.py": "",  # describes it
    "identity/onboarding/onfido.py": "",  # reads what another server says
}
"""Each place that names it, and the test that looks at what it says. Others raise a refusal that is looked at above."""


def test_every_place_that_says_when_is_looked_at() -> None:
    sources = [path for room in ("server", "identity", "team", "referral") for path in (ROOT / room).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in sources if says_how_long(path)}
    assert found <= ANSWERED_BY.keys(), "name the test that shows that it never says 0"
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for test in ANSWERED_BY.values():
        assert not test or f"def {test}(" in tests, test
