"""The numbers by which the national register knows a professional. Pure.

An identifier is a type digit and a number: ``8`` and the eleven digits of an RPPS number, or ``0`` and the nine of an
ADELI number. Numbers are compared, and never repaired.
"""

from __future__ import annotations

import re

DOUBLED = dict(zip("0123456789", (0, 2, 4, 6, 8, 1, 3, 5, 7, 9), strict=True))
RPPS = re.compile(r"8[0-9]{11}")
ADELI = re.compile(r"0[0-9A-Z][0-9A-Z][0-9]{7}")


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    return (sum(map(int, digits[-1::-2])) + sum(map(DOUBLED.__getitem__, digits[-2::-2]))) % 10 == 0


def is_identifier(text: str) -> bool:
    """Whether this has the shape of an RPPS or ADELI identifier with its type digit."""
    return bool(RPPS.fullmatch(text) or ADELI.fullmatch(text))


def is_sound(identifier: str) -> bool:
    """Whether an identifier can stand for somebody: an RPPS number bears its check digit. ADELI numbers were given out
    without a right one, so that of theirs says nothing."""
    return bool(ADELI.fullmatch(identifier)) or bool(RPPS.fullmatch(identifier) and luhn_holds(identifier[1:]))


def is_invented(identifier: str) -> bool:
    """Whether it is a number of test cards and sandboxes: no RPPS number of a professional begins with 99."""
    return identifier.startswith("899")
