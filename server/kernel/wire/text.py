"""What is done to a text once, before any rule looks at it. ``tests/cases/text.json`` has the cases.

Texts are pasted: from a web page with no-break spaces, from a word processor with typographic signs, from a telephone's
contacts with marks of direction that nobody sees. None of that is a mistake of the person who pastes.
"""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202c\u2060-\u2064\u2066-\u206f\ufeff]")
"""Signs of no width, and marks of direction but for the two that turn a text around: those are no accident."""
BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Signs that count as letters or symbols, and are empty to the eye."""
HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
APOSTROPHES = re.compile("[`\u00b4\u02b9\u02bb-\u02bd\u2018\u2019\u201b\u2032\uff07]")


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in it."""
    return not any(_is_seen(sign) for sign in text)


def _is_seen(sign: str) -> bool:
    if sign.isspace() or sign in BLANK:
        return False
    if sign.isascii():
        return sign.isprintable()
    return unicodedata.category(sign) not in {"Cf", "Cc", "Zs", "Zl", "Zp"} and not "\ufe00" <= sign <= "\ufe0f"


def line(typed: str) -> str:
    """One line: composed letters, one space between words, none at the ends, no signs of no width but what joins
    pictograms. Typographic signs stay."""
    kept = INVISIBLE.sub(lambda found: "\u200d" if found[0] == "\u200d" else "", typed)
    return " ".join(unicodedata.normalize("NFC", kept).split()).strip("\u200d")


def plain(typed: str) -> str:
    """What is compared, dialled or computed with: ``line`` with the keyboard's own hyphen and apostrophe."""
    kept = HYPHENS.sub("-", APOSTROPHES.sub("'", INVISIBLE.sub("", typed)))
    return " ".join(unicodedata.normalize("NFC", kept).split())
