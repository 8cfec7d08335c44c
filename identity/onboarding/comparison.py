"""Names side by side: as declared, as in the document, as in the register. Pure.

In words, so that a moderator reads what differs and how: ``identical`` whatever the accents, hyphens and capitals;
``close`` for a name of use, one part of a double name, first and last name exchanged, or one letter; else
``different``. Where there is nothing to compare with, ``absent``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from identity.names import distance, key, surname_keys

Likeness: TypeAlias = Literal["identical", "close", "different", "absent"]
SHORTEST_FORGIVEN = 5
"""In a shorter name, one letter makes another name."""


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the provider read in a document; ``used_names`` are those of a spouse, and aliases."""

    first_names: str = ""
    last_name: str = ""
    used_names: list[str] = []
    birth_date: str = ""
    document: str = ""
    country: str = ""
    expires: str = ""
    result: str = ""
    """Of the whole run, as the provider says it."""


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's names, from one source."""

    first: str
    last: str


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the table: what three sources say, and how alike they are."""

    trait: Literal["last_name", "first_names", "profession", "number"]
    likeness: Likeness
    declared: str = ""
    document: str = ""
    register: str = ""


def last_names(one: str, other: str, used: Iterable[str] = ()) -> Likeness:
    """How alike two surnames are; ``used`` are further names of the second person's."""
    if not one or not other:
        return "absent"
    mine, theirs = key(one), key(other)
    if not mine or not theirs:
        return "different"  # Without a letter it is no name, and proves nothing.
    if mine == theirs:
        return "identical"
    if any(mine == key(name) for name in used):
        return "close"
    if surname_keys(one) & surname_keys(other) or _one_slip(mine, theirs):
        return "close"
    return "different"


def first_names(one: str, other: str) -> Likeness:
    """How alike given names are: a document lists all, people declare the one that they go by."""
    if not one or not other:
        return "absent"
    mine, theirs = _parts(one), _parts(other)
    whole, others = key(one), key(other)
    if not whole or not others:
        return "different"
    if whole == others or whole in theirs or others in mine:
        return "identical"
    if mine & theirs or any(_one_slip(whole, name) for name in theirs):
        return "close"
    return "different"


def exchanged(one: Names, other: Names) -> bool:
    """Whether first and last name changed places."""
    return key(one.first) == key(other.last) and key(one.last) == key(other.first)


def worst(likenesses: Iterable[Likeness]) -> Likeness:
    """The least alike of several; what could not be compared says nothing beside what could."""
    found = [one for one in likenesses if one != "absent"]
    return max(found, key=["identical", "close", "different"].index) if found else "absent"


def compare(declared: Names, seen: Seen | None, entry: Names | None) -> list[Row]:
    """The two lines of names."""
    document = Names(first=seen.first_names, last=seen.last_name) if seen else None
    used = seen.used_names if seen else ()
    last, first = [], []
    for other in (document, entry):
        if other is None:
            continue
        if exchanged(declared, other):
            last.append("close")
            first.append("close")
            continue
        last.append(last_names(declared.last, other.last, used if other is document else ()))
        first.append(first_names(declared.first, other.first))
    return [
        Row(
            trait="last_name",
            likeness=worst(last),  # type: ignore[arg-type]  # one of the codes of the wire
            declared=declared.last,
            document=", ".join([seen.last_name, *seen.used_names]) if seen else "",
            register=entry.last if entry else "",
        ),
        Row(
            trait="first_names",
            likeness=worst(first),  # type: ignore[arg-type]  # one of the codes of the wire
            declared=declared.first,
            document=seen.first_names if seen else "",
            register=entry.first if entry else "",
        ),
    ]


def _parts(names: str) -> set[str]:
    """The key of each given name, and of those that a hyphen or a space may join."""
    words = [key(word) for word in names.replace("-", " ").replace(",", " ").split()]
    return {word for word in words if word} | {words[at] + words[at + 1] for at in range(len(words) - 1)}


def _one_slip(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= SHORTEST_FORGIVEN and distance(one, other, 1) <= 1
