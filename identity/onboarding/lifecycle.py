"""The life of a verification by document, as a state machine. Pure.

What the provider says of its run, and how the names compare, make the next state. Only what agrees in every point is
accepted without a person; what is new or unclear goes to review, never to acceptance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

State: TypeAlias = Literal["pending", "awaiting_person", "in_review", "verified", "refused"]
OPEN: frozenset[str] = frozenset({"pending", "awaiting_person", "in_review"})
"""Of these somebody has one at most."""
ATTEMPTS = 3
"""Documents that the provider may decline before a moderator looks."""
STARTS_A_DAY = 5
"""Runs of one person in 24 hours, spoiled ones included."""
LINK_LASTS = timedelta(days=7)
"""How long the provider's page waits for somebody."""
ANSWER_WITHIN = timedelta(days=1)
"""By when a moderator is to decide."""
ERASE_AFTER = timedelta(days=30)
"""How long after the decision the provider keeps the images, and we what was read in them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a run: the next state, and the code of why."""

    state: State
    reason: str = ""


def verdict(status: str, differences: str, attempt: int) -> Verdict:
    """What follows when the provider says ``status`` of a run; ``differences`` is the code of the first point in which
    declaration, document and register do not agree, or empty.

    Every status of Onfido's workflow runs is named; one that is not known yet is for people to look at.
    """
    match status:
        case "processing":
            return Verdict("pending")
        case "awaiting_input":
            return Verdict("awaiting_person")
        case "approved":
            return Verdict("in_review", differences) if differences else Verdict("verified")
        case "declined":
            return Verdict("in_review" if attempt >= ATTEMPTS else "awaiting_person", "document_declined")
        case "abandoned":
            return Verdict("awaiting_person", "abandoned")
        case "error":
            return Verdict("awaiting_person", "provider_failed")
        case _:  # review, awaiting_client_input, and whatever comes
            return Verdict("in_review", "provider_undecided")


REPEATED: frozenset[str] = frozenset({"document_declined", "abandoned", "provider_failed", "ask_again", "expired"})
"""Why somebody who is awaited needs another run and not the page of the last one."""
COUNTED: frozenset[str] = frozenset({"document_declined", "ask_again"})
"""Attempts that were the person's own; what the provider spoiled is not counted."""


def may_start(state: str | None, reason: str) -> bool:
    """Whether another document may be shown: at first, when one is asked for again, after a refusal that leaves it
    open."""
    if state is None or state == "replaced":
        return True
    if state == "awaiting_person":
        return reason in REPEATED
    return state == "refused" and reason not in FINAL


ORDERED: frozenset[str] = frozenset({"struck_off", "suspended"})
"""What an order has decided, as a moderator states it: no proof of an identity says otherwise."""
STATED: frozenset[str] = ORDERED | {"not_practising"}
"""What an order or the register states of somebody: it ends a verification, by whatever it was proven."""
FINAL: frozenset[str] = STATED | {"forged_document", "not_a_professional"}
"""Refusals after which no document helps: the person appeals to the moderators."""


def decided(opinions: dict[str, int], needed: int) -> str | None:
    """The decision that enough moderators agree on, from how many there are for each; None while there is none."""
    return next((decision for decision, count in opinions.items() if count >= needed), None)
