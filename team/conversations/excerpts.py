"""The beginning of a text, for a summary. Pure."""

from __future__ import annotations

import unicodedata

ZERO_WIDTH_JOINER = "\u200d"
_MODIFIERS = range(0x1F3FB, 0x1F400)
_VARIATIONS = range(0xFE00, 0xFE10)
_TAGS = range(0xE0020, 0xE0080)
_FIRST_MARK = "\u0300"
"""Below it every code point is a character."""
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)


def excerpt(text: str, most_bytes: int) -> str:
    """The beginning of a text that measures at most so many bytes in UTF-8, cut between two characters as a reader
    sees them: an accent stays with its letter, an emoji and a flag stay whole.

    Where one such character is longer than everything allowed, it is cut between two code points all the same.
    """
    # A code point has a byte at least: what lies further back cannot count.
    candidate = text[: most_bytes + 1]
    encoded = candidate.encode("utf-8", "surrogatepass")
    if len(encoded) <= most_bytes:
        return text if len(candidate) == len(text) else candidate
    fits = len(encoded[:most_bytes].decode("utf-8", "ignore"))
    cut = fits
    while cut and not _may_cut(candidate, cut):
        cut -= 1
    return candidate[: cut or fits]


def _may_cut(text: str, at: int) -> bool:
    """Whether the code points before and after this place belong to two characters."""
    before, after = text[at - 1], text[at]
    if before < _FIRST_MARK and after < _FIRST_MARK:
        return (before, after) != ("\r", "\n")
    if before == ZERO_WIDTH_JOINER or after == ZERO_WIDTH_JOINER or unicodedata.category(after).startswith("M"):
        return False
    if ord(after) in _MODIFIERS or ord(after) in _VARIATIONS or ord(after) in _TAGS:
        return False
    if ord(before) in _FLAG_LETTERS and ord(after) in _FLAG_LETTERS:
        letters = len(text[:at]) - len(text[:at].rstrip("".join(map(chr, _FLAG_LETTERS))))
        return letters % 2 == 0
    return (before, after) != ("\r", "\n")
