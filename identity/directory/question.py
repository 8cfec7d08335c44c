"""What somebody means by what they typed into the one box of the directory. Pure.

``cardio lyon``, ``dupont kiné 69003``, ``dr le gall``: words are told apart into fields of practice, a town and a name.
Where that can be done in two ways, both are kept, the likelier first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from identity.directory import nomenclature
from identity.directory.communes import Commune
from identity.directory.nomenclature import TITLES, Wanted
from identity.directory.projection import Point
from identity.names import words

MOST_WORDS = 10
LONGEST_TOWN = 6
POSTAL_CODE = re.compile(r"\d{5}|2[ab]\d{3}")
REGISTER_NUMBER = re.compile(r"\d{11}|\d{9}")
ORDINAL = re.compile(r"(\d{1,2})(?:er|e|eme)")
LINKS = frozenset("a au aux chez dans de des du en et la le les l d pres sur vers proche autour rue cedex".split())
"""Words that only join the others."""
TOWN_OVER_NAME = 50
"""A word is first a town when it has more than this many inhabitants for each professional of that name."""


@dataclass(frozen=True, slots=True)
class Known:
    """How often a word occurs in surnames, first names and names of organisations."""

    surnames: int = 0
    first_names: int = 0
    organisations: int = 0

    @property
    def people(self) -> int:
        return self.surnames + self.first_names


@dataclass(frozen=True, slots=True)
class Spot:
    """Where to look around."""

    at: Point
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a question. Empty parts were not asked for."""

    name: tuple[str, ...] = ()
    wanted: Wanted | None = None
    spot: Spot | None = None
    number: str = ""


def spoken(text: str) -> list[str]:
    """The words of a question, ``3e``, ``3ème`` and ``3e arrondissement`` as ``3``; without those after the tenth."""
    said = [ORDINAL.sub(r"\1", word) if ORDINAL.fullmatch(word) else word for word in words(text)]
    joined = [word for before, word in pairwise(["", *said]) if word != "arrondissement" or not before.isdigit()]
    return joined[:MOST_WORDS]


def phrases(said: Sequence[str], longest: int) -> list[tuple[int, int, str]]:
    """Each run of up to ``longest`` words as (from, to, text), the longest runs first, then from left to right."""
    return [
        (at, at + length, " ".join(said[at : at + length]))
        for length in range(min(longest, len(said)), 0, -1)
        for at in range(len(said) - length + 1)
    ]


def spot_of(communes: Iterable[Commune]) -> Spot | None:
    """The town meant by a name or a postal code that several share: the narrowest, then the largest."""
    best = min(communes, key=lambda one: (len(one.postal_codes) > 3, -one.population), default=None)
    return Spot(best.at, best.department) if best else None


def town_of(communes: Iterable[Commune]) -> Commune | None:
    return max(communes, key=lambda one: one.population, default=None)


def read(said: Sequence[str], known: Mapping[str, Known], communes: Sequence[Commune]) -> list[Reading]:
    """The ways to understand ``said``, the likeliest first; none when there is nothing in it."""
    for word in said:
        if REGISTER_NUMBER.fullmatch(word):
            return [Reading(number=word)]
    left = [word for word in said if word not in TITLES] or list(said)
    everything = tuple(left)
    wanted, left = _take_fields(left, known)
    also = [Reading(everything)] if wanted and _are_names(everything, left, known) else []
    spot, left = _take_postal_code(left, communes)
    town, without, certain = _take_town(left, known, communes, others=bool(wanted) or spot is not None)
    if spot is not None and town is not None:
        left, town = without, None  # "69003 lyon": the code says it better
    plain = Reading(tuple(_name(left, wanted, spot)), wanted, spot)
    if town is None:
        return [plain, *also] if plain != Reading() else []
    around = Reading(tuple(_name(without, wanted, spot)), wanted, Spot(town.at, town.department))
    if not certain:
        return [plain, around, *also]
    return [around, plain, *also] if _are_names(left, without, known) else [around, *also]


def _name(left: Sequence[str], wanted: Wanted | None, spot: Spot | None) -> list[str]:
    """What is left as a name: without the words that only joined a field or a place to something."""
    if wanted is None and spot is None:
        return list(left)
    kept = list(left)
    while kept and kept[-1] in LINKS:
        kept.pop()
    while kept and kept[0] in LINKS and (len(kept) == 1 or kept[0] in ("a", "et", "chez", "en", "dans", "pres")):
        kept.pop(0)
    return kept


def _are_names(left: Sequence[str], without: Sequence[str], known: Mapping[str, Known]) -> bool:
    """Whether a word that was taken for a town or a field is a name as well."""
    taken = list(left)
    for word in without:
        taken.remove(word)
    return any(known.get(word, Known()).people for word in taken)


def _take_fields(said: list[str], known: Mapping[str, Known]) -> tuple[Wanted | None, list[str]]:
    """The fields of practice that are named, and the words that do not name any."""
    wanted: Wanted | None = None
    left = list(said)
    while True:
        for start, end, phrase in phrases(left, nomenclature.LONGEST):
            found = nomenclature.vocabulary().get(phrase)
            if found is None and end - start == 1 and not known.get(phrase, Known()).people and len(phrase) >= 5:
                found = nomenclature.guess(phrase)
            if found is not None:
                wanted = found if wanted is None else _both(wanted, found)
                left[start:end] = []
                break
        else:
            return wanted, left


def _both(one: Wanted, other: Wanted) -> Wanted:
    """``médecin cardiologue`` is narrower than either word; ``cardiologue pneumologue`` is either."""
    narrowed = one.narrowed(other)
    return narrowed if narrowed.fields else Wanted(one.fields | other.fields, one.professions | other.professions)


def _take_postal_code(said: list[str], communes: Sequence[Commune]) -> tuple[Spot | None, list[str]]:
    for word in said:
        if POSTAL_CODE.fullmatch(word):
            here = spot_of(one for one in communes if word.upper() in one.postal_codes)
            if here:
                return here, [one for one in said if one != word]
    return None, list(said)


def _take_town(
    said: list[str], known: Mapping[str, Known], communes: Sequence[Commune], *, others: bool
) -> tuple[Commune | None, list[str], bool]:
    """A town at either end of what is left, the words without it, and whether it is likelier than a name."""
    best: tuple[tuple[bool, int, int], Commune, list[str], bool] | None = None
    for start, end, phrase in phrases(said, LONGEST_TOWN):
        town = town_of(one for one in communes if one.spoken == phrase)
        if town is None or (start > 0 and end < len(said)):
            continue
        several = end - start > 1
        people = 0 if several else known.get(phrase, Known()).people
        without = said[:start] + said[end:]
        likelier = town.population > TOWN_OVER_NAME * people
        score = (likelier, end - start, town.population)
        if (others or without or several or likelier) and (best is None or score > best[0]):
            best = (score, town, without, likelier and (others or bool(without) or several))
    return best[1:] if best else (None, list(said), False)
