"""The number of an establishment in the national file (FINESS). Pure.

Nine characters: two of the department, the second of which is a letter in Corsica and overseas, and seven digits. The
last digit makes Luhn's sum a multiple of ten; a number that holds a letter has no such check.
"""

from __future__ import annotations

import re

from server.kernel.wire.errors import Invalid
from server.kernel.wire.text import line

_FINESS = re.compile(r"\d[\dA-Z]\d{7}", re.ASCII)


def finess(typed: str, path: str) -> str:
    """The number as it is kept; ``Invalid`` when it is none. A wrong digit is never guessed."""
    number = line(typed).replace(" ", "").upper()
    if not _FINESS.fullmatch(number):
        message = "A FINESS number has nine characters: digits, of which the second may be a letter."
        raise Invalid(path, message, why="not_a_finess")
    if number.isdigit() and _luhn(number) % 10:
        raise Invalid(path, "The last digit of the FINESS number does not match: check each digit.", why="wrong_key")
    return number


def _luhn(digits: str) -> int:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled)
