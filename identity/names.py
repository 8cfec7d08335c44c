"""How names are read, wherever they are compared: without accents, hyphens or case.

The directory compares names by *groups*: a particle is one with what follows it, so that ``Le Gall``, ``LE-GALL`` and
``Legall`` are the same name. Two whole names are the same when their ``key`` is. Everything here is pure and safe for
any text, however long or strange. How the register's capitals are shown is here too (``displayed``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

LETTERS = str.maketrans(
    {
        "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
        "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k", "ə": "e", "ɛ": "e", "ɔ": "o", "ɓ": "b", "ɗ": "d", "ɖ": "d", "ƙ": "k",
        "ǝ": "e", "ƴ": "y",
    }
)  # fmt: skip
"""Letters that have no accent to take off, as people write them without: of Europe, and of West Africa."""
NOT_A_WORD = re.compile(r"[^a-z0-9]+")
NOT_A_LETTER = re.compile(r"[\W_]+")
APOSTROPHES = ("'", "’")

ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
PARTICLES = frozenset(
    "d l o de du des da das do dos di del della le la les lo van von der den ten ter el al ben bel bou abd abou ait "
    "mac mc san santa saint sainte".split()
)
"""Words that make one name with the word after them."""
DROPPED = frozenset("d l de du des da das do dos di del della le la les lo van von der den ten ter el al".split())
"""Particles that people leave out: somebody ``de la Tour`` is looked for as ``Tour``."""
SHORTEST_PART = 3
"""Letters of a part of a double name that is looked for by itself."""
SAINTE = re.compile(r"^sainte+(?=.)")
MAC = re.compile(r"^mac(?=.)")


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """``text`` as lower-case ASCII words with single spaces: no accents, hyphens, apostrophes or invisible signs."""
    lowered = text.lower() if text.isascii() else _without_accents(text)
    return NOT_A_WORD.sub(" ", lowered).strip()


def _without_accents(text: str) -> str:
    # Twice: what a compatibility form stands for may itself be a capital, or a letter of the table.
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(LETTERS)
    decomposed = unicodedata.normalize("NFKD", decomposed).casefold().translate(LETTERS)
    return "".join(sign for sign in decomposed if unicodedata.category(sign) not in ("Mn", "Cf"))


@lru_cache(maxsize=20_000)
def key(name: str) -> str:
    """Equal for two spellings of one name, in letters of any script: ``Le Goff`` and ``LEGOFF``, ``St-Éloi`` and
    ``Saint Eloi``, ``McDonald`` and ``Mac Donald``, ``Marie-Anne`` and ``MarieAnne``. Empty when there is no letter.
    """
    return _one_spelling("".join(_written_out(name)))


@lru_cache(maxsize=20_000)
def surname_keys(name: str) -> frozenset[str]:
    """The keys under which a surname is looked for: its own, that without particles, and that of each part of a double
    name. Two spellings of one surname have one in common.
    """
    said = _written_out(name)
    bare = [word for word in said if word not in DROPPED]
    parts = [part for part in groups(said) if len(part) >= SHORTEST_PART]
    return frozenset(_one_spelling(one) for one in ("".join(said), "".join(bare), *parts) if one)


def _written_out(name: str) -> list[str]:
    """The words of a name in any script; what is shortened before another word is written out."""
    said = NOT_A_LETTER.sub(" ", _without_accents(name)).split()
    return [*(ABBREVIATIONS.get(word, word) for word in said[:-1]), *said[-1:]]


def _one_spelling(joined: str) -> str:
    """Of a name without spaces, whichever way its beginning is written; for comparing only."""
    return MAC.sub("mc", SAINTE.sub("saint", joined))


def words(text: str) -> list[str]:
    """The words of ``text``, folded, with the usual abbreviations of place and family names written out."""
    return [ABBREVIATIONS.get(word, word) for word in fold(text).split()]


def groups(name: Sequence[str]) -> list[str]:
    """The words of a name, each particle joined to what follows it: ``de la fontaine`` gives ``delafontaine``."""
    joined: list[str] = []
    waiting = ""
    for word in name:
        waiting += word
        if word not in PARTICLES:
            joined.append(waiting)
            waiting = ""
    if waiting:
        joined.append(waiting)
    return joined


@dataclass(frozen=True, slots=True)
class NameKeys:
    """Under what a person is found: ``last`` and ``first`` are whole, ``tail`` is the surname from its second part on.

    ``words`` holds every word that alone designates them, so that any order and any part finds them.
    """

    last: str
    tail: str
    first: str
    words: tuple[str, ...]


@lru_cache(maxsize=20_000)
def name_keys(last_name: str, first_name: str) -> NameKeys:
    last, first = words(last_name), words(first_name)
    parts = groups(last)
    bare = [word for word in last if word not in PARTICLES]
    without = bare[0] if bare and bare[0] != parts[0] else ""
    tail = " ".join(parts[1:]) or without
    alone = dict.fromkeys([*parts, *bare, *first, *(["".join(first)] if len(first) > 1 else [])])
    return NameKeys(" ".join(parts), tail, " ".join(first), tuple(alone))


def deletions(word: str) -> list[str]:
    """``word`` and every word that one missing letter makes of it.

    Two words at a distance of one (a letter wrong, missing, in excess, or two exchanged) always share one of these.
    """
    shorter = (word[:at] + word[at + 1 :] for at in range(len(word))) if len(word) > 1 else ()
    return list(dict.fromkeys([word, *shorter]))


def second_deletions(word: str) -> list[str]:
    """``word`` with one or two letters missing: what finds, among ``deletions``, most words with two slips."""
    once = deletions(word)
    return list(dict.fromkeys([*once, *(twice for one in once[1:] for twice in deletions(one)[1:])]))


def distance(one: str, other: str, most: int = 2) -> int:
    """The number of slips between two words (Damerau-Levenshtein, letters exchanged once); ``most + 1`` if more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before_that, before, row = before, row, [i]
        for j, sign in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != sign))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == sign:
                cost = min(cost, before_that[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(.)\1+", r"\1"),
        (r"ph", "f"),
        (r"sch|sh", "ch"),
        (r"(?<![cs])h", ""),
        (r"(?:c?qu?|ck|c(?![eiyh])|cc|k)", "k"),
        (r"c(?=[eiy])", "s"),
        (r"g(?=[eiy])e?", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"w", "v"),
        (r"y", "i"),
        (r"z", "s"),
        (r"(?<=[a-z])(?:eau|au|ault|aud|aut|ot|op|os|od)[xsltd]*$", "o"),
        (r"eau|au", "o"),
        (r"(?:ai|ei|e)(?:s|t|z|r|x)*$", "e"),
        (r"ai|ei", "e"),
        (r"[ae][nm](?=[^aeiou]|$)", "an"),
        (r"(?:[ae]i|i)[nm](?=[^aeiou]|$)", "in"),
        (r"[xstdp]+$", ""),
        (r"e$", ""),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=20_000)
def sound(word: str) -> str:
    """What a French ear keeps of a name: ``gauthier`` and ``gotier`` are one, so are ``lefebvre``'s silent endings."""
    heard = word
    for pattern, replacement in SOUNDS:
        heard = pattern.sub(replacement, heard)
    return heard or word


SMALL = frozenset("de du des von van der den ten ter da das dos di del della".split())
"""Particles that stand in small letters."""
PART = re.compile(r"[^\W\d_]+|[\W\d_]+")


def displayed(name: str, *, first: bool = False) -> str:
    """A name as people write it, from a register that keeps it in capitals: ``LE GOFF-D'ARC`` is ``Le Goff-d'Arc``.

    A name with any small letter is taken as it is: whoever wrote it knew better. A ``first`` name begins with a
    capital: ``Van Anh``.
    """
    if not name.isupper():
        return name
    parts = PART.findall(unicodedata.normalize("NFC", name))
    shown = [_in_small_letters(part, after) for part, after in zip(parts, [*parts[1:], ""], strict=True)]
    for place in range(2, len(parts)):
        # The Breton letter: ``GUIVARC'H`` is ``Guivarc'h``.
        if parts[place][0] == "H" and parts[place - 1] in APOSTROPHES and parts[place - 2][-1] == "C":
            shown[place] = parts[place].lower()
    if first:
        shown[0] = parts[0].capitalize()
    return "".join(shown)


def _in_small_letters(part: str, after: str) -> str:
    small = part.lower()
    if (small in SMALL and after.startswith(" ")) or (small == "d" and after[:1] in APOSTROPHES):
        return small
    if small.startswith("mc") and len(small) > 3:
        return "Mc" + small[2:].capitalize()
    return small.capitalize()
