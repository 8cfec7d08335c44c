"""The beginning of a text is cut where a reader sees the end of a character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from team.conversations.excerpts import excerpt


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("Bonjour", 200, "Bonjour"),
        ("Bonjour", 3, "Bon"),
        ("été", 3, "ét"),
        ("a" + "e\u0301", 3, "a"),  # a letter and its accent
        ("a👍🏽b", 8, "a"),  # a hand and its colour
        ("a👨‍👩‍👧b", 12, "a"),  # a family
        ("🇫🇷🇧🇪", 12, "🇫🇷"),  # two flags
        ("a❤️", 4, "a"),  # a sign and how it is shown
        ("👨‍👩‍👧", 5, "👨"),  # longer than all that is allowed
        ("a\r\nb", 2, "a"),
        ("", 10, ""),
    ],
)
def test_a_character_stays_whole(text: str, most: int, expected: str) -> None:
    assert excerpt(text, most) == expected


@given(st.text(), st.integers(4, 60))
def test_it_is_a_beginning_that_fits(text: str, most: int) -> None:
    found = excerpt(text, most)
    assert text.startswith(found)
    assert len(found.encode("utf-8", "surrogatepass")) <= most
    assert found or not text
