"""Which proof of an identity stands beside another one. Pure.

A new proof replaces what was known only if it says more: an e-CPS after a document does, a command after an e-CPS
does not, and the date that colleagues read stays that of the proof that they read of.
"""

from __future__ import annotations

STRENGTH = {"vouched": 0, "demo": 1, "command": 2, "document": 3, "cps": 4, "psc": 4}
"""What is vouched for by a colleague says least: whoever was, is no longer bound to that organisation once they have
proved by themselves who they are."""


def replaces(method: str, known: str, *, is_in_doubt: bool) -> bool:
    """Whether a proof by ``method`` takes the place of one by ``known``: it is stronger, or what was known is in
    doubt since the register lost the entry."""
    return is_in_doubt or STRENGTH[method] > STRENGTH.get(known, -1)
