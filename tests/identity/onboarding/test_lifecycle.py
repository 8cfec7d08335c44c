"""What the provider says, and how names compare, make the next state: nothing unclear is ever accepted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.names import key
from identity.onboarding import comparison, lifecycle
from identity.onboarding.comparison import Names, Seen
from server.demo.identity_provider import STATUSES


@pytest.mark.parametrize(
    ("status", "difference", "attempt", "state", "reason"),
    [
        ("processing", "", 1, "pending", ""),
        ("awaiting_input", "", 1, "awaiting_person", ""),
        ("approved", "", 1, "verified", ""),
        ("approved", "last_name_close", 1, "in_review", "last_name_close"),
        ("declined", "", 1, "awaiting_person", "document_declined"),
        ("declined", "", 3, "in_review", "document_declined"),
        ("review", "", 1, "in_review", "provider_undecided"),
        ("awaiting_client_input", "", 1, "in_review", "provider_undecided"),
        ("abandoned", "", 1, "awaiting_person", "abandoned"),
        ("error", "", 1, "awaiting_person", "provider_failed"),
        ("a status of tomorrow", "", 1, "in_review", "provider_undecided"),
        ("", "", 1, "in_review", "provider_undecided"),
    ],
)
def test_each_status_has_what_follows(status: str, difference: str, attempt: int, state: str, reason: str) -> None:
    assert lifecycle.verdict(status, difference, attempt) == lifecycle.Verdict(state, reason)  # type: ignore[arg-type]  # texts of the table above


@given(st.sampled_from(STATUSES) | st.text(), st.text(), st.integers(1, 20))
def test_only_an_approved_run_without_a_difference_is_accepted(status: str, difference: str, attempt: int) -> None:
    found = lifecycle.verdict(status, difference, attempt)
    assert (found.state == "verified") == (status == "approved" and difference == "")
    if found.state in ("in_review",) or (found.state == "awaiting_person" and status != "awaiting_input"):
        assert found.reason, "whoever is kept waiting is told why"


@pytest.mark.parametrize(
    ("state", "reason", "may"),
    [
        (None, "", True),
        ("pending", "", False),
        ("in_review", "last_name_close", False),
        ("awaiting_person", "", False),
        ("awaiting_person", "document_declined", True),
        ("awaiting_person", "ask_again", True),
        ("refused", "name_differs", True),
        ("refused", "forged_document", False),
        ("refused", "consent_withdrawn", True),
        ("replaced", "", True),
    ],
)
def test_when_another_document_may_be_shown(state: str | None, reason: str, may: bool) -> None:
    assert lifecycle.may_start(state, reason) is may


def test_as_many_moderators_must_agree_as_are_needed() -> None:
    assert lifecycle.decided({"accept": 1, "refuse": 1}, 2) is None
    assert lifecycle.decided({"accept": 2, "refuse": 1}, 2) == "accept"
    assert lifecycle.decided({"refuse": 1}, 1) == "refuse"


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Tadvilliers", "TADVILLIERS", "identical"),
        ("Le Goïc", "LE-GOIC", "identical"),
        ("d'Arc", "D ARC", "identical"),
        ("Müller", "MULLER", "identical"),
        ("St-Éloi", "SAINT ELOI", "identical"),
        ("Tadvilliers", "TADVILLIERS-LE GOÏC", "close"),
        ("Tadvilliers", "TADVILIERS", "close"),
        ("Tadvilliers", "KERJEAN", "different"),
        ("Le", "LI", "different"),
        ("Yılmaz", "YILMAZ", "identical"),
        ("Tadvilliers", "", "absent"),
    ],
)
def test_surnames_side_by_side(one: str, other: str, likeness: str) -> None:
    assert comparison.last_names(one, other) == likeness
    assert comparison.last_names(other, one) == likeness


def test_a_name_of_use_is_close_and_never_identical() -> None:
    assert comparison.last_names("Tadvilliers", "KERJEAN", ["TADVILLIERS"]) == "close"


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Rozenn", "ROZENN ANNE MARIE", "identical"),
        ("Marie-Anne", "MARIE ANNE", "identical"),
        ("Marie-Anne", "MARIE-ANNE, LOUISE", "identical"),
        ("Marie-Anne", "MARIE", "identical"),
        ("Anne-Marie", "MARIE LOUISE", "close"),
        ("Rozenn", "ROZEN", "close"),
        ("Rozenn", "MAËL", "different"),
        ("Rozenn", "", "absent"),
    ],
)
def test_given_names_side_by_side(one: str, other: str, likeness: str) -> None:
    assert comparison.first_names(one, other) == likeness


def test_first_and_last_name_that_changed_places_are_close() -> None:
    seen = Seen(first_names="TADVILLIERS", last_name="ROZENN")
    rows = comparison.compare(Names(first="Rozenn", last="Tadvilliers"), seen, None)
    assert [row.likeness for row in rows] == ["close", "close"]


def test_the_least_alike_of_document_and_register_counts() -> None:
    seen = Seen(first_names="ROZENN ANNE", last_name="KERJEAN", used_names=["TADVILLIERS"])
    last, first = comparison.compare(
        Names(first="Rozenn", last="Tadvilliers"), seen, Names(first="Rozenn", last="Tadvilliers")
    )
    assert (last.likeness, last.document, last.register) == ("close", "KERJEAN, TADVILLIERS", "Tadvilliers")
    assert (first.likeness, first.document) == ("identical", "ROZENN ANNE")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_compared(one: str, other: str) -> None:
    comparison.compare(Names(first=one, last=other), Seen(first_names=other, last_name=one), Names(first=one, last=one))
    assert comparison.last_names(one, one) == ("identical" if key(one) else "different" if one else "absent")


def test_what_has_no_letter_proves_nothing() -> None:
    assert comparison.last_names("-", "1") == "different"
    assert comparison.first_names("-", "-") == "different"
